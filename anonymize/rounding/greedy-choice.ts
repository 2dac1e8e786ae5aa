import { groupCandidates } from './candidate-groups.ts';
import type { GreedyInput } from './greedy-multiples.ts';
import { ScoreHeap } from './score-heap.ts';

/** Most groups: so many, and this times the square root of the candidates. */
const LEAST_GROUPS = 64;
const GROUPS_PER_ROOT = 4;

type CellsOf = (row: number) => Int32Array;

interface Group {
  readonly heap: ScoreHeap;
  /** What the shared cells of the group miss: the part of the score that all its members have. */
  shared: number;
}

/**
 * Inner cells by what their published cells still miss. What a cell misses only falls while multiples are given, so an old score is an upper bound and only
 * the first of a heap is computed anew. Large cells would make every score old at once: they are shared by whole groups and counted there, a cell that
 * holds all candidates is not counted at all. The same choice as if every score were computed every time.
 */
export class GreedyChoice {
  readonly #groups: readonly Group[];
  readonly #groupsOf: ReadonlyMap<number, readonly number[]>;
  readonly #isShared: Uint8Array;
  /** By row: the part of the score that is not shared. By group: the score of its first row, and that row's tie. */
  readonly #own: Float64Array;
  readonly #best: Float64Array;
  readonly #bestTies: Float64Array;
  readonly #order: ScoreHeap;
  readonly #ties: ArrayLike<number>;
  readonly #missing: Float64Array;
  readonly #cells: CellsOf;

  constructor(
    { model, ties, groups }: Pick<GreedyInput, 'model' | 'ties' | 'groups'>,
    candidates: readonly number[],
    missing: Float64Array,
    cells: CellsOf,
  ) {
    const limit = groups ?? LEAST_GROUPS + Math.ceil(GROUPS_PER_ROOT * Math.sqrt(candidates.length));
    const { members, isShared, groupsOf } = groupCandidates(model, candidates, limit);
    this.#groupsOf = groupsOf;
    this.#isShared = isShared;
    this.#own = new Float64Array(model.inner);
    this.#ties = ties;
    this.#missing = missing;
    this.#cells = cells;
    this.#groups = members.map((rows) => {
      const heap = new ScoreHeap(this.#own, ties);
      for (const row of rows) heap.push(row, this.#missedBy(row, 0));
      return { heap, shared: rows[0] === undefined ? 0 : this.#missedBy(rows[0], 1) };
    });
    this.#best = new Float64Array(members.length);
    this.#bestTies = new Float64Array(members.length);
    this.#order = new ScoreHeap(this.#best, this.#bestTies);
    for (const group of members.keys()) this.#enter(group);
  }

  /** Takes the inner cell whose cells miss most; of equal ones that with the smaller tie. */
  take(): number {
    for (;;) {
      const number = this.#order.pop();
      const { heap, shared } = this.#groups[number] as Group;
      const row = heap.top as number;
      const now = this.#missedBy(row, 0);
      const isCurrent = this.#best[number] === shared + now;
      heap.pop();
      if (!isCurrent) heap.push(row, now);
      this.#enter(number);
      if (isCurrent) return row;
    }
  }

  /** Tells the groups that the cells of an inner cell miss so much less. */
  lower(row: number, amount: number): void {
    for (const cell of this.#cells(row)) {
      for (const group of this.#groupsOf.get(cell) ?? []) (this.#groups[group] as Group).shared -= amount;
    }
  }

  /** Puts a group in its place by its first row; an empty one stays out. */
  #enter(number: number): void {
    const { heap, shared } = this.#groups[number] as Group;
    if (heap.top === undefined) return;
    this.#bestTies[number] = this.#ties[heap.top] as number;
    this.#order.push(number, shared + (this.#own[heap.top] as number));
  }

  /** What the shared (1) or the other (0) cells of a row miss. */
  #missedBy(row: number, shared: 0 | 1): number {
    let sum = 0;
    for (const cell of this.#cells(row)) if (this.#isShared[cell] === shared) sum += this.#missing[cell] as number;
    return sum;
  }
}
