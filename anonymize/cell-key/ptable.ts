import { DefinitionError } from '../../engine/errors.ts';
import { KEY_SPACE } from './key-space.ts';

/**
 * A perturbation table: for each original value i the noise v by intervals of the cell key. Columnar: rows `starts[b]` to `starts[b + 1]` belong to
 * `values[b]` (ascending; 0 first); a row holds for keys below `upper` that no row before it in its block takes. The last block serves every larger value.
 */
export interface Ptable {
  readonly values: Float64Array;
  readonly starts: Int32Array;
  readonly noise: Float64Array;
  /** Exclusive upper bounds of the key, ascending in a block; the last is 10^8. The first lower bound is 0. */
  readonly upper: Uint32Array;
}

/** Which cells a table is for: all, those of an even or odd number of contributors, those below the separation point. */
export const PTABLE_TYPES = ['all', 'even', 'odd', 'small_cells'] as const;
export type PtableType = (typeof PTABLE_TYPES)[number];
export type Ptables = Readonly<Partial<Record<PtableType, Ptable>>>;

/** The noise of one original value: rows in the order of their key intervals, widths in units of 10^-8. */
export interface PtableBlock {
  readonly value: number;
  readonly noise: readonly number[];
  readonly widths: readonly number[];
}

/**
 * Puts blocks together. Errors: `ptable-invalid`: a block twice or none for 0, intervals that do not cover all keys, noise that makes a value
 * negative, noise on 0 (structural and true zeros stay).
 */
export function ptableOf(blocks: readonly PtableBlock[]): Ptable {
  const sorted = [...blocks].sort((a, b) => a.value - b.value);
  sorted.forEach((block, at) => {
    requireBlock(block, sorted[at - 1]?.value);
  });
  if (sorted[0]?.value !== 0) throw invalid('it has no block for 0');
  const starts = new Int32Array(sorted.length + 1);
  sorted.forEach(({ noise }, at) => {
    starts[at + 1] = (starts[at] as number) + noise.length;
  });
  const upper = Uint32Array.from(
    sorted.flatMap(({ widths }) => {
      let sum = 0;
      return widths.map((width) => {
        sum += width;
        return sum;
      });
    }),
  );
  return {
    values: Float64Array.from(sorted, ({ value }) => value),
    starts,
    noise: Float64Array.from(sorted.flatMap(({ noise }) => noise)),
    upper,
  };
}

/** The blocks of a table, for writing and changing it. */
export function blocksOf({ values, starts, noise, upper }: Ptable): PtableBlock[] {
  return [...values].map((value, at) => {
    const [from, to] = [starts[at] as number, starts[at + 1] as number];
    const bounds = [0, ...upper.subarray(from, to)];
    return { value, noise: [...noise.subarray(from, to)], widths: bounds.slice(1).map((bound, row) => bound - (bounds[row] as number)) };
  });
}

/** Row of a block that takes a cell key: the first whose upper bound is above it. */
export function rowOfKey({ starts, upper }: Ptable, block: number, key: number): number {
  let low = starts[block] as number;
  let high = (starts[block + 1] as number) - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key < (upper[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Number of the last block whose value is at most `value` (0 or more). */
export function blockBelow({ values }: Ptable, value: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] as number) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Exact moments of the noise of a block over all keys, and the share of keys that change nothing. */
export function momentsOf({ noise, widths }: PtableBlock): { readonly mean: number; readonly variance: number; readonly stay: number } {
  const sum = (of: (v: number) => number) => noise.reduce((total, v, row) => total + of(v) * (widths[row] as number), 0) / KEY_SPACE;
  const mean = sum((v) => v);
  return { mean, variance: sum((v) => v * v) - mean * mean, stay: sum((v) => (v === 0 ? 1 : 0)) };
}

function requireBlock({ value, noise, widths }: PtableBlock, before: number | undefined): void {
  const name = `the block of ${value}`;
  if (!(Number.isFinite(value) && value >= 0)) throw invalid(`${name} is not that of a count or size`);
  if (value === before) throw invalid(`${name} is there twice`);
  if (noise.length === 0 || noise.length !== widths.length || widths.some((width) => !(Number.isInteger(width) && width >= 0)))
    throw invalid(`${name} has intervals without a noise or bounds that go down`);
  if (widths.reduce((sum, width) => sum + width, 0) !== KEY_SPACE)
    throw invalid(`the intervals of ${name} do not cover all keys from 0 to 1`);
  if (noise.some((v) => !Number.isFinite(v) || v + value < -1e-9)) throw invalid(`${name} can become negative`);
  if (value === 0 && noise.some((v) => v !== 0)) throw invalid('0 must stay 0');
}

function invalid(problem: string): DefinitionError {
  return new DefinitionError('ptable-invalid', `Perturbation table: ${problem}.`);
}
