import { DisclosureError } from '../../engine/errors.ts';
import { disclosedCells } from '../elimination.ts';
import { greedyMultiples } from './greedy-multiples.ts';
import type { Rounding } from './rounding-parameters.ts';
import { requireRoundable, type TableModel, totalsOf } from './table-model.ts';

export interface SmallCountOptions extends Pick<Rounding, 'base' | 'further' | 'swaps'> {
  /** Published counts from 1 to this (default base - 1) become multiples of the base. */
  readonly maxRound?: number;
  /** Order among inner cells that are equally wanted, such as their cell keys; left out: their position. */
  readonly ties?: ArrayLike<number>;
}

export interface RoundedTable {
  /** Rounded inner cells: micro data with other frequencies. */
  readonly inner: Float64Array;
  /** Published cells: their sums, so every table over the inner cells is additive. */
  readonly cells: Float64Array;
  /** 1 for each inner cell that was rounded. */
  readonly rounded: Uint8Array;
  /** How often cells had to be added because rounding made a published cell small. */
  readonly rounds: number;
}

/**
 * Small-count rounding: inner cells of at most `maxRound` that stand in a published cell of 1 to `maxRound` become 0 or b (above b: the multiple below or above), as
 * few as that takes; the others stay, and published cells are sums. Published cells that became small take their inner cells with them, until
 * none is left. The sum of all counts changes by at most b / 2. Errors: `rounding-input`.
 * Source: Ø. Langsrud, J. Heldal, An algorithm for small count rounding of tabular data, PSD 2018.
 */
export function roundSmallCounts(model: TableModel, counts: Float64Array, options: SmallCountOptions): RoundedTable {
  const { base, maxRound = base - 1, further, swaps = 0, ties = Int32Array.from(counts.keys()) } = options;
  requireRoundable(model, counts, base);
  if (!(Number.isSafeInteger(maxRound) && maxRound >= 1))
    throw new DisclosureError('rounding-input', 'maxRound must be a whole number from 1 on.');
  const isSmall = (count: number) => count > 0 && count <= maxRound;
  const rounded = new Uint8Array(model.inner);
  for (const [row, count] of further === 'all' ? counts.entries() : []) mark(rounded, row, isSmall(count));
  addSmall(model, counts, totalsOf(model, counts), isSmall, rounded);
  for (let rounds = 1; ; rounds++) {
    const rests = counts.map((count, row) => (rounded[row] === 1 ? count % base : 0));
    const up = greedyMultiples({ model, rests, base, ties, swaps });
    const inner = counts.map((count, row) => count - (rests[row] as number) + (up[row] === 1 ? base : 0));
    const cells = totalsOf(model, inner);
    const isLoose = (count: number) => isSmall(count) && count % base !== 0;
    const added =
      addSmall(model, counts, cells, isLoose, rounded) + (further === 'determined' ? addDetermined(model, counts, isSmall, rounded) : 0);
    if (added === 0) return { inner, cells, rounded, rounds };
  }
}

/** Marks the small inner cells of all published cells that are small; returns how many are new. */
function addSmall(
  model: TableModel,
  counts: Float64Array,
  cells: Float64Array,
  isSmall: (count: number) => boolean,
  rounded: Uint8Array,
): number {
  let added = 0;
  cells.forEach((total, cell) => {
    if (!isSmall(total)) return;
    for (const row of model.rows.subarray(model.starts[cell], model.starts[cell + 1]))
      added += mark(rounded, row, (counts[row] as number) > 0);
  });
  return added;
}

/** Marks the small inner cells that are a linear combination of published cells, whether they are published or not. */
function addDetermined(model: TableModel, counts: Float64Array, isSmall: (count: number) => boolean, rounded: Uint8Array): number {
  const small = [...counts.keys()].filter((row) => isSmall(counts[row] as number) && rounded[row] === 0);
  if (small.length === 0) return 0;
  const published = Array.from({ length: model.cells }, (_, cell) => model.rows.subarray(model.starts[cell], model.starts[cell + 1]));
  const hidden = new Uint8Array(model.cells + small.length).fill(1, model.cells);
  const found = disclosedCells(model.inner, [...published, ...small.map((row) => Int32Array.of(row))], hidden);
  return found.reduce((added, cell) => added + mark(rounded, small[cell - model.cells] as number, true), 0);
}

function mark(rounded: Uint8Array, row: number, isWanted: boolean): number {
  if (!isWanted || rounded[row] === 1) return 0;
  rounded[row] = 1;
  return 1;
}
