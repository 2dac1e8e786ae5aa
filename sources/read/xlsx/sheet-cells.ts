import { deliveryProblem } from '../delivery-problem.ts';
import type { Cell, CellKind } from './cell.ts';
import { cellPlace, columnOf, MAX_ROWS, MAX_SHEET_COLUMNS, rowOf } from './cell-place.ts';

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
  #isInRow = false;
  #isInValue = false;
  #isInText = false;
  #isInGuide = false;

  constructor(events: SheetEvents) {
    this.#events = events;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    switch (name) {
      case 'c':
        this.#openCell(attributes);
        break;
      case 'v':
      case 'is':
        this.#openValue(name);
        break;
      case 't':
        this.#isInValue = this.#isInText && !this.#isInGuide;
        break;
      case 'row':
        this.#openRow(attributes['r']);
        break;
      case 'f':
        if (this.#cell !== undefined) this.#cell.hasFormula = true;
        break;
      case 'rPh':
        this.#isInGuide = true;
        break;
      case 'sheetData':
        this.#isInData = true;
        break;
      case 'mergeCell':
        this.#merge(attributes['ref'] ?? '');
    }
  }

  close(name: string): void {
    switch (name) {
      case 'c':
        this.#closeCell();
        break;
      case 'v':
      case 't':
        this.#isInValue = false;
        break;
      case 'is':
        this.#isInText = false;
        break;
      case 'row':
        if (this.#isInRow) this.#events.onRow(this.#row, this.#cells, this.#count);
        this.#isInRow = false;
        break;
      case 'rPh':
        this.#isInGuide = false;
        break;
      case 'sheetData':
        this.#isInData = false;
    }
  }

  text(text: string): void {
    if (this.#isInValue && this.#cell !== undefined) this.#cell.value += text;
  }

  #openRow(reference: string | undefined): void {
    if (!this.#isInData) return;
    if (this.#isInRow) throw this.#damaged('rows');
    this.#isInRow = true;
    const row = reference === undefined ? this.#row + 1 : Number(reference);
    if (!Number.isInteger(row) || row <= this.#row || row > MAX_ROWS) throw this.#damaged('rows');
    this.#row = row;
    this.#count = 0;
  }

  #openCell({ r: reference, t: type = 'n', s: style = '0' }: Readonly<Record<string, string>>): void {
    if (!this.#isInData) return;
    if (!this.#isInRow || this.#cell !== undefined) throw this.#damaged('cells');
    let column = this.#count + 1;
    if (reference !== undefined) {
      const place = cellPlace(reference);
      if (rowOf(place) !== this.#row || columnOf(place) < column) throw this.#damaged('cells');
      column = columnOf(place);
    }
    if (column > MAX_SHEET_COLUMNS) throw this.#damaged('cells');
    while (this.#count < column) this.#reset(this.#count++);
    const cell = this.#cells[column - 1]!;
    cell.kind = KINDS[type] ?? 'error';
    cell.style = Number(style);
    this.#cell = cell;
  }

  /** A cell has one value: a second one, or a text where a number is told, would be read as something that nobody wrote. */
  #openValue(name: 'v' | 'is'): void {
    if (this.#cell === undefined) return;
    if (this.#cell.value !== '' || (name === 'is' && this.#cell.kind !== 'text')) throw this.#damaged('cells');
    this.#isInValue = name === 'v';
    this.#isInText = name === 'is';
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
    if (from === undefined || to === undefined || from < 0 || to < 0) throw this.#damaged('merged cells');
    this.#events.onMerged(rowOf(from), rowOf(to));
  }

  #damaged(what: string): Error {
    const { file } = this.#events;
    return deliveryProblem('delivery-damaged', `the ${what} of the sheet are not in order; have it saved and sent again`, {
      file,
      line: this.#row,
    });
  }
}
