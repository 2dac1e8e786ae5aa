import { drawHeat } from './chart-heat.ts';
import { drawLines, type LineChart, lineTicks } from './chart-line.ts';
import { type Html, html, num } from './escape.ts';
import { figure } from './figure.ts';
import { formatNumber, formatPeriod, formatPeriodRange } from './format.ts';
import type { HeatMap, HeatMapSide, ReleasePage, ReleaseSeries } from './release-page-data.ts';
import { formatTick, formatValueOf } from './release-page-value.ts';
import { RELEASE_WORDS as WORDS } from './release-words.ts';
import type { Section } from './run-page-data.ts';
import { fill, type Language, say, text } from './texts.ts';
import { DASHES } from './tokens.ts';
import { unitName } from './units.ts';
import { vintageFigure } from './vintage-figure.ts';

/** Rows of a heat map that are drawn; the others are in the file. */
const MOST_ROWS = 30;

function flags(hasWithheld: boolean, hasProvisional: boolean, language: Language): Html[] {
  const keys = [...(hasWithheld ? (['flag_c'] as const) : []), ...(hasProvisional ? (['flag_p'] as const) : [])];
  return keys.map((key) => html`${num(key.slice(-1))}\u00a0– ${text(key, language)}.`);
}

function seriesFigure(table: string, series: ReleaseSeries, data: ReleasePage, language: Language): Html {
  const { periods, lines, unit, decimals } = series;
  const format = formatTick(decimals);
  const drawn = lines.slice(0, DASHES.length);
  const isIndex = unit.startsWith('INDEX');
  const chart: LineChart = {
    periods,
    series: drawn.map(({ name, values }) => ({ label: name[language], values })),
    format,
    provisional: series.provisional,
    ...(isIndex && { reference: 1 }),
  };
  const words = { unit: unitName(unit)[language], periods: formatPeriodRange(periods, language) };
  const subtitle = say(series.isTotal ? WORDS.over_time : WORDS.over_time_lines, language, words);
  const value = formatValueOf(unit, decimals, language);
  const low = lineTicks(chart).low;
  return figure({
    id: `${language}-${table}-${series.id}`,
    language,
    title: series.title[language],
    subtitle,
    description: `${subtitle}. ${drawn.map(({ name, values }) => `${name[language]}: ${values.map((each) => (each === null ? 'c' : value(each))).join(', ')}`).join('; ')}.`,
    draw: (size, id) => drawLines(chart, language, size, id),
    notes: [
      data.source === undefined ? undefined : html`${text(WORDS.source, language)}: ${data.source[language]}.`,
      text('original_series', language),
      low === 0 || (isIndex && low === 1) ? undefined : fill('axis_not_zero', language, { value: num(format(low)) }),
      ...flags(
        lines.some(({ values }) => values.includes(null)),
        series.provisional.length > 0,
        language,
      ),
      series.estimated === undefined || series.estimated.length === 0
        ? undefined
        : fill('flag_e', language, { list: series.estimated.map((period) => formatPeriod(period, language)).join(', ') }),
    ],
    data: {
      columns: [text('period', language), ...lines.map(({ name }) => (series.isTotal ? series.title : name)[language])],
      rows: periods.map((period, at) => [period, ...lines.map(({ values }) => values[at] ?? null)]),
    },
    format: value,
  });
}

/** Positions of a side by size, the total last. */
function order(side: HeatMapSide, weight: (at: number) => number | null | undefined): number[] {
  const all = side.codes.map((_, at) => at);
  const isTotal = (at: number): boolean => side.codes[at]?.id === '_T';
  return all.sort(
    (left, right) => Number(isTotal(left)) - Number(isTotal(right)) || (weight(right) ?? -1) - (weight(left) ?? -1) || left - right,
  );
}

function mapFigure(table: string, map: HeatMap, data: ReleasePage, language: Language): Html {
  const totalRow = map.rows.codes.findIndex(({ id }) => id === '_T');
  const totalColumn = map.columns.codes.findIndex(({ id }) => id === '_T');
  const rows = order(map.rows, (at) => map.values[at]?.[totalColumn]);
  const columns = order(map.columns, (at) => map.values[totalRow]?.[at]);
  const cut = rows.length - 1 > MOST_ROWS;
  const shown = cut ? [...rows.slice(0, MOST_ROWS), ...rows.slice(-1)] : rows;
  const values = shown.map((row) => columns.map((column) => map.values[row]?.[column]));
  const numbers = values.flat().filter((value) => typeof value === 'number');
  const scale = Math.max(0, ...numbers) >= 1e6 ? 1000 : 1;
  const name = (side: HeatMapSide, at: number): string => {
    const { id = '', name: of } = side.codes[at] ?? {};
    // A dimension without a codelist has its codes as names.
    return id === '_T' && of?.[language] === id ? say(WORDS.total, language, {}) : (of?.[language] ?? '');
  };
  const sideOf = (side: HeatMapSide) => (at: number) => ({ label: name(side, at), isTotal: side.codes[at]?.id === '_T' });
  const titleWords = { measure: map.measure[language], rows: map.rows.title[language], columns: map.columns.title[language] };
  const title = say(WORDS.map_title, language, language === 'en' ? lowerSides(titleWords) : titleWords);
  const plainUnit = unitName(map.unit)[language];
  const unit = scale === 1 ? plainUnit : say(WORDS.thousands, language, { unit: plainUnit });
  const subtitle = say(WORDS.map_subtitle, language, { unit, period: formatPeriod(map.period, language) });
  const chart = {
    rows: shown.map(sideOf(map.rows)),
    columns: columns.map(sideOf(map.columns)),
    values: values.map((row) => row.map((value) => (typeof value === 'number' ? value / scale : value))),
    format: (value: number) => formatNumber(value, scale === 1 ? Math.min(2, map.decimals) : 0),
  };
  const hasWithheld = values.flat().includes(null);
  return figure({
    id: `${language}-${table}-${map.id}`,
    language,
    title,
    subtitle,
    description: `${subtitle}. ${shown.map((row) => `${name(map.rows, row)}: ${columns.map((column) => `${name(map.columns, column)} ${shownValue(map.values[row]?.[column])}`).join(', ')}`).join('; ')}.`,
    draw: (size, id) => drawHeat(chart, language, size, id),
    isTall: true,
    notes: [
      data.source === undefined ? undefined : html`${text(WORDS.source, language)}: ${data.source[language]}.`,
      cut ? fill(WORDS.map_cut, language, { shown: num(String(MOST_ROWS)), all: num(String(rows.length - 1)) }) : undefined,
      ...flags(hasWithheld, false, language),
      values.flat().includes(undefined) ? text(WORDS.no_cell, language) : undefined,
    ],
    data: {
      columns: [map.rows.title[language], ...columns.map((column) => name(map.columns, column))],
      rows: shown.map((row) => [
        name(map.rows, row),
        ...columns.map((column) => {
          const value = map.values[row]?.[column];
          return value === undefined ? ':' : value;
        }),
      ]),
    },
    format: formatTick(map.decimals),
  });
}

function shownValue(value: number | null | undefined): string {
  return value === null ? 'c' : value === undefined ? ':' : formatNumber(value);
}

function lowerSides<Words extends { rows: string; columns: string }>(words: Words): Words {
  const lower = (text: string): string => text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  return { ...words, rows: lower(words.rows), columns: lower(words.columns) };
}

/** Charts of each table: its measures over time, and one map of two dimensions. */
export function releaseCharts(data: ReleasePage, language: Language): Section[] {
  return data.tables.flatMap((table) => {
    const figures = [
      ...table.series.map((series) => seriesFigure(table.id, series, data, language)),
      ...(table.map === undefined ? [] : [mapFigure(table.id, table.map, data, language)]),
      ...(table.vintages === undefined ? [] : [vintageFigure(table.vintages, language, table.id)]),
    ];
    return figures.length === 0 ? [] : [{ id: `table-${table.id}`, heading: table.title, body: html`${figures}` }];
  });
}
