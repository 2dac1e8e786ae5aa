/** The most rows and columns that a sheet has. */
export const MAX_ROWS = 1_048_576;
export const MAX_SHEET_COLUMNS = 16_384;

/** Row and column, both from 1, of a reference such as `BC23`; undefined where it is none. */
export function cellPlace(reference: string): { readonly row: number; readonly column: number } | undefined {
  const match = /^([A-Z]{1,3})([1-9]\d{0,6})$/.exec(reference);
  if (match === null) return undefined;
  let column = 0;
  for (const letter of match[1]!) column = column * 26 + letter.charCodeAt(0) - 64;
  const row = Number(match[2]);
  return row <= MAX_ROWS && column <= MAX_SHEET_COLUMNS ? { row, column } : undefined;
}
