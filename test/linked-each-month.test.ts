import { beforeAll, describe, expect, it } from 'vitest';
import { type LinkedCells, linkedPattern } from '../anonymize/linked-pattern.ts';
import { FREE } from '../anonymize/pattern.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { suppress } from '../anonymize/suppress.ts';
import { attackFlows, type SeenMeasure } from './attack/flow-attack.ts';
import { country, creationTable, flowTables, type Job, monthName, nameOf, randomFrom, seenOf, truthOf } from './linked-fixture.ts';

const POLICY = {
  min_frequency: 3,
  contributors: { person_id: { min: 3 }, employer_id: { min: 2, dominance: [{ n: 1, k: 90 }], p_percent: 10 } },
};
const CREATION = { min_frequency: 3, contributors: { employer_id: POLICY.contributors.employer_id } };
const MONTHS = [2, 3, 4];
const SUMS = ['created', 'destroyed'].map((measure) => [measure, 'replaced'].map((each) => ({ measure: each, coefficient: 1 })));
let solver: Awaited<ReturnType<typeof loadSolver>>;
beforeAll(async () => {
  solver = await loadSolver();
});

const isShownIn = ({ cells, pattern }: LinkedCells, name: string): boolean =>
  Array.from(pattern.status, (_, cell) => cell).some((cell) => nameOf(cells, cell) === name && pattern.status[cell] === FREE);

interface Released {
  readonly flows: readonly LinkedCells[];
  readonly creation: readonly LinkedCells[];
  readonly seen: readonly SeenMeasure[];
}

/** Flows of three months under one pattern, and job creation of each month: following them, or protected by itself. */
function release(jobs: readonly Job[], follows: boolean): Released {
  const flows = linkedPattern(
    MONTHS.map((month) => ({ cells: flowTables(jobs, month).flows, policy: POLICY })),
    { nextMonth: { jobs_at_end: 'jobs_at_start' }, given: () => undefined, solver },
  );
  const creation = MONTHS.flatMap((month, at): LinkedCells[] => {
    const cells = creationTable(jobs, month);
    if (!follows) return [{ cells, pattern: suppress(cells, CREATION, { solver }) }];
    const isShown = (codes: readonly string[]): boolean => isShownIn(flows[at] as LinkedCells, `${codes.join('|')}|_T`);
    return linkedPattern([{ cells, policy: CREATION }], {
      nextMonth: {},
      known: SUMS.map((sum) => ({ sum, isShown: (_, codes) => isShown(codes) })),
      given: (codes) => (isShown(codes) ? undefined : 'given'),
      solver,
    });
  });
  const pages = (linked: readonly LinkedCells[]): SeenMeasure[] =>
    linked.flatMap(({ cells, pattern }, at) => seenOf(cells, MONTHS[at] ?? 0, (cell) => pattern.status[cell] === FREE));
  return { flows, creation, seen: [...pages(flows), ...pages(creation)] };
}

/** Withheld numbers of employers that have one value alone, given all that is published, but for those that the flows alone tell. */
function workedOut(jobs: readonly Job[], { seen }: Released): string[] {
  const inner = [...new Set(jobs.map(({ codes }) => codes.join('|')))];
  const truth = truthOf(jobs);
  const narrow = (pages: readonly SeenMeasure[]): string[] =>
    [...attackFlows(solver, pages, inner, truth)].flatMap(([name, [low, high]]) => (high - low < 1 ? [name] : []));
  const isOfEmployers = ({ measure }: SeenMeasure): boolean => ['created', 'destroyed', 'replaced'].includes(measure);
  const hidden = seen.map((page) =>
    isOfEmployers(page) ? { ...page, cells: new Map([...page.cells.keys()].map((key) => [key, Number.NaN])) } : page,
  );
  const anyway = new Set(narrow(hidden));
  return narrow(seen).filter((name) => !anyway.has(name));
}

const share = (linked: readonly LinkedCells[]): number => {
  const statuses = linked.flatMap(({ pattern }) => [...pattern.status]);
  return statuses.filter((status) => status === FREE).length / statuses.length;
};

const COUNTRIES: readonly [seed: number, rows: number, size: number, employers: number][] = [
  [1, 5, 500, 6],
  [2, 6, 900, 10],
  [3, 8, 2500, 20],
  [4, 6, 4000, 40],
];

describe('a table that follows flows month by month', { timeout: 60_000 }, () => {
  it('leaves every withheld number of employers at least two whole values, given all flows, months and its other cells', () => {
    const shares = COUNTRIES.map(([seed, rows, size, employers]) => {
      const jobs = country(randomFrom(seed), size, [rows, 2], employers);
      const released = release(jobs, true);
      expect(workedOut(jobs, released), `seed ${seed}`).toEqual([]);
      return share(released.creation);
    });
    expect(Math.max(...shares)).toBeGreaterThan(0.5);
    expect(Math.min(...shares)).toBeLessThan(0.5);
  });

  it('is needed: protected by itself, with the flows beside it, it gives withheld numbers away', () => {
    const found = COUNTRIES.map(([seed, rows, size, employers]) => {
      const jobs = country(randomFrom(seed), size, [rows, 2], employers);
      return workedOut(jobs, release(jobs, false)).length;
    });
    expect(Math.max(...found)).toBeGreaterThan(0);
  });

  it('withholds what the flows withhold, and no other month for it', () => {
    const jobs = country(randomFrom(2), 900, [6, 2], 10);
    const { flows, creation } = release(jobs, true);
    const patterns = creation.map(({ cells, pattern }, at) => {
      for (let cell = 0; cell < cells.size; cell++) {
        if (pattern.status[cell] !== FREE) continue;
        expect(
          isShownIn(flows[at] as LinkedCells, `${nameOf(cells, cell)}|_T`),
          `${monthName(MONTHS[at] ?? 0)} ${nameOf(cells, cell)}`,
        ).toBe(true);
        for (const { name, values } of cells.measures) expect([1, 2], name).not.toContain(values[cell]);
      }
      return Array.from(pattern.status, (status, cell) => `${nameOf(cells, cell)} ${status === FREE}`)
        .sort()
        .join();
    });
    expect(patterns.join()).toContain('true');
    expect(new Set(patterns).size).toBeGreaterThan(1);
  });

  /** Employers of an industry, each with jobs that begin and jobs that end in month 3. */
  const employers = (industry: string, flows: readonly (readonly [begun: number, ended: number])[]): Job[] =>
    flows.flatMap(([begun, ended], employer) =>
      Array.from({ length: begun + ended }, (_, job) => ({
        codes: [industry],
        person: `${industry}${employer}-${job}`,
        employer: `${industry}${employer}`,
        months: new Set(job < begun ? [3, 4] : [2, 3]),
        isRecalled: false,
      })),
    );

  it('counts what non-negative numbers tell together: where no employer of two industries shrinks while another grows, a third is withheld', () => {
    const jobs = [
      ...employers('A', [
        [9, 3],
        [8, 2],
        [9, 4],
      ]),
      ...employers('B', [
        [3, 9],
        [4, 9],
        [3, 8],
      ]),
      ...employers('C', [
        [9, 4],
        [8, 3],
        [3, 9],
        [2, 8],
        [3, 9],
        [9, 4],
      ]),
      ...employers('D', [
        [9, 4],
        [8, 3],
        [3, 9],
        [2, 8],
        [3, 9],
        [9, 4],
        [8, 2],
      ]),
    ];
    const cells = creationTable(jobs, 3);
    const withheld = (known: typeof SUMS): string => {
      const [linked] = linkedPattern([{ cells, policy: CREATION }], {
        nextMonth: {},
        known: known.map((sum) => ({ sum, isShown: () => true })),
        given: ([industry]) => (industry === 'A' ? 'given' : undefined),
        solver,
      });
      return Array.from(linked?.pattern.status ?? [], (status, cell) => (status === FREE ? '' : nameOf(cells, cell)))
        .sort()
        .join('');
    };
    expect(withheld([])).toBe('AB');
    // Created less destroyed is known of A and B, and together they destroy what B destroys: each number would follow.
    expect(withheld(SUMS)).toBe('ABC');
  });
});
