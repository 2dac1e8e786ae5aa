import type { Session } from '../../engine/session.ts';
import { join, type Sql, sql } from '../../engine/sql.ts';

/**
 * The fewest records that share any values which a record shows of at most `size` keys; null where none shows any. `classes`: a table
 * of the keys, NULL where unknown, and `n`. Cost: one aggregation of the classes for each set of keys.
 */
export async function leastCombination(session: Session, classes: Sql, keys: readonly Sql[], size: number): Promise<number | null> {
  let sets: Sql[][] = [[]];
  const found: number[] = [];
  for (let width = 1; width <= Math.min(size, keys.length); width++) {
    sets = sets.flatMap((set) => keys.slice(set.length === 0 ? 0 : keys.indexOf(set.at(-1) as Sql) + 1).map((key) => [...set, key]));
    for (const set of sets) {
      const known = join(
        set.map((key) => sql`${key} IS NOT NULL`),
        ' AND ',
      );
      const { least } = await session.row<{ least: number | null }>(
        sql`SELECT min(records) AS least FROM (SELECT sum(n) AS records FROM ${classes} WHERE ${known} GROUP BY ${join(set)}) AS counted`,
      );
      if (least !== null) found.push(least);
    }
  }
  return found.length === 0 ? null : Math.min(...found);
}
