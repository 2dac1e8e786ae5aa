import { hashJson } from '../engine/canonical-json.ts';
import { DefinitionError } from '../engine/errors.ts';
import type { Part } from '../engine/manifest.ts';
import { id, join, literal, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import { type Context, withTabulated } from './context.ts';

const VIEWABLE = ['admitted', 'integrated', 'tabulated'];

/** Every dataset of CURRENT with one hash of its content: the same content gives the same lines. */
export async function viewIndex(context: Context): Promise<{ name: string; sha256: string }[]> {
  const { datasets } = await context.store.current();
  const entries = [];
  for (const ref of Object.keys(datasets).sort()) {
    const parts = (await context.store.manifest(ref as Ref))?.parts ?? [];
    entries.push({ name: ref, sha256: hashJson(parts.map((part) => [part.partition, part.sha256])) });
  }
  return entries;
}

export interface ViewOptions {
  readonly limit?: number | undefined;
  readonly period?: string | undefined;
}

/** Takes the rows of a dataset: its columns first, then the rows, every value as text or null. */
export interface ViewSink {
  columns(names: readonly string[]): void;
  row(values: readonly (string | null)[]): void;
}

/** Shows the rows of a dataset in a total order, of any size. Vault and received data are never shown. */
export async function viewDataset(context: Context, ref: Ref, options: ViewOptions, sink: ViewSink): Promise<void> {
  if (!VIEWABLE.some((state) => ref.endsWith(`@${state}`)))
    throw new DefinitionError('view-state', `only ${VIEWABLE.join(', ')} can be viewed; clear data stays in the vault`);
  const parts = await partsOfView(context, ref, options.period);
  await withTabulated(context, ['admitted'], async (session) => {
    const paths = await Promise.all(parts.map(async (part) => literal(await context.store.partPath(part))));
    const from = sql`read_parquet([${join(paths)}])`;
    const columns = (await session.describe(sql`SELECT * FROM ${from}`)).map((column) => column.name);
    const texts = columns.map((column) => sql`${id(column)}::VARCHAR AS ${id(column)}`);
    const limit = options.limit === undefined ? sql`` : sql` LIMIT ${options.limit}`;
    sink.columns(columns);
    const rows = session.batches(sql`SELECT ${join(texts)} FROM (SELECT * FROM ${from} ORDER BY ALL${limit})`);
    for await (const batch of rows) for (const row of batch) sink.row(row as (string | null)[]);
  });
}

async function partsOfView(context: Context, ref: Ref, period: string | undefined): Promise<readonly Part[]> {
  const isWanted = (part: Part): boolean =>
    part.path.endsWith('.parquet') && (period === undefined || part.partition === null || part.partition === period);
  const parts = ((await context.store.manifest(ref))?.parts ?? []).filter(isWanted);
  if (parts.length > 0) return parts;
  const message = 'there is no such dataset, or nothing in it for that month; `twinstat view` lists what there is';
  throw new DefinitionError('view-unknown', message);
}
