import { agreementTable } from './agreement-table.ts';
import { drawStack, type StackPart, stackLegend } from './chart-stack.ts';
import { code, type Html, html, num } from './escape.ts';
import { figure } from './figure.ts';
import { formatNumber, formatPercent, formatPeriodRange } from './format.ts';
import { protectionWords } from './protection-words.ts';
import { prose } from './quality-columns.ts';
import type { BurdenFigures, ReleasePage, ReleaseTable } from './release-page-data.ts';
import { RELEASE_WORDS as WORDS } from './release-words.ts';
import type { Section } from './run-page-data.ts';
import { table } from './table.ts';
import { fill, type Language, say, type Text, text } from './texts.ts';

/** The method in plain words. */
export function methodSection(data: ReleasePage, language: Language): Section {
  const body =
    data.method.length === 0
      ? html`<p class="empty">${prose(WORDS.method_none, language)}</p>`
      : html`<ul class="prose">${data.method.map((sentence) => html`<li>${prose(sentence, language)}</li>`)}</ul>`;
  return { id: 'method', heading: WORDS.method_heading, body };
}

/** Quality indicators of the public edition. */
export function releaseQuality(data: ReleasePage, language: Language): Section {
  const body = table({
    caption: text(WORDS.quality_caption, language),
    hideCaption: true,
    language,
    rows: data.quality,
    empty: text(WORDS.quality_none, language),
    columns: [
      { title: text(WORDS.indicator, language), cell: (row) => row.title[language] },
      { title: text(WORDS.name, language), cell: (row) => code(row.id) },
      { title: text(WORDS.value, language), isNumber: true, cell: (row) => row.value },
      { title: text(WORDS.meaning, language), cell: (row) => prose(row.meaning, language) },
    ],
  });
  return { id: 'quality', heading: WORDS.quality_heading, body };
}

/** Hours a year = respondents x times a year x minutes / 60 x (1 - share still asked). */
export function burdenHours({ respondents, times_a_year, minutes, still_asked }: BurdenFigures): number {
  return ((respondents * times_a_year * minutes) / 60) * (1 - still_asked);
}

/** What is replaced, and the hours a year: potential, piloted, dropped; only the last is called saved. */
export function burdenSection(data: ReleasePage, language: Language): Section {
  const replaces = html`<p>${data.replaces === undefined ? text(WORDS.replaces_none, language) : html`${text(WORDS.replaces, language)}: ${prose(data.replaces, language)}.`}</p>`;
  const agreement = agreementTable(data.agreement, language);
  if (data.burden.length === 0)
    return {
      id: 'burden',
      heading: WORDS.burden_heading,
      body: html`${replaces}<p class="empty">${prose(WORDS.burden_none, language)}</p>${agreement}`,
    };
  const number = (value: number): string => formatNumber(Math.round(value));
  const total = (status: BurdenFigures['status']): Html =>
    num(number(data.burden.filter((each) => each.status === status).reduce((sum, each) => sum + burdenHours(each), 0)));
  const rows = table({
    caption: text(WORDS.burden_caption, language),
    language,
    rows: data.burden,
    notes: [text(WORDS.burden_formula, language)],
    columns: [
      { title: text(WORDS.survey, language), cell: (row) => row.survey[language] },
      { title: text(WORDS.respondents, language), isNumber: true, cell: (row) => number(row.respondents) },
      {
        title: text(WORDS.times_a_year, language),
        isNumber: true,
        cell: (row) => formatNumber(row.times_a_year, row.times_a_year % 1 === 0 ? 0 : 1),
      },
      { title: text(WORDS.minutes, language), isNumber: true, cell: (row) => formatNumber(row.minutes, row.minutes % 1 === 0 ? 0 : 1) },
      { title: text(WORDS.still_asked, language), isNumber: true, cell: (row) => formatPercent(row.still_asked, 0) },
      { title: text(WORDS.hours, language), isNumber: true, cell: (row) => number(burdenHours(row)) },
      {
        title: text(WORDS.status, language),
        cell: (row) =>
          html`${text(WORDS[`burden_${row.status}`], language)}${row.decision === undefined ? undefined : html` (${prose(row.decision, language)})`}`,
      },
      { title: text(WORDS.basis, language), cell: (row) => prose(row.basis, language) },
    ],
  });
  const totals = fill(WORDS.burden_totals, language, {
    potential: total('potential'),
    piloted: total('piloted'),
    dropped: total('dropped'),
  });
  return {
    id: 'burden',
    heading: WORDS.burden_heading,
    body: html`${replaces}<p>${totals}</p>${rows}<p class="note">${text(WORDS.burden_declared, language)}</p>${agreement}`,
  };
}

function levelName(dimensions: number, language: Language): string {
  if (dimensions === 0) return text(WORDS.level_0, language);
  return dimensions === 1 ? text(WORDS.level_1, language) : say(WORDS.level_n, language, { count: String(dimensions) });
}

function levelsFigure(each: ReleaseTable, data: ReleasePage, language: Language): Html {
  const id = `${language}-levels-${each.id}`;
  const parts: readonly StackPart[] = [
    { label: text('published', language), fill: 'solid' },
    { label: text('withheld', language), fill: 'stripes' },
  ];
  const share = (part: number, level: ReleaseTable['levels'][number]): number => part / (level.published + level.withheld);
  const percent = (level: ReleaseTable['levels'][number]): string => formatPercent(share(level.withheld, level));
  return figure({
    id,
    language,
    title: each.title[language],
    subtitle: `${text(WORDS.share_withheld, language)}; ${formatPeriodRange(each.periods, language)}`,
    description: `${each.levels.map((level) => `${levelName(level.dimensions, language)}: ${percent(level)}`).join('; ')}.`,
    legend: stackLegend(parts, id),
    draw: (size, own) =>
      drawStack(
        {
          parts,
          rows: each.levels.map((level) => ({
            label: levelName(level.dimensions, language),
            values: [share(level.published, level), share(level.withheld, level)],
            inside: [undefined, percent(level)],
          })),
        },
        language,
        size,
        own,
      ),
    notes: [fill(WORDS.minimum, language, { count: num(String(data.minimum)) })],
    data: {
      columns: [text('level', language), text(WORDS.share_withheld, language)],
      rows: each.levels.map((level) => [levelName(level.dimensions, language), percent(level)]),
    },
    format: formatNumber,
  });
}

/** Shares of figures published and withheld by level of detail, and nothing else of what was withheld. */
export function levelsSection(data: ReleasePage, language: Language): Section {
  const figures = data.tables.map((each) => levelsFigure(each, data, language));
  return {
    id: 'withheld',
    heading: WORDS.withheld_heading,
    body: html`<p class="note">${text(WORDS.withheld_lede, language)}</p>${figures}${protectionWords(data.protection).map((sentence) => html`<p>${text(sentence, language)}</p>`)}`,
  };
}

/** The files of the release, each a link to the file beside the page. */
export function filesSection(data: ReleasePage, language: Language): Section {
  const isOfRecords = (file: string): boolean => data.records.some(({ files }) => files.includes(file));
  const body = table({
    caption: text(WORDS.files_caption, language),
    hideCaption: true,
    language,
    rows: data.files,
    columns: [
      { title: text(WORDS.file, language), cell: (file) => html`<a href="${file}" dir="ltr">${file}</a>` },
      {
        title: text(WORDS.what, language),
        cell: (file) => prose(isOfRecords(file) && file.endsWith('.csv') ? WORDS.file_records : fileWords(file), language),
      },
    ],
  });
  return { id: 'files', heading: WORDS.files_heading, body };
}

function fileWords(file: string): Text {
  const ending = file.slice(file.lastIndexOf('.') + 1);
  const words: Readonly<Record<string, Text>> = {
    csv: WORDS.file_csv,
    parquet: WORDS.file_parquet,
    arrow: WORDS.file_arrow,
    xlsx: WORDS.file_xlsx,
    xml: WORDS.file_xml,
    json: WORDS.file_json,
  };
  return words[ending] ?? { he: ending, en: ending };
}
