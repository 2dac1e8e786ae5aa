import type { Session } from '../../engine/session.ts';
import { id, join, sql } from '../../engine/sql.ts';

/** The frequency table of the key variables before and after; a missing value is a category of its own. */
export interface CellDistance {
  readonly cells: { readonly before: number; readonly after: number };
  /** Combinations that only one file has. */
  readonly lost: number;
  readonly created: number;
  /** sqrt(1 - sum sqrt(p q)) of the (weighted) shares of cells, 0 (same) to 1 (nothing in common). */
  readonly hellinger: number;
  /** Half the sum of |p - q|: the share of the population that stands in another cell. */
  readonly moved: number;
}

/** Distance of the tables of the keys `at` of `pair` (columns `kb0 …`, `ka0 …`, weight `w`); one aggregation of each side. */
export async function cellDistance(session: Session, at: readonly number[]): Promise<CellDistance> {
  const side = (prefix: 'kb' | 'ka') => sql`SELECT ${join(at.map((k) => sql`${id(`${prefix}${k}`)} AS ${id(`k${k}`)}`))}, fsum(w) AS share
    FROM pair GROUP BY ${join(at.map((k) => id(`${prefix}${k}`)))}`;
  const same = at.map((k) => sql`p.${id(`k${k}`)} IS NOT DISTINCT FROM q.${id(`k${k}`)}`);
  const found = await session.numbers(sql`WITH total AS (SELECT fsum(w) AS all_w FROM pair),
    cells AS (SELECT coalesce(p.share, 0) / all_w AS p, coalesce(q.share, 0) / all_w AS q
      FROM (${side('kb')}) AS p FULL JOIN (${side('ka')}) AS q ON ${join(same, ' AND ')}, total)
    SELECT (count(*) FILTER (WHERE p > 0))::DOUBLE AS before, (count(*) FILTER (WHERE q > 0))::DOUBLE AS after,
      (count(*) FILTER (WHERE q = 0))::DOUBLE AS lost, (count(*) FILTER (WHERE p = 0))::DOUBLE AS created,
      coalesce(fsum(power(sqrt(p) - sqrt(q), 2)), 0)::DOUBLE AS squares, coalesce(fsum(abs(p - q)), 0)::DOUBLE AS apart FROM cells`);
  const value = (name: string): number => found[name]?.[0] ?? 0;
  return {
    cells: { before: value('before'), after: value('after') },
    lost: value('lost'),
    created: value('created'),
    hellinger: Math.min(1, Math.sqrt(value('squares') / 2)),
    moved: value('apart') / 2,
  };
}
