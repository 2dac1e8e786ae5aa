import { largeFloat64Array, largeInt32Array } from './large-array.ts';
import { newScratch, type Scratch } from './scratch.ts';

/** Widest digit: more buckets than this no longer stay in the cache. */
const MOST_BITS = 12;
const SIGN = 0x8000_0000;

export type Numbers = Int32Array | Float64Array;

/** Rows in ascending order of their key, columns beside it in the same order. */
export interface SortedRows {
  readonly keys: Numbers;
  readonly columns: readonly Numbers[];
}

/**
 * Sorts rows by `keys`, ties in row order: a stable radix sort, the least significant digit first, over the bits that the
 * range of the keys needs. Columns travel with their rows, since fetching them afterwards misses the cache for every row. Float64 keys in
 * numeric order, without NaN. Cost: for each 12 bits of the range one pass over every column; memory: each column twice.
 */
export function sortRows(keys: Numbers, columns: readonly Numbers[], scratch: Scratch = newScratch()): SortedRows {
  if (isAscending(keys)) return { keys, columns };
  const { low, high } = sortableWords(keys, scratch);
  if (low === undefined) {
    const { word, moved } = sortByWord(high, columns, scratch);
    return { keys: unsigned(word), columns: moved };
  }
  const first = sortByWord(low, [high, keys, ...columns], scratch);
  scratch.give(first.word);
  const [words, ...rest] = first.moved;
  const { word, moved } = sortByWord(words as Int32Array, rest, scratch);
  scratch.give(word);
  const [sorted, ...others] = moved;
  return { keys: sorted as Numbers, columns: others };
}

/** Row numbers in ascending order of `keys`. */
export function sortedOrder(keys: Numbers): Int32Array {
  const rows = largeInt32Array(keys.length);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  return sortRows(keys, [rows]).columns[0] as Int32Array;
}

/** Whether the keys already ascend. */
function isAscending(keys: Numbers): boolean {
  for (let row = 1; row < keys.length; row++) if ((keys[row - 1] as number) > (keys[row] as number)) return false;
  return true;
}

/** Values in the order of the rows. */
export function gather<T extends Numbers>(values: T, order: Int32Array): T {
  return (values instanceof Int32Array ? gatherWhole(values, order) : gatherReal(values, order)) as T;
}

/** By one word whose unsigned order counts; the word is used up. */
function sortByWord(given: Int32Array, columns: readonly Numbers[], scratch: Scratch): { word: Int32Array; moved: Numbers[] } {
  const { least, bits } = unsignedRange(given);
  const passes = Math.ceil(bits / MOST_BITS);
  const width = Math.ceil(bits / Math.max(1, passes));
  let word = given;
  let moved = [...columns];
  const to = scratch.take(word.length);
  const move = <T extends Numbers>(column: T, isOurs: boolean): T => {
    const next = column instanceof Int32Array ? scatterWhole(column, to, scratch.take(column.length)) : scatterReal(column, to);
    if (isOurs && column instanceof Int32Array) scratch.give(column);
    return next as T;
  };
  for (let pass = 0; pass < passes; pass++) {
    places(word, least, pass * width, (1 << width) - 1, to);
    word = move(word, true);
    moved = moved.map((column) => move(column, pass > 0));
  }
  scratch.give(to);
  return { word, moved };
}

/** The smallest word, and the bits of the range from there. */
function unsignedRange(word: Int32Array): { least: number; bits: number } {
  let low = 0x7fff_ffff;
  let high = -SIGN;
  for (let row = 0; row < word.length; row++) {
    const value = (word[row] as number) ^ SIGN;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { least: low ^ SIGN, bits: high <= low ? 0 : 32 - Math.clz32(high - low) };
}

/** Where each row goes when rows are ordered by one digit of `word - least`. */
function places(word: Int32Array, least: number, shift: number, mask: number, to: Int32Array): void {
  const next = new Int32Array(mask + 1);
  for (let row = 0; row < word.length; row++) {
    const digit = (((word[row] as number) - least) >>> shift) & mask;
    next[digit] = (next[digit] as number) + 1;
  }
  let start = 0;
  for (let digit = 0; digit <= mask; digit++) {
    const count = next[digit] as number;
    next[digit] = start;
    start += count;
  }
  for (let row = 0; row < word.length; row++) {
    const digit = (((word[row] as number) - least) >>> shift) & mask;
    const place = next[digit] as number;
    next[digit] = place + 1;
    to[row] = place;
  }
}

/** Words whose unsigned order is that of the keys. */
function sortableWords(keys: Numbers, scratch: Scratch): { low: Int32Array | undefined; high: Int32Array } {
  const size = keys.length;
  const high = scratch.take(size);
  if (keys instanceof Int32Array) {
    for (let row = 0; row < size; row++) high[row] = (keys[row] as number) ^ SIGN;
    return { low: undefined, high };
  }
  const halves = new Int32Array(keys.buffer, keys.byteOffset, 2 * size);
  const low = scratch.take(size);
  for (let row = 0; row < size; row++) {
    const a = halves[2 * row] as number;
    const b = halves[2 * row + 1] as number;
    low[row] = b < 0 ? ~a : a;
    high[row] = b < 0 ? ~b : b ^ SIGN;
  }
  return { low, high };
}

function unsigned(word: Int32Array): Int32Array {
  for (let row = 0; row < word.length; row++) word[row] = (word[row] as number) ^ SIGN;
  return word;
}

// Loops come in two shapes, one for each kind of array: a loop that has seen both runs three times slower.

function gatherWhole(values: Int32Array, order: Int32Array): Int32Array {
  const result = largeInt32Array(order.length);
  for (let at = 0; at < order.length; at++) result[at] = values[order[at] as number] as number;
  return result;
}

function gatherReal(values: Float64Array, order: Int32Array): Float64Array {
  const result = largeFloat64Array(order.length);
  for (let at = 0; at < order.length; at++) result[at] = values[order[at] as number] as number;
  return result;
}

function scatterWhole(values: Int32Array, to: Int32Array, result: Int32Array): Int32Array {
  for (let row = 0; row < values.length; row++) result[to[row] as number] = values[row] as number;
  return result;
}

function scatterReal(values: Float64Array, to: Int32Array): Float64Array {
  const result = largeFloat64Array(values.length);
  for (let row = 0; row < values.length; row++) result[to[row] as number] = values[row] as number;
  return result;
}
