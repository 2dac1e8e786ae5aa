import { formatMoney, formatNumber } from './format.ts';
import type { Language } from './texts.ts';

/** A published value as it is printed: money and percentages with their sign, all with their decimals. It is as in the released file: nothing is veiled again. */
export function formatValueOf(unit: string, decimals: number, language: Language): (value: number) => string {
  if (unit === 'ILS' && decimals === 0) return (value) => formatMoney(value, language);
  if (unit === 'PERCENT') return (value) => `${formatNumber(value, decimals)}%`;
  return (value) => formatNumber(value, decimals);
}

/** The same for an axis: numbers alone, at most three decimals. */
export function formatTick(decimals: number): (value: number) => string {
  return (value) => formatNumber(value, Math.min(3, decimals));
}
