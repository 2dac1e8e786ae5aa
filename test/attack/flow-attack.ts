import type { Highs } from 'highs';
import { wholeRanges } from './whole-ranges.ts';

/** What an outsider sees of one measure of one table in one month: by key (`A|_T`), the value or NaN where it is withheld. */
export interface SeenMeasure {
  readonly month: number;
  readonly measure: string;
  readonly cells: ReadonlyMap<string, number>;
}

/** How a measure counts the jobs of a cell: begun or not (0, 1), ending or not, and those of them that are recalled. */
const ATOMS = ['old-stays', 'old-ends', 'hired-stays', 'hired-ends', 'recalled-stays', 'recalled-ends'];
const isCounted: Readonly<Record<string, (atom: string) => boolean>> = {
  all_jobs: () => true,
  jobs_at_start: (atom) => atom.startsWith('old'),
  jobs_at_end: (atom) => atom.endsWith('stays'),
  accessions: (atom) => !atom.startsWith('old'),
  separations: (atom) => atom.endsWith('ends'),
  hires: (atom) => atom.startsWith('hired'),
  recalls: (atom) => atom.startsWith('recalled'),
};

/** What employers of a key of inner cells, such as an industry, do together in a month; at each of them growth and decline exclude each other. */
const EMPLOYERS = ['created', 'destroyed', 'replaced'];

/** The true number of jobs of an atom of a cell, or of a measure of employers (`created`) of a key, which stands in for the unknown. */
export type Truth = (month: number, cell: string, atom: string) => number;

/**
 * The least and largest value of every withheld number, given every published number of all tables and months, what is empty, that nothing is
 * negative, and that the jobs at the end of a month are those at the start of the next, cell by cell; of employers, that created + replaced =
 * accessions and destroyed + replaced = separations. `2 jobs_at_end A|_T`: [0, 7].
 * Numbers that are 0 because the cell is empty in this month or the next are left out, and those that another table shows.
 */
export function attackFlows(
  highs: Highs,
  seen: readonly SeenMeasure[],
  inner: readonly string[],
  truth: Truth,
): Map<string, [number, number]> {
  const months = [...new Set(seen.map(({ month }) => month))].sort((a, b) => a - b);
  const jobsOf = new Map(
    months.map((month) => [month, seen.filter((page) => page.month === month && page.measure === 'all_jobs').map(({ cells }) => cells)]),
  );
  const has = (month: number, cell: string): boolean => jobsOf.get(month)?.some((cells) => cells.has(cell)) === true;
  const isPossible = (month: number, cell: string, atom: string): boolean =>
    has(month, cell) &&
    (atom.startsWith('old') ? !months.includes(month - 1) || has(month - 1, cell) : true) &&
    (atom.endsWith('stays') ? !months.includes(month + 1) || has(month + 1, cell) : true);
  const lower: number[] = [];
  const upper: number[] = [];
  const variable = (low: number, high: number): number => {
    upper.push(high);
    return lower.push(low) - 1;
  };
  const atomAt = new Map<string, number>();
  for (const month of months)
    for (const cell of inner)
      for (const atom of ATOMS)
        if (isPossible(month, cell, atom))
          atomAt.set(`${month} ${cell} ${atom}`, variable(-truth(month, cell, atom), Number.POSITIVE_INFINITY));
  const employersAt = new Map<string, number>();
  for (const { month, measure, cells } of seen)
    if (measure === 'created')
      for (const key of cells.keys())
        if (isInnermost(key, cells))
          for (const name of EMPLOYERS)
            employersAt.set(`${month} ${key} ${name}`, variable(-truth(month, key, name), Number.POSITIVE_INFINITY));
  const belowOf = new Map<string, readonly string[]>();
  const below = (key: string): readonly string[] => {
    const cells = belowOf.get(key) ?? inner.filter((cell) => isBelow(cell, key));
    belowOf.set(key, cells);
    return cells;
  };
  const parts = (month: number, measure: string, key: string): number[] => {
    if (EMPLOYERS.includes(measure))
      return [...employersAt].flatMap(([name, at]) => {
        const [of, cell = '', what] = name.split(' ');
        return Number(of) === month && what === measure && isBelow(cell, key) ? [at] : [];
      });
    const atoms = ATOMS.filter((atom) => isCounted[measure]?.(atom));
    return below(key).flatMap((cell) => atoms.flatMap((atom) => atomAt.get(`${month} ${cell} ${atom}`) ?? []));
  };
  const rows: [number, number][][] = [];
  const known = new Set(
    seen.flatMap((page) =>
      [...page.cells].filter(([, value]) => !Number.isNaN(value)).map(([key]) => `${page.month} ${page.measure} ${key}`),
    ),
  );
  const sums = new Map<string, number>();
  for (const { month, measure, cells } of seen)
    for (const [key, value] of cells) {
      const of = parts(month, measure, key);
      const name = `${month} ${measure} ${key}`;
      if (of.length === 0) continue;
      if (!Number.isNaN(value)) rows.push(of.map((at) => [at, 1]));
      else if (!sums.has(name) && !known.has(name)) {
        const sum = variable(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
        sums.set(name, sum);
        rows.push([[sum, -1], ...of.map((at): [number, number] => [at, 1])]);
      }
    }
  for (const month of months)
    for (const cell of inner) {
      const [end, start] = [parts(month, 'jobs_at_end', cell), parts(month + 1, 'jobs_at_start', cell)];
      if (months.includes(month + 1))
        rows.push([...end.map((at): [number, number] => [at, 1]), ...start.map((at): [number, number] => [at, -1])]);
    }
  for (const name of employersAt.keys()) {
    const [month = '', key = '', what] = name.split(' ');
    if (what !== 'replaced') continue;
    for (const [grown, flow] of [
      ['created', 'accessions'],
      ['destroyed', 'separations'],
    ] as const) {
      const own = [grown, what].map((each) => employersAt.get(`${month} ${key} ${each}`) as number);
      const jobs = parts(Number(month), flow, key);
      rows.push([...own.map((at): [number, number] => [at, 1]), ...jobs.map((at): [number, number] => [at, -1])]);
    }
  }
  return wholeRanges(highs, { rows: rows.filter((row) => row.length > 0), lower, upper }, sums);
}

function isBelow(cell: string, key: string): boolean {
  const codes = cell.split('|');
  return key.split('|').every((code, d) => code === '_T' || code === codes[d]);
}

/** Whether no other key is below it. */
function isInnermost(key: string, cells: ReadonlyMap<string, number>): boolean {
  return [...cells.keys()].every((other) => other === key || !isBelow(other, key));
}
