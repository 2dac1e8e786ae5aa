/**
 * Minimum frequency rule: a cell is unsafe when 0 < n < `min`, with n the number of distinct units of one kind.
 * A cell without any unit is safe: it is a known zero. Source: Handbook on SDC, threshold rule.
 */
export function isBelowMinimum(n: number, min: number): boolean {
  return n > 0 && n < min;
}
