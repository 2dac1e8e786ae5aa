import { codePosition, searchedCodes } from '../../engine/code-position.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { type CodedDimension, codedDimension, UNKNOWN_CODE } from './hierarchy.ts';
import type { TabulateDimension } from './table.ts';

/** A dimension of a partition, and what is needed to find its leaf in a row. */
export interface ReadDimension extends CodedDimension, TabulateDimension {
  readonly type: string;
  readonly searched: number;
  readonly hasUnknown: boolean;
}

/** The codes of a dimension: one pass over its columns. Errors: those of `codedDimension`. */
export async function readDimension(
  session: Session,
  relation: string,
  dimension: TabulateDimension,
  type: string,
): Promise<ReadDimension> {
  const columns = [...dimension.hierarchy, dimension.name];
  const names = columns.map((_, level) => id(`l${level}`));
  const distinct = join(columns.map((column, level) => sql`${id(column)} AS ${id(`l${level}`)}`));
  const texts = join(names.map((name) => sql`${name}::VARCHAR AS ${name}`));
  const rows = await session.rows<Record<string, string | null>>(
    sql`SELECT ${texts} FROM (SELECT DISTINCT ${distinct} FROM ${id(relation)}) ORDER BY ALL`,
  );
  const paths = rows.map((row) => columns.map((_, level) => row[`l${level}`] ?? null));
  return {
    ...codedDimension(dimension.name, paths),
    ...dimension,
    type,
    searched: await searchedCodes(session, relation),
    hasUnknown: paths.some((path) => path.at(-1) === null),
  };
}

/** The number of the leaf of a row, in SQL. Unknown is the code below the nearest known level. */
export function leafNumber({ name, hierarchy, leaves, type, searched, hasUnknown }: ReadDimension): Sql {
  const position = codePosition({ column: name, type, codes: leaves, searched });
  if (!hasUnknown) return position;
  const above = hierarchy.toReversed().map((column) => sql`${id(column)}::VARCHAR || ${literal(UNKNOWN_CODE)}`);
  const unknown = sql`coalesce(${join([...above, sql`${literal(UNKNOWN_CODE)}`])})`;
  return sql`coalesce(${position}, list_position([${join(leaves.map((code) => literal(code)))}], ${unknown}) - 1)`;
}
