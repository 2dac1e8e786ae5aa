import type { Session } from '../../engine/session.ts';
import { join, type Sql, sql } from '../../engine/sql.ts';

/**
 * The fewest households that any household of `file` cannot be told from by its size and the keys of its members; null without records.
 * A record without a household is one of its own. A field is written with its length, so that no two families have the same text.
 */
export async function leastHousehold(session: Session, household: Sql, keys: readonly Sql[]): Promise<number | null> {
  const fields = keys.map((key) => sql`coalesce(length(${key}::VARCHAR) || ':' || ${key}::VARCHAR, '0:')`);
  const { least } = await session.row<{ least: number | null }>(sql`
    WITH people AS (SELECT nullif(${household}::VARCHAR, '') AS home, concat(${join(fields)}) AS person FROM file),
      homes AS (SELECT string_agg(person, '/' ORDER BY person) AS family FROM people WHERE home IS NOT NULL GROUP BY home
        UNION ALL SELECT person FROM people WHERE home IS NULL)
    SELECT min(n)::DOUBLE AS least FROM (SELECT count(*) AS n FROM homes GROUP BY family) AS counted`);
  return least;
}
