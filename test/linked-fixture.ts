import type { CellTable, Dimension } from '../engine/cell-table.ts';
import type { SeenMeasure, Truth } from './attack/flow-attack.ts';

/** A job by its codes, and the months (numbers) in which it is paid. */
export interface Job {
  readonly codes: readonly string[];
  readonly person: string;
  readonly employer: string;
  readonly months: ReadonlySet<number>;
  /** Whether its accessions count as recalls. */
  readonly isRecalled: boolean;
}

interface Unit {
  readonly codes: readonly string[];
  readonly ids: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number>>;
}

export const monthName = (month: number): string => `2024-${String(month).padStart(2, '0')}`;

const count = (is: boolean): number => (is ? 1 : 0);

/** `job_flows`, `hires` and the jobs of another table, in a month, as the pipeline would tabulate them. */
export function flowTables(
  jobs: readonly Job[],
  month: number,
): { readonly flows: CellTable; readonly hires: CellTable; readonly jobs: CellTable } {
  const units = jobs.flatMap(({ codes, person, employer, months, isRecalled }): Unit[] => {
    if (!months.has(month)) return [];
    const [isOld, stays] = [months.has(month - 1), months.has(month + 1)];
    const values = {
      all_jobs: 1,
      jobs_at_start: count(isOld),
      jobs_at_end: count(stays),
      accessions: count(!isOld),
      separations: count(!stays),
      hires: count(!isOld && !isRecalled),
      recalls: count(!isOld && isRecalled),
    };
    return [{ codes, ids: { person_id: person, employer_id: employer }, values }];
  });
  const begun = units.filter(({ values }) => values['accessions'] === 1);
  return {
    flows: cellsOf('job_flows', month, units, ['all_jobs', 'jobs_at_start', 'jobs_at_end', 'accessions', 'separations']),
    hires: cellsOf('hires', month, begun, ['accessions', 'hires', 'recalls']),
    jobs: cellsOf('jobs', month, units, ['all_jobs']),
  };
}

/** `job_creation` in a month: jobs by the first code, per employer by how much it has grown or shrunk and how many jobs it has refilled. */
export function creationTable(jobs: readonly Job[], month: number): CellTable {
  const flows = new Map<string, { industry: string; begun: number; ended: number }>();
  for (const { codes, employer, months } of jobs) {
    if (!months.has(month)) continue;
    const flow = flows.get(employer) ?? { industry: codes[0] ?? '', begun: 0, ended: 0 };
    flow.begun += count(!months.has(month - 1));
    flow.ended += count(!months.has(month + 1));
    flows.set(employer, flow);
  }
  const units = [...flows].map(([employer, { industry, begun, ended }]): Unit => {
    const values = { created: Math.max(begun - ended, 0), destroyed: Math.max(ended - begun, 0), replaced: Math.min(begun, ended) };
    return { codes: [industry], ids: { employer_id: employer }, values };
  });
  return cellsOf('job_creation', month, units, ['created', 'destroyed', 'replaced']);
}

function cellsOf(table: string, month: number, units: readonly Unit[], measures: readonly string[]): CellTable {
  const width = units[0]?.codes.length ?? 0;
  const dimensions = Array.from({ length: width }, (_, d): Dimension => {
    const codes = ['_T', ...[...new Set(units.map((unit) => unit.codes[d] ?? ''))].sort()];
    return { name: `d${d}`, codes, parent: Int32Array.from(codes, (_code, at) => (at === 0 ? -1 : 0)) };
  });
  const groups = new Map<string, Unit[]>();
  for (const unit of units)
    for (let mask = 0; mask < 1 << width; mask++) {
      const key = unit.codes.map((code, d) => ((mask >> d) & 1 ? 0 : (dimensions[d]?.codes.indexOf(code) ?? 0))).join();
      groups.set(key, [...(groups.get(key) ?? []), unit]);
    }
  const cells = [...groups.values()];
  const sum = (of: readonly Unit[], name: string): number => of.reduce((total, { values }) => total + (values[name] ?? 0), 0);
  const largest = (of: readonly Unit[], kind: string, name: string): number[] => {
    const byUnit = new Map<string, number>();
    for (const { ids, values } of of) byUnit.set(ids[kind] ?? '', (byUnit.get(ids[kind] ?? '') ?? 0) + (values[name] ?? 0));
    return [...byUnit.values()].sort((a, b) => b - a);
  };
  return {
    table,
    partition: monthName(month),
    size: cells.length,
    dimensions,
    keys: dimensions.map((_, d) => Int32Array.from(groups.keys(), (key) => Number(key.split(',')[d]))),
    measures: measures.map((name) => ({
      name,
      kind: name === 'all_jobs' ? 'count' : 'sum',
      values: Float64Array.from(cells, (of) => sum(of, name)),
    })),
    contributors: Object.keys(units[0]?.ids ?? {}).map((kind) => ({
      kind,
      n: Int32Array.from(cells, (of) => new Set(of.map(({ ids }) => ids[kind])).size),
      bases: measures.map((measure) => {
        const ranked = cells.map((of) => largest(of, kind, measure));
        return {
          measure,
          total: Float64Array.from(cells, (of) => sum(of, measure)),
          top: [0, 1].map((rank) => Float64Array.from(ranked, (each) => each[rank] ?? 0)),
        };
      }),
    })),
    identities: [],
  };
}

/** `A|_T` for a cell. */
export function nameOf(cells: CellTable, cell: number): string {
  return cells.dimensions.map(({ codes }, d) => codes[cells.keys[d]?.[cell] ?? 0]).join('|');
}

/** Numbers from 0 to 1, the same for a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A country whose jobs last a random spell; `random` gives numbers from 0 to 1. */
export function country(random: () => number, size: number, [rows, columns]: readonly [number, number], employers = 4): Job[] {
  return Array.from({ length: size }, (_, person) => {
    const from = Math.floor(random() * 11) - 4;
    const to = from + 1 + Math.floor(random() * 8);
    const skew = (n: number): number => Math.floor(random() ** 1.5 * n);
    const row = skew(rows);
    return {
      codes: [`R${row}`, `C${skew(columns)}`],
      person: `p${person}`,
      employer: `e${row}-${Math.floor(random() * employers)}`,
      months: new Set(Array.from({ length: Math.max(0, to - from) }, (_each, at) => from + at)),
      isRecalled: random() < 0.4,
    };
  });
}

/** What an outsider sees of a table. */
export const seenOf = (cells: CellTable, month: number, isShown: (cell: number) => boolean): SeenMeasure[] =>
  cells.measures.map(({ name, values }) => ({
    month,
    measure: name,
    cells: new Map(Array.from(values, (value, cell) => [nameOf(cells, cell), isShown(cell) ? value : Number.NaN])),
  }));

/** The true number of jobs of an atom of the attack, and of what the employers of an industry do. */
export function truthOf(jobs: readonly Job[]): Truth {
  const counts = new Map<string, number>();
  for (const { codes, months, isRecalled } of jobs)
    for (const month of months) {
      const begun = months.has(month - 1) ? 'old' : isRecalled ? 'recalled' : 'hired';
      const atom = `${month} ${codes.join('|')} ${begun}-${months.has(month + 1) ? 'stays' : 'ends'}`;
      counts.set(atom, (counts.get(atom) ?? 0) + 1);
    }
  for (const month of new Set(jobs.flatMap(({ months }) => [...months]))) {
    const creation = creationTable(jobs, month);
    for (const { name, values } of creation.measures)
      values.forEach((value, cell) => {
        counts.set(`${month} ${nameOf(creation, cell)} ${name}`, value);
      });
  }
  return (month, cell, atom) => counts.get(`${month} ${cell} ${atom}`) ?? 0;
}
