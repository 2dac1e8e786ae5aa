import type { Pattern } from '../anonymize/pattern.ts';
import type { ProtectionPolicy } from '../anonymize/protection-policy.ts';
import { suppress } from '../anonymize/suppress.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { serve } from '../engine/worker.ts';
import { cellsOf, type ReadPartition } from '../transforms/tabulate/tabulate.ts';

/** A partition of a table to compute and protect: plain data and typed arrays. */
export interface TableJob {
  readonly read: ReadPartition;
  readonly policy: ProtectionPolicy;
}

export interface ProtectedCells {
  readonly cells: CellTable;
  readonly pattern: Pattern;
}

serve<TableJob, ProtectedCells>(({ read, policy }) => {
  const cells = cellsOf(read);
  return { cells, pattern: suppress(cells, policy) };
});
