import { type Html, html, num } from './escape.ts';
import { formatChange, formatCount, formatMoney, formatPeriod } from './format.ts';
import type { MonthlySeries, RunPage, Section } from './run-page-data.ts';
import { fill, type Language, text } from './texts.ts';

interface Ends {
  readonly first: { readonly period: string; readonly value: number };
  readonly last: { readonly period: string; readonly value: number };
}

/** First and last published value of a series. */
function endsOf(periods: readonly string[], values: readonly (number | null)[]): Ends | undefined {
  const known = periods.flatMap((period, index) => {
    const value = values[index];
    return value === null || value === undefined ? [] : [{ period, value }];
  });
  const [first, last] = [known[0], known.at(-1)];
  return first === undefined || last === undefined ? undefined : { first, last };
}

function since(ends: Ends, language: Language): Html | undefined {
  if (ends.first.period === ends.last.period || ends.first.value === 0) return undefined;
  const change = num(formatChange(ends.last.value / ends.first.value - 1));
  return html` ${fill('finding_change_since', language, { period: formatPeriod(ends.first.period, language), change })}`;
}

function levelFinding(
  series: MonthlySeries | undefined,
  key: 'finding_employees' | 'finding_median',
  format: (value: number) => string,
  language: Language,
): Html | undefined {
  const ends = series === undefined ? undefined : endsOf(series.periods, series.values);
  if (ends === undefined) return undefined;
  const sentence = fill(key, language, { period: formatPeriod(ends.last.period, language) });
  return html`<p><strong class="hero">${num(format(ends.last.value))}</strong> ${sentence}${since(ends, language)}</p>`;
}

/** The method of the headline: the one that was asked for, else the last that has values. */
export function headlineMethod(prices: NonNullable<RunPage['series']['prices']>): string | undefined {
  if (prices.headline !== undefined && prices.methods[prices.headline] !== undefined) return prices.headline;
  return Object.keys(prices.methods).findLast((name) => prices.methods[name]?.some((value) => value !== null));
}

function priceFinding(data: RunPage, language: Language): Html | undefined {
  const prices = data.series.prices;
  const method = prices === undefined ? undefined : headlineMethod(prices);
  if (prices === undefined || method === undefined) return undefined;
  const ends = endsOf(prices.periods, prices.methods[method] ?? []);
  if (ends === undefined || ends.first.period === ends.last.period) return undefined;
  const changes = Object.values(prices.methods).flatMap((values) => {
    const own = endsOf(prices.periods, values);
    return own?.last.period === ends.last.period && own.first.period === ends.first.period ? [own.last.value / own.first.value - 1] : [];
  });
  const [low, high] = [formatChange(Math.min(...changes)), formatChange(Math.max(...changes))];
  const sentence = fill('finding_prices', language, {
    from: formatPeriod(ends.first.period, language),
    to: formatPeriod(ends.last.period, language),
    method,
  });
  const spread = low === high ? undefined : html` ${fill('finding_spread', language, { low: num(low), high: num(high) })}`;
  return html`<p><strong class="hero">${num(formatChange(ends.last.value / ends.first.value - 1))}</strong> ${sentence}${spread}</p>`;
}

/** The findings, one headline number for each statistic that was published. */
export function findingSection(data: RunPage, language: Language): Section {
  const findings = [
    levelFinding(data.series.employees, 'finding_employees', formatCount, language),
    levelFinding(data.series.medianPay, 'finding_median', (value) => formatMoney(value, language), language),
    priceFinding(data, language),
  ].filter((finding) => finding !== undefined);
  const body =
    findings.length > 0 ? html`<div class="findings">${findings}</div>` : html`<p class="empty">${text('finding_none', language)}</p>`;
  return { id: 'finding', heading: 'finding', body };
}
