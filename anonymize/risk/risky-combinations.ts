import type { KeyVariable } from '../key-columns.ts';
import { countKeySubsets } from '../key-subsets.ts';

/** How rare the combinations of one subset of the key variables are. A record with a missing value of the subset is in none. */
export interface RiskyCombination {
  readonly keys: readonly string[];
  /** Combinations that occur. */
  readonly combinations: number;
  /** Records alone in theirs. */
  readonly unique: number;
  /** Records in a combination of fewer than k, by k. */
  readonly violations: Readonly<Record<string, number>>;
}

/**
 * Every subset of at most `maxSize` key variables with its rare combinations, the smallest subsets first and of one size those with the
 * most records below the largest k. Source: the risky combinations of mu-Argus (Hundepool et al., 2012).
 */
export function riskyCombinations(
  variables: readonly KeyVariable[],
  maxSize: number,
  thresholds: readonly number[],
): readonly RiskyCombination[] {
  const found: { at: readonly number[]; most: number; risky: RiskyCombination }[] = [];
  const largest = Math.max(2, ...thresholds);
  countKeySubsets(variables, { maxSize }, (counts) => {
    found.push({
      at: counts.keys,
      most: counts.below(largest),
      risky: {
        keys: counts.keys.map((key) => variables[key]?.name ?? ''),
        combinations: counts.combinations,
        unique: counts.uniques,
        violations: Object.fromEntries(thresholds.map((k) => [String(k), counts.below(k)])),
      },
    });
  });
  return found
    .sort((a, b) => a.at.length - b.at.length || b.most - a.most || b.risky.unique - a.risky.unique || compareKeys(a.at, b.at))
    .map(({ risky }) => risky);
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((key, index) => key !== b[index]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}
