import { join as joinPath } from 'node:path';
import type { ValueHierarchy } from '../../anonymize/recode/value-hierarchy.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { FlatFile } from '../flat-file.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { keyText, type ReadClasses } from './read-classes.ts';

/**
 * Makes `recoded` of `file`: its columns in their order and with their types (a recoded key becomes text), without direct identifiers and
 * without the records of classes below k; and `decisions` (`record` from 1, `variable`, `action`): what was done to which record.
 */
export async function recodeRecords(
  session: Session,
  file: FlatFile,
  { keys, identifiers, policy }: LoadedPolicy,
  { hierarchies, values }: ReadClasses,
  levels: readonly number[],
): Promise<void> {
  for (const [key] of keys.entries())
    await labelTable(session, key, hierarchies[key] as ValueHierarchy, values[key] ?? [], levels[key] as number);
  const columns = file.columns.map((name) => {
    const key = keys.indexOf(name);
    return key < 0 || levels[key] === 0 ? id('file', name) : sql`${id(`label_${key}`, 'label')} AS ${id(name)}`;
  });
  const joins = keys.map((name, key) => sql`JOIN ${id(`label_${key}`)} ON ${id(`label_${key}`)}.value = ${keyText(id('file', name))}`);
  const classes = join(keys.map((_, key) => id(`label_${key}`, 'label')));
  await session.run(sql`CREATE TEMP TABLE marked AS
    SELECT ${join(columns)}, file."#record" AS "#record", count(*) OVER (PARTITION BY ${classes}) AS "#share"
    FROM (SELECT *, row_number() OVER () AS "#record" FROM file) AS file ${join(joins, ' ')}`);
  const kept = file.columns.filter((name) => !identifiers.includes(name)).map((name) => id(name));
  const few = literal(policy.require.k);
  await session.run(sql`CREATE TEMP TABLE recoded AS SELECT ${join(kept)} FROM marked WHERE "#share" >= ${few} ORDER BY "#record"`);
  await session.run(sql`CREATE TEMP TABLE decisions AS
    SELECT "#record" AS record, NULL::VARCHAR AS variable, 'removed' AS action FROM marked WHERE "#share" < ${few} ORDER BY record`);
  await session.run(sql`DROP TABLE marked`);
}

async function labelTable(
  session: Session,
  key: number,
  { codes, labels }: ValueHierarchy,
  values: readonly string[],
  level: number,
): Promise<void> {
  const label = (value: number): string => labels[level]?.[codes[level]?.[value] as number] as string;
  await session.createTable(`label_${key}`, [
    { name: 'value', type: 'VARCHAR', values },
    { name: 'label', type: 'VARCHAR', values: values.map((_, value) => label(value)) },
  ]);
}

/** `data.parquet`, `data.csv`, `decisions.parquet`. */
export async function writeAnonymised(session: Session, folder: string): Promise<void> {
  const copy = (from: Sql, name: string, options: Sql): Promise<void> =>
    session.run(sql`COPY ${from} TO ${literal(joinPath(folder, name))} (${options})`);
  await copy(sql`recoded`, 'data.parquet', sql`FORMAT parquet, COMPRESSION zstd`);
  await copy(sql`recoded`, 'data.csv', sql`FORMAT csv, HEADER`);
  await copy(sql`decisions`, 'decisions.parquet', sql`FORMAT parquet, COMPRESSION zstd`);
}
