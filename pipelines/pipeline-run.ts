import { dirname, join as joinPath } from 'node:path';
import { hashJson, type JsonObject } from '../engine/canonical-json.ts';
import type { Log } from '../engine/log.ts';
import type { Manifest, Part } from '../engine/manifest.ts';
import { Session } from '../engine/session.ts';
import type { Ref } from '../engine/store.ts';
import type { Transaction } from '../engine/transaction.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import type { Confrontation } from './confront.ts';
import { type Context, rawErrorSink } from './context.ts';
import { type LentRun, type TableResult, tabulatedRef } from './lent-run.ts';
import { linkedGroupOf } from './linked-given.ts';
import { runIndex } from './run-index.ts';
import { runInputs, runMonths } from './run-inputs.ts';
import { runLinked } from './run-linked.ts';
import { requireRecordKeys } from './run-record-keys.ts';
import type { RunReport } from './run-report.ts';
import { runStep } from './run-steps.ts';
import { runTable } from './run-tables.ts';
import { runVintages } from './run-vintages.ts';
import { type StepRecord, StepRunner } from './step-runner.ts';
import type { CellSummary } from './store-cells.ts';
import { TableRunner } from './table-runner.ts';

/** One run of a checked pipeline in a transaction: its session and workers, and what it has made up to now. */
export class PipelineRun {
  readonly #checked: CheckedPipeline;
  readonly #transaction: Transaction;
  readonly #inputs: ReadonlyMap<string, Manifest>;
  readonly #lent: LentRun;
  readonly #stepParts = new Map<string, readonly Part[]>();
  readonly #tableParts = new Map<string, readonly Part[]>();
  readonly #steps: StepRecord[] = [];
  readonly #tables: CellSummary[] = [];
  readonly #confrontations: Confrontation[] = [];

  private constructor(
    context: Context,
    checked: CheckedPipeline,
    transaction: Transaction,
    session: Session,
    inputs: ReadonlyMap<string, Manifest>,
    log: Log,
  ) {
    this.#checked = checked;
    this.#transaction = transaction;
    this.#inputs = inputs;
    this.#lent = {
      context,
      pipeline: checked.pipeline,
      session,
      runner: new StepRunner(context.store, session, transaction, log),
      tableRunner: new TableRunner(context),
      stepParts: (name) => this.#stepParts.get(name) ?? inputs.get(name)?.parts ?? [],
      tableParts: (name) => this.#tableParts.get(name) ?? [],
    };
  }

  static async open(context: Context, checked: CheckedPipeline, transaction: Transaction, log: Log): Promise<PipelineRun> {
    const inputs = await runInputs(context, checked.pipeline);
    const session = await Session.open({
      temporaryDirectory: dirname(transaction.stage('spill/file')),
      allowedDirectories: ['admitted', 'integrated', 'tabulated', '_staging'].map((folder) => `${joinPath(context.store.root, folder)}/`),
      threads: context.threads,
      memoryLimit: context.memory,
      onRawError: rawErrorSink(context.store),
      signal: context.signal,
    });
    return new PipelineRun(context, checked, transaction, session, inputs, log);
  }

  async close(): Promise<void> {
    await this.#lent.tableRunner.close();
    this.#lent.session.close();
  }

  async execute(requested: readonly string[] | undefined): Promise<Omit<RunReport, 'changed'>> {
    const { pipeline, steps, tables } = this.#checked;
    const run = this.#lent;
    await requireRecordKeys(run.context, this.#checked, run.session, this.#inputs);
    const months = runMonths(pipeline, this.#inputs, requested);
    const progress = (index: number) => (done: number) =>
      run.context.progress.update(`run ${pipeline.pipeline}`, index + done, steps.length + tables.length, 'steps');
    for (const [index, step] of steps.entries()) {
      const { ref, parts, records, confrontations } = await runStep(run, step, months, progress(index));
      this.#stepParts.set(step.name, parts);
      this.#put(ref, parts, {});
      this.#steps.push(...records);
      this.#confrontations.push(...confrontations);
    }
    for (const [index, name] of tables.entries()) {
      if (linkedGroupOf(pipeline, name) !== undefined) continue;
      this.#keep(await runTable(run, name, months, progress(steps.length + index)));
    }
    for (const group of Object.values(pipeline.linked)) for (const result of await runLinked(run, group)) this.#keep(result);
    for (const [name, vintages] of Object.entries(pipeline.vintages)) this.#keep(await runVintages(run, name, vintages, months));
    for (const [name, index] of Object.entries(pipeline.indices)) this.#keep(await runIndex(run, name, index));
    return {
      pipeline: pipeline.pipeline,
      title: pipeline.title,
      periods: months,
      steps: this.#steps,
      tables: this.#tables,
      confrontations: this.#confrontations,
    };
  }

  #keep({ table, parts, facts, records, summaries }: TableResult): void {
    this.#tableParts.set(table, parts);
    this.#put(tabulatedRef(this.#checked.pipeline, table), parts, facts);
    this.#steps.push(...records);
    this.#tables.push(...summaries);
  }

  #put(ref: Ref, parts: readonly Part[], facts: JsonObject): void {
    this.#transaction.put(ref, { key: hashJson({ ref, parts: parts.map((part) => [part.partition, part.key]), facts }), parts, facts });
  }
}
