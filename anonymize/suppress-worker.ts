import type { CellTable } from '../engine/cell-table.ts';
import { serve } from '../engine/worker.ts';
import type { Pattern } from './pattern.ts';
import type { ProtectionPolicy } from './protection-policy.ts';
import { suppress } from './suppress.ts';

/** A table of one period to protect. */
export interface SuppressJob {
  readonly cells: CellTable;
  readonly policy: ProtectionPolicy;
}

serve<SuppressJob, Pattern>(({ cells, policy }) => suppress(cells, policy));
