import type { ValueDistances } from './value-distances.ts';
import type { ValueHierarchy } from './value-hierarchy.ts';

/** Classes of records at one node of the lattice: row-major codes of the key variables, records of each. */
export interface ClassTable {
  readonly levels: readonly number[];
  readonly size: number;
  readonly codes: Int32Array;
  readonly n: Float64Array;
  /** Records by value of each sensitive variable that something is required of, row-major; a missing value is not counted. */
  readonly histograms?: readonly Histogram[] | undefined;
}

export interface Histogram {
  readonly values: number;
  readonly counts: Float64Array;
  readonly distances?: ValueDistances | undefined;
}

/**
 * Rolls classes up along the hierarchies. One instance for a file: it keeps the hash table (8 bytes a slot, at most half full) between
 * calls. Cost: classes x keys, exact (a hash is always compared).
 */
export class Roller {
  readonly #keys: number;
  readonly #up: (readonly (readonly Int32Array[])[])[];
  #slots = new Int32Array(0);

  constructor(hierarchies: readonly ValueHierarchy[]) {
    this.#keys = hierarchies.length;
    this.#up = hierarchies.map(({ codes, labels }) =>
      codes.map((from, low) => codes.map((to) => above(from, to, labels[low]?.length ?? 0))),
    );
  }

  /** The classes of `from` at higher or equal levels. */
  roll(from: ClassTable, levels: readonly number[]): ClassTable {
    const keys = this.#keys;
    const maps = levels.map((level, key) => this.#up[key]?.[from.levels[key] as number]?.[level] as Int32Array);
    const codes = new Int32Array(from.size * keys);
    const n = new Float64Array(from.size);
    const slots = this.#empty(from.size);
    const mask = slots.length - 1;
    const targets = new Int32Array(from.size);
    let size = 0;
    for (let row = 0; row < from.size; row++) {
      const base = row * keys;
      const next = size * keys;
      let hash = 0;
      for (let key = 0; key < keys; key++) {
        const code = (maps[key] as Int32Array)[from.codes[base + key] as number] as number;
        codes[next + key] = code;
        hash = Math.imul(hash ^ code, 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      let slot = hash & mask;
      for (;;) {
        const found = slots[slot] as number;
        if (found === 0) {
          slots[slot] = size + 1;
          targets[row] = size;
          n[size++] = from.n[row] as number;
          break;
        }
        if (isSame(codes, (found - 1) * keys, next, keys)) {
          targets[row] = found - 1;
          n[found - 1] = (n[found - 1] as number) + (from.n[row] as number);
          break;
        }
        slot = (slot + 1) & mask;
      }
    }
    const histograms = from.histograms?.map((histogram) => rollHistogram(histogram, targets, size));
    return { levels, size, codes: codes.slice(0, size * keys), n: n.slice(0, size), histograms };
  }

  #empty(rows: number): Int32Array {
    const needed = 2 ** Math.ceil(Math.log2(Math.max(8, 2 * rows)));
    if (this.#slots.length < needed) this.#slots = new Int32Array(needed);
    return this.#slots.subarray(0, needed).fill(0);
  }
}

function rollHistogram({ values, counts, distances }: Histogram, targets: Int32Array, size: number): Histogram {
  const rolled = new Float64Array(size * values);
  for (let row = 0; row < targets.length; row++) {
    const [from, to] = [row * values, (targets[row] as number) * values];
    for (let value = 0; value < values; value++) rolled[to + value] = (rolled[to + value] as number) + (counts[from + value] as number);
  }
  return { values, counts: rolled, distances };
}

function isSame(codes: Int32Array, one: number, other: number, keys: number): boolean {
  for (let key = 0; key < keys; key++) if (codes[one + key] !== codes[other + key]) return false;
  return true;
}

/** For each code of a level the code above it at another; empty where the other is below. */
function above(from: Int32Array, to: Int32Array, count: number): Int32Array {
  const map = new Int32Array(count);
  for (let value = 0; value < from.length; value++) map[from[value] as number] = to[value] as number;
  return map;
}
