/** The most rows and columns that a sheet has. */
export const MAX_ROWS = 1_048_576;
export const MAX_SHEET_COLUMNS = 16_384;

const ZERO = 0x30;
const NINE = 0x39;
const A = 0x41;
const Z = 0x5a;

/** Row and column, from 1, of a reference such as `BC23`, in one number: row times `MAX_SHEET_COLUMNS` + column - 1; -1 where it is none. */
export function cellPlace(reference: string): number {
  let at = 0;
  let column = 0;
  for (; at < reference.length; at++) {
    const code = reference.charCodeAt(at);
    if (code < A || code > Z || at === 3) break;
    column = column * 26 + code - A + 1;
  }
  if (column === 0 || column > MAX_SHEET_COLUMNS || at === reference.length || reference.charCodeAt(at) === ZERO) return -1;
  let row = 0;
  for (; at < reference.length; at++) {
    const code = reference.charCodeAt(at);
    if (code < ZERO || code > NINE) return -1;
    row = row * 10 + code - ZERO;
    if (row > MAX_ROWS) return -1;
  }
  return row * MAX_SHEET_COLUMNS + column - 1;
}

/** The row of a place. */
export function rowOf(place: number): number {
  return Math.floor(place / MAX_SHEET_COLUMNS);
}

/** The column of a place, from 1. */
export function columnOf(place: number): number {
  return (place % MAX_SHEET_COLUMNS) + 1;
}
