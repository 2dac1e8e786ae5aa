import { join as joinPath } from 'node:path';
import { hashJson } from '../engine/canonical-json.ts';
import { DefinitionError } from '../engine/errors.ts';
import { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import { type Context, rawErrorSink } from './context.ts';

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

/** The rows of a dataset in a total order, as CSV text and as objects. Vault and received data are never shown. */
export async function viewDataset(
  context: Context,
  ref: Ref,
  options: { limit?: number | undefined; period?: string | undefined },
): Promise<{ csv: string; rows: Record<string, unknown>[] }> {
  if (!VIEWABLE.some((state) => ref.endsWith(`@${state}`)))
    throw new DefinitionError('view-state', `only ${VIEWABLE.join(', ')} can be viewed; clear data stays in the vault`);
  const manifest = await context.store.manifest(ref);
  const parts = (manifest?.parts ?? []).filter(
    (part) =>
      part.path.endsWith('.parquet') && (options.period === undefined || part.partition === null || part.partition === options.period),
  );
  if (parts.length === 0)
    throw new DefinitionError(
      'view-unknown',
      'there is no such dataset, or nothing in it for that month; `twinstat view` lists what there is',
    );
  const session = await Session.open({
    temporaryDirectory: joinPath(context.store.root, '_tmp'),
    allowedDirectories: VIEWABLE.map((state) => `${joinPath(context.store.root, state)}/`),
    threads: context.threads,
    memoryLimit: context.memory,
    onRawError: rawErrorSink(context.store),
    signal: context.signal,
  });
  try {
    const paths = await Promise.all(parts.map(async (part) => literal(await context.store.partPath(part))));
    const from = sql`read_parquet([${join(paths)}])`;
    const columns = (await session.describe(sql`SELECT * FROM ${from}`)).map((column) => column.name);
    const texts = columns.map((column) => sql`${id(column)}::VARCHAR AS ${id(column)}`);
    const limit = options.limit === undefined ? sql`` : sql` LIMIT ${options.limit}`;
    const found = await session.rows<Record<string, string | null>>(
      sql`SELECT ${join(texts)} FROM (SELECT * FROM ${from} ORDER BY ALL${limit})`,
    );
    const lines = [columns, ...found.map((row) => columns.map((column) => row[column] ?? ''))].map((cells) => cells.map(quote).join(','));
    return { csv: `${lines.join('\n')}\n`, rows: found };
  } finally {
    session.close();
  }
}

function quote(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
