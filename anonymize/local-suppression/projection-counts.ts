import type { ClassTable } from '../recode/class-table.ts';

/** Records by the values of the keys that a mask leaves, over chosen rows of a class table: a hash table with exact comparison. */
export class ProjectionCounts {
  readonly #codes: Int32Array;
  readonly #n: Float64Array;
  readonly #keys: number;
  readonly #kept: readonly number[];
  readonly #slots: Int32Array;
  readonly #sums: Float64Array;
  #groups = 0;
  readonly #first: Int32Array;

  /** `rows`: at most so many rows will be added. */
  constructor({ codes, n, levels }: ClassTable, mask: number, rows: number) {
    this.#codes = codes;
    this.#n = n;
    this.#keys = levels.length;
    this.#kept = levels.map((_, key) => key).filter((key) => (mask & (1 << key)) === 0);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(8, 2 * rows))));
    this.#sums = new Float64Array(rows);
    this.#first = new Int32Array(rows);
  }

  add(row: number): void {
    const slot = this.#slotOf(row);
    let group = (this.#slots[slot] as number) - 1;
    if (group < 0) {
      group = this.#groups++;
      this.#slots[slot] = group + 1;
      this.#first[group] = row;
    }
    this.#sums[group] = (this.#sums[group] as number) + (this.#n[row] as number);
  }

  /** Records of the rows added that agree with this row. */
  of(row: number): number {
    const group = (this.#slots[this.#slotOf(row)] as number) - 1;
    return group < 0 ? 0 : (this.#sums[group] as number);
  }

  /** The slot of the group of a row, or the free one where it belongs. */
  #slotOf(row: number): number {
    const base = row * this.#keys;
    let hash = 0;
    for (const key of this.#kept) {
      hash = Math.imul(hash ^ (this.#codes[base + key] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const last = this.#slots.length - 1;
    for (let slot = hash & last; ; slot = (slot + 1) & last) {
      const group = (this.#slots[slot] as number) - 1;
      if (group < 0 || this.#agree(base, (this.#first[group] as number) * this.#keys)) return slot;
    }
  }

  #agree(one: number, other: number): boolean {
    for (const key of this.#kept) if (this.#codes[one + key] !== this.#codes[other + key]) return false;
    return true;
  }
}
