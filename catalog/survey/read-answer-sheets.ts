import type { WorkbookCell, WorkbookCells } from '../../report/workbook-cells.ts';
import { cellReference } from '../../report/workbook-cells.ts';
import { type AnswerBook, type AnswerSheet, type InputCell, isInput } from './answer-sheets.ts';

/** What is wrong with a cell; its sheet is called as the questionnaire calls it, its content is never said. */
export interface CellProblem {
  readonly rule: 'sheets' | 'layout' | 'formula' | 'not-in-list' | 'not-a-text' | 'too-long' | 'required';
  readonly sheet?: string;
  readonly cell?: string;
}

/** The answers of a workbook by path: codes of lists, and texts. */
export interface FilledSheets {
  readonly values: ReadonlyMap<string, string>;
  /** Where the answer of a path stands. */
  readonly placeOf: (path: string) => { readonly sheet: string; readonly cell: string } | undefined;
}

/**
 * Reads the cells that the questionnaire asks for. The first problem counts: another set of sheets, a formula anywhere, a text that is
 * not as it was written, a cell outside of the questionnaire, a value that its list does not have.
 */
export function readAnswerSheets(book: AnswerBook, workbook: WorkbookCells, listsName: string): FilledSheets | CellProblem {
  const values = new Map<string, string>();
  const places = new Map<string, { sheet: string; cell: string }>();
  const names = [...book.sheets.map(({ name }) => name), listsName];
  const found = workbook.sheets.map(({ name }) => name);
  if (found.length !== names.length || new Set(found).size !== found.length || names.some((name) => !found.includes(name)))
    return { rule: 'sheets' };
  for (const sheet of book.sheets) {
    const cells = workbook.sheets.find(({ name }) => name === sheet.name)?.cells ?? new Map<string, WorkbookCell>();
    const problem = readSheet(sheet, cells, book, (path, value) => values.set(path, value));
    if (problem !== undefined) return { ...problem, sheet: sheet.name };
    for (const [row, line] of sheet.rows.entries())
      for (const [column, cell] of line.entries())
        if (isInput(cell)) places.set(cell.path, { sheet: sheet.name, cell: cellReference(row, column) });
  }
  return { values, placeOf: (path) => places.get(path) };
}

function readSheet(
  { rows }: AnswerSheet,
  cells: ReadonlyMap<string, WorkbookCell>,
  book: AnswerBook,
  put: (path: string, value: string) => void,
): CellProblem | undefined {
  const rest = new Set(cells.keys());
  for (const [row, line] of rows.entries())
    for (const [column, wanted] of line.entries()) {
      if (wanted === undefined) continue;
      const cell = cellReference(row, column);
      const found = cells.get(cell);
      rest.delete(cell);
      if (found?.hasFormula === true) return { rule: 'formula', cell };
      if (!isInput(wanted)) {
        if (plain(found?.text ?? '') !== plain(wanted.text)) return { rule: 'layout', cell };
        continue;
      }
      const value = found === undefined ? undefined : answerIn(wanted, found, book);
      if (typeof value === 'object') return { ...value, cell };
      if (value !== undefined) put(wanted.path, value);
      else if (wanted.isRequired === true) return { rule: 'required', cell };
    }
  for (const cell of rest)
    if (plain(cells.get(cell)?.text ?? '') !== '' || cells.get(cell)?.hasFormula === true)
      return { rule: cells.get(cell)?.hasFormula === true ? 'formula' : 'layout', cell };
  return undefined;
}

/** The code or the text of a cell; nothing for blanks. */
function answerIn({ list, maximum = 0 }: InputCell, { kind, text }: WorkbookCell, { lists }: AnswerBook): string | undefined | CellProblem {
  const said = kind === 'text' ? text.replaceAll('\r\n', '\n').trim() : String(Number(text));
  if (said === '') return undefined;
  if (list !== undefined) {
    const choice = kind === 'text' || kind === 'number' ? lists[list].find(([, label]) => plain(label) === plain(said)) : undefined;
    return choice === undefined ? { rule: 'not-in-list' } : choice[0];
  }
  if (kind !== 'text' && !(kind === 'number' && /^-?\d+(\.\d+)?$/.test(said))) return { rule: 'not-a-text' };
  return said.length > maximum ? { rule: 'too-long' } : said;
}

/** A text whose white space and composition do not matter. */
function plain(text: string): string {
  return text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
}
