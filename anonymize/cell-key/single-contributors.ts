import { DisclosureError } from '../../engine/errors.ts';

/**
 * Cells that are suppressed even in a cell-key table: those with exactly one contributor of any kind (person, employer), whose noise would be
 * laid on one unit's own value. `units[k][c]`: distinct units of kind k in cell c. Source: release rules, 3. Errors: `cell-key-units`.
 */
export function singleContributors(units: readonly ArrayLike<number>[], cells: number): Uint8Array {
  const single = new Uint8Array(cells);
  if (units.length === 0 || units.some((column) => column.length !== cells)) {
    throw new DisclosureError(
      'cell-key-units',
      'A cell-key table needs the number of distinct contributors of every cell, for every kind of contributor; cells of one are suppressed.',
      { rule: 'single-contributor' },
    );
  }
  for (const column of units) for (let cell = 0; cell < cells; cell++) if (column[cell] === 1) single[cell] = 1;
  return single;
}
