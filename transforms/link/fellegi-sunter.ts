/** So many pairs of a script have these levels (null: not compared). */
export interface Pattern {
  readonly script: string;
  readonly levels: readonly (number | null)[];
  readonly pairs: number;
}

/** Probabilities of the levels of each comparison: `m[comparison][level]`. */
export type Distributions = readonly (readonly number[])[];

const STEPS = 60;
const ENOUGH = 1e-7;

/**
 * Probabilities m of the levels of each comparison among pairs that match, by expectation maximisation with u fixed; `isFixed` comparisons
 * (those of the blocking rule) take no part. `prior` counts as `strength` matching pairs: what is assumed where hardly any are found.
 * Returns undefined for comparisons that are fixed.
 * Fellegi and Sunter (1969); Winkler (1988). Sums run in the order of the patterns: the same patterns give the same bits.
 */
export function estimateM(
  patterns: readonly Pattern[],
  u: (script: string) => Distributions,
  prior: Distributions,
  isFixed: readonly boolean[],
  strength: number,
): { m: (readonly number[] | undefined)[]; lambda: number; matches: number } {
  let m = prior.map((each) => [...each]);
  const total = patterns.reduce((sum, { pairs }) => sum + pairs, 0);
  let lambda = 0.5;
  let matches = 0;
  for (let step = 0; step < STEPS && total > 0; step++) {
    const sums = prior.map((each) => each.map((p) => p * strength));
    matches = 0;
    for (const { script, levels, pairs } of patterns) {
      const expected = pairs * posterior(lambda, levels, m, u(script), isFixed);
      matches += expected;
      for (const [comparison, level] of levels.entries()) {
        const row = sums[comparison];
        if (level !== null && row !== undefined) row[level] = (row[level] ?? 0) + expected;
      }
    }
    const next = sums.map((row) => row.map((value) => value / row.reduce((sum, each) => sum + each, 0)));
    const change = Math.max(
      ...next.flatMap((row, comparison) => row.map((value, level) => Math.abs(value - (m[comparison]?.[level] ?? 0)))),
    );
    m = next;
    lambda = Math.min(1 - 1e-6, Math.max(1e-9, matches / total));
    if (change < ENOUGH) break;
  }
  return { m: m.map((row, comparison) => (isFixed[comparison] === true ? undefined : row)), lambda, matches };
}

/** Probability that a pair with these levels matches. */
function posterior(lambda: number, levels: Pattern['levels'], m: Distributions, u: Distributions, isFixed: readonly boolean[]): number {
  let match = lambda;
  let other = 1 - lambda;
  for (const [comparison, level] of levels.entries()) {
    if (level === null || isFixed[comparison] === true) continue;
    match *= m[comparison]?.[level] ?? 0;
    other *= u[comparison]?.[level] ?? 0;
  }
  return match === 0 ? 0 : match / (match + other);
}

/** Shares of counts over the levels of a comparison, an assumed distribution counting as `strength` of them. */
export function smoothed(counts: readonly number[], assumed: readonly number[], strength: number): number[] {
  const total = counts.reduce((sum, each) => sum + each, strength);
  return assumed.map((share, level) => ((counts[level] ?? 0) + strength * share) / total);
}

/** Mean of several estimates of one distribution, level by level (Splink averages its training sessions). */
export function meanOf(estimates: readonly (readonly number[])[]): number[] {
  const [first = []] = estimates;
  return first.map((_, level) => estimates.reduce((sum, each) => sum + (each[level] ?? 0), 0) / estimates.length);
}
