import { DisclosureError } from '../../engine/errors.ts';
import { KEY_SPACE, requireKeys } from './key-space.ts';
import { type Ptable, rowOfKey } from './ptable.ts';
import { singleContributors } from './single-contributors.ts';

/** Counts of the cells of a table that exists, row i of every column is cell i; margins are cells like any other. */
export interface CountCells {
  /** Unweighted counts of units, whole and not negative. */
  readonly counts: Float64Array;
  /** Cell keys: `cellKeys`, or as they came with the table. */
  readonly keys: ArrayLike<number>;
  /** Sums of weights of the same units, where the published count is weighted. */
  readonly weighted?: Float64Array;
  /** Distinct contributors of every kind; for a count of persons the first is the count itself. */
  readonly units: readonly ArrayLike<number>[];
}

export interface PerturbedCounts {
  /** Row of the perturbation table that each cell fell on; -1 for a count of 0. */
  readonly rows: Int32Array;
  readonly noise: Float64Array;
  /** What may be published; NaN where suppressed. */
  readonly counts: Float64Array;
  readonly weighted: Float64Array | undefined;
  readonly suppressed: Uint8Array;
}

/**
 * Cell-key perturbation of counts f: 0 stays 0; else i = min(f, largest i of the table), v is the row of i that takes the cell key, f + v is
 * published; a weighted count becomes (f + v) (sum of weights / f). Suppressed: one contributor, and counts from 1 to below `threshold`.
 * The same units give the same key and so the same noise in every table. Errors: `cell-key-range`, `cell-key-count`, `cell-key-units`.
 */
export function perturbCounts(cells: CountCells, table: Ptable, threshold = 1): PerturbedCounts {
  const size = cells.counts.length;
  requireKeys(cells.keys, size);
  requireCounts(cells, table);
  const suppressed = singleContributors(cells.units, size);
  const rows = new Int32Array(size);
  const noise = new Float64Array(size);
  const counts = new Float64Array(size);
  const weighted = cells.weighted === undefined ? undefined : new Float64Array(size);
  const last = table.values.length - 1;
  for (let cell = 0; cell < size; cell++) {
    const count = cells.counts[cell] as number;
    const row = rowOfKey(table, Math.min(count, last), cells.keys[cell] as number);
    const published = count + (table.noise[row] as number);
    rows[cell] = count === 0 ? -1 : row;
    noise[cell] = published - count;
    if (published > 0 && published < threshold) suppressed[cell] = 1;
    const isHidden = suppressed[cell] === 1;
    counts[cell] = isHidden ? Number.NaN : published;
    if (weighted === undefined) continue;
    weighted[cell] = isHidden ? Number.NaN : count === 0 ? 0 : published * ((cells.weighted?.[cell] as number) / count);
  }
  return { rows, noise, counts, weighted, suppressed };
}

/**
 * Counts that can stand behind a suppressed cell of persons: 1, and those whose noise can lead from 1 to below the threshold. Where 1 is alone, the
 * mark of suppression itself tells that the cell has one person: take a threshold above js + 1.
 */
export function countsBehindMark(table: Ptable, threshold = 1): number[] {
  const behind = new Set([1]);
  table.values.forEach((value, block) => {
    for (let row = table.starts[block] as number; row < (table.starts[block + 1] as number); row++) {
      const published = value + (table.noise[row] as number);
      if (value > 0 && published > 0 && published < threshold && hasKeys(table, block, row)) behind.add(value);
    }
  });
  return [...behind].sort((a, b) => a - b);
}

function hasKeys({ starts, upper }: Ptable, block: number, row: number): boolean {
  return (upper[row] as number) > (row === starts[block] ? 0 : (upper[row - 1] as number));
}

function requireCounts({ counts, weighted }: CountCells, table: Ptable): void {
  const isDense = table.values.every((value, block) => value === block);
  if (!isDense)
    throw new DisclosureError('cell-key-count', 'A perturbation table of counts has a row for every count from 0 to its largest.');
  const wrong = counts.reduce((sum, count) => sum + (Number.isSafeInteger(count) && count >= 0 ? 0 : 1), 0);
  const unweighted = weighted === undefined ? 0 : weighted.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
  if (wrong + unweighted === 0 && (weighted === undefined || weighted.length === counts.length)) return;
  throw new DisclosureError(
    'cell-key-count',
    `Counts to be perturbed must be whole and not negative (at most 2^53), with a weighted count for each where there are weights; keys are below ${KEY_SPACE}.`,
    { rule: 'cell-key', facts: { wrong: wrong + unweighted } },
  );
}
