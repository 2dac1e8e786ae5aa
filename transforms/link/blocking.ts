import { join, type Sql, sql } from '../../engine/sql.ts';

/** A blocking rule: which pairs are compared at all. */
export interface BlockingRule {
  readonly name: string;
  /** Condition over `l` and `r`, with an equality that a hash join can use. */
  readonly on: Sql;
  /** Relation between the two, where equality alone cannot find the pairs: `JOIN … AS x ON …`, after `l` and before `r`. */
  readonly through?: { readonly join: Sql; readonly on: Sql };
  /** Comparisons that the rule fixes: not estimated from its pairs. */
  readonly fixes: readonly string[];
}

/**
 * Distinct pairs (rule, l, r) that any of the rules gives, each under its first rule: a union in which every rule leaves out
 * what an earlier one has matched (as Splink's match_key). `l` and `r` are the columns `n` of both sides.
 */
export function blockedPairs(rules: readonly BlockingRule[], left: Sql, right: Sql, always: Sql = sql`TRUE`): Sql {
  const selects = rules.map(({ name, on, through }, index) => {
    const earlier = rules.slice(0, index).map((rule) => sql`NOT coalesce(${rule.on}, FALSE)`);
    const where = join([always, ...earlier], ' AND ');
    const pair = through === undefined ? sql`JOIN ${right} AS r ON ${on}` : sql`${through.join} JOIN ${right} AS r ON ${through.on}`;
    return sql`SELECT DISTINCT ${name}::VARCHAR AS rule, l.n AS l, r.n AS r FROM ${left} AS l ${pair} WHERE ${where}`;
  });
  return join(selects, ' UNION ALL ');
}
