import type { CellNoise } from '../anonymize/perturbation.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { keysOfCells } from './read-cell-keys.ts';
import { sumsOfCells } from './read-cell-sums.ts';
import type { CellKeyChange } from './table-worker.ts';

/** What the cells of a month are perturbed by: what was read of it, in the order of the cells. Errors: `cell-key-missing`. */
export function cellNoise(cells: CellTable, { ptable, threshold, kinds, sums, cellKeys, cellSums }: CellKeyChange): CellNoise {
  return {
    ptable,
    threshold,
    kinds,
    keys: cellKeys === undefined ? {} : keysOfCells(cells, cellKeys),
    sums: sums && cellSums && { ...sums, contributions: sumsOfCells(cells, cellSums) },
  };
}
