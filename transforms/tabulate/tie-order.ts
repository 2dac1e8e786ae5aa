import { type Numbers, type SortedRows, sortRows } from '../../engine/radix-sort.ts';

/** Runs up to here are put in order by insertion. */
const SHORT = 16;

/**
 * Sorts rows by `keys`, rows of one key by the `ties`, one after the other. Ties are short runs in most data (amounts), so only the runs are
 * sorted again: a full sort by every tie would cost as much as that by the keys. Columns and ties are copied, never changed.
 */
export function sortWithTies(
  keys: Numbers,
  ties: readonly Int32Array[],
  columns: readonly Numbers[],
): SortedRows & { readonly ties: readonly Int32Array[] } {
  const sorted = sortRows(keys, [...ties, ...columns]);
  const isShared = sorted.keys === keys;
  const moved = isShared ? sorted.columns.map((column) => column.slice()) : sorted.columns;
  const orders = moved.slice(0, ties.length) as Int32Array[];
  for (let from = 0; from < keys.length && ties.length > 0; ) {
    let to = from + 1;
    while (to < keys.length && sorted.keys[to] === sorted.keys[from]) to++;
    if (to - from > SHORT) sortRun(from, to, orders, moved);
    else if (to - from > 1) insertRun(from, to, orders, moved);
    from = to;
  }
  return { keys: sorted.keys, ties: orders, columns: moved.slice(ties.length) };
}

function insertRun(from: number, to: number, orders: readonly Int32Array[], moved: readonly Numbers[]): void {
  for (let row = from + 1; row < to; row++) {
    for (let at = row; at > from && isBefore(orders, at, at - 1); at--) {
      for (let c = 0; c < moved.length; c++) {
        const column = moved[c] as Numbers;
        const value = column[at] as number;
        column[at] = column[at - 1] as number;
        column[at - 1] = value;
      }
    }
  }
}

function isBefore(orders: readonly Int32Array[], left: number, right: number): boolean {
  for (let o = 0; o < orders.length; o++) {
    const difference = ((orders[o] as Int32Array)[left] as number) - ((orders[o] as Int32Array)[right] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** A long run (a minimum wage): the last tie first, each sort keeps the order of the one before. */
function sortRun(from: number, to: number, orders: readonly Int32Array[], moved: readonly Numbers[]): void {
  for (let o = orders.length - 1; o >= 0; o--) {
    const parts = moved.map((column) => column.slice(from, to));
    const { columns } = sortRows(parts[o] as Int32Array, parts);
    for (const [c, column] of moved.entries()) (column as Int32Array).set(columns[c] as Int32Array, from);
  }
}
