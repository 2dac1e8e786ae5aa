import { codePosition, searchedCodes } from '../engine/code-position.ts';
import { AppError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';

/** A key variable of records: `codes[r]` from 0 to `count` - 1; `missing` is the code of an unknown value, where there is one. */
export interface KeyVariable {
  readonly name: string;
  readonly codes: Int32Array;
  readonly count: number;
  readonly missing: number | undefined;
}

/** The same before it is read: its values as text (sorted, no missing one), and the code of each record in SQL. */
export interface KeyCodes {
  readonly name: string;
  readonly values: readonly string[];
  readonly hasMissing: boolean;
  /** From 0; a missing value has the code behind the last. */
  readonly code: Sql;
}

/** More values than this are no classes. */
const MOST_VALUES = 1 << 17;

/**
 * Codes of key variables (text, whole numbers, dates) of a relation by sorted value. `from`: the table or the view of a file that the relation
 * selects from. Cost: one pass for the values of each. Errors: `key-too-many-values` above 131,072.
 */
export async function keyCodes(session: Session, relation: string, columns: readonly string[], from = relation): Promise<KeyCodes[]> {
  const searched = await searchedCodes(session, from);
  const types = new Map((await session.describe(sql`SELECT * FROM ${id(relation)}`)).map(({ name, type }) => [name, type]));
  const keys: KeyCodes[] = [];
  for (const name of columns) {
    const found = await valuesOf(session, relation, name);
    const values = found.filter((value) => value !== null);
    const position = values.length === 0 ? sql`NULL` : codePosition({ column: name, type: types.get(name) ?? '', codes: values, searched });
    keys.push({ name, values, hasMissing: found.at(-1) === null, code: sql`coalesce(${position}, ${literal(values.length)})` });
  }
  return keys;
}

/** Reads key variables of a relation, in the order of its records, NULL last. Cost: that of `keyCodes`, and one pass. Errors: `key-too-many-values`. */
export async function keyColumns(session: Session, relation: string, columns: readonly string[], from = relation): Promise<KeyVariable[]> {
  const { rows } = await session.row<{ rows: number }>(sql`SELECT count(*)::DOUBLE AS rows FROM ${id(relation)}`);
  const keys = await keyCodes(session, relation, columns, from);
  const codes = keys.map(({ code }, key) => sql`(${code})::INTEGER AS ${id(`k${key}`)}`);
  const read = await session.numbers(sql`SELECT ${join(codes)} FROM ${id(relation)}`, rows);
  return keys.map(({ name, values, hasMissing }, key) => {
    const missing = hasMissing ? values.length : undefined;
    return { name, codes: read[`k${key}`] as Int32Array, count: values.length + Number(hasMissing), missing };
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
