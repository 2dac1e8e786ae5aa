import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { type CodedDimension, codedDimension, UNKNOWN_CODE } from './hierarchy.ts';
import { isWholeType } from './number-column.ts';
import type { TabulateDimension } from './table.ts';

/** A dimension of a partition, and how its leaf is found in a row. */
export interface ReadDimension extends CodedDimension, TabulateDimension {
  /** Whole codes in a narrow range: the smallest, and the leaf of every number from there on (null: none). */
  readonly narrow: { readonly least: number; readonly leafOf: readonly (number | null)[] } | undefined;
  readonly hasUnknown: boolean;
}

/** Widest range of whole codes that is looked up by position. */
const NARROW = 100_000;

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
  const coded = codedDimension(dimension.name, paths);
  const known = paths.flatMap((path) => path.at(-1) ?? []);
  return {
    ...coded,
    ...dimension,
    narrow: isWholeType(type) ? narrowRange(coded, known) : undefined,
    hasUnknown: known.length < paths.length,
  };
}

function narrowRange({ leaves }: CodedDimension, codes: readonly string[]): ReadDimension['narrow'] {
  const numbers = codes.map(Number);
  const least = numbers.reduce((low, number) => Math.min(low, number), Number.POSITIVE_INFINITY);
  const most = numbers.reduce((high, number) => Math.max(high, number), Number.NEGATIVE_INFINITY);
  if (!(most - least < NARROW)) return undefined;
  const leafOf = new Map(leaves.map((code, leaf) => [code, leaf]));
  return { least, leafOf: Array.from({ length: most - least + 1 }, (_, at) => leafOf.get(String(least + at)) ?? null) };
}

/**
 * The number of the leaf of a row, in SQL. Texts are looked up in a list: nearly free on the dictionary pages of Parquet, where the engine
 * looks at each distinct text once. Unknown is the code below the nearest known level.
 */
export function leafNumber({ name, hierarchy, leaves, narrow, hasUnknown }: ReadDimension): Sql {
  const above = hierarchy.toReversed().map((column) => sql`${id(column)}::VARCHAR || ${literal(UNKNOWN_CODE)}`);
  const unknown = hasUnknown ? [...above, sql`${literal(UNKNOWN_CODE)}`] : [];
  const position = (codes: readonly Sql[]): Sql =>
    sql`(list_position([${join(leaves.map((code) => literal(code)))}], ${codes.length === 1 ? join(codes) : sql`coalesce(${join(codes)})`}) - 1)`;
  if (narrow === undefined) return position([sql`${id(name)}::VARCHAR`, ...unknown]);
  const list = join(narrow.leafOf.map((leaf) => literal(leaf)));
  const direct = sql`([${list}])[${id(name)}::BIGINT - ${literal(narrow.least)} + 1]`;
  return hasUnknown ? sql`coalesce(${direct}, ${position(unknown)})` : direct;
}
