import { keptBits, type PackedClasses } from './packed-classes.ts';

const FEWEST_SLOTS = 1024;

/**
 * Records by the values of the keys that a mask leaves, in a hash table with exact comparison that grows with its groups: where classes fall
 * together it stays in the cache.
 */
export class ProjectionCounts {
  readonly #classes: PackedClasses;
  readonly #kept: Int32Array;
  #slots = new Int32Array(FEWEST_SLOTS);
  /** Of each group the words that are left, row-major, and its records. */
  #words: Int32Array;
  #sums = new Float64Array(FEWEST_SLOTS / 2);
  #groups = 0;

  constructor(classes: PackedClasses, mask: number) {
    this.#classes = classes;
    this.#kept = keptBits(classes, mask);
    this.#words = new Int32Array((FEWEST_SLOTS / 2) * classes.width);
  }

  /** Counts classes, in groups that are made as they come; the group of each. */
  add(rows: Int32Array): Int32Array {
    const { n } = this.#classes;
    const groups = new Int32Array(rows.length);
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as number;
      const slot = this.#slotOf(row);
      let group = (this.#slots[slot] as number) - 1;
      if (group < 0) group = this.#newGroup(row, slot);
      this.#sums[group] = (this.#sums[group] as number) + (n[row] as number);
      groups[at] = group;
    }
    return groups;
  }

  /** Counts classes in the groups that are there; others do not matter. */
  addToKnown(rows: Int32Array): void {
    const { n } = this.#classes;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as number;
      const group = (this.#slots[this.#slotOf(row)] as number) - 1;
      if (group >= 0) this.#sums[group] = (this.#sums[group] as number) + (n[row] as number);
    }
  }

  /** Records of a group. */
  of(group: number): number {
    return this.#sums[group] as number;
  }

  #newGroup(row: number, slot: number): number {
    const { width, words } = this.#classes;
    const group = this.#groups++;
    for (let word = 0; word < width; word++)
      this.#words[group * width + word] = (words[row * width + word] as number) & (this.#kept[word] as number);
    this.#slots[slot] = group + 1;
    if (2 * this.#groups >= this.#slots.length) this.#grow();
    return group;
  }

  #grow(): void {
    const { width } = this.#classes;
    const last = 2 * this.#slots.length - 1;
    const [words, sums] = [this.#words, this.#sums];
    this.#slots = new Int32Array(last + 1);
    this.#words = new Int32Array(2 * words.length);
    this.#words.set(words);
    this.#sums = new Float64Array(2 * sums.length);
    this.#sums.set(sums);
    for (let group = 0; group < this.#groups; group++) {
      let hash = 0;
      for (let word = 0; word < width; word++) hash = mixed(hash, this.#words[group * width + word] as number);
      let slot = hash & last;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last;
      this.#slots[slot] = group + 1;
    }
  }

  /** The slot of the group of a class, or the free one where it belongs. */
  #slotOf(row: number): number {
    const { width, words } = this.#classes;
    const [kept, slots, own] = [this.#kept, this.#slots, this.#words];
    const base = row * width;
    let hash = 0;
    for (let word = 0; word < width; word++) hash = mixed(hash, (words[base + word] as number) & (kept[word] as number));
    const last = slots.length - 1;
    for (let slot = hash & last; ; slot = (slot + 1) & last) {
      const group = (slots[slot] as number) - 1;
      if (group < 0) return slot;
      let word = 0;
      while (word < width && own[group * width + word] === ((words[base + word] as number) & (kept[word] as number))) word++;
      if (word === width) return slot;
    }
  }
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}
