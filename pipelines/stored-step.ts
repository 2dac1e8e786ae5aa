import { join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import type { Context } from './context.ts';

/** The stored rows of a step of a pipeline, as a relation; undefined where it has not run. */
export async function storedStep(context: Context, pipeline: string, step: string): Promise<Sql | undefined> {
  const parts = (await context.store.manifest(`${pipeline}.${step}@integrated` as Ref))?.parts ?? [];
  if (parts.length === 0) return undefined;
  const paths = await Promise.all(parts.map(async (part) => literal(await context.store.partPath(part))));
  return sql`read_parquet([${join(paths)}])`;
}
