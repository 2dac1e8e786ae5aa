import type { Margin } from './cell-lattice.ts';
import { addUnit, type FirstUnits, noFirstUnits, rollFirstUnits, unitsUpTo } from './cell-sides.ts';
import { known, rollUp } from './cell-sums.ts';
import { type NumberColumn, nullOf } from './number-column.ts';
import { type Ranked, ranksByCount, ranksByWeight } from './quantile-ranks.ts';
import { gather, type Numbers, sortByKeys } from './radix-sort.ts';

/** Quantiles of one column under one weight, and the kinds of units whose number on each side of them matters, up to `cap`. */
export interface QuantileColumns {
  readonly value: NumberColumn;
  /** Whole and not negative; an unknown weight is 0. */
  readonly weight: NumberColumn | undefined;
  readonly at: readonly number[];
  readonly sides: readonly { readonly unit: Int32Array; readonly cap: number }[];
  /** Units of every kind: rows of one value are ordered by them, so that a tie stands on one side of a quantile only. */
  readonly ties: readonly Int32Array[];
}

/** Rows whose value is known, ascending by value, then by unit, in one partition. */
export interface QuantileRows {
  readonly at: readonly number[];
  readonly finest: Int32Array;
  readonly value: Int32Array | Float64Array;
  readonly weight: Int32Array | Float64Array | undefined;
  readonly sides: readonly { readonly unit: Int32Array; readonly cap: number }[];
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

/** Sorts once for all margins. */
export function quantileRows(cell: Int32Array, { value, weight, at, sides, ties }: QuantileColumns): QuantileRows {
  const isKnown = known(value);
  const chosen = isKnown.includes(0) ? positions(isKnown) : undefined;
  const pick = <T extends Numbers>(column: T): T => (chosen === undefined ? column : gather(column, chosen));
  const weights = weight === undefined ? [] : [knownWeights(pick(weight.values.slice()))];
  const units = sides.map(({ unit }) => unit);
  const { keys, columns } = sortByKeys([value.values, ...(sides.length === 0 ? [] : ties)].map(pick), [
    pick(cell),
    ...weights,
    ...units.map(pick),
  ]);
  const sorted = columns.slice(1 + weights.length);
  return {
    at,
    finest: columns[0] as Int32Array,
    value: keys,
    weight: weight === undefined ? undefined : columns[1],
    sides: sides.map(({ cap }, kind) => ({ unit: sorted[kind] as Int32Array, cap })),
  };
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

/** Quantiles of the finest cells. */
export function finestQuantiles(rows: QuantileRows, size: number): QuantileState {
  const weight = new Float64Array(size);
  for (let row = 0; row < rows.finest.length; row++) {
    const at = rows.finest[row] as number;
    weight[at] = (weight[at] as number) + (rows.weight === undefined ? 1 : (rows.weight[row] as number));
  }
  const cellOf = Int32Array.from({ length: size }, (_, cell) => cell);
  const sides = rows.sides.map((kind) => firstUnits(rows, kind, size));
  return { cellOf, weight, sides, ranked: rank(rows, cellOf, weight) };
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

function firstUnits({ finest }: QuantileRows, { unit, cap }: { unit: Int32Array; cap: number }, size: number): Sides {
  const below = noFirstUnits(size, cap);
  const above = noFirstUnits(size, cap);
  for (let row = 0; row < finest.length; row++) addUnit(below, finest[row] as number, unit[row] as number, row);
  for (let row = finest.length - 1; row >= 0; row--) addUnit(above, finest[row] as number, unit[row] as number, -row);
  return { below, above };
}
