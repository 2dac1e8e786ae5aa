import type { JsonObject } from '../engine/canonical-json.ts';
import type { Part } from '../engine/manifest.ts';
import type { Session } from '../engine/session.ts';
import type { Ref } from '../engine/store.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import type { Context } from './context.ts';
import type { Pipeline, Table } from './definition.ts';
import type { StepRecord, StepRunner } from './step-runner.ts';
import type { CellSummary } from './store-cells.ts';
import type { TableRunner } from './table-runner.ts';
import { type PipelinePolicy, protectionPolicy, tabulateTable } from './table-spec.ts';

/** What a run lends to the work on one of its steps, tables, linked groups, vintages or indices. */
export interface LentRun {
  readonly context: Context;
  readonly pipeline: Pipeline;
  readonly session: Session;
  readonly runner: StepRunner;
  readonly tableRunner: TableRunner;
  /** Every part of a step that came before, or of an input. */
  readonly stepParts: (name: string) => readonly Part[];
  /** Every part of a table that came before. */
  readonly tableParts: (name: string) => readonly Part[];
}

/** What the work on a table made: its parts and facts, for the run to put, and what it reports. */
export interface TableResult {
  readonly table: string;
  readonly parts: readonly Part[];
  readonly facts: JsonObject;
  readonly records: readonly StepRecord[];
  readonly summaries: readonly CellSummary[];
}

export interface RunTable {
  readonly name: string;
  readonly ref: Ref;
  readonly table: Table;
  readonly spec: TabulateTable;
  readonly policy: PipelinePolicy;
}

/** A table of the pipeline with what tabulates and protects it. */
export function tableOf({ pipeline, context }: Pick<LentRun, 'pipeline' | 'context'>, name: string): RunTable {
  const table = pipeline.tables[name];
  if (table === undefined) throw new Error(`no table ${name}`);
  const policy = protectionPolicy(pipeline, table, context.workspace);
  return { name, ref: tabulatedRef(pipeline, name), table, spec: tabulateTable(name, table), policy };
}

/** Where the stored cells of a table, of vintages or of an index are. */
export function tabulatedRef({ pipeline }: Pick<Pipeline, 'pipeline'>, name: string): Ref {
  return `${pipeline}.${name}@tabulated`;
}
