import type { Manifest, Part } from '../engine/manifest.ts';
import { WorkerPool } from '../engine/worker-pool.ts';
import type { LinkedTables } from './definition.ts';
import { type LentRun, type TableResult, tableOf } from './lent-run.ts';
import { requireFollowed } from './linked-identity.ts';
import { type Slice, SliceRun } from './linked-slice.ts';
import type { LinkedJob, LinkedOutcome } from './linked-worker.ts';
import { partsOf } from './months.ts';
import { readLedger } from './release-ledger.ts';
import type { StepRecord } from './step-runner.ts';
import { type CellSummary, cellSummary, storeCells } from './store-cells.ts';
import { readTableFacts, tableFacts } from './table-facts.ts';
import type { ProtectedCells } from './table-worker.ts';

interface Made {
  readonly parts: Part[];
  readonly records: StepRecord[];
  readonly summaries: CellSummary[];
}

/**
 * The tables of a linked group in all months that are computed, also those of earlier runs: one pattern over all months, or one in each.
 * Where no step and no table that decides a pattern has changed, everything is taken from there. Errors: those of
 * `linkedPattern`, `linked-identity`.
 */
export async function runLinked(run: LentRun, group: LinkedTables): Promise<TableResult[]> {
  const { context, session, runner, stepParts, tableParts } = run;
  const of = group.tables.map((name) => tableOf(run, name));
  const months = [...new Set(of.flatMap(({ table }) => stepParts(table.from).flatMap(({ partition }) => partition ?? [])))].sort();
  const slices: Slice[] = group.each_month ? months.map((month) => ({ name: month, months: [month] })) : [{ name: 'all', months }];
  const earlier = new Map<string, Manifest | undefined>();
  for (const { name, ref } of of) earlier.set(name, await context.store.manifest(ref));
  const { pages } = await readLedger(context);
  const made = new Map(of.map(({ name }): [string, Made] => [name, { parts: [], records: [], summaries: [] }]));
  const inherited: Record<string, readonly string[]> = {};
  const pool = new WorkerPool<LinkedJob, LinkedOutcome>('pipelines/linked-worker', 1, context.signal);
  try {
    for (const slice of slices) {
      const sliceRun = new SliceRun(run, { group, slice, of, earlier, pages, pool });
      const found = await sliceRun.protect();
      if (found.inherited.length > 0) inherited[slice.name] = found.inherited;
      for (const { name, ref, table, policy } of of)
        for (const month of slice.months) {
          const compute = (): Promise<void> =>
            storeCells(session, found.cells(name, month) as ProtectedCells, policy, table, found.imputed(name, month));
          const asked = { ...sliceRun.work(name, month, found.inherited), ref, compute };
          const { part, record } = await runner.part(asked, earlier.get(name)?.parts ?? [], context.clock);
          await runner.view('stored_cells', [part], [part]);
          const { parts, records, summaries } = made.get(name) as Made;
          parts.push(part);
          records.push(record);
          summaries.push(await cellSummary(session, 'stored_cells', name, month));
          for (const follow of Object.keys(group.follow)) {
            await runner.view('followed', partsOf(tableParts(follow), month), tableParts(follow));
            await requireFollowed(session, run.pipeline, group, { table: name, follow, month });
          }
        }
    }
  } finally {
    await pool.close();
  }
  return of.map(({ name, policy }) => ({
    table: name,
    ...(made.get(name) as Made),
    facts: {
      ...tableFacts(readTableFacts(earlier.get(name)), months, policy),
      // Keys that are withheld because a release withheld them.
      ...(Object.keys(inherited).length > 0 && { inherited }),
    },
  }));
}
