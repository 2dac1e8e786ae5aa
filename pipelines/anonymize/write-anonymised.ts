import { join as joinPath } from 'node:path';
import type { ValueHierarchy } from '../../anonymize/recode/value-hierarchy.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { FlatFile } from '../flat-file.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { publishRecords } from './publish-records.ts';
import type { Shuffle } from './random-numbers.ts';
import { keyText, type ReadClasses } from './read-classes.ts';
import { removeHouseholds } from './remove-households.ts';

/**
 * Makes `marked` of `file`: its columns in their order and with their types (a recoded key becomes text), `#record`, `#mask` (bits of the
 * keys that are suppressed, NULL there) and `#removed`. It follows the table `decided`.
 */
export async function markByLevels(
  session: Session,
  file: FlatFile,
  { keys }: LoadedPolicy,
  { hierarchies, values }: ReadClasses,
  levels: readonly number[],
): Promise<void> {
  for (const [key] of keys.entries())
    await labelTable(session, key, hierarchies[key] as ValueHierarchy, values[key] ?? [], levels[key] as number);
  const label = (key: number): Sql => id(`label_${key}`, 'label');
  const columns = file.columns.map((name) => {
    const key = keys.indexOf(name);
    if (key < 0) return id('file', name);
    const value = levels[key] === 0 ? id('file', name) : id('file', `#l${key}`);
    return sql`CASE WHEN "#mask" & ${literal(2 ** key)} = 0 THEN ${value} END AS ${id(name)}`;
  });
  const joins = keys.map((name, key) => sql`JOIN ${id(`label_${key}`)} ON ${id(`label_${key}`)}.value = ${keyText(id('file', name))}`);
  const matched = join(
    keys.map((_, key) => sql`decided.${id(`l${key}`)} = ${label(key)}`),
    ' AND ',
  );
  await session.run(sql`CREATE TEMP TABLE marked AS
    SELECT ${join(columns)}, "#record", "#mask", "#removed" FROM (
      SELECT file.*, ${join(keys.map((_, key) => sql`${label(key)} AS ${id(`#l${key}`)}`))},
        coalesce(decided.mask, 0) AS "#mask", coalesce(decided.removed, 0) = 1 AS "#removed"
      FROM (SELECT *, row_number() OVER () AS "#record" FROM file) AS file ${join(joins, ' ')}
      LEFT JOIN decided ON ${matched}) AS file`);
}

/**
 * Makes `recoded` of `marked`: its columns and `#record`, without the records that are taken out. And
 * `decisions` (`record` from 1, `variable`, `action`): what was done to which record beyond recoding.
 */
export async function takeOut(session: Session, file: FlatFile, { keys, policy }: LoadedPolicy): Promise<void> {
  await removeHouseholds(session, keys, policy);
  const kept = file.columns.map((name) => id(name));
  await session.run(sql`CREATE TEMP TABLE recoded AS SELECT ${join(kept)}, "#record" FROM marked WHERE NOT "#removed" ORDER BY "#record"`);
  const cells = keys.map(
    (name, key) =>
      sql`SELECT "#record" AS record, ${literal(name)} AS variable, 'suppressed' AS action FROM marked WHERE NOT "#removed" AND "#mask" & ${literal(2 ** key)} <> 0`,
  );
  await session.run(sql`CREATE TEMP TABLE decisions AS SELECT * FROM (
    SELECT "#record" AS record, NULL::VARCHAR AS variable, 'removed' AS action FROM marked WHERE "#removed" UNION ALL ${join(cells, ' UNION ALL ')}) AS made
    ORDER BY record, variable`);
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

/**
 * Into `public/` what may leave (`publishRecords`, `transitions`), into `internal/` the same records in the order of the file that came, what was
 * decided about each of them, and `support`; `transitions` and `support` where they are `made`. Gives the files by their paths.
 */
export async function writeAnonymised(
  session: Session,
  folder: string,
  { policy }: LoadedPolicy,
  made: { transitions: boolean; support: boolean },
  shuffle: Shuffle,
): Promise<string[]> {
  await publishRecords(session, joinPath(folder, 'public'), policy, shuffle);
  const tables: [from: string, path: string][] = [
    ['released', 'internal/records.parquet'],
    ['decisions', 'internal/decisions.parquet'],
    ...(made.support ? ([['support', 'internal/support.parquet']] as [string, string][]) : []),
    ...(made.transitions ? ([['transitions', 'public/transitions.parquet']] as [string, string][]) : []),
  ];
  for (const [from, path] of tables)
    await session.run(sql`COPY ${id(from)} TO ${literal(joinPath(folder, path))} (FORMAT parquet, COMPRESSION zstd)`);
  return ['public/data.parquet', 'public/data.csv', ...tables.map(([, path]) => path)];
}
