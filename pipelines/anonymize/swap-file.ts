import { variablesOf } from '../../anonymize/microdata/microdata-policy.ts';
import { recordDrawInSql } from '../../anonymize/perturb-microdata/record-draws.ts';
import { pairHouseholds } from '../../anonymize/swap-households/pair-households.ts';
import { DeliveryError } from '../../engine/errors.ts';
import { domainKey, hmacPads, type MasterKey } from '../../engine/keys.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { FlatFile } from '../flat-file.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { keyText } from './read-classes.ts';

export interface SwapReport {
  readonly households: number;
  /** Households that took the geography of another: twice the pairs. */
  readonly swapped: number;
  /** Households whose turn came and for which no other with the same members was left in another area. */
  readonly without_donor: number;
}

/**
 * Makes `file` of the relation `delivered`: the same columns and records in the same order, where pairs of households alike in `similar` have
 * exchanged their geography; and `swapped` (`#record`). A record without a household is one of its own. Risk is that of the
 * key variables that are no geography, below `require.k` in an area. Error: `swap-geography` where a household lives in two areas.
 */
export async function swapFile(
  session: Session,
  delivered: FlatFile,
  { policy }: LoadedPolicy,
  swap: NonNullable<LoadedPolicy['policy']['method']['swap']>,
  master: MasterKey,
): Promise<SwapReport> {
  const geography = swap.geography.map((name) => delivered.column(name));
  const similar = swap.similar.map((name) => keyText(delivered.column(name)));
  const home = delivered.column(policy.household as string);
  const keys = variablesOf(policy, 'key_variable').filter((name) => !swap.geography.includes(name));
  const like = keys.map((name) => keyText(delivered.column(name)));
  const upTo = (level: number): Sql => join(geography.slice(0, level + 1).map(keyText));
  const counts = geography.map(
    (_, level) => sql`count(*) OVER (PARTITION BY ${join([...like, upTo(level)])})::DOUBLE AS ${id(`n${level}`)}`,
  );
  await session.run(sql`CREATE TEMP TABLE members AS
    SELECT coalesce('h' || nullif(${home}::VARCHAR, ''), 'r' || "#record") AS home, "#record", [${join(similar)}] AS alike, [${upTo(geography.length)}] AS place, ${join(counts)}
    FROM (SELECT *, row_number() OVER () AS "#record" FROM delivered) AS numbered`);
  await requireOnePlace(session);
  const least = geography.map((_, level) => id(`n${level}`));
  const level = sql`CASE ${join(
    least.map((n, at) => sql`WHEN min(${n}) < ${literal(policy.require.k)} THEN ${literal(at)}`),
    ' ',
  )} ELSE ${literal(geography.length)} END`;
  await session.run(sql`CREATE TEMP TABLE homes AS SELECT (row_number() OVER (ORDER BY first) - 1)::INTEGER AS number, * FROM (
    SELECT home, min("#record") AS first, list_sort(list(alike)) AS alike, any_value(place) AS place, (${level})::INTEGER AS level, 1 / min(${least.at(-1) as Sql}) AS risk
    FROM members GROUP BY home) AS found`);
  const area = geography.map((_, at) => sql`(dense_rank() OVER (ORDER BY place[1:${literal(at + 1)}]) - 1)::INTEGER AS ${id(`area${at}`)}`);
  const draw = recordDrawInSql('swap households', sql`home`, hmacPads(domainKey(master, 'microdata-draws')));
  const read = await session.numbers(sql`SELECT profile, level, risk, draw, ${join(geography.map((_, at) => id(`area${at}`)))} FROM (
    SELECT number, (dense_rank() OVER (ORDER BY alike) - 1)::INTEGER AS profile, level, risk, ${draw} AS draw, ${join(area)} FROM homes) AS ranked ORDER BY number`);
  const profile = (read['profile'] ?? new Int32Array(0)) as Int32Array;
  const { partner, pairs, alone } = pairHouseholds(
    {
      profile,
      area: geography.map((_, at) => (read[`area${at}`] ?? new Int32Array(0)) as Int32Array),
      level: (read['level'] ?? new Int32Array(0)) as Int32Array,
      risk: (read['risk'] ?? new Float64Array(0)) as Float64Array,
      draw: (read['draw'] ?? new Float64Array(0)) as Float64Array,
    },
    Math.floor((swap.rate * profile.length) / 2),
  );
  await applyPairs(session, delivered, swap.geography, partner);
  return { households: profile.length, swapped: 2 * pairs, without_donor: alone };
}

async function requireOnePlace(session: Session): Promise<void> {
  const { split } = await session.row<{ split: number }>(
    sql`SELECT count(*)::DOUBLE AS split FROM (SELECT home FROM members GROUP BY home HAVING count(DISTINCT place) > 1) AS found`,
  );
  if (split === 0) return;
  throw new DeliveryError(
    'swap-geography',
    `${split} households have members in different areas; method.swap moves whole households: correct the geography of the file, or leave the column out of method.swap.geography`,
  );
}

async function applyPairs(session: Session, delivered: FlatFile, geography: readonly string[], partner: Int32Array): Promise<void> {
  const moved = Int32Array.from(partner.keys()).filter((home) => partner[home] !== home);
  await session.createTable('pairs', [
    { name: 'number', type: 'INTEGER', values: moved },
    { name: 'other', type: 'INTEGER', values: moved.map((home) => partner[home] as number) },
  ]);
  await session.run(sql`CREATE TEMP TABLE swapped AS SELECT "#record", other.first AS "#donor" FROM members JOIN homes USING (home)
    JOIN pairs USING (number) JOIN homes AS other ON other.number = pairs.other`);
  const numbered = sql`(SELECT *, row_number() OVER () AS "#record" FROM delivered)`;
  const columns = delivered.columns.map((name) =>
    geography.includes(name)
      ? sql`CASE WHEN donor."#record" IS NULL THEN ${id('own', name)} ELSE ${id('donor', name)} END AS ${id(name)}`
      : id('own', name),
  );
  await session.run(sql`CREATE TEMP TABLE file AS SELECT ${join(columns)} FROM ${numbered} AS own LEFT JOIN swapped USING ("#record")
    LEFT JOIN ${numbered} AS donor ON donor."#record" = swapped."#donor" ORDER BY own."#record"`);
  for (const table of ['members', 'homes', 'pairs']) await session.run(sql`DROP TABLE ${id(table)}`);
}

/** Adds to `decisions` the records that left and whose geography is that of another household. */
export async function noteSwapped(session: Session, geography: readonly string[]): Promise<void> {
  for (const name of geography)
    await session.run(
      sql`INSERT INTO decisions SELECT "#record", ${literal(name)}, 'swapped' FROM swapped WHERE "#record" IN (SELECT "#record" FROM recoded) ORDER BY 1`,
    );
}
