import type { MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { leastByCapacity } from './audit-capacity.ts';

/**
 * The fewest records that any record of `file` cannot be told from; null without records. `own`: a missing value is a value. `strict`: an
 * incomplete record is covered by equal ones and by complete ones that fit it, and covers no other. `capacity`: it covers one class besides.
 * `wildcard`: two records fit where no key has two different values. Makes `audited`: the classes of the keys (`a0` …, NULL where missing),
 * `n`, and `gaps`, bits of the missing keys. Cost: one aggregation for each pattern of missing keys (`strict`, `capacity`, which besides
 * shares help out), every pair of classes (`wildcard`).
 */
export async function leastFrequency(
  session: Session,
  keys: readonly Sql[],
  judge: 'own' | MicrodataPolicy['judge'],
  k: number,
): Promise<number | null> {
  const names = keys.map((_, key) => id(`a${key}`));
  const values = keys.map((key, at) => sql`nullif(${key}::VARCHAR, '') AS ${id(`a${at}`)}`);
  const bits = names.map((name, at) => sql`CASE WHEN ${name} IS NULL THEN ${literal(2 ** at)} ELSE 0 END`);
  await session.run(sql`CREATE TEMP TABLE audited AS SELECT *, row_number() OVER () AS class, (${join(bits, ' + ')})::BIGINT AS gaps FROM (
    SELECT ${join(names)}, count(*)::DOUBLE AS n FROM (SELECT ${join(values)} FROM file) AS taken GROUP BY ${join(names)}) AS classes`);
  const least = async (found: Sql): Promise<number | null> =>
    (await session.row<{ least: number | null }>(sql`SELECT min(n) AS least FROM (${found}) AS found`)).least;
  if (judge === 'own') return least(sql`SELECT n FROM audited`);
  if (judge === 'wildcard') {
    const fit = names.map((name) => sql`(one.${name} IS NULL OR other.${name} IS NULL OR one.${name} = other.${name})`);
    return least(sql`SELECT sum(other.n) AS n FROM audited AS one JOIN audited AS other ON ${join(fit, ' AND ')} GROUP BY one.class`);
  }
  await coverStrictly(session, names);
  if (judge === 'capacity') return leastByCapacity(session, sql`covered`, names, k);
  return least(sql`SELECT base AS n FROM covered`);
}

/** Makes `covered`: `audited` with `base`, the records that are equal to a class or complete and fit it. */
async function coverStrictly(session: Session, names: readonly Sql[]): Promise<void> {
  await session.run(sql`CREATE TEMP TABLE covered AS SELECT *, n AS base FROM audited WHERE gaps = 0`);
  const patterns = await session.rows<{ gaps: bigint }>(sql`SELECT DISTINCT gaps FROM audited WHERE gaps <> 0 ORDER BY gaps`);
  for (const { gaps } of patterns) {
    const seen = names.filter((_, at) => (gaps & (1n << BigInt(at))) === 0n);
    const complete =
      seen.length === 0
        ? sql`CROSS JOIN (SELECT sum(n) AS fit FROM audited WHERE gaps = 0) AS complete`
        : sql`LEFT JOIN (SELECT ${join(seen)}, sum(n) AS fit FROM audited WHERE gaps = 0 GROUP BY ${join(seen)}) AS complete USING (${join(seen)})`;
    await session.run(
      sql`INSERT INTO covered BY NAME SELECT mine.*, n + coalesce(fit, 0) AS base FROM (SELECT * FROM audited WHERE gaps = ${literal(gaps)}) AS mine ${complete}`,
    );
  }
}
