import { DefinitionError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import type { Context } from './context.ts';

/** The stored parts of a dataset as a view, of these periods or of all. Errors: `release-not-computed`. */
export async function viewOf(
  context: Context,
  session: Session,
  ref: Ref,
  view: string,
  periods: readonly string[] | undefined,
): Promise<void> {
  const manifest = await context.store.manifest(ref);
  const parts = (manifest?.parts ?? []).filter(
    (part) => periods === undefined || part.partition === null || periods.includes(part.partition),
  );
  if (parts.length === 0) throw new DefinitionError('release-not-computed', `${ref} is not computed; run the pipeline first`);
  const paths = await Promise.all(parts.map(async (part) => literal(await context.store.partPath(part))));
  await session.run(sql`CREATE OR REPLACE TEMP VIEW ${id(view)} AS SELECT * FROM read_parquet([${join(paths)}])`);
}
