import { id, join, literal, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import { partitionFacts } from '../transforms/tabulate/partition.ts';
import { planTable, type TablePlan } from '../transforms/tabulate/plan.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import { type Context, withTabulated } from './context.ts';
import { kernelMemory } from './table-runner.ts';
import { tabulateTable } from './table-spec.ts';

/** Memory of the session that looks; the limit of the context is that of the run that is explained. */
const LOOKING = '1GB';

/** How a table of a pipeline would be computed in its newest month; without a plan where its step has not been computed yet. */
export interface PlannedTable {
  readonly name: string;
  readonly from: string;
  readonly month: string | undefined;
  readonly plan: TablePlan | undefined;
}

/** Looks at the newest month of the step of each table; computes no cell. */
export async function planTables(context: Context, { pipeline, tables }: CheckedPipeline): Promise<PlannedTable[]> {
  if (tables.length === 0) return [];
  return withTabulated({ ...context, memory: LOOKING }, [], async (session) => {
    const planned: PlannedTable[] = [];
    for (const name of tables) {
      const table = pipeline.tables[name];
      if (table === undefined) continue;
      const parts = (await context.store.manifest(`${pipeline.pipeline}.${table.from}@integrated` as Ref))?.parts ?? [];
      const month = parts.at(-1)?.partition ?? undefined;
      if (month === undefined) {
        planned.push({ name, from: table.from, month: undefined, plan: undefined });
        continue;
      }
      const paths = await Promise.all(
        parts.filter((part) => part.partition === month).map(async (part) => literal(await context.store.partPath(part))),
      );
      await session.run(sql`CREATE OR REPLACE TEMP VIEW ${id('planned')} AS SELECT * FROM read_parquet([${join(paths)}])`);
      const spec = tabulateTable(name, table);
      const facts = await partitionFacts(session, 'planned', spec);
      planned.push({ name, from: table.from, month, plan: planTable(spec, facts, kernelMemory(context.memory)) });
    }
    return planned;
  });
}
