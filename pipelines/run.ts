import { dirname, join as joinPath } from 'node:path';
import type { JsonObject } from '../engine/canonical-json.ts';
import { hashJson } from '../engine/canonical-json.ts';
import { AppError, DefinitionError, DeliveryError } from '../engine/errors.ts';
import type { Log } from '../engine/log.ts';
import type { Manifest, Part } from '../engine/manifest.ts';
import { Session } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import type { Transaction } from '../engine/transaction.ts';
import { transforms } from '../transforms/index.ts';
import { agreementRecord } from './agreement-facts.ts';
import { type CheckedPipeline, type CheckedStep, checkedPipeline } from './checked-pipeline.ts';
import { type Confrontation, confront } from './confront.ts';
import { type Context, rawErrorSink } from './context.ts';
import type { LinkedTables } from './definition.ts';
import { linkedGroupOf } from './linked-given.ts';
import { monthsOf, partitionsOf, partsOf } from './months.ts';
import { writeRunQuality } from './quality-report.ts';
import { runLinked } from './run-linked.ts';
import { openRunLog, writeRunRecord } from './run-record.ts';
import { type StepRecord, StepRunner, workKey } from './step-runner.ts';
import { type CellSummary, cellSummary, storeCells } from './store-cells.ts';
import { storeIndex } from './store-index.ts';
import { storeVintages } from './store-vintages.ts';
import { readTableFacts, tableFacts } from './table-facts.ts';
import { tableJob } from './table-job.ts';
import { TableRunner } from './table-runner.ts';
import { gapsOf, protectionPolicy, tabulateTable } from './table-spec.ts';
import type { ProtectedCells } from './table-worker.ts';

export interface RunRequest {
  readonly pipeline: string;
  /** Months to compute, ascending; left out: every month that the inputs hold. */
  readonly periods?: readonly string[];
}

export interface RunReport {
  readonly pipeline: string;
  readonly title: { readonly en: string; readonly he: string };
  readonly periods: readonly string[];
  readonly steps: readonly StepRecord[];
  readonly tables: readonly CellSummary[];
  readonly confrontations: readonly Confrontation[];
  readonly changed: boolean;
}

/**
 * Computes a pipeline month by month, protects its tables and commits all of it at once. A month whose inputs, definitions and code
 * are those of an earlier run is taken from there. DeliveryError `quality-gate` (exit 3) when a rule with severity error fails.
 */
export async function runPipeline(context: Context, request: RunRequest): Promise<RunReport> {
  const checked = await checkedPipeline(context, request.pipeline);
  const transaction = await context.store.begin(`run ${request.pipeline}`);
  const log = await openRunLog(context, transaction.id);
  let run: PipelineRun | undefined;
  try {
    run = await PipelineRun.open(context, checked, transaction, log);
    const report = await run.execute(request.periods);
    await run.close();
    const { changed } = await transaction.commit();
    const { pipeline, steps, tables, indices } = checked;
    const agreement = await agreementRecord(context, pipeline);
    await writeRunRecord(context, transaction.id, {
      command: `run ${request.pipeline}`,
      inputs: Object.values(pipeline.inputs),
      outputs: [
        ...steps.map((step) => `${request.pipeline}.${step.name}@integrated`),
        ...[...tables, ...indices, ...Object.keys(pipeline.vintages)].map((name) => `${request.pipeline}.${name}@tabulated`),
      ],
      facts: {
        changed,
        periods: report.periods,
        steps: report.steps,
        tables: report.tables,
        confrontations: report.confrontations,
        ...agreement,
      },
    });
    await writeRunQuality(context, transaction.id, checked, report);
    return { ...report, changed };
  } catch (error) {
    log.warn('failed', { code: error instanceof AppError ? error.code : 'bug' });
    await run?.close();
    await transaction.abort();
    throw error;
  } finally {
    log.close();
    context.progress.end();
  }
}

type Results = Map<string, Part[]>;

class PipelineRun {
  readonly #context: Context;
  readonly #checked: CheckedPipeline;
  readonly #transaction: Transaction;
  readonly #session: Session;
  readonly #runner: StepRunner;
  readonly #tableRunner: TableRunner;
  readonly #inputs: ReadonlyMap<string, Manifest>;
  readonly #results: Results = new Map();
  readonly #tables: Results = new Map();
  readonly #steps: StepRecord[] = [];
  readonly #confrontations: Confrontation[] = [];

  private constructor(
    context: Context,
    checked: CheckedPipeline,
    transaction: Transaction,
    session: Session,
    inputs: ReadonlyMap<string, Manifest>,
    log: Log,
  ) {
    this.#context = context;
    this.#checked = checked;
    this.#transaction = transaction;
    this.#session = session;
    this.#inputs = inputs;
    this.#tableRunner = new TableRunner(context);
    this.#runner = new StepRunner(context.store, session, transaction, log);
  }

  static async open(context: Context, checked: CheckedPipeline, transaction: Transaction, log: Log): Promise<PipelineRun> {
    const inputs = new Map<string, Manifest>();
    for (const [name, ref] of Object.entries(checked.pipeline.inputs)) {
      const manifest = await context.store.manifest(ref as Ref);
      if (manifest === undefined)
        throw new DefinitionError(
          'run-no-input',
          `input ${name} of ${checked.pipeline.pipeline} is ${ref}, which the data root does not hold yet; ingest it first (twinstat ingest)`,
        );
      inputs.set(name, manifest);
    }
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
    await this.#tableRunner.close();
    this.#session.close();
  }

  async execute(requested: readonly string[] | undefined): Promise<Omit<RunReport, 'changed'>> {
    const { pipeline } = this.#checked;
    await requireRecordKeys(this.#context, this.#checked, this.#session, this.#inputs);
    const available = monthsOf(this.#inputs.values());
    const months = requested === undefined ? available : available.filter((month) => requested.includes(month));
    if (months.length === 0)
      throw new DefinitionError(
        'run-no-period',
        `${pipeline.pipeline}: the inputs hold no month of those asked for; they hold ${available.length === 0 ? 'none' : `${available[0]}..${available.at(-1)}`}`,
      );
    const stages = this.#checked.steps.length + this.#checked.tables.length;
    for (const [index, step] of this.#checked.steps.entries()) await this.#step(step, partitionsOf(step.over, months), index, stages);
    const tables: CellSummary[] = [];
    for (const [index, table] of this.#checked.tables.entries())
      tables.push(...(await this.#table(table, months, this.#checked.steps.length + index, stages)));
    for (const group of Object.values(pipeline.linked)) tables.push(...(await this.#linked(group)));
    for (const name of Object.keys(pipeline.vintages)) tables.push(...(await this.#vintages(name, months)));
    for (const index of this.#checked.indices) tables.push(...(await this.#index(index)));
    return {
      pipeline: pipeline.pipeline,
      title: pipeline.title,
      periods: months,
      steps: this.#steps,
      tables,
      confrontations: this.#confrontations,
    };
  }

  #ref(name: string, state: 'integrated' | 'tabulated'): Ref {
    return `${this.#checked.pipeline.pipeline}.${name}@${state}`;
  }

  #allParts(name: string): readonly Part[] {
    return this.#results.get(name) ?? this.#inputs.get(name)?.parts ?? [];
  }

  async #step(step: CheckedStep, months: readonly (string | null)[], index: number, stages: number): Promise<void> {
    const ref = this.#ref(step.name, 'integrated');
    const earlier = (await this.#context.store.manifest(ref))?.parts ?? [];
    const parts: Part[] = [];
    for (const [position, month] of months.entries()) {
      this.#context.progress.update(`run ${this.#checked.pipeline.pipeline}`, index + position / months.length, stages, 'steps');
      const reads = Object.fromEntries(step.readsOf.map((name) => [name, partsOf(this.#allParts(name), month)]));
      const { part, record } = await this.#runner.part(
        { ref, period: month, definition: step.definition, sort: step.sort, reads, compute: () => this.#compute(step, month, reads) },
        earlier,
        this.#context.clock,
      );
      parts.push(part);
      this.#steps.push(record);
      await this.#confrontStep(step.name, month, part);
    }
    const kept = step.over === 'all' ? [] : earlier.filter((part) => part.partition !== null && !months.includes(part.partition));
    this.#results.set(step.name, [...kept, ...parts]);
    this.#put(ref, [...kept, ...parts], {});
  }

  async #compute(step: CheckedStep, month: string | null, reads: Readonly<Record<string, readonly Part[]>>): Promise<void> {
    for (const [name, parts] of Object.entries(reads)) await this.#runner.view(name, parts, this.#allParts(name));
    if (step.kind === 'sql') {
      const select = step.select.bind(month === null ? {} : { reference_period: month });
      await this.#session.run(sql`CREATE OR REPLACE TEMP TABLE step_result AS ${select}`);
      return;
    }
    const transform = transforms[step.transform];
    if (transform === undefined) throw new DefinitionError('step-no-transform', `step ${step.name}: there is no transform of that name`);
    const select = transform.build({ from: id(step.from), with: step.with, ...(month !== null && { period: month }) });
    await this.#session.run(sql`CREATE OR REPLACE TEMP TABLE step_result AS ${select}`);
  }

  async #confrontStep(step: string, month: string | null, part: Part): Promise<void> {
    const rules = this.#checked.pipeline.rules.filter((rule) => rule.on === step);
    if (rules.length === 0) return;
    await this.#runner.view('confronted', [part], [part]);
    for (const rule of rules) {
      const result = await confront(this.#session, rule, 'confronted', month);
      this.#confrontations.push(result);
      if (result.failed && rule.severity === 'error') {
        throw new DeliveryError(
          'quality-gate',
          `rule ${rule.name} on step ${step} failed${month === null ? '' : ` in ${month}`}: nothing was published; look at the rule, then at the deliveries of the month`,
          {
            rule: rule.name,
            facts: { fails: result.fails, missing: result.missing },
          },
        );
      }
    }
  }

  async #table(name: string, months: readonly string[], index: number, stages: number): Promise<CellSummary[]> {
    const { pipeline } = this.#checked;
    const table = pipeline.tables[name];
    if (table === undefined || linkedGroupOf(pipeline, name) !== undefined) return [];
    const ref = this.#ref(name, 'tabulated');
    const before = await this.#context.store.manifest(ref);
    const earlier = before?.parts ?? [];
    const spec = tabulateTable(name, table);
    const policy = protectionPolicy(pipeline, table, this.#context.workspace);
    const gaps = gapsOf(table);
    const job = tableJob(this.#session, table.from, spec, policy, this.#tableRunner.memory);
    const definition = { table: spec, policy, units: table.units ?? {}, ...(gaps.length > 0 && { gaps }) };
    const reads = (month: string) => ({ [table.from]: partsOf(this.#allParts(table.from), month) });
    const isKnown = (month: string): boolean =>
      earlier.some((part) => part.partition === month && part.key === workKey({ definition, reads: reads(month), period: month }));
    const progress = (done: number): void =>
      this.#context.progress.update(`run ${pipeline.pipeline}`, index + done / months.length, stages, 'steps');
    const read = async (month: string) => {
      await this.#runner.view(table.from, reads(month)[table.from] ?? [], this.#allParts(table.from));
      return job(month);
    };
    const unknown = months.filter((each) => !isKnown(each));
    const computed = this.#tableRunner.run(unknown, read);
    const parts: Part[] = [];
    const summaries: CellSummary[] = [];
    for (const [position, month] of months.entries()) {
      progress(position);
      const compute = async (): Promise<void> => {
        await storeCells(this.#session, (await computed.next()).value as ProtectedCells, policy, table);
      };
      const { part, record } = await this.#runner.part(
        { ref, period: month, definition, reads: reads(month), compute },
        earlier,
        this.#context.clock,
      );
      parts.push(part);
      this.#steps.push(record);
      await this.#runner.view('stored_cells', [part], [part]);
      summaries.push(await cellSummary(this.#session, 'stored_cells', name, month));
    }
    const kept = earlier.filter((part) => part.partition !== null && !months.includes(part.partition));
    this.#tables.set(name, [...kept, ...parts]);
    this.#put(ref, [...kept, ...parts], tableFacts(readTableFacts(before), months, policy));
    return summaries;
  }

  /** Linked tables, after those that they follow. */
  async #linked(group: LinkedTables): Promise<CellSummary[]> {
    const summaries: CellSummary[] = [];
    const run = {
      context: this.#context,
      pipeline: this.#checked.pipeline,
      session: this.#session,
      runner: this.#runner,
      tableRunner: this.#tableRunner,
      stepParts: (name: string) => this.#allParts(name),
      tableParts: (name: string) => this.#tables.get(name) ?? [],
    };
    for (const { table, policy, parts, records, summaries: own, inherited } of await runLinked(run, group)) {
      const ref = this.#ref(table, 'tabulated');
      const before = readTableFacts(await this.#context.store.manifest(ref));
      const months = parts.flatMap(({ partition }) => partition ?? []);
      this.#tables.set(table, [...parts]);
      this.#put(ref, parts, { ...tableFacts(before, months, policy), ...(Object.keys(inherited).length > 0 && { inherited }) });
      this.#steps.push(...records);
      summaries.push(...own);
    }
    return summaries;
  }

  /** The vintages of a table, month by month, after the table itself. */
  async #vintages(name: string, months: readonly string[]): Promise<CellSummary[]> {
    const { pipeline } = this.#checked;
    const vintages = pipeline.vintages[name];
    const table = pipeline.tables[vintages?.of ?? ''];
    if (vintages === undefined || table === undefined) return [];
    const ref = this.#ref(name, 'tabulated');
    const earlier = (await this.#context.store.manifest(ref))?.parts ?? [];
    const policy = protectionPolicy(pipeline, table, this.#context.workspace);
    const definition = { vintages, table: tabulateTable(vintages.of, table), policy, units: table.units ?? {} };
    const parts: Part[] = [];
    const summaries: CellSummary[] = [];
    for (const month of months) {
      const steps = [table.from, vintages.from].map((step) => [step, partsOf(this.#allParts(step), month)] as const);
      const final = partsOf(this.#tables.get(vintages.of) ?? [], month);
      const reads = { ...Object.fromEntries(steps), final_cells: final };
      const compute = async (): Promise<void> => {
        for (const [view, of] of steps) await this.#runner.view(view, of, this.#allParts(view));
        await this.#runner.view('final_cells', final, final);
        const memory = this.#tableRunner.memory;
        await storeVintages(this.#session, { name, vintages, table, policy, month, finalCells: 'final_cells', memory });
      };
      const { part, record } = await this.#runner.part({ ref, period: month, definition, reads, compute }, earlier, this.#context.clock);
      parts.push(part);
      this.#steps.push(record);
      await this.#runner.view('stored_cells', [part], [part]);
      summaries.push(await cellSummary(this.#session, 'stored_cells', name, month));
    }
    this.#put(ref, [...earlier.filter((part) => part.partition !== null && !months.includes(part.partition)), ...parts], {});
    return summaries;
  }

  async #index(name: string): Promise<CellSummary[]> {
    const { pipeline } = this.#checked;
    const index = pipeline.indices?.[name];
    if (index === undefined) return [];
    const ref = this.#ref(name, 'tabulated');
    const earlier = (await this.#context.store.manifest(ref))?.parts ?? [];
    const reads = { [index.from]: this.#allParts(index.from), [index.turnover]: this.#allParts(index.turnover) };
    const compute = async (): Promise<void> => {
      for (const [view, parts] of Object.entries(reads)) await this.#runner.view(view, parts, parts);
      await storeIndex(this.#session, index);
    };
    const { part, record } = await this.#runner.part(
      { ref, period: null, definition: index, reads, compute },
      earlier,
      this.#context.clock,
    );
    this.#steps.push(record);
    this.#put(ref, [part], {});
    await this.#runner.view('stored_cells', [part], [part]);
    const rows = await this.#session.rows<{ month: string; cells: bigint; suppressed: bigint }>(
      sql`SELECT time_period AS month, count(*) AS cells, count(*) FILTER (suppressed = 1) AS suppressed FROM stored_cells GROUP BY ALL ORDER BY ALL`,
    );
    return rows.map((row) => ({
      table: name,
      period: row.month,
      cells: Number(row.cells),
      primary: Number(row.suppressed),
      secondary: 0,
    }));
  }

  #put(ref: Ref, parts: readonly Part[], facts: JsonObject): void {
    this.#transaction.put(ref, { key: hashJson({ ref, parts: parts.map((part) => [part.partition, part.key]), facts }), parts, facts });
  }
}

/** Parts that were taken in before the contract had record keys lack the column. Errors: `run-no-record-keys`. */
async function requireRecordKeys(
  context: Context,
  { pipeline, recordKeys }: CheckedPipeline,
  session: Session,
  inputs: ReadonlyMap<string, Manifest>,
): Promise<void> {
  for (const [name, columns] of Object.entries(recordKeys)) {
    for (const part of inputs.get(name)?.parts ?? []) {
      const path = await context.store.partPath(part);
      const found = (await session.describe(sql`SELECT * FROM read_parquet(${path})`)).map((column) => column.name);
      const missing = columns.filter((column) => !found.includes(column));
      if (missing.length === 0) continue;
      throw new DefinitionError(
        'run-no-record-keys',
        `${pipeline.inputs[name]} lacks ${missing.join(', ')}${part.partition === null ? '' : ` in ${part.partition}`}: it was taken in before its contract had record keys; take its deliveries in again (twinstat ingest)`,
      );
    }
  }
}
