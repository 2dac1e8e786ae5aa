import { gather, type Numbers } from '../../engine/radix-sort.ts';
import type { Margin } from './cell-lattice.ts';
import { addUnit, type FirstUnits, noFirstUnits, rollFirstUnits, unitsUpTo } from './cell-sides.ts';
import { known, rollUp } from './cell-sums.ts';
import { type NumberColumn, nullOf } from './number-column.ts';
import { type Ranked, ranksByCount, ranksByWeight } from './quantile-ranks.ts';
import { sortWithTies } from './tie-order.ts';

/** Quantiles of one column under one weight. */
export interface QuantileColumns {
  readonly value: NumberColumn;
  /** Whole and not negative; an unknown weight is 0. */
  readonly weight: NumberColumn | undefined;
  readonly at: readonly number[];
  /** Units of every kind: rows of one value are ordered by them, so that a tie stands on one side of a quantile only. */
  readonly units: readonly Int32Array[];
  /** Kinds (by number in `units`) that are counted on each side of a quantile, up to `cap`. */
  readonly sides: readonly { readonly kind: number; readonly cap: number }[];
}

/** Rows whose value is known, ascending by value, then by unit, in one partition. */
export interface QuantileRows {
  readonly at: readonly number[];
  readonly finest: Int32Array;
  readonly value: Numbers;
  readonly weight: Numbers | undefined;
}

export interface QuantileState {
  /** Cell of this margin for every finest cell. */
  readonly cellOf: Int32Array;
  /** Rows, or their weight, by cell. */
  readonly weight: Float64Array;
  /** Per kind: the first units from below, and from above by negated place. */
  readonly sides: readonly Sides[];
  readonly ranked: Ranked;
}

interface Sides {
  readonly below: FirstUnits;
  readonly above: FirstUnits;
}

/** Sorts once for all margins, and gives the quantiles of the finest cells. */
export function startQuantiles(cell: Int32Array, size: number, columns: QuantileColumns): { rows: QuantileRows; state: QuantileState } {
  const { weight, at, sides } = columns;
  const chosen = columns.value.hasNull ? positions(known(columns.value)) : undefined;
  const pick = <T extends Numbers>(column: T): T => (chosen === undefined ? column : gather(column, chosen));
  const weights = weight === undefined ? [] : [knownWeights(pick(weight.values.slice()))];
  const units = sides.length === 0 ? [] : columns.units.map(pick);
  const sorted = sortWithTies(pick(columns.value.values), units, [pick(cell), ...weights]);
  const rows = { at, finest: sorted.columns[0] as Int32Array, value: sorted.keys, weight: sorted.columns[1] };
  const cellOf = Int32Array.from({ length: size }, (_, number) => number);
  const first = sides.map(({ kind, cap }) => firstUnits(rows.finest, sorted.ties[kind] as Int32Array, cap, size));
  const total = finestWeight(rows, size);
  return { rows, state: { cellOf, weight: total, sides: first, ranked: rank(rows, cellOf, total) } };
}

function finestWeight({ finest, weight }: QuantileRows, size: number): Float64Array {
  const total = new Float64Array(size);
  for (let row = 0; row < finest.length; row++) {
    const at = finest[row] as number;
    total[at] = (total[at] as number) + (weight === undefined ? 1 : (weight[row] as number));
  }
  return total;
}

function positions(flags: Uint8Array): Int32Array {
  const rows = new Int32Array(flags.length);
  let count = 0;
  for (let row = 0; row < flags.length; row++) if (flags[row] === 1) rows[count++] = row;
  return rows.slice(0, count);
}

function knownWeights(weights: Numbers): Numbers {
  const none = nullOf(weights);
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row] as number;
    if (weight === none || Number.isNaN(weight)) weights[row] = 0;
  }
  return weights;
}

/** Quantiles of a margin: one pass over the rows in value order; everything else from the margin it comes from. */
export function rolledQuantiles(rows: QuantileRows, from: QuantileState, { up, size, isSame }: Margin): QuantileState {
  if (isSame) return from;
  const cellOf = gather(up, from.cellOf);
  const weight = rollUp(from.weight, up, size);
  const sides = from.sides.map(({ below, above }) => ({ below: rollFirstUnits(below, up, size), above: rollFirstUnits(above, up, size) }));
  return { cellOf, weight, sides, ranked: rank(rows, cellOf, weight) };
}

/** The values, then per quantile and kind the distinct units up to the row that it stands on, and from there on, up to the kind's cap. */
export function quantileCells({ ranked, sides }: QuantileState): (Float64Array | Int32Array)[] {
  const counts = ranked.rows.flatMap((rows) =>
    sides.flatMap(({ below, above }) => [
      rows.map((row, cell) => (row < 0 ? 0 : unitsUpTo(below, cell, row))),
      rows.map((row, cell) => (row < 0 ? 0 : unitsUpTo(above, cell, -row))),
    ]),
  );
  return [...ranked.values, ...counts];
}

function rank(rows: QuantileRows, cellOf: Int32Array, weight: Float64Array): Ranked {
  return rows.weight === undefined ? ranksByCount(rows, cellOf, weight) : ranksByWeight(rows, rows.weight, cellOf, weight);
}

function firstUnits(finest: Int32Array, unit: Int32Array, cap: number, size: number): Sides {
  const below = noFirstUnits(size, cap);
  const above = noFirstUnits(size, cap);
  for (let row = 0; row < finest.length; row++) addUnit(below, finest[row] as number, unit[row] as number, row);
  for (let row = finest.length - 1; row >= 0; row--) addUnit(above, finest[row] as number, unit[row] as number, -row);
  return { below, above };
}
