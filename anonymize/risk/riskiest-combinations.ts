import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';

/** A rare combination: values by their codes (the place of a value among those of its key in the file, from 1), and its records. */
export interface RiskiestCombination {
  readonly keys: readonly string[];
  readonly codes: readonly number[];
  readonly records: number;
}

/** Combinations that are listed. */
const MOST = 20;

/**
 * The rarest combinations of the file, as codes: of subsets of the keys (places, small subsets first) those of fewer than `below` records,
 * the rarest first; one that holds a listed one is left out, since what makes it rare is said already. `values`: records with the keys as
 * `k0` …, NULL where missing, and `n`. A record with a missing value of a subset is in none of its combinations.
 */
export async function riskiestCombinations(
  session: Session,
  values: Sql,
  keys: readonly string[],
  subsets: Iterable<readonly number[]>,
  below: number,
): Promise<RiskiestCombination[]> {
  const codes = keys.map((_, key) => {
    const value = id(`k${key}`);
    return sql`CASE WHEN ${value} IS NOT NULL THEN dense_rank() OVER (ORDER BY ${value} NULLS LAST) END::DOUBLE AS ${value}`;
  });
  await session.run(sql`CREATE OR REPLACE TEMP TABLE coded_cells AS SELECT ${join(codes)}, n FROM (${values}) AS given`);
  const listed: (RiskiestCombination & { readonly at: ReadonlyMap<number, number> })[] = [];
  for (const subset of subsets) {
    if (listed.length === MOST) break;
    const names = subset.map((key) => id(`k${key}`));
    const known = subset.map((key) => sql`${id(`k${key}`)} IS NOT NULL`);
    const found = await session.rows<{ codes: number[]; records: number }>(sql`
      SELECT [${join(names)}] AS codes, sum(n)::DOUBLE AS records FROM coded_cells WHERE ${join(known, ' AND ')}
      GROUP BY ${join(names)} HAVING sum(n) < ${literal(below)} ORDER BY records, ${join(names)} LIMIT ${literal(4 * MOST)}`);
    const before = [...listed];
    for (const { codes: mine, records } of found) {
      const at = new Map(subset.map((key, place) => [key, mine[place] as number]));
      if (listed.length === MOST || before.some((each) => [...each.at].every(([key, code]) => at.get(key) === code))) continue;
      listed.push({ keys: subset.map((key) => keys[key] as string), codes: mine, records, at });
    }
  }
  await session.run(sql`DROP TABLE coded_cells`);
  return listed.map(({ keys: names, codes: mine, records }) => ({ keys: names, codes: mine, records }));
}
