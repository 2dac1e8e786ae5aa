import type { Highs } from 'highs';
import { AttackProgramme } from '../../anonymize/attack-programme.ts';
import { freeMoves } from '../../anonymize/free-moves.ts';

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

/** What employers of an industry (the first code) do: by how much they grow and shrink, and what they replace; each of unknown employers. */
const OF_EMPLOYERS = ['created', 'destroyed', 'replaced'];
/** Sums of these that are sums of jobs. */
const EMPLOYER_SUMS = [
  ['created', 'accessions'],
  ['destroyed', 'separations'],
] as const;

/** The true number of jobs of an atom (`month cell atom`), or of what employers do (`month industry created`), which stands in for the unknown. */
export type Truth = (month: number, cell: string, atom: string) => number;

/**
 * The least and largest value of every withheld number, given every published number of all tables and months, what is empty, that nothing is
 * negative, and that the jobs at the end of a month are those at the start of the next, cell by cell. `withheld 2 jobs_at_end A|_T`: [0, 7].
 * Numbers that are 0 because the cell is empty in this month or the next are left out, and those that another table shows.
 */
export function attackFlows(
  highs: Highs,
  seen: readonly SeenMeasure[],
  inner: readonly string[],
  truth: Truth,
): Map<string, [number, number]> {
  const months = [...new Set(seen.map(({ month }) => month))].sort((a, b) => a - b);
  const has = (month: number, cell: string): boolean =>
    seen.some((page) => page.month === month && page.measure === 'all_jobs' && page.cells.has(cell));
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
  const industries = [...new Set(inner.map((cell) => cell.split('|')[0] ?? ''))];
  const hasEmployers = seen.some(({ measure }) => OF_EMPLOYERS.includes(measure));
  for (const month of hasEmployers ? months : [])
    for (const industry of industries)
      for (const measure of OF_EMPLOYERS)
        atomAt.set(`${month} ${industry} ${measure}`, variable(-truth(month, industry, measure), Number.POSITIVE_INFINITY));
  const parts = (month: number, measure: string, key: string): number[] => {
    if (OF_EMPLOYERS.includes(measure))
      return industries.flatMap((industry) => (isBelow(industry, key) ? (atomAt.get(`${month} ${industry} ${measure}`) ?? []) : []));
    return inner.flatMap((cell) =>
      isBelow(cell, key)
        ? ATOMS.filter((atom) => isCounted[measure]?.(atom)).flatMap((atom) => atomAt.get(`${month} ${cell} ${atom}`) ?? [])
        : [],
    );
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
  for (const month of hasEmployers ? months : [])
    for (const industry of industries)
      for (const [measure, jobs] of EMPLOYER_SUMS)
        rows.push([
          ...[measure, 'replaced'].flatMap((each) => parts(month, each, industry)).map((at): [number, number] => [at, 1]),
          ...inner
            .filter((cell) => cell.startsWith(`${industry}|`))
            .flatMap((cell) => parts(month, jobs, cell))
            .map((at): [number, number] => [at, -1]),
        ]);
  return ranges(highs, { rows: rows.filter((row) => row.length > 0), lower, upper }, sums);
}

function isBelow(cell: string, key: string): boolean {
  const codes = cell.split('|');
  return key.split('|').every((code, d) => code === '_T' || code === codes[d]);
}

interface System {
  readonly rows: readonly (readonly [number, number][])[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

function ranges(highs: Highs, { rows, lower, upper }: System, sums: ReadonlyMap<string, number>): Map<string, [number, number]> {
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  const moves = freeMoves(lower.length, {
    starts: Int32Array.from(starts),
    indices: Int32Array.from(rows.flatMap((row) => row.map(([at]) => at))),
    factors: Float64Array.from(rows.flatMap((row) => row.map(([, factor]) => factor))),
  });
  const programme = new AttackProgramme(highs, { moves, lower: Float64Array.from(lower), upper: Float64Array.from(upper) });
  const found = new Map([...sums.keys()].map((name): [string, [number, number]] => [name, [0, 0]]));
  const note = (change: Float64Array | undefined): void => {
    // Only whole numbers of jobs are another country.
    if (change?.every((by) => Math.abs(by - Math.round(by)) < 1e-6) !== true) return;
    for (const [name, at] of sums) {
      const range = found.get(name) as [number, number];
      range[0] = Math.min(range[0], change[at] ?? 0);
      range[1] = Math.max(range[1], change[at] ?? 0);
    }
  };
  const isNarrow = (name: string): boolean => width(found.get(name)) < 1 - 1e-6;
  const open: [string, number][] = [];
  for (const [name, at] of sums) {
    if (!isNarrow(name)) continue;
    const [up, down] = ([1, -1] as const).map((sign) => programme.furthest([at], sign));
    for (const change of [up, down]) note(change);
    // Where fractions of jobs do not reach further, whole jobs do not either.
    if (isNarrow(name) && width([down?.[at] ?? 0, up?.[at] ?? 0]) > 1 - 1e-6) open.push([name, at]);
  }
  programme.close();
  for (const [name, at] of open) if (isNarrow(name)) found.set(name, wholeRange(highs, { rows, lower, upper }, at));
  return new Map([...found].map(([name, [low, high]]) => [name, [Math.round(low), Math.round(high)]]));
}

/** By branch and bound: the least and largest change of one number in countries of whole jobs. */
function wholeRange(highs: Highs, { rows, lower, upper }: System, at: number): [number, number] {
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  const finite = (value: number): number => (Number.isFinite(value) ? value : Math.sign(value) * 1e4);
  const furthest = (sign: 1 | -1): number => {
    const model = highs.createModel({
      numCols: lower.length,
      numRows: rows.length,
      colCost: Float64Array.from(lower, (_, column) => (column === at ? -sign : 0)),
      colLower: Float64Array.from(lower, finite),
      colUpper: Float64Array.from(upper, finite),
      rowLower: new Float64Array(rows.length),
      rowUpper: new Float64Array(rows.length),
      integrality: new Int32Array(lower.length).fill(1),
      matrix: {
        format: 'csr',
        numRows: rows.length,
        numCols: lower.length,
        starts: Int32Array.from(starts),
        indices: Int32Array.from(rows.flatMap((row) => row.map(([column]) => column))),
        values: Float64Array.from(rows.flatMap((row) => row.map(([, factor]) => factor))),
      },
    });
    model.options.set({ output_flag: false, random_seed: 1 });
    model.run();
    const value = Math.round(model.getSolution().colValue[at] ?? 0);
    model.dispose();
    return value;
  };
  return [furthest(-1), furthest(1)];
}

function width([low, high]: readonly [number, number] = [0, 0]): number {
  return high - low;
}
