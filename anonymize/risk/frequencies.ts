import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { CellTable, MissingPolicy } from './cell-table.ts';

/** How records with missing keys count: the policy, and for wildcards the share `alpha` (0 to 1) with which they count for others. */
export interface MissingRule {
  readonly policy: MissingPolicy;
  readonly alpha: number;
}

/**
 * Makes `frequencies` (`cell`, `n`, `fk`, `fw`): for each cell how many records an intruder cannot tell from it, in the sample and, by their
 * weights, in the population; after Templ (2017), with every incomplete record a wildcard. A complete cell counts itself and `alpha`
 * of the compatible incomplete records; an incomplete one counts itself, the compatible complete records, and `alpha` of the other
 * incomplete. With `exclude`, incomplete cells have no frequency; with `own-category`, a missing value is a value.
 * Makes the view `judged_cells` besides: every column of `cells` with `fk` and `fw`, NULL where there is no frequency.
 * Cost: joins of cells, one for each ordered pair of patterns of missing values; never a pass over records.
 */
export async function buildFrequencies(session: Session, { incomplete, keys }: CellTable, { policy, alpha }: MissingRule): Promise<void> {
  if (policy !== 'wildcard' || incomplete === 0) {
    const own = (column: Sql): Sql => (policy === 'exclude' ? sql`CASE WHEN missing = 0 THEN ${column} END` : column);
    await session.run(sql`CREATE OR REPLACE TEMP VIEW judged_cells AS SELECT *, ${own(sql`n`)} AS fk, ${own(sql`w`)} AS fw FROM cells`);
    return session.run(
      sql`CREATE OR REPLACE TEMP VIEW frequencies AS SELECT cell, n, fk, fw FROM judged_cells ${policy === 'exclude' ? sql`WHERE missing = 0` : sql``}`,
    );
  }
  const patterns = await session.rows<{ missing: bigint }>(sql`SELECT DISTINCT missing FROM cells ORDER BY missing`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE shares AS SELECT cell, n, n AS fk, w AS fw FROM cells`);
  for (const { missing: mine } of patterns) {
    const parts = patterns
      .filter(({ missing }) => missing !== mine && (missing === 0n || alpha > 0))
      .map(({ missing: theirs }) => compatible(keys.length, mine, theirs, mine !== 0n && theirs === 0n ? 1 : alpha));
    if (parts.length > 0) await session.run(sql`INSERT INTO shares ${join(parts, ' UNION ALL ')}`);
  }
  await session.run(sql`CREATE OR REPLACE TEMP TABLE frequencies AS
      SELECT cell, sum(n) AS n, sum(fk) AS fk, sum(fw) AS fw FROM shares GROUP BY cell`);
  await session.run(sql`DROP TABLE shares`);
  await session.run(
    sql`CREATE OR REPLACE TEMP VIEW judged_cells AS SELECT cells.*, fk, fw FROM cells LEFT JOIN frequencies ON cells.cell = frequencies.cell`,
  );
}

/** What the cells of one pattern get from those of another: `credit` times the records that agree wherever both have a value. */
function compatible(keys: number, mine: bigint, theirs: bigint, credit: number): Sql {
  const both = [...Array(keys).keys()].filter((key) => ((mine | theirs) & (1n << BigInt(key))) === 0n).map((key) => id(`k${key}`));
  const given = sql`${literal(credit)} * sum(n) AS fk, ${literal(credit)} * sum(w) AS fw FROM cells WHERE missing = ${literal(theirs)}`;
  if (both.length === 0)
    return sql`SELECT cell, 0, other.fk, other.fw FROM cells, (SELECT ${given}) AS other WHERE missing = ${literal(mine)}`;
  return sql`SELECT cell, 0, other.fk, other.fw FROM (SELECT cell, ${join(both)} FROM cells WHERE missing = ${literal(mine)}) AS mine
    JOIN (SELECT ${join(both)}, ${given} GROUP BY ${join(both)}) AS other USING (${join(both)})`;
}
