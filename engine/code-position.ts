import type { Session } from './session.ts';
import { id, join, literal, type Sql, sql } from './sql.ts';

/** A column of codes: its type, and the codes in the order of their numbers. */
export interface CodedColumn {
  readonly column: string;
  readonly type: string;
  readonly codes: readonly string[];
  /** Longest list that is searched, see `searchedCodes`. */
  readonly searched: number;
}

/** Lists that are searched: in a file the engine looks once at each distinct text of a dictionary page, in a table at every row's. */
const SEARCHED = { file: 4096, table: 64 } as const;
/** Whole numbers within so wide a range are looked up by position. */
const RANGE = 1 << 16;

/** How many codes may be searched one after the other in a relation of the session. */
export async function searchedCodes(session: Session, relation: string): Promise<number> {
  const { tables } = await session.row<{ tables: number }>(
    sql`SELECT count(*)::DOUBLE AS tables FROM duckdb_tables() WHERE table_name = ${relation}`,
  );
  return tables > 0 ? SEARCHED.table : SEARCHED.file;
}

/** The number (from 0) of each row's code in SQL; NULL where it is NULL. Every other value of the column must be one of the codes. */
export function codePosition({ column, type, codes, searched }: CodedColumn): Sql {
  const direct = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(type) ? numberRange(codes) : undefined;
  if (direct !== undefined) {
    const list = join(direct.numbers.map((number) => literal(number)));
    return sql`list_extract([${list}], (${id(column)}::BIGINT - ${literal(direct.least)} + 1)::INTEGER)`;
  }
  const list = join(codes.map((code) => literal(code)));
  if (codes.length <= searched) return sql`(list_position([${list}], ${id(column)}::VARCHAR) - 1)`;
  return sql`enum_code(${id(column)}::VARCHAR::ENUM(${list}))::INTEGER`;
}

/** For each whole number of a narrow range the number of its code, null where there is none. */
function numberRange(codes: readonly string[]): { least: number; numbers: (number | null)[] } | undefined {
  const values = codes.map(Number).filter((value) => Number.isSafeInteger(value));
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  if (!(most - least < RANGE)) return undefined;
  const numbers: (number | null)[] = Array.from({ length: most - least + 1 }, () => null);
  for (const [number, code] of codes.entries()) if (Number.isSafeInteger(Number(code))) numbers[Number(code) - least] = number;
  return { least, numbers };
}
