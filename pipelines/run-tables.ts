import type { Part } from '../engine/manifest.ts';
import { type ImputedCells, imputedWork, readImputedCells } from './imputed-cells.ts';
import { type LentRun, type TableResult, tableOf } from './lent-run.ts';
import { keptParts, partsOf } from './months.ts';
import { type StepRecord, workKey } from './step-runner.ts';
import { type CellSummary, cellSummary, storeCells } from './store-cells.ts';
import { readTableFacts, tableFacts } from './table-facts.ts';
import { tableJob } from './table-job.ts';
import { gapsOf } from './table-spec.ts';
import type { ProtectedCells } from './table-worker.ts';

/** A table that is in no linked group, month by month; the workers protect the months that no earlier run holds. */
export async function runTable(
  run: LentRun,
  name: string,
  months: readonly string[],
  progress: (done: number) => void,
): Promise<TableResult> {
  const { context, session, runner, tableRunner, stepParts } = run;
  const { ref, table, spec, policy } = tableOf(run, name);
  const before = await context.store.manifest(ref);
  const earlier = before?.parts ?? [];
  const gaps = gapsOf(table);
  const job = tableJob(session, table.from, spec, policy, tableRunner.memory);
  const definition = { table: spec, policy, units: table.units ?? {}, ...(gaps.length > 0 && { gaps }), ...imputedWork(table) };
  const reads = (month: string) => ({ [table.from]: partsOf(stepParts(table.from), month) });
  const isKnown = (month: string): boolean =>
    earlier.some((part) => part.partition === month && part.key === workKey({ definition, reads: reads(month), period: month }));
  const imputed = new Map<string, ImputedCells>();
  const read = async (month: string) => {
    await runner.view(table.from, reads(month)[table.from] ?? [], stepParts(table.from));
    const work = await job(month);
    imputed.set(month, await readImputedCells(session, table.from, spec, table.imputed, work.read.facts));
    return work;
  };
  const unknown = months.filter((each) => !isKnown(each));
  const computed = tableRunner.run(unknown, read);
  const parts: Part[] = [];
  const records: StepRecord[] = [];
  const summaries: CellSummary[] = [];
  for (const [position, month] of months.entries()) {
    progress(position / months.length);
    const compute = async (): Promise<void> => {
      await storeCells(session, (await computed.next()).value as ProtectedCells, policy, table, imputed.get(month));
      imputed.delete(month);
    };
    const { part, record } = await runner.part({ ref, period: month, definition, reads: reads(month), compute }, earlier, context.clock);
    parts.push(part);
    records.push(record);
    await runner.view('stored_cells', [part], [part]);
    summaries.push(await cellSummary(session, 'stored_cells', name, month));
  }
  const facts = tableFacts(readTableFacts(before), months, policy);
  return { table: name, parts: [...keptParts(earlier, months), ...parts], facts, records, summaries };
}
