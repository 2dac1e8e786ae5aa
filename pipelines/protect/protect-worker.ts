import { loadSolver } from '../../anonymize/attack-programme.ts';
import { type Protected, protect } from '../../anonymize/protect/protect.ts';
import { type ProtectTableInput, protectTable } from '../../anonymize/protect/protect-table.ts';
import { serve } from '../../engine/worker.ts';

/** Linked tables to protect: plain data and typed arrays. */
export interface ProtectJob {
  readonly input: ProtectTableInput;
  readonly audit: boolean;
}

const solver = await loadSolver();

serve<ProtectJob, Protected>(({ input, audit }, report) =>
  protect(protectTable(input), { solver, audit, onProgress: (stage, done, all) => report({ stage, done, all }) }),
);
