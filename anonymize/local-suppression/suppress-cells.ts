import type { PackedClasses } from './packed-classes.ts';
import { ProjectionCounts } from './projection-counts.ts';

/**
 * How an incomplete record is judged. `strict` (alpha = 0): it counts for no other; it needs k complete or equal records that fit it.
 * `wildcard` (alpha = 1): it counts for every record that it could be.
 */
export type Judge = 'strict' | 'wildcard';

export interface CellSuppression {
  /** For each class the keys to suppress, as bits; 0 leaves it. */
  readonly masks: Int32Array;
  /** Whether the class cannot be protected by suppressing keys: its records are to be taken out. */
  readonly removed: Uint8Array;
}

/**
 * Local suppression for k-anonymity over classes, not records. Classes below k take, in the given order of masks, the first one under which
 * the values that are left belong to k records: of the complete classes of at least k and the classes that take the same mask (`strict`;
 * complete classes of k never change, so what counts once counts for ever), or of all classes as they were (`wildcard`: whoever agreed can
 * later only agree or be missing). `missing`: bits of the keys that a class has no value of; such a class starts with them suppressed.
 * Cost: masks x (counted classes + classes left). Source: docs/methods/local-suppression.md.
 */
export function suppressCells(
  classes: PackedClasses,
  missing: Int32Array,
  k: number,
  order: readonly number[],
  judge: Judge,
): CellSuppression {
  const { n, size } = classes;
  const masks = new Int32Array(size);
  const removed = new Uint8Array(size);
  const all = new Int32Array(size).map((_, row) => row);
  const isSafe = (row: number): boolean => missing[row] === 0 && (n[row] as number) >= k;
  let left = rowsWhere(all, (row) => !isSafe(row));
  let counted = rowsWhere(all, isSafe);
  for (const mask of order) {
    if (left.length === 0) break;
    const fits = (row: number): boolean => ((missing[row] as number) & ~mask) === 0;
    const candidates = rowsWhere(left, fits);
    if (candidates.length === 0) continue;
    const counts = new ProjectionCounts(classes, mask);
    const groups = counts.add(candidates);
    counts.addToKnown(rowsWhere(counted, fits));
    for (let at = 0; at < candidates.length; at++) if (counts.of(groups[at] as number) >= k) masks[candidates[at] as number] = mask;
    left = rowsWhere(left, (row) => masks[row] === 0);
    if (judge === 'wildcard') counted = rowsWhere(all, (row) => isSafe(row) || masks[row] !== 0);
  }
  for (const row of left) removed[row] = 1;
  return { masks, removed };
}

function rowsWhere(rows: Int32Array, isWanted: (row: number) => boolean): Int32Array {
  const wanted = new Int32Array(rows.length);
  let count = 0;
  for (let at = 0; at < rows.length; at++) if (isWanted(rows[at] as number)) wanted[count++] = rows[at] as number;
  return wanted.subarray(0, count);
}
