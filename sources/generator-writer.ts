import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, move, sealFile, syncFolder } from '../engine/file-hash.ts';
import type { Session } from '../engine/session.ts';
import { id, join as joinSql, literal, type Sql, sql, trusted } from '../engine/sql.ts';
import type { GeneratedFile } from './generated-manifest.ts';
import { addMonths, daysBetween, type Item } from './generator-plan.ts';
import type { GeneratorScript, ScriptPart, ScriptStatement, ScriptTarget } from './generator-script.ts';
import { transcodeToWindows1255 } from './windows-1255.ts';

/** A late filing arrives at most this many months after its own. */
const LONGEST_DELAY = 16;

/** Where a run writes. */
export interface Writer {
  readonly session: Session;
  readonly folders: Readonly<Record<GeneratedFile['folder'], string>>;
  readonly firstMonth: string;
}

/** Makes the tables of a delivery and writes its files. */
export async function writeDelivery(writer: Writer, script: GeneratorScript, item: Item): Promise<GeneratedFile[]> {
  if (item.month >= 0) {
    const days = daysBetween(item.delivery, addMonths(item.delivery, 1));
    await writer.session.run(sql`CREATE OR REPLACE MACRO month_no() AS ${literal(item.month)}`);
    await writer.session.run(sql`CREATE OR REPLACE MACRO month_first() AS DATE ${literal(`${item.delivery}-01`)}`);
    await writer.session.run(sql`CREATE OR REPLACE MACRO month_days() AS ${literal(days)}`);
  }
  const files: GeneratedFile[] = [];
  for (const part of ['month', 'delivery'] satisfies ScriptPart[]) files.push(...(await runStatements(writer, script[part], item, true)));
  return files;
}

/** Runs statements in order; those with a target write only if asked to. */
export async function runStatements(
  writer: Writer,
  statements: readonly ScriptStatement[],
  item: Item,
  writes: boolean,
): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const statement of statements) {
    if (statement.kind === 'run') await writer.session.run(trusted(statement.text));
    else if (statement.kind === 'read') await readEarlier(writer, statement, item);
    else if (writes) files.push(await writeFile(writer, statement.text, statement.target, item));
  }
  return files;
}

async function readEarlier(writer: Writer, statement: ScriptStatement & { kind: 'read' }, item: Item): Promise<void> {
  const months = Array.from({ length: Math.min(item.month, LONGEST_DELAY) }, (_, back) =>
    addMonths(writer.firstMonth, item.month - 1 - back),
  );
  const paths = months.map((month) => literal(join(writer.folders.truth, statement.file.replace('<month>', month))));
  const rows =
    paths.length > 0 ? sql`SELECT * FROM read_parquet([${joinSql(paths)}])` : sql`SELECT * FROM ${id(statement.like)} WHERE false`;
  await writer.session.run(sql`CREATE OR REPLACE TEMP VIEW ${id(statement.view)} AS ${rows}`);
}

async function writeFile(writer: Writer, select: string, target: ScriptTarget, item: Item): Promise<GeneratedFile> {
  const compression = target.option === 'zstd' ? 'zstd' : target.option === 'gzip-every-third' && item.month % 3 === 2 ? 'gzip' : 'none';
  const suffix = { zstd: '.zst', gzip: '.gz', none: '' }[compression];
  const name = `${target.file.replace('<month>', item.delivery)}${suffix}`;
  const path = target.folder === 'truth' ? name : join(item.source, item.delivery, name);
  const final = join(writer.folders[target.folder], path);
  const temporary = `${final}.tmp`;
  const plain = target.option === 'windows-1255' ? join(writer.folders.truth, `${name}.utf-8.tmp`) : temporary;
  await makeFolder(dirname(final));
  await rm(plain, { force: true });
  try {
    const [copied] = await writer.session.rows<{ Count: bigint }>(
      sql`COPY (${trusted(select)}) TO ${literal(plain)} (${copyOptions(target, compression)})`,
    );
    if (plain !== temporary) {
      await transcodeToWindows1255(plain, temporary);
      await rm(plain);
    }
    const { sha256, bytes } = await sealFile(temporary);
    await move(temporary, final);
    await syncFolder(dirname(final));
    return { folder: target.folder, path, rows: Number(copied?.Count ?? 0), bytes, sha256 };
  } catch (error) {
    for (const unfinished of [plain, temporary]) await rm(unfinished, { force: true });
    throw error;
  }
}

function copyOptions(target: ScriptTarget, compression: 'zstd' | 'gzip' | 'none'): Sql {
  if (target.file.endsWith('.csv')) return sql`FORMAT csv, HEADER true, COMPRESSION ${trusted(compression)}`;
  return target.folder === 'truth'
    ? sql`FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2`
    : sql`FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v1`;
}
