import type { ClassTable, Histogram } from './class-table.ts';
import { equalDistance, hierarchicalDistance, orderedDistance, type ShareDistance } from './value-distances.ts';

/** What must hold of the classes of an output. */
export interface Requirement {
  readonly k: number;
  /** For each sensitive variable of `histograms`, in their order. */
  readonly sensitive?: readonly SensitiveRequirement[] | undefined;
}

/** How far values are taken to be from each other: all alike, by their order, by the level of a hierarchy that they share. */
export const CLOSENESS_KINDS = ['equal', 'ordered', 'hierarchical'] as const;
export type ClosenessKind = (typeof CLOSENESS_KINDS)[number];

/**
 * Of one sensitive variable: at least so many values, so much exp(entropy); recursive (c, l)-diversity, r1 < c (r_l + … + r_m) of the sorted
 * counts; and for each kind of distance at most so much to the file.
 */
export interface SensitiveRequirement {
  readonly distinct?: number | undefined;
  readonly entropy?: number | undefined;
  readonly recursive?: readonly { readonly c: number; readonly l: number }[] | undefined;
  readonly t?: Readonly<Partial<Record<ClosenessKind, number>>> | undefined;
}

/**
 * The classes that may stay (1): of k records, diverse, and close to the distribution of those that stay; since every class that goes moves
 * that distribution, this is repeated until none goes. Cost: classes x values for each round.
 */
export function keptClasses(table: ClassTable, { k, sensitive = [] }: Requirement): Uint8Array {
  const isKept = Uint8Array.from(table.n, (n) => (n >= k ? 1 : 0));
  for (const [at, requirement] of sensitive.entries()) {
    const histogram = table.histograms?.[at] as Histogram;
    for (let row = 0; row < table.size; row++) if (isKept[row] === 1 && !isDiverse(histogram, row, requirement)) isKept[row] = 0;
  }
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const [at, requirement] of sensitive.entries()) {
      const histogram = table.histograms?.[at] as Histogram;
      const isClose = closeness(histogram, requirement);
      if (isClose === undefined) continue;
      const file = sharesOf(histogram, isKept);
      for (let row = 0; row < table.size; row++) {
        if (isKept[row] === 0 || isClose(histogram, row, file)) continue;
        isKept[row] = 0;
        hasChanged = true;
      }
    }
  }
  return isKept;
}

/** Whether one class holds; `file`: the shares of each sensitive variable that it must be close to. */
export function holds(
  { n, histograms }: { readonly n: number; readonly histograms: readonly Histogram[] },
  { k, sensitive = [] }: Requirement,
  file: readonly Float64Array[],
): boolean {
  return (
    n >= k &&
    sensitive.every((requirement, at) => {
      const histogram = histograms[at] as Histogram;
      if (!isDiverse(histogram, 0, requirement)) return false;
      return closeness(histogram, requirement)?.(histogram, 0, file[at] as Float64Array) ?? true;
    })
  );
}

/** Distances that differ by less are the same. */
const EPSILON = 1e-12;

function isDiverse(
  { values, counts }: Histogram,
  row: number,
  { distinct = 0, entropy = 0, recursive = [] }: SensitiveRequirement,
): boolean {
  let observed = 0;
  let total = 0;
  for (let value = 0; value < values; value++) {
    const n = counts[row * values + value] as number;
    if (n > 0) observed++;
    total += n;
  }
  if (observed < distinct || !recursive.every((each) => isRecursive(counts.subarray(row * values, (row + 1) * values), each))) return false;
  if (entropy === 0) return true;
  let bits = 0;
  for (let value = 0; value < values; value++) {
    const q = (counts[row * values + value] as number) / total;
    if (q > 0) bits -= q * Math.log(q);
  }
  return total > 0 && Math.exp(bits) >= entropy - EPSILON;
}

/** Share of each value over the classes that are kept; all by default. */
export function sharesOf({ values, counts }: Histogram, isKept?: Uint8Array): Float64Array {
  const sums = new Float64Array(values);
  for (let row = 0; row * values < counts.length; row++) {
    if (isKept?.[row] === 0) continue;
    for (let value = 0; value < values; value++) sums[value] = (sums[value] as number) + (counts[row * values + value] as number);
  }
  const total = sums.reduce((sum, n) => sum + n, 0);
  return sums.map((n) => n / Math.max(1, total));
}

/** The most frequent value is less than c times those from the l-th on. */
function isRecursive(counts: Float64Array, { c, l }: { readonly c: number; readonly l: number }): boolean {
  const sorted = counts.toSorted().reverse();
  return (sorted[0] ?? 0) < c * sorted.subarray(l - 1).reduce((sum, n) => sum + n, 0);
}

/** Whether a class is close enough to the file; undefined where nothing is required. A class without any value tells nothing. */
function closeness(
  { distances = {} }: Histogram,
  { t = {} }: SensitiveRequirement,
): ((histogram: Histogram, row: number, file: Float64Array) => boolean) | undefined {
  const limits: [ShareDistance, number][] = [];
  if (t.equal !== undefined) limits.push([equalDistance, t.equal]);
  if (t.ordered !== undefined) limits.push([orderedDistance(distances.rank as Int32Array), t.ordered]);
  if (t.hierarchical !== undefined) limits.push([hierarchicalDistance(distances.levels as Int32Array[]), t.hierarchical]);
  if (limits.length === 0) return undefined;
  return ({ values, counts }, row, file) => {
    const mine = counts.subarray(row * values, (row + 1) * values);
    const total = mine.reduce((sum, n) => sum + n, 0);
    if (total === 0) return true;
    const q = mine.map((n) => n / total);
    return limits.every(([distance, limit]) => distance(q, file) <= limit + EPSILON);
  };
}
