/** Rows by score, largest first, equal scores by the smaller tie, then by the smaller row. */
export class ScoreHeap {
  readonly #rows: number[] = [];
  readonly #scores: Float64Array;
  readonly #ties: ArrayLike<number>;

  /** Scores by row; a row's score changes only by `push`. */
  constructor(scores: Float64Array, ties: ArrayLike<number>) {
    this.#scores = scores;
    this.#ties = ties;
  }

  /** The first row. */
  get top(): number | undefined {
    return this.#rows[0];
  }

  push(row: number, score: number): void {
    this.#scores[row] = score;
    let at = this.#rows.push(row) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(row, this.#rows[above] as number)) break;
      this.#rows[at] = this.#rows[above] as number;
      at = above;
    }
    this.#rows[at] = row;
  }

  /** Takes the first row out. */
  pop(): number {
    const rows = this.#rows;
    const top = rows[0] as number;
    const last = rows.pop() as number;
    if (rows.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= rows.length) break;
      if (below + 1 < rows.length && this.#isBefore(rows[below + 1] as number, rows[below] as number)) below++;
      if (!this.#isBefore(rows[below] as number, last)) break;
      rows[at] = rows[below] as number;
      at = below;
    }
    rows[at] = last;
    return top;
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#scores[a] as number, this.#scores[b] as number];
    if (first !== second) return first > second;
    const [tie, other] = [this.#ties[a] as number, this.#ties[b] as number];
    return tie === other ? a < b : tie < other;
  }
}
