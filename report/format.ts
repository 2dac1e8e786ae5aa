import type { Language } from './texts.ts';

/** Stands where a figure cannot be given (a rate on fewer than 100, a missing value). */
export const NOT_AVAILABLE = '–';

const MONTHS: Readonly<Record<Language, readonly string[]>> = {
  he: ['ינואר', 'פברואר', 'מרץ', 'אפריל', 'מאי', 'יוני', 'יולי', 'אוגוסט', 'ספטמבר', 'אוקטובר', 'נובמבר', 'דצמבר'],
  en: ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
};

const SHORT_MONTHS: Readonly<Record<Language, readonly string[]>> = {
  he: ['ינו׳', 'פבר׳', 'מרץ', 'אפר׳', 'מאי', 'יוני', 'יולי', 'אוג׳', 'ספט׳', 'אוק׳', 'נוב׳', 'דצמ׳'],
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
};

/** A number with thousands separators and a true minus; Hebrew and English write numbers alike. */
export function formatNumber(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return NOT_AVAILABLE;
  const [whole = '0', fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** A count of units: 1 to 9 (anything between 0 and 9.5) appear as "<10" (release rules, section 3). */
export function formatCount(count: number): string {
  const rounded = Math.round(count);
  return count > 0 && rounded < 10 ? '<10' : formatNumber(rounded);
}

/**
 * A count of rows as it may be shown: to tens, and to three significant digits above 1,000, so that no small part comes back by
 * subtracting shown figures. 0 stays 0; 1 to 9 have no figure (undefined). Release rules, sections 3 and 4.
 */
export function roundRowCount(count: number): number | undefined {
  if (count === 0) return 0;
  if (count < 10) return undefined;
  const base = 10 ** Math.max(1, Math.floor(Math.log10(count)) - 2);
  return Math.round(count / base) * base;
}

/** A count of rows, rounded as `roundRowCount`, "<10" for 1 to 9. */
export function formatRowCount(count: number): string {
  const rounded = roundRowCount(count);
  return rounded === undefined ? '<10' : formatNumber(rounded);
}

/** A share (0 to 1) as a percentage. */
export function formatPercent(share: number, decimals = 1): string {
  return Number.isFinite(share) ? `${formatNumber(share * 100, decimals)}%` : NOT_AVAILABLE;
}

/**
 * A rate of quality, to 0.1 percentage points; "–" where the denominator is below 100. Where 1 to 9 units are on one side, only
 * the bound is given ("<0.3%", ">99.7%"), so that the count cannot be worked out from the rate.
 */
export function formatRate(numerator: number, denominator: number): string {
  if (!(denominator >= 100)) return NOT_AVAILABLE;
  const bound = Math.ceil((10 / denominator) * 1000) / 1000;
  const rest = denominator - numerator;
  if (numerator > 0 && numerator < 10) return `<${formatPercent(bound)}`;
  if (rest > 0 && rest < 10) return `>${formatPercent(1 - bound)}`;
  return formatPercent(numerator / denominator);
}

/** A relative change (0.012) with its sign: "+1.2%". */
export function formatChange(change: number, decimals = 1): string {
  const text = formatPercent(change, decimals);
  return change > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A difference of percentages with its sign, in percentage points: "+0.5". */
export function formatPoints(points: number, decimals = 1): string {
  const text = formatNumber(points, decimals);
  return points > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** An amount in whole new shekels; in Hebrew with marks that keep the sign after the number, also inside text that runs left to right. */
export function formatMoney(shekels: number, language: Language): string {
  if (!Number.isFinite(shekels)) return NOT_AVAILABLE;
  return language === 'he' ? `\u200f${formatNumber(shekels)} ₪\u200f` : `NIS ${formatNumber(shekels)}`;
}

/** Bytes in B, kB, MB or GB (powers of 1,000). */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const scaled = bytes / 1000 ** power;
  return `${formatNumber(scaled, power > 0 && scaled < 10 ? 1 : 0)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** A duration: "0.4 s", "2 min 05 s". */
export function formatSeconds(seconds: number, language: Language): string {
  const [s, min] = language === 'he' ? ['שנ׳', 'דק׳'] : ['s', 'min'];
  if (seconds < 59.95) return `${formatNumber(seconds, 1)} ${s}`;
  const whole = Math.round(seconds);
  return `${formatNumber(Math.floor(whole / 60))} ${min} ${String(whole % 60).padStart(2, '0')} ${s}`;
}

/** The calendar day of an ISO date or date-time, as it is written there (no time zone is applied). */
export function formatDate(iso: string, language: Language): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso) ?? [];
  const name = MONTHS[language][Number(month) - 1];
  if (year === undefined || day === undefined || name === undefined) return iso;
  return language === 'he' ? `${Number(day)} ב${name} ${year}` : `${Number(day)} ${name} ${year}`;
}

/** A period in words: "2024-03" March 2024, "2024-Q1", "2024"; anything else as it is. */
export function formatPeriod(period: string, language: Language): string {
  const [, year, month] = /^(\d{4})-(\d{2})$/.exec(period) ?? [];
  const name = MONTHS[language][Number(month) - 1];
  if (year !== undefined && name !== undefined) return `${name} ${year}`;
  const [, quarterYear, quarter] = /^(\d{4})-Q([1-4])$/.exec(period) ?? [];
  if (quarter !== undefined) return language === 'he' ? `רבעון ${quarter}, ${quarterYear}` : `quarter ${quarter}, ${quarterYear}`;
  return period;
}

/** A month on an axis: its short name; `year` tells the year line under it. Other periods as they are. */
export function formatPeriodShort(period: string, language: Language): { readonly label: string; readonly year: string } {
  const [, year, month] = /^(\d{4})-(\d{2})$/.exec(period) ?? [];
  const name = SHORT_MONTHS[language][Number(month) - 1];
  return year !== undefined && name !== undefined ? { label: name, year } : { label: period, year: '' };
}

/** "January 2024 to January 2025"; one period when both are the same; "–" of none. */
export function formatPeriodRange(periods: readonly string[], language: Language): string {
  const [first, last] = [periods[0], periods.at(-1)];
  if (first === undefined || last === undefined) return NOT_AVAILABLE;
  if (first === last) return formatPeriod(first, language);
  return `${formatPeriod(first, language)} ${language === 'he' ? 'עד' : 'to'} ${formatPeriod(last, language)}`;
}
