import { codePosition, searchedCodes } from '../engine/code-position.ts';
import { AppError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';

/** A key variable of records: `codes[r]` from 0 to `count` - 1; `missing` is the code of an unknown value, where there is one. */
export interface KeyVariable {
  readonly name: string;
  readonly codes: Int32Array;
  readonly count: number;
  readonly missing: number | undefined;
}

/** More values than this are no classes. */
const MOST_VALUES = 1 << 17;
/**
 * Reads key variables (text, whole numbers, dates) of a relation, in the order of its records: codes by sorted value, NULL last. Cost: one
 * pass for the values of each, one for the codes. Errors: `key-too-many-values` above 131,072.
 */
export async function keyColumns(session: Session, relation: string, columns: readonly string[]): Promise<KeyVariable[]> {
  const { rows } = await session.row<{ rows: number }>(sql`SELECT count(*)::DOUBLE AS rows FROM ${id(relation)}`);
  const searched = await searchedCodes(session, relation);
  const types = new Map((await session.describe(sql`SELECT * FROM ${id(relation)}`)).map(({ name, type }) => [name, type]));
  const values: (string | null)[][] = [];
  for (const column of columns) values.push(await valuesOf(session, relation, column));
  const codes = columns.map((column, key) => {
    const codes = (values[key] ?? []).filter((value) => value !== null);
    const position = codes.length === 0 ? sql`NULL` : codePosition({ column, type: types.get(column) ?? '', codes, searched });
    return sql`coalesce(${position}, ${literal(codes.length)})::INTEGER AS ${id(`k${key}`)}`;
  });
  const read = await session.numbers(sql`SELECT ${join(codes)} FROM ${id(relation)}`, rows);
  return columns.map((name, key) => {
    const list = values[key] ?? [];
    return { name, codes: read[`k${key}`] as Int32Array, count: list.length, missing: list.at(-1) === null ? list.length - 1 : undefined };
  });
}

async function valuesOf(session: Session, relation: string, column: string): Promise<(string | null)[]> {
  const found = await session.rows<{ value: string | null }>(sql`
    SELECT value::VARCHAR AS value FROM (SELECT DISTINCT ${id(column)} AS value FROM ${id(relation)} LIMIT ${literal(MOST_VALUES + 2)}) AS found
    ORDER BY found.value NULLS LAST`);
  if (found.length > MOST_VALUES + 1)
    throw new AppError('key-too-many-values', `key variable ${column} has more than ${MOST_VALUES} values; recode it to classes in a step`);
  return found.map(({ value }) => value);
}
