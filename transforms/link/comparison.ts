import type { Session } from '../../engine/session.ts';
import { id, join, type Sql, sql } from '../../engine/sql.ts';
import { makeNameLevels } from './name-batch.ts';
import { NAME_LEVEL, NAME_LEVELS } from './name-distance.ts';

/** One aspect in which two records are compared; its levels are numbered from 0, the worst, and NULL where a side has no value. */
export interface Comparison {
  readonly name: string;
  readonly levels: number;
  /** Level of a pair: an expression over `l` and `r`, or the column with a name in both. */
  readonly level: Sql | { readonly names: string };
  /** Column of `r` with the share of records that have its value: agreement on a rare one weighs more (from level `NAME_LEVEL.sameKey` on). */
  readonly frequency?: string;
  /** Assumed distributions over the levels, of pairs that match and of those that do not: for scripts and deliveries with hardly any records. */
  readonly assumed: { readonly m: readonly number[]; readonly u: readonly number[] };
}

/** Comparison of two names in a column, in five levels. */
export function nameComparison(column: string, frequency?: string): Comparison {
  return {
    name: column,
    levels: NAME_LEVELS,
    level: { names: column },
    ...(frequency !== undefined && { frequency }),
    assumed: { m: [0.04, 0.02, 0.06, 0.08, 0.8], u: [0.97, 0.015, 0.007, 0.003, 0.005] },
  };
}

/** First level of a comparison of names to which the frequency of the name belongs. */
export const EXACT_FROM = NAME_LEVEL.sameKey;

/** Makes `table` (rule, l, r, script, a level for each comparison) from a table of pairs (rule, l, r); comparisons in `without` stay NULL. */
export async function comparePairs(
  session: Session,
  table: string,
  pairs: string,
  sides: Sides,
  comparisons: readonly Comparison[],
  without: readonly string[] = [],
): Promise<void> {
  const named = comparisons.flatMap(({ level }) => ('names' in level ? [level.names] : []));
  const source = sql`FROM ${id(pairs)} AS p JOIN ${sides.left} AS l ON l.n = p.l JOIN ${sides.right} AS r ON r.n = p.r`;
  if (named.length > 0)
    await makeNameLevels(
      session,
      join(
        named.map((column) => sql`SELECT l.${id(column)} AS a, r.${id(column)} AS b ${source}`),
        ' UNION ALL ',
      ),
    );
  const levels = comparisons.map(({ name, level }) =>
    without.includes(name)
      ? sql`NULL::TINYINT AS ${id(name)}`
      : 'names' in level
        ? sql`CASE WHEN l.${id(level.names)} = r.${id(level.names)} THEN ${NAME_LEVEL.same}::TINYINT ELSE ${id(`by_${name}`)}.level END AS ${id(name)}`
        : sql`(${level})::TINYINT AS ${id(name)}`,
  );
  const joins = comparisons.flatMap(({ name, level }) => {
    if (!('names' in level)) return [];
    const found = id(`by_${name}`);
    return [sql`LEFT JOIN link_name_level AS ${found} ON ${found}.a = l.${id(level.names)} AND ${found}.b = r.${id(level.names)}`];
  });
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE ${id(table)} AS SELECT p.rule, p.l, p.r, l.script, ${join(levels)} ${source} ${join(joins, ' ')}`,
  );
}

/** The two relations that are linked: both with a column `n`, the left one with `script`. */
export interface Sides {
  readonly left: Sql;
  readonly right: Sql;
}
