import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { DefinitionError, DeliveryError, EngineError } from '../engine/errors.ts';
import { nameHint } from '../engine/nearest-name.ts';
import type { Session } from '../engine/session.ts';
import { id, literal, type Sql, sql } from '../engine/sql.ts';

/** A file of records that a user names on the command line, outside any store. */
export interface FlatFile {
  /** Name of the relation: the records in their order, all columns of a CSV file as text. */
  readonly relation: string;
  readonly columns: readonly string[];
  /** The named column. Error: `file-column`. */
  readonly column: (name: string) => Sql;
}

/**
 * Opens a CSV (UTF-8, header) or Parquet file as a relation; `name` is what messages call it. A Parquet file is not copied.
 * Errors (file, line, rule; never a value): `file-csv`.
 */
export async function openFlatFile(session: Session, path: string, name: string, relation = 'file'): Promise<FlatFile> {
  await read(session, path, relation).catch((cause: unknown) => {
    if (!(cause instanceof EngineError)) throw cause;
    throw new DeliveryError(
      'file-csv',
      `${name} cannot be read: it must be Parquet, or CSV in UTF-8 with a header and as many fields in every line`,
      { at: { file: name }, cause },
    );
  });
  if (headerLines(path) === 1) await requireNoRejects(session, name, relation);
  const columns = (await session.describe(sql`SELECT * FROM ${id(relation)}`)).map((column) => column.name);
  return {
    relation,
    columns,
    column: (wanted) => {
      if (columns.includes(wanted)) return id(wanted);
      throw new DefinitionError(
        'file-column',
        `${name} has no column ${wanted}${nameHint(wanted, columns)}; its columns are ${columns.join(', ')}`,
        { at: { file: name, line: 1 } },
      );
    },
  };
}

async function read(session: Session, path: string, relation: string): Promise<void> {
  if (headerLines(path) === 0) return session.run(sql`CREATE TEMP VIEW ${id(relation)} AS SELECT * FROM read_parquet(${literal(path)})`);
  await session.run(
    sql`CREATE TEMP TABLE ${id(relation)} AS SELECT * FROM read_csv(${literal(path)}, header = true, all_varchar = true, strict_mode = true, null_padding = false, store_rejects = true, rejects_limit = 20, rejects_table = ${literal(`${relation}_rejects`)}, rejects_scan = ${literal(`${relation}_scans`)})`,
  );
}

async function requireNoRejects(session: Session, name: string, relation: string): Promise<void> {
  const [first] = await session.rows<{ line: bigint; kind: string }>(
    sql`SELECT line, error_type::VARCHAR AS kind FROM ${id(`${relation}_rejects`)} ORDER BY line LIMIT 1`,
  );
  if (first === undefined) return;
  const rule = first.kind.toLowerCase();
  throw new DeliveryError('file-csv', `line ${first.line} of ${name} does not fit its header (${rule})`, {
    at: { file: name, line: Number(first.line) },
    rule,
  });
}

/** The path, if a plain file is there. Error: `file-not-found`. */
export async function existingFile(path: string, name: string): Promise<string> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true)
    throw new DeliveryError('file-not-found', `${name} is not there or is not a plain file`, { at: { file: name } });
  return path;
}

/** Lines before the first record: a CSV file has its header, Parquet none. */
export function headerLines(file: string): 0 | 1 {
  return extname(file).toLowerCase() === '.parquet' ? 0 : 1;
}
