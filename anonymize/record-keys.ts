/** Codes of one key variable, or of several packed into one number: `codes[r]` from 0 to `space` - 1. */
export interface Codes {
  readonly codes: Int32Array;
  readonly space: number;
}

/**
 * Packs the keys of subsets record by record, in mixed radix, the first key with the largest stride. Subsets that begin with the same keys
 * share that part, so in lexicographic order each costs one multiplication and one addition per record. Where the packed space would be
 * beyond `dense`, the combinations that occur are numbered instead. Memory: one column for each key of the current subset but the last.
 */
export class RecordKeys {
  readonly #columns: readonly Codes[];
  readonly #dense: number;
  readonly #path: { readonly key: number; readonly packed: Codes }[] = [];
  readonly #spare: Int32Array[] = [];

  constructor(columns: readonly Codes[], dense: number) {
    this.#columns = columns;
    this.#dense = dense;
  }

  /** Packed codes of the keys; valid until the next call. */
  pack(keys: readonly number[]): Codes {
    const path = this.#path;
    let shared = 0;
    while (shared < keys.length && path[shared]?.key === keys[shared]) shared++;
    path.length = shared;
    for (const key of keys.slice(shared)) {
      const column = this.#columns[key] as Codes;
      const before = path.at(-1)?.packed;
      path.push({ key, packed: before === undefined ? column : this.#append(before, column, path.length) });
    }
    return path.at(-1)?.packed ?? { codes: new Int32Array(0), space: 1 };
  }

  #append(before: Codes, column: Codes, depth: number): Codes {
    this.#spare[depth] ??= new Int32Array(column.codes.length);
    const codes = this.#spare[depth];
    if (before.space * column.space > this.#dense) return { codes, space: numberPairs(before, column, codes) };
    multiplyAdd(before.codes, column.space, column.codes, codes);
    return { codes, space: before.space * column.space };
  }
}

function multiplyAdd(before: Int32Array, factor: number, codes: Int32Array, into: Int32Array): void {
  for (let row = 0; row < into.length; row++) into[row] = Math.imul(before[row] as number, factor) + (codes[row] as number);
}

/**
 * Numbers the pairs (first, second) that occur from 0, exactly and without a hash: records are put in order of the first, and within
 * each of its codes the second's are marked. Returns how many pairs there are. Cost: three passes; memory: one column, both spaces.
 */
function numberPairs(first: Codes, second: Codes, into: Int32Array): number {
  const order = orderOf(first);
  const markedBy = new Int32Array(second.space).fill(-1);
  const numbers = new Int32Array(second.space);
  let pairs = 0;
  for (let at = 0; at < order.length; at++) {
    const row = order[at] as number;
    const [code, mark] = [second.codes[row] as number, first.codes[row] as number];
    if (markedBy[code] !== mark) {
      markedBy[code] = mark;
      numbers[code] = pairs++;
    }
    into[row] = numbers[code] as number;
  }
  return pairs;
}

/** Records by code: counting sort. */
function orderOf({ codes, space }: Codes): Int32Array {
  const next = new Int32Array(space + 1);
  for (let row = 0; row < codes.length; row++) {
    const code = (codes[row] as number) + 1;
    next[code] = (next[code] as number) + 1;
  }
  for (let code = 1; code <= space; code++) next[code] = (next[code] as number) + (next[code - 1] as number);
  const order = new Int32Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    const place = next[code] as number;
    next[code] = place + 1;
    order[place] = row;
  }
  return order;
}
