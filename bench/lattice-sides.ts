import { type ClassTable, Roller } from '../anonymize/recode/class-table.ts';
import { frontier, type Goal, leastLoss, type Recoding } from '../anonymize/recode/lattice-search.ts';
import { type ValueHierarchy, valueHierarchy } from '../anonymize/recode/value-hierarchy.ts';
import { readAdult } from './adult.ts';
import type { Findings } from './side-bench.ts';

/** One record of `every` of Adult. */
export interface LatticeTask {
  readonly every: number;
}

const goal = (k: number, limit: number): Goal => ({ k, limit, metric: 'loss' });
/** Configurations of which ARX's results are known. */
const THREE = [goal(5, 0), goal(5, 0.04), goal(2, 0.04)];
const NINE = [2, 5, 10].flatMap((k) => [0, 0.02, 0.04].map((limit) => goal(k, limit)));

/** Optima of three configurations, one search each. */
export async function optimaBySearch({ every }: LatticeTask): Promise<() => Findings> {
  const { classes, hierarchies } = classesOfAdult(every);
  return () => named(THREE.map((each) => leastLoss(classes, hierarchies, each)));
}

/** Optima of nine configurations from one pass over the lattice. */
export async function frontierByLayers({ every }: LatticeTask): Promise<() => Findings> {
  const { classes, hierarchies } = classesOfAdult(every);
  return () => named(frontier(classes, hierarchies, NINE));
}

function classesOfAdult(every: number): { classes: ClassTable; hierarchies: ValueHierarchy[] } {
  const { keys, records, hierarchies: rows } = readAdult(every);
  const values = keys.map((_, key) => [...new Set(records.map((record) => record[key] as string))]);
  const hierarchies = keys.map((name, key) => valueHierarchy(name, rows[key] as string[][], values[key] as string[]));
  const codes = Int32Array.from(records.flatMap((record) => record.map((value, key) => values[key]?.indexOf(value) as number)));
  const levels = keys.map(() => 0);
  const base = { levels, size: records.length, codes, n: new Float64Array(records.length).fill(1) };
  return { classes: new Roller(hierarchies).roll(base, levels), hierarchies };
}

/** The same nine as one would write it: every node of the lattice, every record generalised and counted by its text. */
export async function frontierByRecords({ every }: LatticeTask): Promise<() => Findings> {
  const { records, hierarchies } = readAdult(every);
  return () => {
    const above = hierarchies.map((rows) => new Map(rows.map((row) => [row[0] as string, row])));
    const leaves = hierarchies.map((rows) =>
      (rows[0] ?? []).map((_, level) => {
        const under = new Map<string, number>();
        for (const row of rows) under.set(row[level] as string, (under.get(row[level] as string) ?? 0) + 1 / rows.length);
        return under;
      }),
    );
    const best = new Map<Goal, Recoding>();
    for (const levels of allLevels(hierarchies.map((rows) => rows[0]?.length ?? 1))) {
      const generalised = records.map((record) => record.map((value, key) => above[key]?.get(value)?.[levels[key] as number] as string));
      const names = generalised.map((values) => values.join(';'));
      const sizes = new Map<string, number>();
      for (const name of names) sizes.set(name, (sizes.get(name) ?? 0) + 1);
      for (const k of new Set(NINE.map((each) => each.k))) {
        const covered = levels.map(() => 0);
        let suppressed = 0;
        for (const [at, values] of generalised.entries()) {
          const isKept = (sizes.get(names[at] as string) as number) >= k;
          if (!isKept) suppressed++;
          for (const [key, value] of values.entries())
            covered[key] = (covered[key] as number) + (isKept ? (leaves[key]?.[levels[key] as number]?.get(value) as number) : 1);
        }
        const losses = covered.map((sum, key) => {
          const least = records.length * (leaves[key]?.[0]?.values().next().value as number);
          return (sum - least) / (records.length - least);
        });
        const cost = losses.reduce((product, loss) => product * (loss + 1), 1) ** (1 / losses.length) - 1;
        for (const each of NINE) {
          if (each.k !== k || suppressed > each.limit * records.length) continue;
          const before = best.get(each);
          if (before === undefined || cost < before.cost - 1e-12) best.set(each, { ...each, levels, cost, suppressed });
        }
      }
    }
    return named([...best.values()]);
  };
}

function allLevels(heights: readonly number[]): number[][] {
  return heights.reduce<number[][]>(
    (nodes, height) => nodes.flatMap((levels) => [...Array(height).keys()].map((level) => [...levels, level])),
    [[]],
  );
}

function named(recodings: readonly Recoding[]): Findings {
  return Object.fromEntries(
    recodings.flatMap(({ k, limit, levels, cost, suppressed }) => [
      [`levels k${k} ${limit}`, Number(levels?.join('') ?? Number.NaN)],
      [`loss k${k} ${limit}`, cost],
      [`suppressed k${k} ${limit}`, suppressed],
    ]),
  );
}
