import type { ClassTable } from '../recode/class-table.ts';
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
export function suppressCells(table: ClassTable, missing: Int32Array, k: number, order: readonly number[], judge: Judge): CellSuppression {
  const masks = new Int32Array(table.size);
  const removed = new Uint8Array(table.size);
  const rows = [...Array(table.size).keys()];
  const counted = rows.filter((row) => (judge === 'wildcard' ? true : missing[row] === 0 && (table.n[row] as number) >= k));
  let left = rows.filter((row) => missing[row] !== 0 || (table.n[row] as number) < k);
  for (const mask of order) {
    if (left.length === 0) break;
    const candidates = left.filter((row) => ((missing[row] as number) & ~mask) === 0);
    if (candidates.length === 0) continue;
    const counts = new ProjectionCounts(table, mask, counted.length + candidates.length);
    for (const row of counted) if (((missing[row] as number) & ~mask) === 0) counts.add(row);
    if (judge === 'strict') for (const row of candidates) counts.add(row);
    const taken = new Set(candidates.filter((row) => counts.of(row) >= k));
    for (const row of taken) masks[row] = mask;
    left = left.filter((row) => !taken.has(row));
  }
  for (const row of left) removed[row] = 1;
  return { masks, removed };
}
