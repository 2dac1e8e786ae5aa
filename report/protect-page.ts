import type { StackPart } from './chart-stack.ts';
import { drawStatus, type StatusChart, statusLegend } from './chart-status.ts';
import { code, type Html, html, num } from './escape.ts';
import { figure } from './figure.ts';
import { formatNumber, formatPercent } from './format.ts';
import { type Edition, renderPage } from './html-shell.ts';
import { PROTECT_TEXTS, type ProtectText } from './protect-texts.ts';
import { table } from './table.ts';
import type { Language, Text } from './texts.ts';

/** Counts of cells at one level of every dimension. */
export interface LevelFigures {
  readonly level: string;
  readonly cells: number;
  /** Rows of the public file. */
  readonly publicCells: number;
  readonly withheld: number;
  /** Share of the value at this level that is withheld, 0 to 1. */
  readonly shareOfValue: number;
}

/** What changing values cost. */
export interface LossFigures {
  readonly cells: number;
  readonly unchanged: number;
  readonly meanAbsolute: number;
  readonly maxAbsolute: number;
  readonly hellingerUtility: number;
  /** Sums among the cells that still add up, of all that are shown. */
  readonly additive: number;
  readonly relations: number;
}

/** One method on the same tables. */
interface MethodFigures {
  readonly method: 'suppress' | 'optimal' | 'cell_key' | 'round';
  readonly withheld: number;
  readonly changed: number;
  readonly meanAbsolute: number;
  readonly hellingerUtility: number;
}

/** What the report of protected tables shows; internal. */
export interface ProtectPage {
  readonly title: Text | undefined;
  readonly file: string;
  readonly records: number;
  readonly cells: number;
  readonly primary: number;
  readonly secondary: number;
  /** `held`, `failed`: the attack on suppression; `none`: not attacked; `changed`: values were perturbed or rounded. */
  readonly outcome: 'held' | 'none' | 'failed' | 'changed' | 'unprotected';
  readonly loss: LossFigures | undefined;
  readonly comparison: readonly MethodFigures[];
  readonly repaired: number;
  readonly rounds: number;
  readonly programmes: number;
  readonly parameters: readonly (readonly [string, string])[];
  readonly fired: readonly (readonly [string, number])[];
  readonly levels: readonly LevelFigures[];
  /** Widths of intervals relative to the value, by class of `WIDTHS`: unsafe cells and secondary ones. */
  readonly widths: readonly (readonly [primary: number, secondary: number])[];
  readonly unprotected: readonly (readonly [string, string])[];
  /** The first row and the first column are the totals. */
  readonly picture: Omit<StatusChart, 'parts'> | undefined;
}

/** Upper ends of the classes of widths, as shares of the value; the last is open, then unknown. */
export const WIDTHS: readonly number[] = [0.3, 1, 2, Number.POSITIVE_INFINITY];
const WIDTH_TEXTS: readonly ProtectText[] = ['below_30', 'to_100', 'to_200', 'above_200', 'unknown'];

/** The internal report: result, rules, what fired, levels, intervals, picture; one file in Hebrew and English. */
export function renderProtectPage(page: ProtectPage): string {
  return renderPage({
    office: PROTECT_TEXTS.office,
    title: page.title ?? PROTECT_TEXTS.title,
    audience: 'internal',
    edition: (language) => internalEdition(page, language),
  });
}

/** The public report: shares withheld by level of what has a row in the public file, nothing else. */
export function renderPublicProtectPage(page: ProtectPage): string {
  return renderPage({
    office: PROTECT_TEXTS.office,
    title: page.title ?? PROTECT_TEXTS.title,
    audience: 'public',
    edition: (language) => ({
      intro: html`<p class="lede">${PROTECT_TEXTS.public_lede[language]}</p>`,
      main: levelSection(page, language, false),
    }),
  });
}

function internalEdition(page: ProtectPage, language: Language): Edition {
  const say = (key: ProtectText): string => PROTECT_TEXTS[key][language];
  const sections: readonly Html[] = [
    findingSection(page, language),
    ...(page.unprotected.length === 0
      ? []
      : [section(language, 'unprotected', pairs(page.unprotected.slice(0, 200), ['cell', 'why'], 'unprotected', language))]),
    section(language, 'picture', picture(page, language)),
    levelSection(page, language, true),
    ...(page.comparison.length < 2 ? [] : [section(language, 'comparison', comparison(page, language))]),
    ...(page.loss === undefined
      ? [section(language, 'fired', counts(page.fired, language)), section(language, 'intervals', widths(page, language))]
      : [section(language, 'loss', lossOf(page.loss, language))]),
    section(language, 'parameters', pairs(page.parameters, ['rule', 'setting'], 'parameters', language)),
  ];
  const facts: readonly (readonly [ProtectText, string])[] = [
    ['records', formatNumber(page.records)],
    ['cells', formatNumber(page.cells)],
    ['rounds', formatNumber(page.rounds)],
    ['programmes', formatNumber(page.programmes)],
    ['repaired', formatNumber(page.repaired)],
  ];
  return {
    intro: html`<p class="lede">${say('lede')} ${code(page.file)}</p>`,
    main: html`${sections}`,
    aside: html`<div><h2>${say('facts')}</h2><dl class="facts">${facts.map(([key, value]) => html`<dt>${say(key)}</dt><dd>${num(value)}</dd>`)}</dl></div>`,
  };
}

function section(language: Language, heading: ProtectText, body: Html): Html {
  const id = `${language}-${heading}`;
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${PROTECT_TEXTS[heading][language]}</h2>${body}</section>\n`;
}

function findingSection(page: ProtectPage, language: Language): Html {
  const say = (key: ProtectText): string => PROTECT_TEXTS[key][language];
  const share = (page.primary + page.secondary) / Math.max(1, page.cells);
  const [before = '', between = '', then = '', end = ''] = say('parts').split(/\{\w+\}/);
  const body = html`<p><strong class="hero">${num(formatPercent(share))}</strong> ${say('protected')}</p>
<p>${before}${num(formatNumber(page.primary))}${between}${num(formatNumber(page.secondary))}${then}${num(formatNumber(page.cells))}${end}</p>
<p${page.outcome === 'held' || page.outcome === 'changed' ? undefined : html` class="notice"`}>${say(`attack_${page.outcome}`)}</p>`;
  return section(language, 'finding', body);
}

function levelSection(page: ProtectPage, language: Language, isInternal: boolean): Html {
  const say = (key: ProtectText): string => PROTECT_TEXTS[key][language];
  const cellsOf = ({ cells, publicCells }: LevelFigures): number => (isInternal ? cells : publicCells);
  const body = table<LevelFigures>({
    caption: say('by_level'),
    hideCaption: true,
    language,
    rows: page.levels.filter((level) => cellsOf(level) > 0),
    columns: [
      { title: say('level'), cell: ({ level }) => code(level) },
      { title: say('cells'), isNumber: true, cell: (level) => formatNumber(cellsOf(level)) },
      ...(isInternal ? [{ title: say('withheld'), isNumber: true, cell: ({ withheld }: LevelFigures) => formatNumber(withheld) }] : []),
      { title: say('share'), isNumber: true, cell: (level) => formatPercent(level.withheld / Math.max(1, cellsOf(level))) },
      ...(isInternal
        ? [{ title: say('share_of_value'), isNumber: true, cell: ({ shareOfValue }: LevelFigures) => formatPercent(shareOfValue) }]
        : []),
    ],
  });
  return section(language, 'by_level', body);
}

function pairs(
  rows: readonly (readonly [string, string])[],
  titles: readonly [ProtectText, ProtectText],
  caption: ProtectText,
  language: Language,
): Html {
  return table<readonly [string, string]>({
    caption: PROTECT_TEXTS[caption][language],
    hideCaption: true,
    language,
    rows,
    columns: [
      { title: PROTECT_TEXTS[titles[0]][language], cell: ([name]) => code(name) },
      { title: PROTECT_TEXTS[titles[1]][language], cell: ([, value]) => code(value) },
    ],
  });
}

function counts(rows: readonly (readonly [string, number])[], language: Language): Html {
  return table<readonly [string, number]>({
    caption: PROTECT_TEXTS.fired[language],
    hideCaption: true,
    language,
    rows,
    columns: [
      { title: PROTECT_TEXTS.rule[language], cell: ([name]) => code(name) },
      { title: PROTECT_TEXTS.cells[language], isNumber: true, cell: ([, count]) => formatNumber(count) },
    ],
  });
}

function widths(page: ProtectPage, language: Language): Html {
  const say = (key: ProtectText): string => PROTECT_TEXTS[key][language];
  const rows = page.widths.map(([primary, secondary], at) => ({ label: say(WIDTH_TEXTS[at] ?? 'unknown'), primary, secondary }));
  return table<(typeof rows)[number]>({
    caption: say('width'),
    hideCaption: true,
    language,
    rows,
    columns: [
      { title: say('width'), cell: ({ label }) => label },
      { title: say('primary'), isNumber: true, cell: ({ primary }) => formatNumber(primary) },
      { title: say('secondary'), isNumber: true, cell: ({ secondary }) => formatNumber(secondary) },
    ],
  });
}

function comparison(page: ProtectPage, language: Language): Html {
  const say = (key: ProtectText): string => PROTECT_TEXTS[key][language];
  return html`<p>${say('comparison_note')}</p>${table<MethodFigures>({
    caption: say('comparison'),
    hideCaption: true,
    language,
    rows: page.comparison,
    columns: [
      { title: say('method'), cell: ({ method }) => say(`method_${method}`) },
      { title: say('withheld'), isNumber: true, cell: ({ withheld }) => formatNumber(withheld) },
      { title: say('changed'), isNumber: true, cell: ({ changed }) => formatNumber(changed) },
      { title: say('mean_absolute'), isNumber: true, cell: ({ meanAbsolute }) => formatNumber(meanAbsolute, 2) },
      { title: say('utility'), isNumber: true, cell: ({ hellingerUtility }) => formatNumber(hellingerUtility, 4) },
    ],
  })}`;
}

function lossOf(loss: LossFigures, language: Language): Html {
  const rows: readonly (readonly [ProtectText, string])[] = [
    ['unchanged', `${formatNumber(loss.unchanged)} / ${formatNumber(loss.cells)}`],
    ['mean_absolute', formatNumber(loss.meanAbsolute, 3)],
    ['max_absolute', formatNumber(loss.maxAbsolute, 3)],
    ['utility', formatNumber(loss.hellingerUtility, 4)],
    ['additive', `${formatNumber(loss.additive)} / ${formatNumber(loss.relations)}`],
  ];
  return table<(typeof rows)[number]>({
    caption: PROTECT_TEXTS.loss[language],
    hideCaption: true,
    language,
    rows,
    columns: [
      { title: PROTECT_TEXTS.measure[language], cell: ([key]) => PROTECT_TEXTS[key][language] },
      { title: PROTECT_TEXTS.setting[language], isNumber: true, cell: ([, value]) => value },
    ],
  });
}

function picture(page: ProtectPage, language: Language): Html {
  const say = (key: ProtectText): string => PROTECT_TEXTS[key][language];
  if (page.picture === undefined) return html`<p class="empty">${say('picture_large')}</p>`;
  const parts: readonly StackPart[] = [
    { label: say('free'), fill: 'light' },
    { label: say('primary'), fill: 'cross' },
    { label: say('secondary'), fill: 'stripes' },
  ];
  const total = (codes: readonly string[]): string[] => [say('total'), ...codes.slice(1)];
  const chart: StatusChart = { ...page.picture, rows: total(page.picture.rows), columns: total(page.picture.columns), parts };
  const names = parts.map(({ label }) => label);
  return figure({
    id: `${language}-status`,
    language,
    title: say('picture'),
    subtitle: say('picture_note'),
    description: say('picture_note'),
    draw: (size, id) => drawStatus(chart, language, size, id),
    legend: statusLegend(chart, `${language}-status`),
    notes: [],
    data: {
      columns: ['', ...chart.columns],
      rows: chart.rows.map((row, at) => [row, ...chart.columns.map((_, column) => names[chart.statuses[at]?.[column] ?? -1] ?? '')]),
    },
    format: (value) => formatNumber(value),
  });
}
