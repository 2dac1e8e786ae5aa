import type { ClassTable, Histogram } from './class-table.ts';

/** What must hold of the classes of an output. */
export interface Requirement {
  readonly k: number;
  /** For each sensitive variable of `histograms`, in their order. */
  readonly sensitive?: readonly SensitiveRequirement[] | undefined;
}

/** Of one sensitive variable: at least so many values, so much exp(entropy), at most such a distance to the file. */
export interface SensitiveRequirement {
  readonly distinct?: number | undefined;
  readonly entropy?: number | undefined;
  readonly t?: number | undefined;
}

/**
 * The classes that may stay (1): of k records, diverse, and close to the distribution of those that stay; since every class that goes moves
 * that distribution, this is repeated until none goes. Cost: classes x values for each round.
 */
export function keptClasses(table: ClassTable, { k, sensitive = [] }: Requirement): Uint8Array {
  const isKept = new Uint8Array(table.size);
  for (let row = 0; row < table.size; row++) if ((table.n[row] as number) >= k) isKept[row] = 1;
  for (const [at, requirement] of sensitive.entries()) {
    const histogram = table.histograms?.[at] as Histogram;
    for (let row = 0; row < table.size; row++) if (isKept[row] === 1 && !isDiverse(histogram, row, requirement)) isKept[row] = 0;
  }
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const [at, { t }] of sensitive.entries()) {
      if (t === undefined) continue;
      const histogram = table.histograms?.[at] as Histogram;
      const file = sharesOf(histogram, isKept);
      for (let row = 0; row < table.size; row++) {
        if (isKept[row] === 0 || distance(histogram, row, file) <= t + EPSILON) continue;
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
      return requirement.t === undefined || distance(histogram, 0, file[at] as Float64Array) <= requirement.t + EPSILON;
    })
  );
}

/** Distances that differ by less are the same. */
const EPSILON = 1e-12;

function isDiverse({ values, counts }: Histogram, row: number, { distinct = 0, entropy = 0 }: SensitiveRequirement): boolean {
  let observed = 0;
  let total = 0;
  for (let value = 0; value < values; value++) {
    const n = counts[row * values + value] as number;
    if (n > 0) observed++;
    total += n;
  }
  if (observed < distinct) return false;
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

/** Half the sum of the differences of shares; a class without any value tells nothing. */
function distance({ values, counts }: Histogram, row: number, file: Float64Array): number {
  let total = 0;
  for (let value = 0; value < values; value++) total += counts[row * values + value] as number;
  if (total === 0) return 0;
  let sum = 0;
  for (let value = 0; value < values; value++) sum += Math.abs((counts[row * values + value] as number) / total - (file[value] as number));
  return sum / 2;
}
