import type { Cell, CellStyle, CellValue, WriteSheet } from 'hucre/xlsx';
import type { DataTable } from '../../report/csv.ts';
import { LANGUAGES, type Language } from '../../report/texts.ts';
import { BODY, HEADER, MARK, MUTED, TITLE, textCell } from '../../report/xlsx-style.ts';
import type { SurveyCards } from './cards.ts';
import type { SurveyDefinition } from './survey-definition.ts';
import type { SurveyReport } from './survey-report.ts';
import { SURVEY_TABLES, type SurveyTableName, surveyTables } from './survey-tables.ts';
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
  return writeXlsx({ sheets, defaultFont: { name: 'Arial', size: 10 }, properties: { title: `${survey.title.he} / ${survey.title.en}` } });
}

function sheetOf(table: DataTable, name: SurveyTableName, language: Language, subtitle: string): WriteSheet {
  const title = SURVEY_TEXTS[name][language];
  const head = 3;
  const rows: CellValue[][] = [[title], [subtitle], [], [...table.columns]];
  const cells = new Map<string, Partial<Cell>>();
  const isRtl = language === 'he';
  const put = (row: number, column: number, value: string, style: CellStyle): void => {
    cells.set(
      `${row},${column}`,
      style === MARK ? { value, type: 'string', style } : textCell(value, style, isRtl || (row === head && column > 0), isRtl),
    );
  };
  put(0, 0, title, TITLE);
  put(1, 0, subtitle, MUTED);
  for (const [column, text] of table.columns.entries()) put(head, column, text, HEADER);
  for (const values of table.rows) {
    const row = rows.length;
    rows.push(values.map((value) => value ?? 'c'));
    for (const [column, value] of values.entries())
      if (typeof value !== 'number') put(row, column, value ?? 'c', column === 0 ? BODY : MARK);
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
    columns: table.columns.map((text, column) => ({ width: column === 0 ? 44 : Math.max(13, Math.min(24, text.length + 3)) })),
    freezePane: { rows: head + 1, columns: 1 },
    view: { rightToLeft: isRtl, showGridLines: false },
    pageSetup: { paperSize: 'a4', orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 },
  };
}
