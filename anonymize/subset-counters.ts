// The loops of counting over subsets of key variables; `counts[c]` is the number of records with packed key c.

/**
 * Counts records by keys of which all but the last are packed in `first`; `counts` must be 0. Bytes are counted up first, and what they
 * overflow by: a quarter of the memory is hit at random, which is where the time goes.
 */
export function countPairs(first: Int32Array, second: CodedKey, counts: Int32Array, bytes: Uint8Array): void {
  const { codes, count } = second;
  for (let row = 0; row < codes.length; row++) {
    const at = (Math.imul(first[row] as number, count) + (codes[row] as number)) | 0;
    const n = ((bytes[at] as number) + 1) & 255;
    bytes[at] = n;
    if (n === 0) counts[at] = (counts[at] as number) + 256;
  }
  addBytes(bytes, counts);
}

/** The same with all but the last two packed in `first`. */
export function countTriples(first: Int32Array, second: CodedKey, third: CodedKey, counts: Int32Array, bytes: Uint8Array): void {
  const [seconds, thirds] = [second.codes, third.codes];
  const [factor, count] = [second.count, third.count];
  for (let row = 0; row < thirds.length; row++) {
    const pair = (Math.imul(first[row] as number, factor) + (seconds[row] as number)) | 0;
    const at = (Math.imul(pair, count) + (thirds[row] as number)) | 0;
    const n = ((bytes[at] as number) + 1) & 255;
    bytes[at] = n;
    if (n === 0) counts[at] = (counts[at] as number) + 256;
  }
  addBytes(bytes, counts);
}

function addBytes(bytes: Uint8Array, counts: Int32Array): void {
  const size = counts.length;
  for (let at = 0; at < size; at++) counts[at] = ((counts[at] as number) + (bytes[at] as number)) | 0;
}

interface CodedKey {
  readonly codes: Int32Array;
  readonly count: number;
}

/** Counts records by codes; `counts` must be 0. */
export function countCodes(codes: Int32Array, counts: Int32Array): void {
  for (let row = 0; row < codes.length; row++) {
    const at = codes[row] as number;
    counts[at] = (counts[at] as number) + 1;
  }
}

/** Where one key stands in packed keys: `outer` combinations before it, `codes` of its own, `inner` combinations after it. */
export interface Axis {
  readonly outer: number;
  readonly codes: number;
  readonly inner: number;
}

/** Adds up over one key: the counts of the subset without it, into `into`. */
export function addUp(counts: Int32Array, { outer, codes, inner }: Axis, into: Int32Array): void {
  if (inner < codes) {
    addUpRuns(counts, outer, codes, inner, into);
    return;
  }
  for (let block = 0; block < outer; block++) {
    const to = block * inner;
    const from = to * codes;
    into.set(counts.subarray(from, from + inner), to);
    for (let code = 1; code < codes; code++) addSlice(counts, from + code * inner, inner, into, to);
  }
}

function addSlice(counts: Int32Array, from: number, length: number, into: Int32Array, to: number): void {
  for (let i = 0; i < length; i++) into[to + i] = (into[to + i] as number) + (counts[from + i] as number);
}

function addUpRuns(counts: Int32Array, outer: number, codes: number, inner: number, into: Int32Array): void {
  for (let block = 0; block < outer; block++)
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      const from = block * codes * inner + i;
      for (let code = 0; code < codes; code++) sum += counts[from + code * inner] as number;
      into[block * inner + i] = sum;
    }
}

/** Sets the counts of one code of one key to 0. */
export function eraseCode(counts: Int32Array, { outer, codes, inner }: Axis, code: number): void {
  for (let block = 0; block < outer; block++) {
    const from = (block * codes + code) * inner;
    counts.fill(0, from, from + inner);
  }
}

/** Sets the counts of all records with one code of one key to 0. */
export function eraseRecords(packed: Int32Array, codes: Int32Array, code: number, counts: Int32Array): void {
  for (let row = 0; row < packed.length; row++) if (codes[row] === code) counts[packed[row] as number] = 0;
}

/** How many counts are above 0, and how many are 1. Without branches: which counts are 0 cannot be foreseen. */
export function tally(counts: Int32Array): { combinations: number; uniques: number } {
  let combinations = 0;
  let uniques = 0;
  const size = counts.length;
  for (let at = 0; at < size; at++) {
    const n = counts[at] as number;
    combinations = (combinations + (((0 - n) | 0) >>> 31)) | 0;
    uniques = (uniques + ((((n ^ 1) - 1) | 0) >>> 31)) | 0;
  }
  return { combinations, uniques };
}

/** Sum of the counts below k. */
export function sumBelow(counts: Int32Array, k: number): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at++) {
    const n = counts[at] as number;
    if (n < k) sum += n;
  }
  return sum;
}

/** The count of each record's packed key. */
export function countsOfRecords(packed: Int32Array, counts: Int32Array): Int32Array {
  const found = new Int32Array(packed.length);
  for (let row = 0; row < found.length; row++) found[row] = counts[packed[row] as number] as number;
  return found;
}

/** Whether all codes are from 0 to `most`. */
export function isWithin(codes: Int32Array, most: number): boolean {
  let signs = 0;
  for (let row = 0; row < codes.length; row++) signs |= (codes[row] as number) | ((most - (codes[row] as number)) | 0);
  return signs >= 0;
}
