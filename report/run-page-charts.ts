import { drawBars } from './chart-bar.ts';
import { drawLines, type LineChart, lineTicks } from './chart-line.ts';
import { type Html, html, num } from './escape.ts';
import { figure } from './figure.ts';
import { formatCount, formatMoney, formatNumber, formatPeriod, formatPeriodRange } from './format.ts';
import { industryName } from './nace-sections.ts';
import type { MonthlySeries, RunPage, Section } from './run-page-data.ts';
import { headlineMethod } from './run-page-finding.ts';
import { fill, type Language, say, type Text, type TextKey, text } from './texts.ts';
import { DASHES } from './tokens.ts';

/** Lines and hues that one chart may hold; the others stand in its table. */
const MOST_LINES = DASHES.length;

function sourceNote(source: Text, isReleased: boolean, language: Language): Html {
  const status = text(isReleased ? 'status_published' : 'status_not_released', language);
  return fill('source_line', language, { source: source[language], status });
}

function flagNotes(hasWithheld: boolean, hasProvisional: boolean, language: Language): readonly Html[] {
  const keys: ('flag_c' | 'flag_p')[] = [...(hasWithheld ? (['flag_c'] as const) : []), ...(hasProvisional ? (['flag_p'] as const) : [])];
  return keys.map((key) => html`${num(key.slice(-1))}\u00a0– ${text(key, language)}.`);
}

interface Monthly {
  readonly id: string;
  readonly title: TextKey;
  readonly subtitle: TextKey;
  readonly measure: TextKey;
  readonly format: (value: number) => string;
}

function monthlyFigure(spec: Monthly, series: MonthlySeries, language: Language): Html {
  const { periods, values, provisional } = series;
  const title = text(spec.title, language);
  const chart: LineChart = { periods, series: [{ label: title, values }], format: formatNumber, provisional };
  const start = lineTicks(chart).low;
  const subtitle = say(spec.subtitle, language, { periods: formatPeriodRange(periods, language) });
  return figure({
    id: `${language}-${spec.id}`,
    language,
    title,
    subtitle,
    description: `${subtitle}. ${periods.map((period, index) => `${formatPeriod(period, language)}: ${valueOrFlag(values[index], spec.format)}`).join('; ')}.`,
    draw: (size, id) => drawLines(chart, language, size, id),
    notes: [
      sourceNote(series.source, series.isReleased, language),
      text('original_series', language),
      start === 0 ? undefined : fill('axis_not_zero', language, { value: num(formatNumber(start)) }),
      ...flagNotes(values.includes(null), (provisional ?? []).length > 0, language),
    ],
    data: {
      columns: [text('period', language), text(spec.measure, language)],
      rows: periods.map((period, index) => [period, values[index] ?? null]),
    },
    format: spec.format,
  });
}

function valueOrFlag(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? 'c' : format(value);
}

function industryFigure(data: RunPage, language: Language): Html | undefined {
  const industries = data.series.industries;
  if (industries === undefined || industries.rows.length === 0) return undefined;
  const rows = industries.rows
    .map((row) => ({ code: row.code, label: (row.title ?? industryName(row.code))[language], value: row.employees }))
    .sort((a, b) => (b.value ?? -1) - (a.value ?? -1) || a.code.localeCompare(b.code, 'en'));
  const subtitle = say('industry_subtitle', language, { period: formatPeriod(industries.period, language) });
  return figure({
    id: `${language}-industries`,
    language,
    title: text('industry_title', language),
    subtitle,
    description: `${subtitle}. ${rows.map((row) => `${row.label}: ${valueOrFlag(row.value, formatCount)}`).join('; ')}.`,
    draw: (size, id) => drawBars({ bars: rows, format: formatCount }, language, size, id),
    notes: [
      sourceNote(industries.source, industries.isReleased, language),
      ...flagNotes(
        rows.some((row) => row.value === null),
        false,
        language,
      ),
    ],
    data: {
      columns: [text('industry', language), text('employees', language)],
      rows: rows.map((row) => [`${row.code} ${row.label}`, row.value]),
    },
    format: formatCount,
  });
}

/** Employment: employees and median pay over time, employees by industry; no section where none was computed. */
export function chartsSection(data: RunPage, language: Language): readonly Section[] {
  const { employees, medianPay } = data.series;
  const figures = [
    employees &&
      monthlyFigure(
        { id: 'employees', title: 'employees_title', subtitle: 'employees_subtitle', measure: 'employees', format: formatCount },
        employees,
        language,
      ),
    medianPay &&
      monthlyFigure(
        {
          id: 'median-pay',
          title: 'median_title',
          subtitle: 'median_subtitle',
          measure: 'median_pay',
          format: (value) => formatMoney(value, language),
        },
        medianPay,
        language,
      ),
    industryFigure(data, language),
  ].filter((one) => one !== undefined);
  return figures.length === 0 ? [] : [{ id: 'employment', heading: 'employment_heading', body: html`${figures}` }];
}

/** Prices: the index by method; no section where none was computed. */
export function priceSection(data: RunPage, language: Language): readonly Section[] {
  const prices = data.series.prices;
  const headline = prices === undefined ? undefined : headlineMethod(prices);
  if (prices === undefined || headline === undefined) return [];
  const { periods, methods } = prices;
  const names = [headline, ...Object.keys(methods).filter((name) => name !== headline)];
  const drawn = names.slice(0, MOST_LINES);
  const decimal = (value: number) => formatNumber(value, 1);
  const chart: LineChart = {
    periods,
    series: drawn.map((name) => ({ label: name, values: methods[name] ?? [] })),
    format: decimal,
    reference: 100,
  };
  const subtitle = say('price_subtitle', language, {
    first: formatPeriod(periods[0] ?? '', language),
    periods: formatPeriodRange(periods, language),
  });
  const ends = drawn.map((name) => `${name}: ${valueOrFlag(methods[name]?.at(-1), decimal)}`).join('; ');
  const others = names.slice(MOST_LINES).join(', ');
  const body = figure({
    id: `${language}-prices-index`,
    language,
    title: text('price_title', language),
    subtitle,
    description: `${subtitle}. ${formatPeriod(periods.at(-1) ?? '', language)}: ${ends}.`,
    draw: (size, id) => drawLines(chart, language, size, id),
    notes: [
      sourceNote(prices.source, prices.isReleased, language),
      text('original_series', language),
      [0, 100].includes(lineTicks(chart).low) ? undefined : fill('axis_not_zero', language, { value: num(decimal(lineTicks(chart).low)) }),
      others === '' ? undefined : html`${text('other_methods', language)}: <bdi>${others}</bdi>.`,
      ...flagNotes(
        Object.values(methods).some((values) => values.includes(null)),
        false,
        language,
      ),
    ],
    data: {
      columns: [text('period', language), ...names],
      rows: periods.map((period, index) => [period, ...names.map((name) => rounded(methods[name]?.[index]))]),
    },
    format: (value) => formatNumber(value, 2),
  });
  return [{ id: 'prices', heading: 'prices_heading', body }];
}

function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toFixed(2));
}
