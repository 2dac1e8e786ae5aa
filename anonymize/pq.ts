/** The (p, q) rule: before publication everybody knows every contribution within `q` per cent; both are percentages. */
export interface PqRule {
  readonly p: number;
  readonly q: number;
}

/**
 * (p, q) rule: unsafe when p x1 > q (X - x1 - x2), that is when the second largest unit can estimate the largest closer than p per cent,
 * knowing the others within q. The p% rule is q = 100. Source: Handbook on SDC, (p,q) rule.
 */
export function isWithinPq(first: number, second: number, total: number, { p, q }: PqRule): boolean {
  return q * (total - first - second) < p * first;
}
