import type { CellKeyTables } from '../../anonymize/cell-key/ptables-of.ts';
import type { Protected } from '../../anonymize/protect/protect.ts';
import { compareMethods, type MethodFigures, protectByMethod } from '../../anonymize/protect/protect-by-method.ts';
import { type ProtectTableInput, protectTable } from '../../anonymize/protect/protect-table.ts';
import { loadSolver } from '../../anonymize/solver.ts';
import { serve } from '../../engine/worker.ts';

/** Linked tables to protect: plain data and typed arrays. */
export interface ProtectJob {
  readonly input: ProtectTableInput;
  readonly audit: boolean;
  readonly ptables: CellKeyTables | undefined;
}

export interface ProtectOutcome {
  readonly found: Protected;
  readonly comparison: readonly MethodFigures[];
}

const solver = await loadSolver();

serve<ProtectJob, ProtectOutcome>(async ({ input, audit, ptables }, report) => {
  const table = protectTable(input);
  const options = { solver, audit, ptables };
  const found = await protectByMethod(table, { ...options, onProgress: (stage, done, all) => report({ stage, done, all }) });
  return { found, comparison: await compareMethods(table, options, found) };
});
