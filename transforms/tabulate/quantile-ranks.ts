/** q is compared in parts of ten thousand, so that ranks are whole numbers. */
export const PARTS = 10_000;

interface RankedRows {
  readonly at: readonly number[];
  /** Finest cell of each row; rows ascend by value. */
  readonly finest: Int32Array;
  readonly value: Int32Array | Float64Array;
}

/** Per quantile and cell: its value, and the row at or just below it; NaN and -1 where the cell has no row. */
export interface Ranked {
  readonly values: readonly Float64Array[];
  readonly rows: readonly Int32Array[];
}

/**
 * Quantiles of every cell by one walk over the rows in value order. Type 7 of Hyndman and Fan: with h = (n - 1) q, linear between the
 * values at floor(h) and floor(h) + 1. A cell counts down to the next rank that matters to it, so a row costs one decrement.
 * `n`: rows of each cell.
 */
export function ranksByCount({ at, finest, value }: RankedRows, cellOf: Int32Array, n: Float64Array): Ranked {
  const { values, rows } = noRanks(at.length, n.length);
  const ascending = at.map((q, index) => ({ part: Math.round(q * PARTS), index })).sort((a, b) => a.part - b.part);
  const parts = ascending.map(({ part }) => part);
  const found = ascending.map(({ index }) => values[index] as Float64Array);
  const rowOf = ascending.map(({ index }) => rows[index] as Int32Array);
  const first = new Uint8Array(n.length);
  const rank = new Int32Array(n.length);
  const left = new Int32Array(n.length);
  const rankOf = (cell: number, q: number): number => (((n[cell] as number) - 1) * (parts[q] as number)) / PARTS;
  /** Takes the value at the cell's rank for every quantile that it decides, and aims at the next rank. */
  const take = (cell: number, row: number): void => {
    const at = value[row] as number;
    const here = rank[cell] as number;
    let next = -1;
    for (let q = first[cell] as number; q < parts.length; q++) {
      const h = rankOf(cell, q);
      const low = Math.floor(h);
      if (low > here) {
        if (next < 0) next = low;
        break;
      }
      const own = found[q] as Float64Array;
      if (low === here) {
        own[cell] = at;
        (rowOf[q] as Int32Array)[cell] = row;
        if (h > low) next = here + 1;
        else first[cell] = q + 1;
      } else {
        own[cell] = (own[cell] as number) + (h - low) * (at - (own[cell] as number));
        first[cell] = q + 1;
      }
    }
    rank[cell] = next;
    left[cell] = next < 0 ? -1 : next - here - 1;
  };
  for (let cell = 0; cell < n.length; cell++) {
    rank[cell] = parts.length === 0 ? -1 : Math.floor(rankOf(cell, 0));
    left[cell] = rank[cell] as number;
  }
  for (let row = nextReached(finest, cellOf, left, 0); row < finest.length; row = nextReached(finest, cellOf, left, row + 1))
    take(cellOf[finest[row] as number] as number, row);
  return { values, rows };
}

/**
 * The first row from `from` on with which a cell has counted down. Four rows at a time: with one row the loop spends most of its time on
 * finding the three arrays again (13 instead of 8 ms for 4.1 million rows).
 */
function nextReached(finest: Int32Array, cellOf: Int32Array, left: Int32Array, from: number): number {
  const end = finest.length;
  let row = from;
  for (; row + 3 < end; row += 4) {
    const a = cellOf[finest[row] as number] as number;
    const beforeA = left[a] as number;
    left[a] = beforeA - 1;
    if (beforeA === 0) return row;
    const b = cellOf[finest[row + 1] as number] as number;
    const beforeB = left[b] as number;
    left[b] = beforeB - 1;
    if (beforeB === 0) return row + 1;
    const c = cellOf[finest[row + 2] as number] as number;
    const beforeC = left[c] as number;
    left[c] = beforeC - 1;
    if (beforeC === 0) return row + 2;
    const d = cellOf[finest[row + 3] as number] as number;
    const beforeD = left[d] as number;
    left[d] = beforeD - 1;
    if (beforeD === 0) return row + 3;
  }
  for (; row < end; row++) {
    const cell = cellOf[finest[row] as number] as number;
    const before = left[cell] as number;
    left[cell] = before - 1;
    if (before === 0) return row;
  }
  return end;
}

/**
 * Weighted quantiles by the same walk: the smallest value whose cumulated weight reaches q of the weight of the cell
 * (docs/decisions/0005-weighted-quantiles.md). Weights are whole numbers; `total`: weight of each cell.
 */
export function ranksByWeight(
  { at, finest, value }: RankedRows,
  weight: Int32Array | Float64Array,
  cellOf: Int32Array,
  total: Float64Array,
): Ranked {
  const parts = at.map((q) => Math.round(q * PARTS));
  const { values, rows } = noRanks(at.length, total.length);
  const reached = new Float64Array(total.length);
  const left = new Float64Array(total.length);
  const aim = (cell: number): void => {
    let next = Number.POSITIVE_INFINITY;
    for (let q = 0; q < parts.length; q++) {
      if (Number.isNaN((values[q] as Float64Array)[cell]))
        next = Math.min(next, Math.ceil(((parts[q] as number) * (total[cell] as number)) / PARTS));
    }
    left[cell] = next - (reached[cell] as number);
  };
  const take = (cell: number, row: number, cumulated: number): void => {
    for (let q = 0; q < parts.length; q++) {
      const own = values[q] as Float64Array;
      if (!Number.isNaN(own[cell]) || cumulated * PARTS < (parts[q] as number) * (total[cell] as number)) continue;
      own[cell] = value[row] as number;
      (rows[q] as Int32Array)[cell] = row;
    }
    reached[cell] = cumulated;
    aim(cell);
  };
  for (let cell = 0; cell < total.length; cell++) aim(cell);
  const aims = left.slice();
  for (let row = 0; row < finest.length; row++) {
    const cell = cellOf[finest[row] as number] as number;
    const after = (left[cell] as number) - (weight[row] as number);
    left[cell] = after;
    if (after > 0) continue;
    take(cell, row, (reached[cell] as number) + (aims[cell] as number) - after);
    aims[cell] = left[cell] as number;
  }
  return { values, rows };
}

function noRanks(quantiles: number, size: number): { values: Float64Array[]; rows: Int32Array[] } {
  return {
    values: Array.from({ length: quantiles }, () => new Float64Array(size).fill(Number.NaN)),
    rows: Array.from({ length: quantiles }, () => new Int32Array(size).fill(-1)),
  };
}
