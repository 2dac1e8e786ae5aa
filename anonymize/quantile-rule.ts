import type { CellTable, ContributorColumns, MeasureColumn } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import { FLOOR, type ProtectionPolicy } from './protection-policy.ts';

/** Contributors of every further kind (employers) that must stand on each side of a published quantile. */
const MIN_ON_EACH_SIDE = 3;

/**
 * Quantile rule: the quantile q of a cell may leave only if n min(q, 1 - q) >= `min_frequency` (n: distinct units of the first kind of
 * contributor) and at least 3 units of every further kind that has a minimum lie at or below it and at or above it.
 * Returns 1 for each cell whose quantile is withheld; the count of the cell is not touched.
 * Errors: `quantile-without-sides` where the columns that prove the second condition are missing.
 */
export function withheldQuantiles(cells: CellTable, measure: MeasureColumn, policy: ProtectionPolicy): Uint8Array {
  const q = measure.at ?? Number.NaN;
  const main = cells.contributors[0];
  if (main === undefined || !(q > 0 && q < 1)) {
    throw new DisclosureError('quantile-without-contributors', describe(cells, measure, 'has no contributors or no 0 < at < 1'));
  }
  const sides = cells.contributors.slice(1).flatMap((columns) => sidesOf(cells, measure, columns, policy) ?? []);
  const share = Math.min(q, 1 - q);
  const withheld = new Uint8Array(cells.size);
  for (let cell = 0; cell < cells.size; cell++) {
    // 1e-9 absorbs the rounding of products such as 30 x (1 - 0.9)
    const enough = (main.n[cell] ?? 0) * share >= (policy.min_frequency ?? FLOOR) - 1e-9;
    const spread = sides.every((side) => (side.below[cell] ?? 0) >= MIN_ON_EACH_SIDE && (side.above[cell] ?? 0) >= MIN_ON_EACH_SIDE);
    if (!enough || !spread) withheld[cell] = 1;
  }
  return withheld;
}

/** Rounds to a multiple of `base`, halves away from zero. */
export function roundToBase(value: number, base: number): number {
  const rounded = Math.sign(value) * Math.floor(Math.abs(value) / base + 0.5) * base;
  return rounded === 0 ? 0 : rounded;
}

function sidesOf(cells: CellTable, measure: MeasureColumn, columns: ContributorColumns, policy: ProtectionPolicy) {
  if (policy.contributors[columns.kind]?.min === undefined) return undefined;
  const sides = measure.sides?.[columns.kind];
  if (sides === undefined) {
    throw new DisclosureError('quantile-without-sides', describe(cells, measure, `has no counts of ${columns.kind} on each side of it`));
  }
  return sides;
}

function describe(cells: CellTable, measure: MeasureColumn, problem: string): string {
  return `Table ${cells.table}: quantile ${measure.name} ${problem}; tabulate it with its contributors, or leave the quantile out.`;
}
