import type { CellTable, MeasureColumn } from '../engine/cell-table.ts';
import { perturbCounts } from './cell-key/perturb-counts.ts';
import type { Ptable } from './cell-key/ptable.ts';
import { singleContributors } from './cell-key/single-contributors.ts';
import { FREE, type Pattern, PRIMARY, plainPattern } from './pattern.ts';
import { primaryReasons } from './primary-rules.ts';
import { FLOOR, minimumOf, type ProtectionPolicy, requireValidPolicy } from './protection-policy.ts';

/** What the counts of a table are perturbed by. */
export interface CellNoise {
  readonly ptable: Ptable;
  /** Published counts below this are withheld; at least `FLOOR`. */
  readonly threshold?: number | undefined;
  /** The kind of contributor whose minimum holds for a measure: the kind that is counted, the first where rows are. */
  readonly kinds: Readonly<Record<string, string>>;
  /** Cell keys by measure, cell by cell. */
  readonly keys: Readonly<Record<string, Uint32Array>>;
}

/** Cells as they may be shown: another value of every measure, and which cells are withheld. */
export interface PerturbedCells {
  readonly cells: CellTable;
  readonly pattern: Pattern;
}

/**
 * Counts of a table by cell keys. A cell is withheld with all its measures where a rule of the policy fires on its true contributors, where one contributor of any
 * kind stands alone, or where a perturbed count is below the threshold, 0 included: combinations without contributors are no cells, so a 0 would tell that there is
 * somebody. Nothing else depends on other cells: there is no secondary suppression. Errors: `policy-invalid`, those of `perturbCounts`.
 */
export function perturbCells(
  cells: CellTable,
  policy: ProtectionPolicy,
  { ptable, threshold = FLOOR, kinds, keys }: CellNoise,
): PerturbedCells {
  requireValidPolicy(cells, policy);
  const reason = primaryReasons(cells, policy);
  const because = (cell: number, why: string): void => {
    reason[cell] = reason[cell] === null || reason[cell] === undefined ? why : `${reason[cell]}; ${why}`;
  };
  const units = cells.contributors.map(({ n }) => n);
  singleContributors(units, cells.size).forEach((isSingle, cell) => {
    if (isSingle === 1) because(cell, 'cell_key: one contributor');
  });
  const measures = cells.measures.map((measure): MeasureColumn => {
    const { noise } = perturbCounts({ counts: measure.values, keys: keys[measure.name] ?? [], units }, ptable);
    const values = measure.values.map((count, cell) => count + (noise[cell] as number));
    const least = Math.max(FLOOR, threshold, minimumOf(cells, policy, kinds[measure.name] ?? '') ?? FLOOR);
    for (let cell = 0; cell < cells.size; cell++) {
      if ((values[cell] as number) < least) because(cell, `cell_key: ${measure.name} below ${least}`);
    }
    return { ...measure, values };
  });
  const status = Uint8Array.from(reason, (why) => (why === null ? FREE : PRIMARY));
  return { cells: { ...cells, measures }, pattern: plainPattern(status, reason) };
}
