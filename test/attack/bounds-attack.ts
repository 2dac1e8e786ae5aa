import type { Relation } from './released-cells.ts';

/**
 * Whole-number bounds of every cell by the fixpoint of all relations: parent between the sums of its children's bounds, child between the
 * parent's bounds less its siblings'. Published cells are known, hidden ones are at least `floor`.
 */
export function boundsByPropagation(
  relations: readonly Relation[],
  hidden: Uint8Array,
  known: ArrayLike<number>,
  floor: number,
): { low: Float64Array; high: Float64Array } {
  const low = Float64Array.from(hidden, (flag, cell) => (flag === 1 ? floor : (known[cell] ?? Number.NaN)));
  const high = Float64Array.from(hidden, (flag, cell) => (flag === 1 ? Number.POSITIVE_INFINITY : (known[cell] ?? Number.NaN)));
  const narrow = (cell: number, least: number, most: number): boolean => {
    if (hidden[cell] !== 1) return false;
    const isNarrower = least > (low[cell] ?? 0) || most < (high[cell] ?? 0);
    low[cell] = Math.max(low[cell] ?? 0, least);
    high[cell] = Math.min(high[cell] ?? 0, most);
    return isNarrower;
  };
  const sum = (cells: readonly number[], bound: Float64Array, except: number) =>
    cells.reduce((total, cell) => (cell === except ? total : total + (bound[cell] ?? 0)), 0);
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const { parent, children } of relations) {
      if (narrow(parent, sum(children, low, -1), sum(children, high, -1))) isChanged = true;
      for (const cell of children) {
        if (
          hidden[cell] === 1 &&
          narrow(cell, (low[parent] ?? 0) - sum(children, high, cell), (high[parent] ?? 0) - sum(children, low, cell))
        )
          isChanged = true;
      }
    }
  }
  return { low, high };
}
