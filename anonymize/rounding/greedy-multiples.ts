import { GreedyChoice } from './greedy-choice.ts';
import { type TableModel, totalsOf, transposed } from './table-model.ts';

/** Inner cells that get one multiple of the base more, and those that may. */
export interface GreedyInput {
  readonly model: TableModel;
  /** Part of each inner cell that is rounded (0 where it is not): 0 or the base take its place. */
  readonly rests: Float64Array;
  readonly base: number;
  /** Order among equal inner cells: the smaller number first. */
  readonly ties: ArrayLike<number>;
  /** Most exchanges of an inner cell with a multiple for one without, after the first choice. */
  readonly swaps: number;
  /** Groups of candidates in which the choice is kept; changes the time only. */
  readonly groups?: number;
}

/**
 * Chooses which inner cells become the base and which 0: as many as the base fits into the sum of the rests (rounded), each time the one whose published
 * cells miss most (largest sum over its cells of what is still to be given); then exchanges that bring the published cells nearer in squares.
 * Returns 1 for each inner cell that gets a multiple. Source: Ø. Langsrud, J. Heldal, PSD 2018.
 */
export function greedyMultiples({ model, rests, base, ties, swaps, groups }: GreedyInput): Uint8Array {
  const cellsOf = transposed(model);
  const missing = totalsOf(model, rests);
  const up = new Uint8Array(model.inner);
  const candidates = [...rests.keys()].filter((row) => rests[row] !== 0);
  const number = Math.round(rests.reduce((sum, rest) => sum + rest, 0) / base);
  const cells = (row: number): Int32Array => cellsOf.rows.subarray(cellsOf.starts[row], cellsOf.starts[row + 1]);
  const give = (row: number, amount: number): void => {
    for (const cell of cells(row)) missing[cell] = (missing[cell] as number) - amount;
    up[row] = amount > 0 ? 1 : 0;
  };
  const choice = new GreedyChoice({ model, ties, ...(groups !== undefined && { groups }) }, candidates, missing, cells);
  for (let given = 0; given < number; given++) {
    const row = choice.take();
    give(row, base);
    choice.lower(row, base);
  }
  const score = (row: number): number => cells(row).reduce((sum, cell) => sum + (missing[cell] as number), 0);
  for (let swap = 0; swap < swaps; swap++) {
    const best = extreme(candidates, (row) => (up[row] === 0 ? score(row) : undefined), ties);
    const worst = extreme(candidates, (row) => (up[row] === 1 ? -score(row) : undefined), ties);
    if (worst === undefined || best === undefined) break;
    const gain = 2 * base * (score(best) - score(worst)) - base * base * difference(cellsOf, worst, best);
    if (gain <= 0) break;
    give(worst, -base);
    give(best, base);
  }
  return up;
}

/** The row with the largest value, the smaller tie first. */
function extreme(rows: readonly number[], worth: (row: number) => number | undefined, ties: ArrayLike<number>): number | undefined {
  let found: number | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const value = worth(row);
    if (value === undefined || value < most) continue;
    if (value === most && found !== undefined && (ties[row] as number) >= (ties[found] as number)) continue;
    [found, most] = [row, value];
  }
  return found;
}

/** Cells that hold one of two inner cells but not the other. */
function difference({ starts, rows }: TableModel, a: number, b: number): number {
  const cells = new Set(rows.subarray(starts[a], starts[a + 1]));
  let shared = 0;
  const others = rows.subarray(starts[b], starts[b + 1]);
  for (const cell of others) if (cells.has(cell)) shared++;
  return cells.size + others.length - 2 * shared;
}
