import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { maximumFlow } from './maximum-flow.ts';

/** Combinations of fewer than k records, when every incomplete record supports only one combination besides its own. */
export interface WildcardCapacity {
  /** Records that lack in them up to k where incomplete records support no other (alpha 0). */
  readonly lacking: number;
  /** Of these, records that lack still when the incomplete records are shared out as well as can be; 0: the judge `capacity` lets the file pass. */
  readonly short: number;
}

/** Pairs of an incomplete combination and one that it fits up to which the sharing is computed. */
const MOST_PAIRS = 200_000;

/**
 * For each k of `thresholds` how far the incomplete records of `cells` can fill up other combinations when each is one person and counts
 * once: the maximum flow from incomplete cells to cells that they fit and that lack records, by `frequencies` for alpha 0. Undefined where
 * nothing is incomplete, or more than 200,000 pairs fit.
 */
export async function wildcardCapacity(
  session: Session,
  keys: number,
  thresholds: readonly number[],
): Promise<Readonly<Record<string, WildcardCapacity>> | undefined> {
  const patterns = await session.rows<{ missing: bigint }>(sql`SELECT DISTINCT missing FROM cells ORDER BY missing`);
  if (patterns.every(({ missing }) => missing === 0n) || thresholds.length === 0) return undefined;
  await session.run(sql`CREATE OR REPLACE TEMP TABLE lacking_cells AS
    SELECT cells.*, fk AS has FROM cells JOIN frequencies USING (cell) WHERE fk < ${literal(Math.max(...thresholds))}`);
  const pairs = patterns.flatMap(({ missing: mine }) =>
    mine === 0n ? [] : patterns.flatMap(({ missing: theirs }) => (mine === theirs ? [] : [fitting(keys, mine, theirs)])),
  );
  const none = sql`SELECT 0::BIGINT AS wild, 0::DOUBLE AS supply, 0::BIGINT AS target, 0::DOUBLE AS has WHERE false`;
  const found = await session.numbers(sql`SELECT (dense_rank() OVER (ORDER BY wild) - 1)::INTEGER AS "from",
    (dense_rank() OVER (ORDER BY target) - 1)::INTEGER AS "to", supply, has
    FROM (SELECT * FROM (${join([none, ...pairs], ' UNION ALL ')}) AS pairs LIMIT ${literal(MOST_PAIRS + 1)}) AS limited`);
  const { from, to, supply, has } = found as { from: Int32Array; to: Int32Array; supply: Float64Array; has: Float64Array };
  if (from.length > MOST_PAIRS) return undefined;
  const [supplies, records] = [byNode(from, supply), byNode(to, has)];
  const capacities: Record<string, WildcardCapacity> = {};
  for (const k of thresholds) {
    const { lacking } = await session.row<{ lacking: number }>(
      sql`SELECT coalesce(sum(${literal(k)} - has), 0)::DOUBLE AS lacking FROM lacking_cells WHERE has < ${literal(k)}`,
    );
    const demand = records.map((count) => Math.max(0, k - count));
    capacities[k] = { lacking, short: lacking - maximumFlow({ supply: supplies, demand, from, to }) };
  }
  await session.run(sql`DROP TABLE lacking_cells`);
  return capacities;
}

/** Incomplete cells of one pattern of missing keys beside the cells of another that lack records and agree wherever both have a value. */
function fitting(keys: number, mine: bigint, theirs: bigint): Sql {
  const both = [...Array(keys).keys()].filter((key) => ((mine | theirs) & (1n << BigInt(key))) === 0n).map((key) => id(`k${key}`));
  const names = both.length === 0 ? sql`` : sql`, ${join(both)}`;
  const wild = sql`(SELECT cell AS wild, n AS supply${names} FROM cells WHERE missing = ${literal(mine)}) AS mine`;
  const target = sql`(SELECT cell AS target, has${names} FROM lacking_cells WHERE missing = ${literal(theirs)}) AS theirs`;
  return both.length === 0
    ? sql`SELECT wild, supply, target, has FROM ${wild} CROSS JOIN ${target}`
    : sql`SELECT wild, supply, target, has FROM ${wild} JOIN ${target} USING (${join(both)})`;
}

function byNode(node: Int32Array, value: Float64Array): Float64Array {
  const values = new Float64Array(node.reduce((most, each) => Math.max(most, each + 1), 0));
  for (const [pair, each] of node.entries()) values[each] = value[pair] as number;
  return values;
}
