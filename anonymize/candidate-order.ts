import type { TableSystem } from './table-system.ts';

/**
 * Frequency tables: cells by falling (f + 1) + 0.99 t / max t, t = x'x (f + 1), with x the matrix of inner cells by cells; ties by key.
 * Source: CandidatesDefault of SSBtools 1.8 with weights 1.
 */
export function orderByFrequency(system: TableSystem, frequency: ArrayLike<number>): Int32Array {
  const perRow = new Float64Array(system.rows);
  system.columns.forEach((column, cell) => {
    for (const row of column) perRow[row] = (perRow[row] ?? 0) + (frequency[cell] ?? 0) + 1;
  });
  const overlap = system.columns.map((column) => column.reduce((sum, row) => sum + (perRow[row] ?? 0), 0));
  const most = overlap.reduce((max, value) => Math.max(max, value), 1);
  return sorted(system, (cell) => (frequency[cell] ?? 0) + 1 + (0.99 * (overlap[cell] ?? 0)) / most);
}

/** Magnitude tables: cells by falling |y|; ties by key. Source: CandidatesNum of GaussSuppression 1.2. */
export function orderByMagnitude(system: TableSystem, values: ArrayLike<number>): Int32Array {
  return sorted(system, (cell) => Math.abs(values[cell] ?? 0));
}

function sorted(system: TableSystem, key: (cell: number) => number): Int32Array {
  const keys = Float64Array.from({ length: system.size }, (_, cell) => key(cell));
  return Int32Array.from([...system.order].sort((a, b) => (keys[b] ?? 0) - (keys[a] ?? 0)));
}
