import type { Cell, CellStyle, CellValue, DataValidation, WriteSheet } from 'hucre/xlsx';
import type { Language } from '../../report/texts.ts';
import { LIGHT } from '../../report/tokens.ts';
import { cellReference } from '../../report/workbook-cells.ts';
import { BODY, colourOf, fillOf, HEADER, LINK, MUTED, printTitles, SUBTITLE, TITLE, textCell } from '../../report/xlsx-style.ts';
import { answerBook } from './answer-book.ts';
import { ANSWER_SHEET_TEXTS } from './answer-sheet-texts.ts';
import {
  type AnswerBook,
  type AnswerSheet,
  type FixedCell,
  type InputCell,
  isInput,
  type ListName,
  type SheetKey,
} from './answer-sheets.ts';
import { answerRules } from './answer-workbook-rules.ts';
import type { QuestionnaireSource } from './questionnaire-page.ts';

/** No clock: a workbook that nobody has saved yet is of this day. */
const UNSAVED = new Date('1980-01-01T00:00:00Z');
const LOOKS: Readonly<Record<FixedCell['look'], CellStyle>> = {
  title: TITLE,
  lede: BODY,
  heading: SUBTITLE,
  head: HEADER,
  item: BODY,
  note: MUTED,
  link: LINK,
  stamp: MUTED,
};
const RULE = { style: 'thin' as const, color: colourOf(LIGHT.rule) };
const INPUT: CellStyle = {
  ...BODY,
  fill: fillOf(LIGHT.warningWash),
  border: { right: RULE, bottom: RULE, left: RULE },
  protection: { locked: false },
};

export const answerWorkbookFile = (language: Language): string => `questionnaire-${language}.xlsx`;

/** The questionnaire as a workbook in one language; with the answer that `values` say, by path, such as the code of its answer. Cells that are no answers are locked, without a password. */
export async function answerWorkbook(
  source: QuestionnaireSource,
  language: Language,
  values: ReadonlyMap<string, string> = new Map(),
): Promise<Uint8Array> {
  const { writeXlsx } = await import('hucre/xlsx');
  const book = answerBook(source, language);
  const { survey } = source;
  return writeXlsx({
    sheets: [...book.sheets.map((sheet) => sheetOf(sheet, book, values)), listSheet(book)],
    namedRanges: [
      ...listRanges(book),
      ...book.sheets.flatMap(({ name, head }) => (head === undefined ? [] : [printTitles(name, head + 1, '$A:$B')])),
    ],
    defaultFont: { name: 'Arial', size: 10 },
    properties: { title: survey.title[language], creator: survey.office[language], modified: UNSAVED },
  });
}

function sheetOf(sheet: AnswerSheet, book: AnswerBook, values: ReadonlyMap<string, string>): WriteSheet {
  const isRtl = book.language === 'he';
  const cells = new Map<string, Partial<Cell>>();
  for (const [row, places] of sheet.rows.entries())
    for (const [column, place] of places.entries()) {
      if (place === undefined) continue;
      const cell = isInput(place) ? inputCell(place, book, values.get(place.path), isRtl) : fixedCell(place, sheet, book, isRtl);
      cells.set(`${row},${column}`, cell);
    }
  const isTable = sheet.head !== undefined;
  return {
    name: sheet.name,
    rows: sheet.rows.map((places) => places.map((): CellValue => null)),
    cells,
    columns: sheet.widths.map((width) => ({ width })),
    rowDefs: new Map(sheet.rows.flatMap((_, row) => heightOf(sheet, row))),
    dataValidations: validations(sheet, book),
    conditionalRules: answerRules(sheet, book),
    ...(sheet.head !== undefined && {
      freezePane: { rows: sheet.head + 1, columns: 2 },
      autoFilter: { range: `A${sheet.head + 1}:${cellReference(sheet.rows.length - 1, sheet.widths.length - 1)}` },
    }),
    protection: { sheet: true, autoFilter: true, formatColumns: true, formatRows: true },
    view: { rightToLeft: isRtl, showGridLines: false },
    pageSetup: {
      paperSize: 'a4',
      orientation: isTable ? 'landscape' : 'portrait',
      fitToPage: true,
      fitToWidth: sheet.widths.length > 10 ? 2 : 1,
      fitToHeight: 0,
      margins: { top: 0.6, bottom: 0.6, left: 0.4, right: 0.4 },
    },
  };
}

/** Not every program makes a row as high as its texts: the height follows from their lengths. */
function heightOf({ key, rows, widths }: AnswerSheet, row: number): (readonly [number, { height: number }])[] {
  const lines = (rows[row] ?? []).map((cell, column) =>
    cell === undefined || isInput(cell) || !isWrapped(cell, key) ? 1 : Math.ceil((cell.text.length * 1.1) / (widths[column] ?? 1)),
  );
  const most = Math.max(1, ...lines);
  return most === 1 ? [] : [[row, { height: 3 + 13 * most }]];
}

function isWrapped({ look }: FixedCell, key: SheetKey): boolean {
  return look === 'item' || look === 'head' || (key === 'how' && look !== 'title');
}

function fixedCell({ text, look }: FixedCell, { key, head }: AnswerSheet, { sheets }: AnswerBook, isRtl: boolean): Partial<Cell> {
  const border = head !== undefined && look === 'item' ? { border: { bottom: RULE } } : {};
  const style = {
    ...LOOKS[look],
    ...border,
    ...(isWrapped({ text, look }, key) && { alignment: { wrapText: true, vertical: 'top' as const } }),
  };
  if (/^\d+$/.test(text)) return { value: Number(text), type: 'number', style };
  const cell = textCell(text, style, isRtl && look !== 'stamp', isRtl && look !== 'stamp');
  const to = look === 'link' ? sheets.find(({ name }) => name === text) : undefined;
  return to === undefined ? cell : { ...cell, hyperlink: { target: '', location: `'${to.name}'!A1` } };
}

function inputCell(
  { path, list, maximum = 0 }: InputCell,
  { lists }: AnswerBook,
  value: string | undefined,
  isRtl: boolean,
): Partial<Cell> {
  const side = { horizontal: isRtl ? ('right' as const) : ('left' as const), vertical: 'top' as const, wrapText: maximum > 0 };
  const style = { ...INPUT, alignment: side, ...(list === undefined && { numFmt: '@' }) };
  if (value === undefined) return { value: null, type: 'empty', style };
  const label = list === undefined ? value : lists[list].find(([code]) => code === value)?.[1];
  if (label === undefined) throw new RangeError(`no choice of ${path}`);
  return list === 'scale' && /^\d$/.test(label) ? { value: Number(label), type: 'number', style } : { value: label, type: 'string', style };
}

/** Lists of choices and lengths of texts, each rule once for all its cells. */
function validations({ rows }: AnswerSheet, { language }: AnswerBook): DataValidation[] {
  const say = (key: 'wrong' | 'wrong_title' | 'too_long'): string => ANSWER_SHEET_TEXTS[key][language];
  const rules = new Map<string, { readonly cell: InputCell; readonly places: string[] }>();
  for (const [row, places] of rows.entries())
    for (const [column, cell] of places.entries()) {
      if (!isInput(cell)) continue;
      const key = cell.list ?? String(cell.maximum);
      const rule = rules.get(key) ?? { cell, places: [] };
      rules.set(key, rule);
      rule.places.push(cellReference(row, column));
    }
  return [...rules.values()].map(({ cell: { list, maximum }, places }): DataValidation => {
    const common = {
      range: places.join(' '),
      allowBlank: true,
      showErrorMessage: true,
      errorStyle: 'stop' as const,
      errorTitle: say('wrong_title'),
    };
    if (list !== undefined) return { ...common, type: 'list', formula1: rangeName(list), errorMessage: say('wrong') };
    return {
      ...common,
      type: 'textLength',
      operator: 'lessThanOrEqual',
      formula1: String(maximum),
      errorMessage: say('too_long').replace('{n}', String(maximum)),
    };
  });
}

const rangeName = (list: string): string => `list_${list}`;

/** The choices, one list a column: cells name them, so no word of the catalogue is ever part of a rule. */
function listSheet({ lists, language }: AnswerBook): WriteSheet {
  const columns = Object.values(lists);
  const longest = Math.max(...columns.map((items) => items.length));
  const value = (label: string | undefined): CellValue => (label === undefined ? null : /^\d+$/.test(label) ? Number(label) : label);
  return {
    name: ANSWER_SHEET_TEXTS.sheet_lists[language],
    rows: Array.from({ length: longest }, (_, row) => columns.map((items) => value(items[row]?.[1]))),
    hidden: true,
    protection: { sheet: true },
    view: { rightToLeft: language === 'he' },
  };
}

function listRanges({ lists, language }: AnswerBook): { name: string; range: string }[] {
  const sheet = `'${ANSWER_SHEET_TEXTS.sheet_lists[language]}'`;
  return (Object.keys(lists) as ListName[]).map((list, column) => {
    const letter = cellReference(0, column).slice(0, -1);
    return { name: rangeName(list), range: `${sheet}!$${letter}$1:$${letter}$${lists[list].length}` };
  });
}
