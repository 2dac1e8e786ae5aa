import type { CellTable } from '../engine/cell-table.ts';
import { serve } from '../engine/worker.ts';
import { cellsOf, type ReadPartition } from '../transforms/tabulate/tabulate.ts';

serve<ReadPartition, CellTable>(cellsOf);
