import { drawBars } from '../../report/chart-bar.ts';
import type { DataTable } from '../../report/csv.ts';
import { code, type Html, html, num } from '../../report/escape.ts';
import { figure } from '../../report/figure.ts';
import { formatNumber, formatPercent, NOT_AVAILABLE } from '../../report/format.ts';
import { type Edition, renderPage } from '../../report/html-shell.ts';
import { table, WITHHELD } from '../../report/table.ts';
import type { Language } from '../../report/texts.ts';
import type { SurveyCards } from './cards.ts';
import type { SurveyDefinition } from './survey-definition.ts';
import type { SurveyReport } from './survey-report.ts';
import { isDivided, SHARE_COLUMNS, type SurveyTableName, surveyTables, titlesOf } from './survey-tables.ts';
import { SURVEY_TEXTS, type SurveyText } from './survey-texts.ts';

/** The report of a survey for people: pictures and tables in Hebrew and English, one file. */
export function renderSurveyPage(report: SurveyReport, survey: SurveyDefinition, cards: SurveyCards): string {
  return renderPage({
    office: survey.office,
    title: SURVEY_TEXTS.title,
    audience: 'internal',
    edition: (language) => editionOf(report, survey, cards, language),
  });
}

interface Making {
  readonly report: SurveyReport;
  readonly language: Language;
  readonly tables: ReturnType<typeof surveyTables>;
}

function editionOf(report: SurveyReport, survey: SurveyDefinition, cards: SurveyCards, language: Language): Edition {
  const say = (key: SurveyText): string => SURVEY_TEXTS[key][language];
  const making: Making = { report, language, tables: surveyTables(report, survey, cards, language) };
  const top = report.sources.find(({ score }) => score !== null);
  const name = top === undefined ? undefined : titlesOf(cards.cards, language).get(top.id);
  const finding = html`<div class="findings"><p><strong class="hero">${report.rate === null ? NOT_AVAILABLE : num(formatPercent(report.rate))}</strong> ${say('rate_finding')}</p>
<p>${name === undefined ? say('top_none') : html`<strong>${name}</strong> ${say('top_finding')}`}</p>
<p><strong class="hero">${num(formatHours(report.hours))}</strong> ${say('hours_finding')}</p></div>`;
  const facts: readonly (readonly [SurveyText, Html])[] = [
    ['survey', code(`${report.survey} ${report.version}`)],
    ['invited', num(formatNumber(report.invited))],
    ['answers', num(formatNumber(report.answers))],
    ['catalogue', code(report.catalogue.slice(0, 12))],
  ];
  return {
    intro: html`<p class="lede">${say('lede')}</p>`,
    main: html`${[
      section(making, 'finding', finding),
      section(making, 'sources', sources(making)),
      section(making, 'ranking', html`${picture(making, 'ranking')}${plain(making, 'ranking')}${note(making, 'ranking_note')}`),
      section(making, 'pains', html`${picture(making, 'pains')}${plain(making, 'pains')}`),
      section(making, 'barriers', picture(making, 'barriers')),
      section(making, 'capabilities', html`${picture(making, 'capabilities')}${plain(making, 'capabilities')}`),
      section(making, 'divisions', html`${picture(making, 'divisions')}${plain(making, 'divisions')}`),
      section(making, 'roles', plain(making, 'roles')),
      section(making, 'burden', burden(making)),
    ]}`,
    aside: html`<div><h2>${say('facts')}</h2><dl class="facts">${facts.map(([key, value]) => html`<dt>${say(key)}</dt><dd>${value}</dd>`)}</dl></div>`,
  };
}

function section({ language }: Making, heading: SurveyText, body: Html): Html {
  const id = `${language}-${heading}`;
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${SURVEY_TEXTS[heading][language]}</h2>${body}</section>\n`;
}

function sources(making: Making): Html {
  const { language } = making;
  const notes = (['place_note', 'consensus_note', 'withheld', 'unknown_note'] as const).map(
    (key) => html`<p class="notes">${SURVEY_TEXTS[key][language]}</p>`,
  );
  return html`${picture(making, 'sources')}${plain(making, 'sources')}${notes}`;
}

/** The column of a table that its picture shows, with its decimals; a share is printed as a percentage. */
const PICTURES = {
  sources: { column: 3, decimals: 1 },
  ranking: { column: 1, decimals: 0 },
  pains: { column: 2, decimals: 2 },
  barriers: { column: 1, decimals: 2 },
  capabilities: { column: 4, decimals: 0 },
  divisions: { column: 3, decimals: 0 },
} as const satisfies Partial<Record<SurveyTableName, { column: number; decimals: number }>>;

/** Bars of one column of a table, those of all divisions where it has parts; rows that show no figure there are left to the table. */
function picture({ tables, language }: Making, name: keyof typeof PICTURES): Html {
  const data = tables[name];
  const { column, decimals } = PICTURES[name];
  const isShare = SHARE_COLUMNS[name] === column;
  const isWhole = (row: DataTable['rows'][number]): boolean => !isDivided(name) || row[1] === SURVEY_TEXTS.all_divisions[language];
  const whole = data.rows.filter(isWhole);
  const rows = whole.filter((row) => typeof row[column] === 'number').slice(0, 15);
  if (rows.length === 0) return html`<p class="empty">${SURVEY_TEXTS.none[language]}</p>`;
  const format = (value: number): string => (isShare ? formatPercent(value, decimals) : formatNumber(value, decimals));
  const about = SURVEY_TEXTS[`${name}_note`][language];
  const title = data.columns[column] ?? '';
  return figure({
    id: `${language}-${name}-figure`,
    language,
    title: name === 'divisions' ? SURVEY_TEXTS.divisions[language] : `${SURVEY_TEXTS[name][language]}: ${title}`,
    subtitle: about,
    description: about,
    draw: (size, id) =>
      drawBars({ bars: rows.map((row) => ({ label: String(row[0]), value: Number(row[column]) })), format }, language, size, id),
    notes: [SURVEY_TEXTS.withheld[language]],
    data: { columns: [data.columns[0] ?? '', title], rows: whole.map((row) => [row[0] ?? '', row[column] ?? null]) },
    format,
  });
}

function note({ language }: Making, key: SurveyText): Html {
  return html`<p class="notes">${SURVEY_TEXTS[key][language]}</p>`;
}

function plain({ tables, language }: Making, name: Exclude<SurveyTableName, 'barriers'>): Html {
  const data: DataTable = tables[name];
  const texts = isDivided(name) ? 2 : 1;
  const show = (value: string | number | null | undefined, column: number): Html | string => {
    if (value === null || value === undefined) return WITHHELD;
    if (typeof value === 'string') return value;
    return column === SHARE_COLUMNS[name] ? formatPercent(value) : formatNumber(value, Number.isInteger(value) ? 0 : 2);
  };
  return table<DataTable['rows'][number]>({
    caption: SURVEY_TEXTS[name][language],
    hideCaption: true,
    language,
    isSortable: true,
    rows: data.rows,
    columns: data.columns.map((title, column) => ({ title, isNumber: column >= texts, cell: (row) => show(row[column], column) })),
    empty: SURVEY_TEXTS.none[language],
  });
}

function burden({ report, language }: Making): Html {
  const say = (key: SurveyText): string => SURVEY_TEXTS[key][language];
  const rows: readonly (readonly [string, string])[] = [
    [say('hours'), formatHours(report.hours)],
    [say('minutes'), formatHours(report.hours === null ? null : report.hours * 60)],
    [say('unpriced'), formatNumber(report.unpriced)],
  ];
  return html`<p>${say('burden_note')}</p>${table<(typeof rows)[number]>({
    caption: say('burden'),
    hideCaption: true,
    language,
    rows,
    columns: [
      { title: say('measure'), cell: ([name]) => name },
      { title: say('value'), isNumber: true, cell: ([, value]) => value },
    ],
  })}`;
}

function formatHours(hours: number | null): string {
  return hours === null ? NOT_AVAILABLE : formatNumber(hours);
}
