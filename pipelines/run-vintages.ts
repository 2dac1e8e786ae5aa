import type { Part } from '../engine/manifest.ts';
import type { VintageTable } from './definition.ts';
import { imputedWork } from './imputed-cells.ts';
import { type LentRun, type TableResult, tableOf, tabulatedRef } from './lent-run.ts';
import { keptParts, partsOf } from './months.ts';
import type { StepRecord } from './step-runner.ts';
import { type CellSummary, cellSummary } from './store-cells.ts';
import { storeVintages } from './store-vintages.ts';

/** The vintages of a table, month by month, after the table itself. */
export async function runVintages(run: LentRun, name: string, vintages: VintageTable, months: readonly string[]): Promise<TableResult> {
  const { context, pipeline, session, runner, tableRunner, stepParts, tableParts } = run;
  const { table, spec, policy } = tableOf(run, vintages.of);
  const ref = tabulatedRef(pipeline, name);
  const earlier = (await context.store.manifest(ref))?.parts ?? [];
  const definition = { vintages, table: spec, policy, units: table.units ?? {}, ...imputedWork(table) };
  const parts: Part[] = [];
  const records: StepRecord[] = [];
  const summaries: CellSummary[] = [];
  for (const month of months) {
    const steps = [table.from, vintages.from].map((step) => [step, partsOf(stepParts(step), month)] as const);
    const final = partsOf(tableParts(vintages.of), month);
    const reads = { ...Object.fromEntries(steps), final_cells: final };
    const compute = async (): Promise<void> => {
      for (const [view, of] of steps) await runner.view(view, of, stepParts(view));
      await runner.view('final_cells', final, final);
      const { memory } = tableRunner;
      await storeVintages(session, { name, vintages, table, policy, month, finalCells: 'final_cells', memory });
    };
    const { part, record } = await runner.part({ ref, period: month, definition, reads, compute }, earlier, context.clock);
    parts.push(part);
    records.push(record);
    await runner.view('stored_cells', [part], [part]);
    summaries.push(await cellSummary(session, 'stored_cells', name, month));
  }
  return { table: name, parts: [...keptParts(earlier, months), ...parts], facts: {}, records, summaries };
}
