import type { ProtectTable } from '../../anonymize/protect/protect-table.ts';

/**
 * Cells that have a row outside, ascending. A value that noise or rounding made 0 has none: combinations without units are no cells, so
 * its row would say that there is somebody, and so would a count of cells that holds it.
 */
export function publicCells({ definition, grid }: ProtectTable, published: ArrayLike<number>): number[] {
  const isAltered = definition.method === 'cell_key' || definition.method === 'round';
  return Array.from({ length: grid.size }, (_, cell) => cell).filter((cell) => !isAltered || published[cell] !== 0);
}
