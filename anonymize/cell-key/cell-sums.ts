import { DisclosureError } from '../../engine/errors.ts';
import { cellKeys, KEY_SPACE } from './key-space.ts';

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
  /** |value| of the units in `top`, -1 where there is none. */
  readonly sizes: readonly Float64Array[];
  readonly smallest: Float64Array;
  readonly largest: Float64Array;
}

/**
 * Adds records up to the cells of one margin. Independent of the order and the partition of the records: sums are whole numbers, and equal
 * contributions cannot be told apart. `zeroKeys`: whether units of value 0 add their keys. Errors: `cell-key-not-whole`.
 */
export function cellSums(records: SumRecords, cells: number, most: number, zeroKeys = false): CellSums {
  const { values, weights, cellOf } = records;
  const sums = { ...noSums(cells, most), keys: cellKeys(records.recordKeys, cellOf, cells, zeroKeys ? undefined : values) };
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
    widen(sums, cell, value * weight, value * weight);
    insert(sums, cell, Math.abs(value), value * weight);
  }
  requireWhole(records.values, records.weights, sums.totals, sums.unweighted, sums.weights);
  return sums;
}

/** Cells of partitions of the units (each unit in one) put together: the same as from all of them at once. Errors: `cell-key-not-whole`. */
export function joinCellSums(parts: readonly CellSums[]): CellSums {
  const [cells, most] = [parts[0]?.n.length ?? 0, parts[0]?.top.length ?? 0];
  const sums = noSums(cells, most);
  for (const part of parts) {
    for (let cell = 0; cell < cells; cell++) {
      sums.keys[cell] = ((sums.keys[cell] as number) + (part.keys[cell] as number)) % KEY_SPACE;
      for (const name of ['n', 'nonZero', 'totals', 'unweighted', 'weights'] as const) add(sums[name], cell, part[name][cell] as number);
      widen(sums, cell, part.smallest[cell] as number, part.largest[cell] as number);
      part.top.forEach((column, place) => {
        const size = part.sizes[place]?.[cell] as number;
        if (size >= 0) insert(sums, cell, size, column[cell] as number);
      });
    }
  }
  requireWhole(sums.totals, sums.unweighted, sums.weights);
  return sums;
}

function noSums(cells: number, most: number): CellSums {
  const column = (value = 0) => new Float64Array(cells).fill(value);
  return {
    keys: new Uint32Array(cells),
    n: new Int32Array(cells),
    nonZero: new Int32Array(cells),
    totals: column(),
    unweighted: column(),
    weights: column(),
    top: Array.from({ length: most }, () => column()),
    sizes: Array.from({ length: most }, () => column(-1)),
    smallest: column(Number.POSITIVE_INFINITY),
    largest: column(Number.NEGATIVE_INFINITY),
  };
}

function widen({ smallest, largest }: CellSums, cell: number, low: number, high: number): void {
  smallest[cell] = Math.min(smallest[cell] as number, low);
  largest[cell] = Math.max(largest[cell] as number, high);
}

function add(column: Float64Array | Int32Array, cell: number, value: number): void {
  column[cell] = (column[cell] as number) + value;
}

/** Puts a contribution into its place among the largest: by |value|, then by |weighted|, then the positive one first. */
function insert({ top, sizes }: CellSums, cell: number, size: number, weighted: number): void {
  let [rank, moved] = [size, weighted];
  for (let place = 0; place < top.length && rank >= 0; place++) {
    const [ranks, values] = [sizes[place] as Float64Array, top[place] as Float64Array];
    const [otherRank, other] = [ranks[cell] as number, values[cell] as number];
    if (rank < otherRank) continue;
    if (rank === otherRank && (Math.abs(moved) - Math.abs(other) || moved - other) <= 0) continue;
    ranks[cell] = rank;
    values[cell] = moved;
    [rank, moved] = [otherRank, other];
  }
}

/** Sums of real numbers depend on the order of the rows, so there are none; nor are there sums that are no longer exact. */
function requireWhole(...columns: readonly (Float64Array | undefined)[]): void {
  if (columns.every((column) => column === undefined || column.every(Number.isSafeInteger))) return;
  throw new DisclosureError(
    'cell-key-not-whole',
    'Values and weights of a cell-key table must be whole numbers (money in agorot, weights in whole units) whose sums stay below 2^53; ' +
      'sums of real numbers depend on the order of the records.',
    { rule: 'cell-key' },
  );
}
