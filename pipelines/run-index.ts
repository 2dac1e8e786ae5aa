import { sql } from '../engine/sql.ts';
import type { PriceIndexTable } from './definition.ts';
import { type LentRun, type TableResult, tabulatedRef } from './lent-run.ts';
import { storeIndex } from './store-index.ts';

/** A price index as it is published, over all months at once. */
export async function runIndex(run: LentRun, name: string, index: PriceIndexTable): Promise<TableResult> {
  const { context, pipeline, session, runner, stepParts } = run;
  const ref = tabulatedRef(pipeline, name);
  const earlier = (await context.store.manifest(ref))?.parts ?? [];
  const reads = { [index.from]: stepParts(index.from), [index.turnover]: stepParts(index.turnover) };
  const compute = async (): Promise<void> => {
    for (const [view, parts] of Object.entries(reads)) await runner.view(view, parts, parts);
    await storeIndex(session, index);
  };
  const { part, record } = await runner.part({ ref, period: null, definition: index, reads, compute }, earlier, context.clock);
  await runner.view('stored_cells', [part], [part]);
  const rows = await session.rows<{ month: string; cells: bigint; suppressed: bigint }>(
    sql`SELECT time_period AS month, count(*) AS cells, count(*) FILTER (suppressed = 1) AS suppressed FROM stored_cells GROUP BY ALL ORDER BY ALL`,
  );
  const summaries = rows.map((row) => ({
    table: name,
    period: row.month,
    cells: Number(row.cells),
    primary: Number(row.suppressed),
    secondary: 0,
  }));
  return { table: name, parts: [part], facts: {}, records: [record], summaries };
}
