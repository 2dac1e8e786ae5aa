import { DisclosureError } from '../../engine/errors.ts';

/**
 * Which inner cells make which published cells: a 0/1 matrix, by published cell. Inner cells of cell c are `rows[starts[c]]` to
 * `rows[starts[c + 1]]`, ascending. Hierarchies and linked tables are further cells over the same inner ones; inner cells may be published or not.
 */
export interface TableModel {
  readonly inner: number;
  readonly cells: number;
  readonly starts: Int32Array;
  readonly rows: Int32Array;
}

/** The model of cells given by their inner cells, such as `TableSystem.columns`. */
export function tableModel(inner: number, columns: readonly ArrayLike<number>[]): TableModel {
  const starts = new Int32Array(columns.length + 1);
  columns.forEach((column, cell) => {
    starts[cell + 1] = (starts[cell] as number) + column.length;
  });
  const rows = new Int32Array(starts[columns.length] as number);
  columns.forEach((column, cell) => {
    rows.set(Int32Array.from(column).sort(), starts[cell]);
  });
  return { inner, cells: columns.length, starts, rows };
}

/** The same matrix by inner cell: the published cells that each stands in. */
export function transposed({ inner, cells, starts, rows }: TableModel): TableModel {
  const from = new Int32Array(inner + 1);
  for (const row of rows) from[row + 1] = (from[row + 1] as number) + 1;
  for (let row = 0; row < inner; row++) from[row + 1] = (from[row + 1] as number) + (from[row] as number);
  const next = from.slice();
  const into = new Int32Array(rows.length);
  for (let cell = 0; cell < cells; cell++) {
    for (let at = starts[cell] as number; at < (starts[cell + 1] as number); at++) {
      const row = rows[at] as number;
      const place = next[row] as number;
      into[place] = cell;
      next[row] = place + 1;
    }
  }
  return { inner: cells, cells: inner, starts: from, rows: into };
}

/** Values of the published cells: sums of the inner ones. */
export function totalsOf({ cells, starts, rows }: TableModel, values: ArrayLike<number>): Float64Array {
  const totals = new Float64Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    for (let at = starts[cell] as number; at < (starts[cell + 1] as number); at++) sum += values[rows[at] as number] as number;
    totals[cell] = sum;
  }
  return totals;
}

/** Errors: `rounding-input` where counts are not whole, negative or not one for each inner cell, or the base is none. */
export function requireRoundable({ inner }: TableModel, counts: Float64Array, base: number): void {
  const isBase = Number.isSafeInteger(base) && base >= 2;
  if (isBase && counts.length === inner && counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return;
  throw new DisclosureError(
    'rounding-input',
    'Rounding needs a whole base from 2 on and, for every inner cell of the table, a count that is whole and not negative.',
    { rule: 'rounding' },
  );
}
