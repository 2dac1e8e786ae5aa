import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { AgreementParameters } from './agreement-parameters.ts';

/** Columns that a relation of pairs must have. */
export function pairColumns({ question, period, first, second, groups }: AgreementParameters): string[] {
  return [question, period, first, second, ...groups];
}

/**
 * A common table expression `pair`: period, question, dimension, code, first, second; one row per unit that has both answers, in the total
 * (dimension and code `_T`) and again in its code of every group (`_U` where unknown).
 */
export function groupedPairs(from: Sql, { question, period, first, second, groups }: AgreementParameters): Sql {
  const rows = (dimension: Sql, code: Sql): Sql =>
    sql`SELECT ${id(period)} AS period, ${id(question)} AS question, ${dimension} AS dimension, ${code} AS code, ${id(first)} AS first, ${id(second)} AS second
  FROM ${from} WHERE ${id(first)} IS NOT NULL AND ${id(second)} IS NOT NULL`;
  const total = rows(literal('_T'), literal('_T'));
  const parts = groups.map((group) => rows(literal(group), sql`coalesce(CAST(${id(group)} AS VARCHAR), '_U')`));
  return sql`pair AS (
  ${join([total, ...parts], ' UNION ALL ')}
)`;
}
