import type { Cell, CellStyle, CellValue, WriteSheet } from 'hucre/xlsx';
import type { DataTable } from '../../report/csv.ts';
import { LANGUAGES, type Language } from '../../report/texts.ts';
import { BODY, HEADER, MARK, MUTED, printTitles, TITLE, textCell } from '../../report/xlsx-style.ts';
import type { SurveyCards } from './cards.ts';
import type { SurveyDefinition } from './survey-definition.ts';
import type { SurveyReport } from './survey-report.ts';
import { isDivided, SHARE_COLUMNS, SURVEY_TABLES, type SurveyTableName, surveyTables } from './survey-tables.ts';
import { SURVEY_TEXTS, type SurveyText } from './survey-texts.ts';

const NOTES: Readonly<Record<SurveyTableName, readonly SurveyText[]>> = {
  sources: ['sources_note', 'place_note', 'consensus_note', 'withheld', 'unknown_note'],
  ranking: ['ranking_note', 'withheld'],
  pains: ['pains_note', 'divisions_note', 'withheld'],
  barriers: ['barriers_note', 'withheld'],
  capabilities: ['capabilities_note', 'withheld'],
  divisions: ['divisions_note'],
  roles: ['divisions_note'],
};

/** The report of a survey as a workbook: a sheet for each table, from right to left in Hebrew and then in English. Withheld is the mark `c`. */
export async function surveyWorkbook(report: SurveyReport, survey: SurveyDefinition, cards: SurveyCards): Promise<Uint8Array> {
  const { writeXlsx } = await import('hucre/xlsx');
  const sheets = LANGUAGES.flatMap((language) => {
    const tables = surveyTables(report, survey, cards, language);
    return SURVEY_TABLES.map((name) => sheetOf(tables[name], name, language, `${survey.title[language]} · ${survey.office[language]}`));
  });
  return writeXlsx({
    sheets,
    namedRanges: sheets.map(({ name }) => printTitles(name, HEAD + 1)),
    defaultFont: { name: 'Arial', size: 10 },
    properties: { title: `${survey.title.he} / ${survey.title.en}` },
  });
}

/** A text that stands in the place of a figure, such as a range. */
const FIGURE: CellStyle = { ...BODY, alignment: { horizontal: 'right', vertical: 'top' } };
const WITHHELD: CellStyle = { ...MARK, alignment: { ...MARK.alignment, vertical: 'top' } };
const WRAPPED: CellStyle = { ...BODY, alignment: { wrapText: true, vertical: 'top' } };

function widthOf(head: string, column: number, texts: number): number {
  if (column < texts) return texts > 1 ? 36 + 8 * column : 44;
  return Math.max(13, Math.min(24, head.length + 3));
}

/** Rows whose text takes several lines: not every program makes them higher by itself. */
function heightOf(values: DataTable['rows'][number], row: number, texts: number): (readonly [number, { height: number }])[] {
  const lines = values.slice(0, texts).map((value, column) => Math.ceil(String(value).length / widthOf('', column, texts)));
  const most = Math.max(1, ...lines);
  return most === 1 ? [] : [[row, { height: 3 + 13 * most }]];
}

/** Shares as percentages; scores, means and consensus with two decimals. */
function numberFormat(name: SurveyTableName, column: number, value: number): string {
  if (SHARE_COLUMNS[name] === column) return '0.0%';
  const isScore = (name === 'sources' && (column === 3 || column === 5)) || !Number.isInteger(value);
  return isScore ? '#,##0.00' : '#,##0';
}

/** Row of the head of each table, from 0. */
const HEAD = 3;

function sheetOf(table: DataTable, name: SurveyTableName, language: Language, subtitle: string): WriteSheet {
  const title = SURVEY_TEXTS[name][language];
  const texts = isDivided(name) ? 2 : 1;
  const rows: CellValue[][] = [[title], [subtitle], [], [...table.columns]];
  const cells = new Map<string, Partial<Cell>>();
  const isRtl = language === 'he';
  const put = (row: number, column: number, value: string, style: CellStyle): void => {
    const isPlain = style === WITHHELD || style === FIGURE;
    const isRight = isRtl || (row === HEAD && column >= texts);
    cells.set(`${row},${column}`, isPlain ? { value, type: 'string', style } : textCell(value, style, isRight, isRtl));
  };
  put(0, 0, title, TITLE);
  put(1, 0, subtitle, MUTED);
  for (const [column, text] of table.columns.entries()) put(HEAD, column, text, HEADER);
  for (const values of table.rows) {
    const row = rows.length;
    rows.push(values.map((value) => value ?? 'c'));
    for (const [column, value] of values.entries())
      if (typeof value === 'number')
        cells.set(`${row},${column}`, { value, type: 'number', style: { ...FIGURE, numFmt: numberFormat(name, column, value) } });
      else put(row, column, value ?? 'c', column < texts ? WRAPPED : value === null ? WITHHELD : FIGURE);
  }
  rows.push([]);
  for (const key of NOTES[name]) {
    put(rows.length, 0, SURVEY_TEXTS[key][language], MUTED);
    rows.push([SURVEY_TEXTS[key][language]]);
  }
  return {
    name: title,
    rows,
    cells,
    columns: table.columns.map((text, column) => ({ width: widthOf(text, column, texts) })),
    rowDefs: new Map(table.rows.flatMap((values, at) => heightOf(values, HEAD + 1 + at, texts))),
    freezePane: { rows: HEAD + 1, columns: 1 },
    view: { rightToLeft: isRtl, showGridLines: false },
    pageSetup: {
      paperSize: 'a4',
      orientation: 'landscape',
      fitToPage: true,
      fitToWidth: 1,
      fitToHeight: 0,
    },
  };
}
