import type { Ptable } from '../anonymize/cell-key/ptable.ts';
import type { DisclosurePolicy } from '../anonymize/disclosure-policy.ts';
import { type Pattern, plainPattern } from '../anonymize/pattern.ts';
import { perturbCells, type SumsNoise } from '../anonymize/perturbation.ts';
import type { ProtectionPolicy } from '../anonymize/protection-policy.ts';
import { roundCells } from '../anonymize/round-cells.ts';
import type { Rounding } from '../anonymize/rounding/rounding-parameters.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { suppress } from '../anonymize/suppress.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { serve } from '../engine/worker.ts';
import { cellsOf, type ReadPartition } from '../transforms/tabulate/tabulate.ts';
import { cellNoise } from './cell-noise.ts';
import { keysOfCells, type ReadCellKeys } from './read-cell-keys.ts';
import type { ReadCellSums } from './read-cell-sums.ts';
import type { PipelinePolicy } from './table-spec.ts';

/** A partition of a table to compute and protect: plain data and typed arrays. */
export interface TableJob {
  readonly read: ReadPartition;
  readonly policy: ProtectionPolicy & Pick<PipelinePolicy, 'audit'>;
  /** Computed only: it is protected with the tables that it is linked with. */
  readonly isLinked?: true;
  /** For a table whose values are changed. */
  readonly change?: Change & ReadChange;
}

/** What a month must be read for besides its cells. */
interface ReadChange {
  readonly kinds: Readonly<Record<string, string>>;
  readonly cellKeys: ReadCellKeys | undefined;
  readonly cellSums: ReadCellSums | undefined;
}

export type CellKeyChange = Extract<Change, { method: 'cell_key' }> & ReadChange;

/** What changes values, ready to be applied. */
export type Change =
  | { readonly method: 'cell_key'; readonly ptable: Ptable; readonly threshold: number | undefined; readonly sums?: SumsChange }
  | { readonly method: 'round'; readonly rounding: Rounding };

/** The noise of sums and means, before the contributions of a month are read. */
export interface SumsChange extends Pick<SumsNoise, 'tables' | 'of'> {
  readonly noise: NonNullable<NonNullable<DisclosurePolicy['cell_key']>['sums']>;
}

export interface ProtectedCells {
  readonly cells: CellTable;
  readonly pattern: Pattern;
  /** What is shown in the place of `cells`, where values are perturbed. */
  readonly shown: CellTable;
}

serve<TableJob, ProtectedCells>(async ({ read, policy, isLinked, change }) => {
  const cells = cellsOf(read);
  if (isLinked === true) return { cells, shown: cells, pattern: plainPattern(new Uint8Array(cells.size), []) };
  if (change?.method === 'cell_key') {
    const { pattern, cells: shown } = perturbCells(cells, policy, cellNoise(cells, change));
    return { cells, shown, pattern };
  }
  if (change !== undefined) {
    const keys = change.cellKeys === undefined ? {} : keysOfCells(cells, change.cellKeys);
    const { pattern, cells: shown } = await roundCells(cells, policy, { ...change, keys });
    return { cells, shown, pattern };
  }
  const solver = policy.audit === 'linear_programme' ? await loadSolver() : undefined;
  return { cells, shown: cells, pattern: suppress(cells, policy, { solver }) };
});
