/**
 * p% rule: unsafe when the second largest unit can estimate the largest closer than `p` per cent: X - x1 - x2 < (p / 100) x1.
 * One contributor is unsafe when x1 > 0; a total of 0 is safe. `p` is a percentage, 1 to 100. Source: Handbook on SDC, p% rule.
 */
export function isWithinPPercent(first: number, second: number, total: number, p: number): boolean {
  return (total - first - second) * 100 < p * first;
}
