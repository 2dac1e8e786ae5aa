import { beforeAll, describe, expect, it } from 'vitest';
import type { LinkedTable } from '../anonymize/linked-cells.ts';
import { type LinkedCells, linkedPattern } from '../anonymize/linked-pattern.ts';
import { FREE, PRIMARY } from '../anonymize/pattern.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { suppress } from '../anonymize/suppress.ts';
import { attackFlows, type SeenMeasure } from './attack/flow-attack.ts';
import { type LinkedPage, linkedFaults } from './attack/linked-release.ts';
import { country, flowTables, type Job, monthName, nameOf, randomFrom, seenOf, truthOf } from './linked-fixture.ts';

const POLICY = {
  min_frequency: 3,
  contributors: { person_id: { min: 3 }, employer_id: { min: 2, dominance: [{ n: 1, k: 90 }], p_percent: 10 } },
};
const MONTHS = [2, 3, 4];
let solver: Awaited<ReturnType<typeof loadSolver>>;
beforeAll(async () => {
  solver = await loadSolver();
});

/** The table of jobs of another kind of each month, protected for itself. */
function followed(jobs: readonly Job[], months: readonly number[] = MONTHS) {
  const tables = months.map((month) => {
    const cells = flowTables(jobs, month).jobs;
    return { month, cells, pattern: suppress(cells, POLICY, { solver }) };
  });
  const withheld = tables.flatMap(({ cells, pattern }) =>
    Array.from(pattern.status, (status, cell) => (status === FREE ? [] : [nameOf(cells, cell)])).flat(),
  );
  return {
    withheld: new Set(withheld),
    seen: tables.flatMap(({ month, cells, pattern }) => seenOf(cells, month, (cell) => pattern.status[cell] === FREE)),
  };
}

interface Released {
  readonly seen: readonly SeenMeasure[];
  readonly linked: readonly LinkedCells[];
}

const tablesOf = (jobs: readonly Job[], months: readonly number[] = MONTHS): LinkedTable[] =>
  months.flatMap((month) => {
    const { flows, hires } = flowTables(jobs, month);
    return [flows, hires].map((cells) => ({ cells, policy: POLICY }));
  });

/** Three months of flows, hires and jobs; `isLinked` false: every table and month protected for itself. */
function release(jobs: readonly Job[], isLinked: boolean): Released {
  const { withheld, seen } = followed(jobs);
  const given = (codes: readonly string[]) => (withheld.has(codes.join('|')) ? 'given' : undefined);
  const tables = tablesOf(jobs);
  const linked = isLinked
    ? linkedPattern(tables, { nextMonth: { jobs_at_end: 'jobs_at_start' }, given })
    : tables.map(({ cells, policy }) => ({ cells, pattern: suppress(cells, policy, { solver }) }));
  const pages = linked.flatMap(({ cells, pattern }, at) => seenOf(cells, MONTHS[at >> 1] ?? 0, (cell) => pattern.status[cell] === FREE));
  return { seen: [...seen, ...pages], linked };
}

/** Withheld numbers that have one value alone in every country of whole jobs with these published numbers. */
function workedOut(jobs: readonly Job[], seen: readonly SeenMeasure[]): string[] {
  const inner = [...new Set(jobs.map(({ codes }) => codes.join('|')))];
  return [...attackFlows(solver, seen, inner, truthOf(jobs))].filter(([, [low, high]]) => high - low < 1).map(([name]) => name);
}

/** The pattern of a run over these months, and the pages of those that it releases; keys withheld before stay withheld. */
function laterRelease(jobs: readonly Job[], months: readonly number[], released: readonly number[], before: ReadonlySet<string>) {
  const { withheld } = followed(jobs, months);
  const given = (codes: readonly string[]) => (withheld.has(codes.join('|')) || before.has(codes.join('|')) ? 'given' : undefined);
  const linked = linkedPattern(tablesOf(jobs, months), { nextMonth: { jobs_at_end: 'jobs_at_start' }, given });
  const cellsOf = linked.flatMap(({ cells, pattern }, at) =>
    Array.from(pattern.status, (status, cell) => ({ name: nameOf(cells, cell), month: months[at >> 1] ?? 0, status })),
  );
  const pages = linked.flatMap(({ cells, pattern }, at) => {
    const month = months[at >> 1] ?? 0;
    return released.includes(month) ? seenOf(cells, month, (cell) => pattern.status[cell] === FREE) : [];
  });
  return { pages, cells: cellsOf, withheld: new Set(cellsOf.flatMap(({ name, status }) => (status === FREE ? [] : [name]))) };
}

const share = (linked: readonly LinkedCells[]): number => {
  const statuses = linked.flatMap(({ pattern }) => [...pattern.status]);
  return statuses.filter((status) => status === FREE).length / statuses.length;
};

describe('linked tables over months', { timeout: 60_000 }, () => {
  // Codes of two dimensions, jobs: from nearly all withheld to nearly all shown.
  const countries: [number, number, number][] = [
    [4, 3, 250],
    [5, 4, 700],
    [3, 3, 4200],
  ];

  it('leave every withheld number of all tables and months at least two whole values, given all that is published', () => {
    const shares = countries.map(([rows, columns, size], at) => {
      const jobs = country(randomFrom(at + 1), size, [rows, columns]);
      const { seen, linked } = release(jobs, true);
      expect(workedOut(jobs, seen), `country ${at}`).toEqual([]);
      return share(linked);
    });
    expect(Math.min(...shares)).toBeLessThan(0.2);
    expect(Math.max(...shares)).toBeGreaterThan(0.5);
  });

  it('are needed: protected month by month and table by table, they give withheld numbers away', () => {
    const jobs = country(randomFrom(1), 300, [4, 3]);
    expect(workedOut(jobs, release(jobs, false).seen).length).toBeGreaterThan(4);
  });

  it('give nothing away from release to release that is unsafe in its month, or was withheld before', () => {
    let [late, shown] = [0, 0];
    for (const [seed, size, rows] of [
      [8, 1700, 3],
      [41, 1250, 4],
    ] as const) {
      const jobs = country(randomFrom(seed), size, [rows, 3]);
      const first = laterRelease(jobs, [2, 3, 4], [2, 3], new Set());
      const second = laterRelease(jobs, [2, 3, 4, 5], [4, 5], first.withheld);
      shown += second.cells.filter(({ status }) => status === FREE).length;
      late += [...second.withheld].filter((key) => !first.withheld.has(key)).length;
      const unsafe = new Set(second.cells.flatMap(({ name, month, status }) => (status === PRIMARY ? [`${month} ${name}`] : [])));
      const seen = [...followed(jobs, [2, 3, 4, 5]).seen, ...first.pages, ...second.pages];
      const found = workedOut(jobs, seen).filter((name) => {
        const [month = '', , key = ''] = name.split(' ');
        return first.withheld.has(key) || unsafe.has(`${month} ${key}`);
      });
      expect(found, `seed ${seed}`).toEqual([]);
    }
    expect(late).toBeGreaterThan(0);
    expect(shown).toBeGreaterThan(80);
  });

  it('withhold a key everywhere or nowhere, and every key that is given, unsafe or a flow of fewer than the minimum anywhere', () => {
    const jobs = country(randomFrom(2), 1500, [4, 3]);
    const { withheld } = followed(jobs);
    const { linked } = release(jobs, true);
    const status = new Map<string, boolean>();
    for (const { cells, pattern } of linked)
      for (let cell = 0; cell < cells.size; cell++) {
        const [key, isShown] = [nameOf(cells, cell), pattern.status[cell] === FREE];
        expect(status.get(key) ?? isShown, key).toBe(isShown);
        status.set(key, isShown);
        if (!isShown) continue;
        expect(withheld.has(key), key).toBe(false);
        for (const { name, values } of cells.measures) expect([1, 2], `${key} ${name}`).not.toContain(values[cell]);
      }
    for (const month of MONTHS) {
      const sizes = linked.filter(({ cells }) => cells.partition === monthName(month)).map(({ cells }) => cells.size);
      expect(new Set(sizes).size, 'a key without accessions has a row in both tables, or in none').toBe(1);
    }
    expect([...status.values()]).toContain(true);
  });

  it('have the same pattern in any order of tables, months and rows', () => {
    const jobs = country(randomFrom(5), 900, [4, 3]);
    const shown = (linked: readonly LinkedCells[]): string[] =>
      linked
        .flatMap(({ cells, pattern }) =>
          Array.from(pattern.status, (each, cell) => `${cells.table} ${cells.partition} ${nameOf(cells, cell)} ${each}`),
        )
        .sort();
    const options = { nextMonth: { jobs_at_end: 'jobs_at_start' }, given: () => undefined };
    const others = tablesOf([...jobs].reverse());
    expect(shown(linkedPattern(others, options))).toEqual(shown(linkedPattern(tablesOf(jobs), options)));
  });
});

describe('what is looked for in a release of linked tables', () => {
  type Values = Readonly<Record<string, number>>;
  const page = (table: string, period: string, cells: Readonly<Record<string, Values>>, release = 0): LinkedPage => {
    const keys = Object.keys(cells);
    const names = Object.keys(cells[keys[0] ?? ''] ?? {});
    return {
      release,
      table,
      cells: {
        period,
        dimensions: keys[0]?.includes('|') ? ['ACTIVITY', 'REF_AREA', 'SEX'] : ['ACTIVITY'],
        codes: keys.map((key) => key.split('|')),
        index: new Map(keys.map((key, cell) => [key, cell])),
        measures: Object.fromEntries(names.map((name) => [name, Float64Array.from(keys, (key) => cells[key]?.[name] ?? Number.NaN)])),
        relations: [],
      },
    };
  };
  const FLOWS = { ALL_JOBS: 120, JOBS_AT_START: 100, JOBS_AT_END: 90, ACCESSIONS: 20, SEPARATIONS: 30 };
  const HIRES = { ACCESSIONS: 20, HIRES: 10, RECALLS: 10 };
  const GROWN = { CREATED: 10, DESTROYED: 20, REPLACED: 10 };
  const hidden = (values: Values): Values => Object.fromEntries(Object.keys(values).map((name) => [name, Number.NaN]));
  const whole = [
    page('job_flows', '2025-01', { '_T|_T|_T': FLOWS, 'A|_T|_T': hidden(FLOWS) }),
    page('hires', '2025-01', { '_T|_T|_T': HIRES, 'A|_T|_T': hidden(HIRES) }),
    page('job_creation', '2025-01', { _T: GROWN, A: hidden(GROWN) }),
  ];

  it('is a broken identity, a small number, another pattern, a number that two tables or months do not share', () => {
    const next = { ...FLOWS, ALL_JOBS: 110, JOBS_AT_START: 90, JOBS_AT_END: 80 };
    expect(linkedFaults([...whole, page('job_flows', '2025-02', { '_T|_T|_T': next }, 1)], 10)).toEqual([]);
    const wrong: [string, LinkedPage[]][] = [
      ['start + accessions -', [page('job_flows', '2025-03', { '_T|_T|_T': { ...FLOWS, SEPARATIONS: 31 } })]],
      ['start + accessions', [page('job_flows', '2025-03', { '_T|_T|_T': { ...FLOWS, ALL_JOBS: 121 } })]],
      ['hires + recalls', [page('hires', '2025-03', { '_T|_T|_T': { ...HIRES, HIRES: 11 } })]],
      ['RECALLS is 9', [page('hires', '2025-03', { '_T|_T|_T': { ...HIRES, HIRES: 11, RECALLS: 9 } })]],
      ['shown in part', [page('hires', '2025-03', { 'B|_T|_T': { ...HIRES, HIRES: Number.NaN } })]],
      ['not as in job_flows', [page('hires', '2025-01', { '_T|_T|_T': { ACCESSIONS: 21, HIRES: 11, RECALLS: 10 } })]],
      ['not as in job_flows', [page('job_creation', '2025-01', { _T: { ...GROWN, DESTROYED: 21 } })]],
      ['ends with 90, next month starts with 100', [page('job_flows', '2025-02', { '_T|_T|_T': FLOWS })]],
      ['ends with 90, next month starts with 0', [page('job_flows', '2025-02', { 'B|_T|_T': hidden(FLOWS) })]],
      ['withheld in job_flows 2025-01 of release 1', [page('job_flows', '2025-03', { 'A|_T|_T': FLOWS }, 1)]],
      ['withheld in job_flows 2025-01 of release 1', [page('job_creation', '2025-03', { A: GROWN }, 1)]],
    ];
    for (const [fault, pages] of wrong) {
      const faults = linkedFaults([...whole, ...pages], 10);
      expect(faults.length, fault).toBe(1);
      expect(faults[0]).toContain(fault);
    }
  });

  it('is a number of employers that follows: what is created, where another table shows the accessions and what is replaced is bounded', () => {
    const seen = (measure: string, cells: readonly [string, number][]): SeenMeasure => ({ month: 2, measure, cells: new Map(cells) });
    const pages = (separations: number): SeenMeasure[] => [
      seen('all_jobs', [
        ['A|X', 60],
        ['A|_T', 60],
      ]),
      seen('accessions', [['A|_T', 40]]),
      seen('separations', [['A|_T', separations]]),
      ...['created', 'destroyed', 'replaced'].map((measure) => seen(measure, [['A|_T', Number.NaN]])),
    ];
    const attack = (separations: number) => {
      const truth: Record<string, number> = {
        'hired-stays': 40 - separations / 2,
        'hired-ends': separations / 2,
        'old-stays': 20 - separations / 2,
        'old-ends': separations / 2,
        created: 40 - separations / 2,
        destroyed: separations / 2,
        replaced: separations / 2,
      };
      return attackFlows(solver, pages(separations), ['A|X'], (_month, _cell, atom) => truth[atom] ?? 0);
    };
    expect([...attack(0).values()].every(([low, high]) => low === 0 && high === 0)).toBe(true);
    const free = attack(20);
    expect(new Set([...free.keys()].map((name) => name.split(' ')[1]))).toEqual(new Set(['created', 'destroyed', 'replaced']));
    for (const [low, high] of free.values()) expect(high - low).toBeGreaterThanOrEqual(1);
  });
});
