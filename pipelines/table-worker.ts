import type { Ptable } from '../anonymize/cell-key/ptable.ts';
import type { Pattern } from '../anonymize/pattern.ts';
import { perturbCells } from '../anonymize/perturbation.ts';
import type { ProtectionPolicy } from '../anonymize/protection-policy.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { suppress } from '../anonymize/suppress.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { serve } from '../engine/worker.ts';
import { cellsOf, type ReadPartition } from '../transforms/tabulate/tabulate.ts';
import { keysOfCells, type ReadCellKeys } from './read-cell-keys.ts';
import type { PipelinePolicy } from './table-spec.ts';

/** A partition of a table to compute and protect: plain data and typed arrays. */
export interface TableJob {
  readonly read: ReadPartition;
  readonly policy: ProtectionPolicy & Pick<PipelinePolicy, 'audit'>;
  /** For a table by cell keys. */
  readonly noise?: {
    readonly ptable: Ptable;
    readonly threshold: number | undefined;
    readonly kinds: Readonly<Record<string, string>>;
    readonly cellKeys: ReadCellKeys;
  };
}

export interface ProtectedCells {
  readonly cells: CellTable;
  readonly pattern: Pattern;
  /** What is shown in the place of `cells`, where values are perturbed. */
  readonly shown: CellTable;
}

serve<TableJob, ProtectedCells>(async ({ read, policy, noise }) => {
  const cells = cellsOf(read);
  if (noise !== undefined) {
    const keys = keysOfCells(cells, noise.cellKeys);
    const perturbed = perturbCells(cells, policy, { ...noise, keys });
    return { cells, shown: perturbed.cells, pattern: perturbed.pattern };
  }
  const solver = policy.audit === 'linear_programme' ? await loadSolver() : undefined;
  return { cells, shown: cells, pattern: suppress(cells, policy, { solver }) };
});
