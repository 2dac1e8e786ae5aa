import { deliveryProblem } from '../delivery-problem.ts';
import type { Cell, CellKind } from './cell.ts';
import { cellPlace, MAX_ROWS, MAX_SHEET_COLUMNS } from './cell-place.ts';

export interface SheetEvents {
  /** Name of the delivered file in messages. */
  readonly file: string;
  /** Number of shared strings: a cell that names another is damage. */
  readonly strings: number;
  /** A row that ends, from 1; its cells by column, from 0, `count` of them; those after are of earlier rows. */
  onRow(row: number, cells: readonly Cell[], count: number): void;
  /** Cells merged over rows `first` to `last`. */
  onMerged(first: number, last: number): void;
}

const KINDS: Readonly<Record<string, CellKind>> = {
  n: 'number',
  s: 'shared',
  str: 'text',
  inlineStr: 'text',
  b: 'boolean',
  e: 'error',
  d: 'iso-date',
};

/** Puts the events of a sheet's XML together to rows of cells, in the order of the sheet. Cells are used again for the next row. */
export class SheetCells {
  readonly #events: SheetEvents;
  readonly #cells: Cell[] = [];
  #row = 0;
  #count = 0;
  #cell: Cell | undefined;
  #isInData = false;
  #isInValue = false;
  #isInGuide = false;

  constructor(events: SheetEvents) {
    this.#events = events;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'c') this.#openCell(attributes);
    else if (name === 'v') this.#isInValue = this.#cell !== undefined;
    else if (name === 'row') this.#openRow(attributes['r']);
    else if (name === 'f') {
      if (this.#cell !== undefined) this.#cell.hasFormula = true;
    } else if (name === 't') this.#isInValue = this.#cell !== undefined && !this.#isInGuide;
    else if (name === 'rPh') this.#isInGuide = true;
    else if (name === 'sheetData') this.#isInData = true;
    else if (name === 'mergeCell') this.#merge(attributes['ref'] ?? '');
  }

  close(name: string): void {
    if (name === 'c') this.#closeCell();
    else if (name === 'v' || name === 't') this.#isInValue = false;
    else if (name === 'row') {
      if (this.#isInData) this.#events.onRow(this.#row, this.#cells, this.#count);
    } else if (name === 'rPh') this.#isInGuide = false;
    else if (name === 'sheetData') this.#isInData = false;
  }

  text(text: string): void {
    if (this.#isInValue && this.#cell !== undefined) this.#cell.value += text;
  }

  #openRow(reference: string | undefined): void {
    if (!this.#isInData) return;
    const row = reference === undefined ? this.#row + 1 : Number(reference);
    if (!Number.isInteger(row) || row <= this.#row || row > MAX_ROWS) throw this.#damaged('rows');
    this.#row = row;
    this.#count = 0;
  }

  #openCell({ r: reference, t: type = 'n', s: style = '0' }: Readonly<Record<string, string>>): void {
    if (!this.#isInData) return;
    let column = this.#count + 1;
    if (reference !== undefined) {
      const place = cellPlace(reference);
      if (place === undefined || place.row !== this.#row || place.column < column) throw this.#damaged('cells');
      column = place.column;
    }
    if (column > MAX_SHEET_COLUMNS) throw this.#damaged('cells');
    while (this.#count < column) this.#reset(this.#count++);
    const cell = this.#cells[column - 1]!;
    cell.kind = KINDS[type] ?? 'error';
    cell.style = Number(style);
    this.#cell = cell;
  }

  #reset(index: number): void {
    const cell = this.#cells[index];
    if (cell === undefined) this.#cells.push({ kind: 'empty', value: '', style: 0, hasFormula: false });
    else {
      cell.kind = 'empty';
      cell.value = '';
      cell.hasFormula = false;
    }
  }

  #closeCell(): void {
    const cell = this.#cell;
    if (cell === undefined) return;
    if (cell.kind === 'shared') {
      const index = /^\d{1,10}$/.test(cell.value) ? Number(cell.value) : Number.POSITIVE_INFINITY;
      if (cell.value !== '' && index >= this.#events.strings) throw this.#damaged('shared strings');
    }
    if (cell.value === '' && cell.kind !== 'text') cell.kind = 'empty';
    this.#cell = undefined;
  }

  #merge(reference: string): void {
    const [from, to] = reference.split(':').map(cellPlace);
    if (from === undefined || to === undefined) throw this.#damaged('merged cells');
    this.#events.onMerged(from.row, to.row);
  }

  #damaged(what: string): Error {
    const { file } = this.#events;
    return deliveryProblem('delivery-damaged', `the ${what} of the sheet are not in order; have it saved and sent again`, {
      file,
      line: this.#row,
    });
  }
}
