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

/** More values than this are no classes. */
const MOST_VALUES = 1 << 17;
/** Lists that are searched: in a file the engine looks once at each distinct text of a dictionary, in a table at every record's. */
const MOST_SEARCHED = { file: 4096, table: 64 } as const;
/** Whole numbers within so wide a range are looked up by position. */
const MOST_RANGE = 1 << 16;

/**
 * Reads key variables (text, whole numbers, dates) of a relation, in the order of its records: codes by sorted value, NULL last. Cost: one
 * pass for the values of each, one for the codes. Errors: `key-too-many-values` above 131,072.
 */
export async function keyColumns(session: Session, relation: string, columns: readonly string[]): Promise<KeyVariable[]> {
  const { rows } = await session.row<{ rows: number }>(sql`SELECT count(*)::DOUBLE AS rows FROM ${id(relation)}`);
  const { tables } = await session.row<{ tables: number }>(
    sql`SELECT count(*)::DOUBLE AS tables FROM duckdb_tables() WHERE table_name = ${relation}`,
  );
  const types = new Map((await session.describe(sql`SELECT * FROM ${id(relation)}`)).map(({ name, type }) => [name, type]));
  const values: (string | null)[][] = [];
  for (const column of columns) values.push(await valuesOf(session, relation, column));
  const codes = columns.map((column, key) => {
    const code = codeOf({ column, type: types.get(column) ?? '', values: values[key] ?? [], isTable: tables > 0 });
    return sql`${code}::INTEGER AS ${id(`k${key}`)}`;
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

interface CodedColumn {
  readonly column: string;
  readonly type: string;
  /** As text, in order; NULL last. */
  readonly values: readonly (string | null)[];
  readonly isTable: boolean;
}

function codeOf({ column, type, values, isTable }: CodedColumn): Sql {
  const known = values.filter((value) => value !== null);
  const position = known.length === 0 ? sql`NULL` : positionOf(column, type, known, isTable);
  return known.length === values.length ? position : sql`coalesce(${position}, ${literal(known.length)})`;
}

function positionOf(column: string, type: string, known: readonly string[], isTable: boolean): Sql {
  const low = Number(known[0]);
  const range = Number(known.at(-1)) - low + 1;
  if (/^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(type) && range <= MOST_RANGE && Number.isSafeInteger(low)) {
    const codes: (number | null)[] = Array.from({ length: range }, () => null);
    for (const [code, value] of known.entries()) codes[Number(value) - low] = code;
    return sql`list_extract([${join(codes.map((code) => literal(code)))}], (${id(column)}::BIGINT - ${literal(low - 1)})::INTEGER)`;
  }
  const list = join(known.map((value) => literal(value)));
  if (known.length <= (isTable ? MOST_SEARCHED.table : MOST_SEARCHED.file))
    return sql`list_position([${list}], ${id(column)}::VARCHAR) - 1`;
  return sql`enum_code(${id(column)}::VARCHAR::ENUM(${list}))::INTEGER`;
}
