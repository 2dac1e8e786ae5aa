/** The (n, k) rule: `k` is a percentage, 50 to 100. */
export interface DominanceRule {
  readonly n: number;
  readonly k: number;
  /** `gt` (default, as tau-ARGUS): unsafe above k per cent; `gte`: from k per cent on. */
  readonly comparison?: 'gt' | 'gte' | undefined;
}

/** Sum of the `n` largest contributions; fewer contributors give the sum of what exists. */
export function topSum(top: readonly number[], n: number): number {
  let sum = 0;
  for (let rank = 0; rank < n && rank < top.length; rank++) sum += top[rank] ?? 0;
  return sum;
}

/**
 * (n, k) dominance: unsafe when the `n` largest units hold more than `k` per cent of the cell.
 * `largest` is the sum of the n largest absolute contributions, `total` that of all; both in one unit. A total of 0 is safe.
 * Source: Handbook on SDC, dominance rule.
 */
export function isDominated(largest: number, total: number, rule: DominanceRule): boolean {
  if (total === 0) return false;
  return rule.comparison === 'gte' ? largest * 100 >= rule.k * total : largest * 100 > rule.k * total;
}
