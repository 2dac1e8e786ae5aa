import type { Manifest, Part } from '../engine/manifest.ts';
import type { Ref } from '../engine/store.ts';
import { WorkerPool } from '../engine/worker-pool.ts';
import type { LinkedTables } from './definition.ts';
import { requireFollowed } from './linked-identity.ts';
import { type LinkedRun, type LinkedTable, type Slice, SliceRun } from './linked-slice.ts';
import type { LinkedJob, LinkedOutcome } from './linked-worker.ts';
import { partsOf } from './months.ts';
import { readLedger } from './release-ledger.ts';
import type { StepRecord } from './step-runner.ts';
import { type CellSummary, cellSummary, storeCells } from './store-cells.ts';
import { type PipelinePolicy, protectionPolicy, tabulateTable } from './table-spec.ts';
import type { ProtectedCells } from './table-worker.ts';

export interface LinkedResult {
  readonly table: string;
  readonly policy: PipelinePolicy;
  readonly parts: Part[];
  readonly records: StepRecord[];
  readonly summaries: CellSummary[];
  /** Keys that are withheld because a release withheld them, by slice; a fact of the stored table. */
  readonly inherited: Record<string, readonly string[]>;
}

/**
 * The tables of a linked group in all months that are computed, also those of earlier runs: one pattern over all months, or one in each.
 * Where no step and no table that decides a pattern has changed, everything is taken from there. Errors: those of
 * `linkedPattern`, `linked-identity`.
 */
export async function runLinked(run: LinkedRun, group: LinkedTables): Promise<LinkedResult[]> {
  const { context, session, runner, stepParts, tableParts } = run;
  const of = group.tables.map((name) => linkedTable(run, name));
  const months = [...new Set(of.flatMap(({ table }) => stepParts(table.from).flatMap(({ partition }) => partition ?? [])))].sort();
  const slices: Slice[] = group.each_month ? months.map((month) => ({ name: month, months: [month] })) : [{ name: 'all', months }];
  const earlier = new Map<string, Manifest | undefined>();
  for (const { name, ref } of of) earlier.set(name, await context.store.manifest(ref));
  const { pages } = await readLedger(context);
  const results = of.map(
    ({ name, policy }): LinkedResult => ({ table: name, policy, parts: [], records: [], summaries: [], inherited: {} }),
  );
  const pool = new WorkerPool<LinkedJob, LinkedOutcome>('pipelines/linked-worker', 1, context.signal);
  try {
    for (const slice of slices) {
      const sliceRun = new SliceRun(run, { group, slice, of, earlier, pages, pool });
      const found = await sliceRun.protect();
      for (const [at, { name, ref, table, policy }] of of.entries()) {
        const result = results[at] as LinkedResult;
        if (found.inherited.length > 0) result.inherited[slice.name] = found.inherited;
        for (const month of slice.months) {
          const compute = (): Promise<void> => storeCells(session, found.cells(name, month) as ProtectedCells, policy, table);
          const asked = { ...sliceRun.work(name, month, found.inherited), ref, compute };
          const { part, record } = await runner.part(asked, earlier.get(name)?.parts ?? [], context.clock);
          result.parts.push(part);
          result.records.push(record);
          await runner.view('stored_cells', [part], [part]);
          result.summaries.push(await cellSummary(session, 'stored_cells', name, month));
          for (const follow of Object.keys(group.follow)) {
            await runner.view('followed', partsOf(tableParts(follow), month), tableParts(follow));
            await requireFollowed(session, run.pipeline, group, { table: name, follow, month });
          }
        }
      }
    }
  } finally {
    await pool.close();
  }
  return results;
}

function linkedTable({ pipeline, context }: LinkedRun, name: string): LinkedTable {
  const table = pipeline.tables[name];
  if (table === undefined) throw new Error(`no table ${name}`);
  const ref: Ref = `${pipeline.pipeline}.${name}@tabulated`;
  return { name, ref, table, spec: tabulateTable(name, table), policy: protectionPolicy(pipeline, table, context.workspace) };
}
