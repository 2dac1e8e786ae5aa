import type { ProtectTable } from './protect-table.ts';

/**
 * Published cells, the ones most wanted first: zeros (unless they are protected), then by falling (f + 1) w + 0.99 t / max t with
 * t = x'x (f + 1) w; w is 1 in frequency tables and |y| / (f + 1) in magnitude tables; ties by key, totals first. Sources: CandidatesDefault
 * and CandidatesNum of SSBtools 1.8, GaussSuppression 1.2.
 */
export function candidates({ grid, frequency, values, isFrequency, definition, contributors }: ProtectTable): Int32Array {
  const { system, size } = grid;
  const { keep_first, rules } = definition;
  const n = keep_first === 'contributors' ? (contributors[0]?.n ?? frequency) : frequency;
  const isCounted = isFrequency || keep_first === 'contributors';
  const own = Float64Array.from({ length: size }, (_, cell) => (isCounted ? (n[cell] as number) + 1 : Math.abs(values[cell] as number)));
  const overlap = overlaps(system.rows, system.columns, own);
  const most = overlap.reduce((max, value) => Math.max(max, value), 0) || 1;
  const zerosFirst = rules?.protect_zeros !== true && rules?.secondary_zeros !== true;
  const key = own.map((value, cell) => {
    if (zerosFirst && n[cell] === 0) return Number.POSITIVE_INFINITY;
    return keep_first === 'order' ? 0 : value + (0.99 * (overlap[cell] as number)) / most;
  });
  return Int32Array.from(key.keys()).sort((a, b) => (key[a] === key[b] ? a - b : (key[b] as number) - (key[a] as number)));
}

/** x'x own: for each cell the sum of `own` over all cells that share a row with it, once a row. */
function overlaps(rows: number, columns: readonly Int32Array[], own: Float64Array): Float64Array {
  const perRow = new Float64Array(rows);
  own.forEach((value, cell) => {
    for (const row of columns[cell] as Int32Array) perRow[row] = (perRow[row] as number) + value;
  });
  return own.map((_, cell) => (columns[cell] as Int32Array).reduce((sum, row) => sum + (perRow[row] as number), 0));
}
