import { DefinitionError } from '../engine/errors.ts';
import type { Manifest } from '../engine/manifest.ts';
import type { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';

/** Parts that were taken in before the contract had record keys lack the column. Errors: `run-no-record-keys`. */
export async function requireRecordKeys(
  { store }: Pick<Context, 'store'>,
  { pipeline, recordKeys }: CheckedPipeline,
  session: Session,
  inputs: ReadonlyMap<string, Manifest>,
): Promise<void> {
  for (const [name, columns] of Object.entries(recordKeys)) {
    for (const part of inputs.get(name)?.parts ?? []) {
      const path = await store.partPath(part);
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
