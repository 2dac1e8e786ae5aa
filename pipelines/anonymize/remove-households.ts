import { isMondrian, type MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import { DisclosureError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { keyText } from './read-classes.ts';

/**
 * Takes households out of `marked` until every one that stays is like k others: as many have the same members by their recoded keys.
 * A household leaves as a whole, also where one of its members is taken out, so that no half of it shows what is missing; since that
 * makes other classes and households rarer, it is repeated until none goes. A record without a household is one of its own.
 * Error: `anonymize-households` (exit code 4) where more records would go than the limit allows.
 */
export async function removeHouseholds(session: Session, keys: readonly string[], policy: MicrodataPolicy): Promise<void> {
  const {
    household,
    require,
    method: { recode },
  } = policy;
  if (household === undefined || require.household === undefined || isMondrian(recode)) return;
  const values = join(keys.map((key) => keyText(id(key))));
  await session.run(sql`CREATE TEMP TABLE members AS SELECT "#record" AS record, "#removed" AS removed, [${values}] AS keys,
    coalesce('h' || nullif(${id(household)}::VARCHAR, ''), 'r' || "#record") AS household FROM marked`);
  const count = async (table: Sql): Promise<number> =>
    (await session.row<{ n: number }>(sql`SELECT count(*)::DOUBLE AS n FROM ${table}`)).n;
  const records = await count(sql`marked`);
  for (let before = Number.POSITIVE_INFINITY, left = records; left < before; ) {
    before = left;
    await session.run(sql`DELETE FROM members WHERE household IN (
      WITH families AS (SELECT household, list_sort(list(keys)) AS family FROM members GROUP BY household),
        rare_families AS (SELECT family FROM families GROUP BY family HAVING count(*) < ${literal(require.household.k)}),
        rare_keys AS (SELECT keys FROM members GROUP BY keys HAVING count(*) < ${literal(require.k)})
      SELECT household FROM members WHERE removed
      UNION SELECT household FROM members SEMI JOIN rare_keys USING (keys)
      UNION SELECT household FROM families SEMI JOIN rare_families USING (family))`);
    left = await count(sql`members`);
  }
  await session.run(sql`UPDATE marked SET "#removed" = true WHERE "#record" NOT IN (SELECT record FROM members)`);
  const gone = records - (await count(sql`members`));
  await session.run(sql`DROP TABLE members`);
  if (gone <= recode.suppression_limit * records) return;
  throw new DisclosureError(
    'anonymize-households',
    `k = ${require.household.k} of households is not reached at these levels by taking out ${(100 * recode.suppression_limit).toFixed(1)} % of the records; it takes ${((100 * gone) / records).toFixed(1)} %. Give coarser levels under method.recode, raise suppression_limit, or lower k. Nothing is written`,
  );
}
