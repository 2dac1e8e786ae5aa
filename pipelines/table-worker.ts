import type { Pattern } from '../anonymize/pattern.ts';
import type { ProtectionPolicy } from '../anonymize/protection-policy.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { suppress } from '../anonymize/suppress.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { serve } from '../engine/worker.ts';
import { cellsOf, type ReadPartition } from '../transforms/tabulate/tabulate.ts';
import type { PipelinePolicy } from './table-spec.ts';

/** A partition of a table to compute and protect: plain data and typed arrays. */
export interface TableJob {
  readonly read: ReadPartition;
  readonly policy: ProtectionPolicy & Pick<PipelinePolicy, 'audit'>;
}

export interface ProtectedCells {
  readonly cells: CellTable;
  readonly pattern: Pattern;
}

serve<TableJob, ProtectedCells>(async ({ read, policy }) => {
  const cells = cellsOf(read);
  const solver = policy.audit === 'linear_programme' ? await loadSolver() : undefined;
  return { cells, pattern: suppress(cells, policy, { solver }) };
});
