import type { JsonObject } from '../engine/canonical-json.ts';
import type { Part } from '../engine/manifest.ts';
import { addMonths, comparePeriods } from '../engine/period.ts';
import { literal, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import { type CheckedPipeline, releasedTables } from './checked-pipeline.ts';
import { type Context, withTabulated } from './context.ts';
import { readLedger } from './release-ledger.ts';

/** The months of a pipeline that are computed, mature and not released yet. */
export async function releasableMonths(context: Context, checked: CheckedPipeline): Promise<string[]> {
  const { pipeline } = checked;
  const names = [...releasedTables(checked), ...checked.indices];
  const months = new Set<string>();
  for (const name of names) {
    const manifest = await context.store.manifest(`${pipeline.pipeline}.${name}@tabulated`);
    const parts = manifest?.parts ?? [];
    for (const part of parts)
      for (const month of part.partition === null ? await indexMonths(context, part) : [part.partition]) months.add(month);
  }
  const delivered = await newestDelivery(context, checked);
  const released = new Set(
    (await readLedger(context)).pages.filter((page) => page.dataset === pipeline.pipeline).map((page) => page.period),
  );
  const wait = Number(/^P(\d+)M$/.exec(pipeline.release?.maturity ?? 'P0M')?.[1] ?? 0);
  return [...months]
    .sort()
    .filter((month) => !released.has(month) && (delivered === undefined || comparePeriods(addMonths(month, wait), delivered) <= 0));
}

/** The newest month of which every input has a delivery. */
export async function newestDelivery(context: Context, checked: CheckedPipeline): Promise<string | undefined> {
  const newest: string[] = [];
  for (const ref of Object.values(checked.pipeline.inputs)) {
    const manifest = await context.store.manifest(ref as Ref);
    const months = Object.keys((manifest?.facts['deliveries'] as JsonObject | undefined) ?? {}).filter((name) =>
      /^\d{4}-\d{2}$/.test(name),
    );
    const last = months.sort().at(-1);
    if (last !== undefined) newest.push(last);
  }
  return newest.sort()[0];
}

async function indexMonths(context: Context, part: Part): Promise<string[]> {
  return withTabulated(context, [], async (session) => {
    const path = await context.store.partPath(part);
    const rows = await session.rows<{ month: string }>(
      sql`SELECT DISTINCT time_period AS month FROM read_parquet(${literal(path)}) ORDER BY month`,
    );
    return rows.map((row) => row.month);
  });
}
