import type { CellKeyTables } from '../../anonymize/cell-key/ptables-of.ts';
import type { Protected } from '../../anonymize/protect/protect.ts';
import { compareMethods, type MethodFigures, protectByMethod } from '../../anonymize/protect/protect-by-method.ts';
import type { ProtectTable } from '../../anonymize/protect/protect-table.ts';
import { loadSolver } from '../../anonymize/solver.ts';
import { serve } from '../../engine/worker.ts';

/** Linked tables to protect. */
export interface ProtectJob {
  readonly table: ProtectTable;
  readonly audit: boolean;
  readonly ptables: CellKeyTables | undefined;
}

export interface ProtectOutcome {
  readonly found: Protected;
  readonly comparison: readonly MethodFigures[];
}

const solver = await loadSolver();

serve<ProtectJob, ProtectOutcome>(async ({ table, audit, ptables }, report) => {
  const options = { solver, audit, ptables };
  const found = await protectByMethod(table, { ...options, onProgress: (stage, done, all) => report({ stage, done, all }) });
  return { found, comparison: await compareMethods(table, options, found) };
});
