import { join as joinPath } from 'node:path';
import { z } from 'zod';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';

const Text = z.strictObject({ en: z.string(), he: z.string() });

/** What was done to a column on its way out. */
const Done = z.enum([
  'as_it_is',
  'coarser',
  'ranges',
  'numbered',
  'microaggregated',
  'noise',
  'rank_swapped',
  'shuffled',
  'bounded',
  'post_randomised',
]);
export type Done = z.output<typeof Done>;

const RecordsColumn = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['VARCHAR', 'BIGINT', 'DOUBLE']),
  role: z.enum(['key_variable', 'sensitive', 'direct_identifier', 'numeric', 'other']),
  done: z.array(Done).min(1),
});

/** A file of anonymised records in a package, as its manifest describes it. */
export const PublicRecords = z.strictObject({
  name: z.string(),
  period: z.string(),
  title: Text,
  /** Records that share the key variables of every record, at least. */
  k: z.number().int(),
  /** Share of the units that it was drawn from; 1: all. */
  sample: z.number().gt(0).max(1),
  columns: z.array(RecordsColumn).min(1),
  /** Rounded to three significant digits, never below 10. */
  rows: z.number().int(),
});
export type PublicRecords = z.output<typeof PublicRecords>;

/** Anonymised and proven records that are to be packed; `file`: Parquet. */
export interface RecordsFile extends Omit<PublicRecords, 'rows' | 'columns'> {
  readonly file: string;
  readonly columns: readonly Omit<PublicRecords['columns'][number], 'type'>[];
}

/** Name of the files of a product in a period, without their endings. */
export function recordsName({ name, period }: { readonly name: string; readonly period: string }): string {
  return `${name}_${period.toLowerCase().replaceAll('-', '_')}`;
}

/** Relation of a released CSV of records. */
export function readRecordsSql(path: string, columns: PublicRecords['columns']): Sql {
  const types = columns.map(({ name, type }) => sql`${literal(name)}: ${literal(type)}`);
  return sql`read_csv(${path}, columns = {${join(types)}}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false, strict_mode = true)`;
}

/** Writes `<name>_<period>.csv` and the same as `.parquet` (v1 pages, snappy); whole numbers BIGINT, others DOUBLE, all else text. */
export async function writeRecords(session: Session, dir: string, records: RecordsFile): Promise<PublicRecords['columns']> {
  const from = sql`read_parquet(${records.file})`;
  const types = new Map((await session.describe(sql`SELECT * FROM ${from}`)).map(({ name, type }) => [name, typeOf(type)]));
  const columns = records.columns.map((column) => ({ ...column, done: [...column.done], type: types.get(column.name) ?? 'VARCHAR' }));
  const value = ({ name, type }: (typeof columns)[number]): Sql =>
    type === 'VARCHAR'
      ? sql`nullif(${id(name)}::VARCHAR, '') AS ${id(name)}`
      : sql`${id(name)}::${type === 'BIGINT' ? sql`BIGINT` : sql`DOUBLE`} AS ${id(name)}`;
  const [csv, parquet] = ['csv', 'parquet'].map((ending) => joinPath(dir, `${recordsName(records)}.${ending}`)) as [string, string];
  await session.run(sql`COPY (SELECT ${join(columns.map(value))} FROM ${from}) TO ${literal(csv)} (FORMAT csv, HEADER)`);
  await session.run(
    sql`COPY (SELECT * FROM ${readRecordsSql(csv, columns)}) TO ${literal(parquet)} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v1)`,
  );
  return columns;
}

function typeOf(type: string): PublicRecords['columns'][number]['type'] {
  if (/^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(type)) return 'BIGINT';
  return /^(DECIMAL|DOUBLE|FLOAT|HUGEINT)/.test(type) ? 'DOUBLE' : 'VARCHAR';
}
