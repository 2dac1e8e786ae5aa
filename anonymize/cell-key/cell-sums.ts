import { DisclosureError } from '../../engine/errors.ts';
import { cellKeys } from './key-space.ts';

/** Units of one variable: distinct units, one row each; whole numbers (money in agorot, weights in whole units). */
export interface SumRecords {
  readonly values: Float64Array;
  /** Weights, 1 where left out. */
  readonly weights?: Float64Array;
  readonly recordKeys: Uint32Array;
  /** Cell of each record, -1 for none; call once for each margin. */
  readonly cellOf: Int32Array;
}

/** What the perturbation of a sum needs of every cell. */
export interface CellSums {
  readonly keys: Uint32Array;
  readonly n: Int32Array;
  /** Units of another value than 0. */
  readonly nonZero: Int32Array;
  /** Weighted and unweighted total. */
  readonly totals: Float64Array;
  readonly unweighted: Float64Array;
  readonly weights: Float64Array;
  /** `top[k][c]`: weighted contribution of the unit with the (k+1)-th largest |value|; of equal values the larger weighted one first. 0: no such unit. */
  readonly top: readonly Float64Array[];
  readonly smallest: Float64Array;
  readonly largest: Float64Array;
}

/**
 * Adds records up to the cells of one margin. Independent of the order and the partition of the records: sums are whole numbers, and equal
 * contributions cannot be told apart. `zeroKeys`: whether units of value 0 add their keys. Errors: `cell-key-not-whole`.
 */
export function cellSums(records: SumRecords, cells: number, most: number, zeroKeys = false): CellSums {
  const { values, weights, cellOf } = records;
  const sums: CellSums = {
    keys: cellKeys(records.recordKeys, cellOf, cells, zeroKeys ? undefined : values),
    n: new Int32Array(cells),
    nonZero: new Int32Array(cells),
    totals: new Float64Array(cells),
    unweighted: new Float64Array(cells),
    weights: new Float64Array(cells),
    top: Array.from({ length: most }, () => new Float64Array(cells)),
    smallest: new Float64Array(cells).fill(Number.POSITIVE_INFINITY),
    largest: new Float64Array(cells).fill(Number.NEGATIVE_INFINITY),
  };
  const ranks = Array.from({ length: most }, () => new Float64Array(cells).fill(-1));
  for (let record = 0; record < cellOf.length; record++) {
    const cell = cellOf[record] as number;
    if (cell < 0) continue;
    const value = values[record] as number;
    const weight = weights === undefined ? 1 : (weights[record] as number);
    add(sums.n, cell, 1);
    if (value !== 0) add(sums.nonZero, cell, 1);
    add(sums.totals, cell, value * weight);
    add(sums.unweighted, cell, value);
    add(sums.weights, cell, weight);
    sums.smallest[cell] = Math.min(sums.smallest[cell] as number, value * weight);
    sums.largest[cell] = Math.max(sums.largest[cell] as number, value * weight);
    insert(ranks, sums.top, cell, Math.abs(value), value * weight);
  }
  requireExact(sums, records);
  return sums;
}

function add(column: Float64Array | Int32Array, cell: number, value: number): void {
  column[cell] = (column[cell] as number) + value;
}

/** Puts a contribution into its place among the largest: by |value|, then by |weighted|, then the positive one first. */
function insert(ranks: readonly Float64Array[], top: readonly Float64Array[], cell: number, size: number, weighted: number): void {
  let [rank, moved] = [size, weighted];
  for (let place = 0; place < ranks.length; place++) {
    const [sizes, values] = [ranks[place] as Float64Array, top[place] as Float64Array];
    const [otherRank, other] = [sizes[cell] as number, values[cell] as number];
    if (rank < otherRank) continue;
    if (rank === otherRank && (Math.abs(moved) - Math.abs(other) || moved - other) <= 0) continue;
    sizes[cell] = rank;
    values[cell] = moved;
    [rank, moved] = [otherRank, other];
    if (rank < 0) return;
  }
}

/** Sums of real numbers depend on the order of the rows, so there are none; nor are there sums that are no longer exact. */
function requireExact({ totals, unweighted, weights }: CellSums, records: SumRecords): void {
  const isWhole = (column: Float64Array | undefined) => column === undefined || column.every(Number.isSafeInteger);
  if ([records.values, records.weights, totals, unweighted, weights].every(isWhole)) return;
  throw new DisclosureError(
    'cell-key-not-whole',
    'Values and weights of a cell-key table must be whole numbers (money in agorot, weights in whole units) whose sums stay below 2^53; ' +
      'sums of real numbers depend on the order of the records.',
    { rule: 'cell-key' },
  );
}
