import type { Highs } from 'highs';
import { attackFlows, type SeenMeasure } from './flow-attack.ts';
import { type LinkedPage, shownKeys } from './linked-release.ts';
import type { LinkedTruth } from './linked-truth.ts';

interface Attacked {
  /** How many withheld numbers were attacked. */
  readonly attacked: number;
  /** Those that have one value alone. */
  readonly followed: readonly string[];
  /** Numbers with one value alone of keys that an earlier release shows and no rule of their month calls unsafe. */
  readonly safe: number;
}

/** The pages of these months, of all releases, attacked as one system. */
export function attackPages(
  solver: Highs,
  pages: readonly LinkedPage[],
  months: readonly string[],
  truths: ReadonlyMap<string, LinkedTruth>,
): Attacked {
  const own = pages.filter(({ cells }) => months.includes(cells.period));
  const seen = own.flatMap(({ table, cells }) =>
    Object.entries(cells.measures).map(([measure, values]): SeenMeasure => {
      const keys = [...cells.index].map(([key, cell]): [string, number] => [
        table === 'job_creation' ? `${key}|_T|_T` : key,
        values[cell] ?? Number.NaN,
      ]);
      return { month: months.indexOf(cells.period), measure: measure.toLowerCase(), cells: new Map(keys) };
    }),
  );
  const inner = new Set(seen.flatMap(({ measure, cells }) => (measure === 'all_jobs' ? [...cells.keys()] : [])));
  const truthOf = (month: number): LinkedTruth | undefined => truths.get(months[month] ?? '');
  const ranges = attackFlows(
    solver,
    seen,
    [...inner].filter((key) => !key.split('|').includes('_T')),
    (month, cell, atom) => truthOf(month)?.counts.get(`${cell} ${atom}`) ?? 0,
  );
  const narrow = [...ranges].filter(([, [low, high]]) => high - low < 1).map(([name]) => name);
  const firstOf = (month: number): number =>
    Math.min(...own.filter(({ cells }) => cells.period === months[month]).map((page) => page.release));
  const isSafe = (name: string): boolean => {
    const [month = '', , key = ''] = name.split(' ');
    const before = pages.filter(({ release, table }) => release < firstOf(Number(month)) && table === 'job_flows');
    return before.some((page) => shownKeys(page).includes(key)) && truthOf(Number(month))?.unsafe.has(key) === false;
  };
  const followed = narrow.filter((name) => !isSafe(name)).map((name) => `follows: ${months[Number(name.split(' ')[0])]} ${name.slice(2)}`);
  return { attacked: ranges.size, followed, safe: narrow.length - followed.length };
}
