/** Ranks that are free, counted by a binary indexed tree (Fenwick, 1994): takes one out, and finds the n-th, in steps of their logarithm. */
export class FreeRanks {
  readonly #tree: Int32Array;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
    this.#tree = Int32Array.from({ length: size + 1 }, (_, at) => at & -at);
  }

  take(rank: number): void {
    for (let at = rank + 1; at <= this.#size; at += at & -at) this.#tree[at] = (this.#tree[at] as number) - 1;
  }

  /** How many ranks below `rank` are free. */
  below(rank: number): number {
    let sum = 0;
    for (let at = rank; at > 0; at -= at & -at) sum += this.#tree[at] as number;
    return sum;
  }

  /** The free rank that has `before` free ones below it. */
  nth(before: number): number {
    let [at, left] = [0, before];
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.#size))); step > 0; step = Math.floor(step / 2)) {
      const next = at + step;
      if (next > this.#size || (this.#tree[next] as number) > left) continue;
      at = next;
      left -= this.#tree[next] as number;
    }
    return at;
  }
}
