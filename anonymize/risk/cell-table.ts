import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';

/** What a record with a missing value of a key variable is taken for. */
export type MissingPolicy = 'wildcard' | 'own-category' | 'exclude';

/**
 * The combinations of key variables that occur (cells), as the table `cells` of a session: `k0 …` the values, `cell` a number from 0,
 * `n` records, `w` sum of weights, `missing` a bit mask of the keys without a value. Every
 * measure is a function of it.
 */
export interface CellTable {
  readonly keys: readonly string[];
  readonly cells: number;
  readonly records: number;
  /** Records with a missing value of a key. */
  readonly incomplete: number;
  readonly isWeighted: boolean;
}

/** Bits of the mask of missing values. */
export const MOST_KEYS = 62;

/** The value of a key as cells hold it: an empty text is missing. */
export function keyValue(column: Sql, type: string): Sql {
  return type === 'VARCHAR' ? sql`nullif(${column}, '')` : column;
}

/**
 * Makes `cells` from records: one pass over them, memory for their cells. `keys`: expressions of the key variables in the order of their
 * names; `weight`: an expression above 0 for every record.
 */
export async function buildCellTable(
  session: Session,
  records: Sql,
  keys: readonly { readonly name: string; readonly value: Sql }[],
  weight: Sql | undefined,
): Promise<CellTable> {
  const columns = keys.map(({ value }, key) => sql`${value} AS ${id(`k${key}`)}`);
  const names = keys.map((_, key) => id(`k${key}`));
  const mask = keys.map((_, key) => sql`CASE WHEN ${id(`k${key}`)} IS NULL THEN ${literal(2 ** key)}::BIGINT ELSE 0 END`);
  await session.run(sql`CREATE TEMP TABLE cells AS
    SELECT *, (row_number() OVER () - 1)::BIGINT AS cell, (${join(mask, ' + ')})::BIGINT AS missing FROM (
      SELECT ${join(names)}, count(*)::DOUBLE AS n, ${weight === undefined ? sql`count(*)::DOUBLE` : sql`sum(w)`} AS w
      FROM (SELECT ${join(columns)}${weight === undefined ? sql`` : sql`, ${weight} AS w`} FROM ${records}) AS records
      GROUP BY ${join(names)}) AS grouped`);
  return describeCells(
    session,
    keys.map(({ name }) => name),
    weight !== undefined,
  );
}

/** What `cells` holds. */
export async function describeCells(session: Session, keys: readonly string[], isWeighted: boolean): Promise<CellTable> {
  const facts = await session.row<{ cells: number; records: number; incomplete: number }>(sql`
    SELECT count(*)::DOUBLE AS cells, coalesce(sum(n), 0)::DOUBLE AS records, coalesce(sum(n) FILTER (missing <> 0), 0)::DOUBLE AS incomplete FROM cells`);
  return { keys, ...facts, isWeighted };
}
