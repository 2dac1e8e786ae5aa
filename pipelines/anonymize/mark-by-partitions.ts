import { requirementOf } from '../../anonymize/microdata/requirement-of.ts';
import type { MondrianMode, Partition } from '../../anonymize/recode/mondrian.ts';
import { mondrian } from '../../anonymize/recode/mondrian.ts';
import { lossOf } from '../../anonymize/recode/node-measures.ts';
import { DisclosureError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, type Sql, sql } from '../../engine/sql.ts';
import type { FlatFile } from '../flat-file.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { keyText, type ReadClasses } from './read-classes.ts';

export interface PartitionedFile {
  readonly partitions: number;
  readonly loss: number;
  /** By key: how many different values there are now. */
  readonly values: readonly number[];
}

/**
 * Makes `marked` of `file` as `markByLevels` does, by Mondrian: a key that is recoded in any record becomes text. Where a combination is divided,
 * its first records go to the first partition. Error: `anonymize-impossible` (exit code 4) where the whole file does not reach the requirement.
 */
export async function markByPartitions(
  session: Session,
  file: FlatFile,
  { keys, policy, orderOf }: LoadedPolicy,
  { classes, hierarchies, values, records }: ReadClasses,
  mode: MondrianMode,
): Promise<PartitionedFile> {
  const orders = hierarchies.map((hierarchy, key) => orderOf(hierarchy, values[key] ?? []));
  const found = mondrian(classes, orders, mode, requirementOf(policy));
  if (found === undefined)
    throw new DisclosureError(
      'anonymize-impossible',
      `the requirement (k = ${policy.require.k}) is not reached even where all records are one class; lower k or what is required of sensitive variables. Nothing is written`,
    );
  const labels = orders.map(({ label }, key) => found.map(({ from, to }) => label(from[key] as number, to[key] as number)));
  await session.createTable('partitions', [
    { name: 'partition', type: 'INTEGER', values: Int32Array.from(found.keys()) },
    ...labels.map((texts, key) => ({ name: `l${key}`, type: 'VARCHAR' as const, values: texts })),
  ]);
  await piecesTable(session, classes, found);
  const isRecoded = keys.map((_, key) => found.some(({ from, to }) => from[key] !== to[key]));
  const columns = file.columns.map((name) => {
    const key = keys.indexOf(name);
    return key >= 0 && isRecoded[key] === true ? sql`partitions.${id(`l${key}`)} AS ${id(name)}` : id('coded_file', name);
  });
  const codes = keys.map((_, key) => id(`#c${key}`));
  const joins = keys.map((name, key) => sql`JOIN ${id(`value_${key}`)} ON ${id(`value_${key}`)}.value = ${keyText(id('file', name))}`);
  const place = mode === 'strict' ? sql`0` : sql`row_number() OVER (PARTITION BY ${join(codes)} ORDER BY "#record") - 1`;
  const matched: Sql[] = codes.map((code, key) => sql`pieces.${id(`c${key}`)} = coded_file.${code}`);
  if (mode === 'relaxed') matched.push(sql`"#place" >= pieces.first AND "#place" < pieces.past`);
  await session.run(sql`CREATE TEMP TABLE marked AS
    SELECT ${join(columns)}, "#record", 0 AS "#mask", false AS "#removed" FROM (
      SELECT *, ${place} AS "#place" FROM (
        SELECT file.*, ${join(keys.map((_, key) => sql`${id(`value_${key}`, 'code')} AS ${id(`#c${key}`)}`))}
        FROM (SELECT *, row_number() OVER () AS "#record" FROM file) AS file ${join(joins, ' ')}) AS numbered) AS coded_file
    JOIN pieces ON ${join(matched, ' AND ')} JOIN partitions USING (partition)`);
  const covered = Float64Array.from(orders, ({ share }, key) =>
    found.reduce((sum, { n, from, to }) => sum + n.reduce((all, one) => all + one, 0) * share(from[key] as number, to[key] as number), 0),
  );
  return {
    partitions: found.length,
    loss: records === 0 ? 0 : lossOf(covered, hierarchies, records),
    values: labels.map((texts) => new Set(texts).size),
  };
}

/** `pieces` (`c0 …`, `first`, `past`, `partition`): which records of a combination, in their order, go to which partition. */
async function piecesTable(session: Session, { codes, levels, size }: ReadClasses['classes'], found: readonly Partition[]): Promise<void> {
  const pieces = found.reduce((sum, { rows }) => sum + rows.length, 0);
  const keys = levels.length;
  const rows = new Int32Array(pieces);
  const [first, past, partition] = [new Float64Array(pieces), new Float64Array(pieces), new Int32Array(pieces)];
  const taken = new Float64Array(size);
  let at = 0;
  for (const [number, { rows: mine, n }] of found.entries()) {
    for (const [place, row] of mine.entries()) {
      rows[at] = row;
      partition[at] = number;
      first[at] = taken[row] as number;
      taken[row] = (taken[row] as number) + (n[place] as number);
      past[at++] = taken[row] as number;
    }
  }
  await session.createTable('pieces', [
    ...Array.from({ length: keys }, (_, key) => ({
      name: `c${key}`,
      type: 'INTEGER' as const,
      values: rows.map((row) => codes[row * keys + key] as number),
    })),
    { name: 'first', type: 'DOUBLE', values: first },
    { name: 'past', type: 'DOUBLE', values: past },
    { name: 'partition', type: 'INTEGER', values: partition },
  ]);
}
