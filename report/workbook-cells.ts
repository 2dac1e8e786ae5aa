/** A cell of a workbook as its file says it; empty cells are left out. */
export interface WorkbookCell {
  readonly kind: 'text' | 'number' | 'date' | 'boolean' | 'error';
  /** A text, or the digits of a number. */
  readonly text: string;
  readonly hasFormula: boolean;
}

/** A sheet of a workbook: its cells by their references, such as `B4`. */
export interface WorkbookSheet {
  readonly name: string;
  readonly cells: ReadonlyMap<string, WorkbookCell>;
}

/** The cells of all sheets of a workbook. */
export interface WorkbookCells {
  readonly sheets: readonly WorkbookSheet[];
  /** When it was last saved, as the workbook says (ISO 8601, UTC). */
  readonly saved: string | undefined;
}

/** The reference of a cell by row and column, both from 0: `B4` for 3 and 1. */
export function cellReference(row: number, column: number): string {
  let letters = '';
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) letters = String.fromCharCode(65 + (rest % 26)) + letters;
  return `${letters}${row + 1}`;
}
