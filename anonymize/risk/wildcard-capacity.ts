import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { maximumFlow } from './maximum-flow.ts';

/** Complete combinations of fewer than k records, when every incomplete record fills up one of them only. */
export interface WildcardCapacity {
  /** Records that lack in them up to k. */
  readonly lacking: number;
  /** Of these, records that lack still when the incomplete records are shared out as well as can be; 0: all can be filled up at once. */
  readonly short: number;
}

/** Pairs of an incomplete and a complete combination up to which the sharing is computed. */
const MOST_PAIRS = 200_000;

/**
 * For each k of `thresholds` how far the incomplete records of `cells` can fill up the complete combinations when each is one person and
 * counts once: the maximum flow from incomplete to compatible complete cells. Undefined where more than 200,000 pairs are compatible.
 */
export async function wildcardCapacity(
  session: Session,
  keys: number,
  thresholds: readonly number[],
): Promise<Readonly<Record<string, WildcardCapacity>> | undefined> {
  const patterns = await session.rows<{ missing: bigint }>(sql`SELECT DISTINCT missing FROM cells WHERE missing <> 0 ORDER BY missing`);
  const largest = Math.max(...thresholds);
  if (patterns.length === 0 || thresholds.length === 0) return undefined;
  const pairs = join(
    patterns.map(({ missing }) => compatible(keys, missing, largest)),
    ' UNION ALL ',
  );
  const found = await session.numbers(sql`SELECT (dense_rank() OVER (ORDER BY wild) - 1)::INTEGER AS "from",
    (dense_rank() OVER (ORDER BY target) - 1)::INTEGER AS "to", supply, has FROM (SELECT * FROM (${pairs}) AS pairs LIMIT ${literal(MOST_PAIRS + 1)}) AS limited`);
  const { from, to, supply, has } = found as { from: Int32Array; to: Int32Array; supply: Float64Array; has: Float64Array };
  if (from.length > MOST_PAIRS) return undefined;
  const [supplies, records] = [byNode(from, supply), byNode(to, has)];
  const capacities: Record<string, WildcardCapacity> = {};
  for (const k of thresholds) {
    const { lacking } = await session.row<{ lacking: number }>(
      sql`SELECT coalesce(sum(${literal(k)} - n), 0)::DOUBLE AS lacking FROM cells WHERE missing = 0 AND n < ${literal(k)}`,
    );
    const demand = records.map((count) => Math.max(0, k - count));
    capacities[k] = { lacking, short: lacking - maximumFlow({ supply: supplies, demand, from, to }) };
  }
  return capacities;
}

function compatible(keys: number, missing: bigint, largest: number): Sql {
  const known = [...Array(keys).keys()].filter((key) => (missing & (1n << BigInt(key))) === 0n).map((key) => id(`k${key}`));
  const names = known.length === 0 ? sql`` : sql`, ${join(known)}`;
  const mine = sql`(SELECT cell AS wild, n AS supply${names} FROM cells WHERE missing = ${literal(missing)}) AS mine`;
  const theirs = sql`(SELECT cell AS target, n AS has${names} FROM cells WHERE missing = 0 AND n < ${literal(largest)}) AS theirs`;
  return known.length === 0
    ? sql`SELECT wild, supply, target, has FROM ${mine} CROSS JOIN ${theirs}`
    : sql`SELECT wild, supply, target, has FROM ${mine} JOIN ${theirs} USING (${join(known)})`;
}

function byNode(node: Int32Array, value: Float64Array): Float64Array {
  const values = new Float64Array(node.reduce((most, each) => Math.max(most, each + 1), 0));
  for (const [pair, each] of node.entries()) values[each] = value[pair] as number;
  return values;
}
