import type { Text } from '../engine/definitions.ts';
import type { Confrontation } from './confront.ts';
import type { StepRecord } from './step-runner.ts';
import type { CellSummary } from './store-cells.ts';

/** What a run of a pipeline did, for people and programs. */
export interface RunReport {
  readonly pipeline: string;
  readonly title: Text;
  readonly periods: readonly string[];
  readonly steps: readonly StepRecord[];
  readonly tables: readonly CellSummary[];
  readonly confrontations: readonly Confrontation[];
  readonly changed: boolean;
}
