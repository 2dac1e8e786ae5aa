import { DisclosureError } from '../engine/errors.ts';
import { type DominanceRule, isDominated, topSum } from './dominance.ts';

/** Two linked months of a price index with the turnover of each retailer in the matched products (any one unit). */
export interface LinkedPair {
  readonly from: string;
  readonly to: string;
  readonly turnover: Readonly<Record<string, number>>;
}

export interface PriceRule {
  readonly minRetailers: number;
  readonly dominance: DominanceRule;
}

export interface MonthStatus {
  readonly month: string;
  readonly status: 'free' | 'withheld';
  /** Which rule fired in which pair; internal. Never a retailer, never an amount. */
  readonly reasons: readonly string[];
}

const DEFAULT_PRICE_RULE: PriceRule = { minRetailers: 3, dominance: { n: 2, k: 90 } };

/**
 * Price rule: an index number is free only if at least 3 retailers stand behind, and no two hold more than 90 per cent of the turnover
 * of, every pair of months that is linked to reach it. The status belongs to the later month of the pair; months are sorted.
 */
export function priceRule(pairs: readonly LinkedPair[], rule: PriceRule = DEFAULT_PRICE_RULE): readonly MonthStatus[] {
  const reasons = new Map<string, string[]>();
  const ordered = [...pairs].sort((a, b) => compare(a.to, b.to) || compare(a.from, b.from));
  for (const pair of ordered) {
    const found = reasons.get(pair.to) ?? [];
    found.push(...brokenRules(pair, rule));
    reasons.set(pair.to, found);
  }
  return [...reasons].map(([month, found]) => ({ month, status: found.length === 0 ? 'free' : 'withheld', reasons: found }));
}

/** The same rule for the gate: a series in which any linked pair is unsafe does not leave. Errors: `price-index-unsafe`. */
export function requirePriceRule(series: string, pairs: readonly LinkedPair[], rule: PriceRule = DEFAULT_PRICE_RULE): void {
  const withheld = priceRule(pairs, rule).filter((month) => month.status === 'withheld');
  if (withheld.length === 0 && pairs.length > 0) return;
  const { n, k } = rule.dominance;
  const where = pairs.length === 0 ? 'gives no turnover by retailer' : `breaks it in ${withheld.map(({ month }) => month).join(', ')}`;
  throw new DisclosureError(
    'price-index-unsafe',
    `Price index ${series} ${where}. Every linked pair of months needs at least ${rule.minRetailers} retailers, and its ${n} largest may ` +
      `hold at most ${k} % of turnover. Publish a wider product group, or withhold the series.`,
    { rule: 'price-rule', facts: { months: withheld.length } },
  );
}

function brokenRules(pair: LinkedPair, rule: PriceRule): string[] {
  const turnover = Object.values(pair.turnover)
    .map(Math.abs)
    .filter((value) => value > 0)
    .sort((a, b) => b - a);
  const { n, k } = rule.dominance;
  const total = turnover.reduce((sum, value) => sum + value, 0);
  const link = `${pair.from}..${pair.to}`;
  const found: string[] = [];
  if (turnover.length < rule.minRetailers) found.push(`${link}: min_retailers ${rule.minRetailers}`);
  if (isDominated(topSum(turnover, n), total, rule.dominance)) found.push(`${link}: dominance (${n},${k})`);
  return found;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
