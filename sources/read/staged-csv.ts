import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { globLiteral } from './glob-literal.ts';

const LEAST_LINE = 2_000_000;

/** A file of well-formed records in the scratch folder: UTF-8, LF, no header. */
export interface StagedCsv {
  readonly path: string;
  readonly delimiter: string;
  /** Whether fields are quoted as in RFC 4180, or never, because none holds the delimiter or a newline. */
  readonly isQuoted: boolean;
  /** Variables in the order of the file's columns. */
  readonly columns: readonly string[];
  readonly hasInnerNewlines: boolean;
  /** Longest record in bytes. */
  readonly maxRecordBytes: number;
}

/** SELECT of the variables of a staged file, all VARCHAR, empty texts as NULL; `textOf` = the text of a variable by that of its field. */
export function selectCsv<V extends { readonly name: string }>(
  variables: readonly V[],
  csv: StagedCsv,
  textOf: (variable: V, field: Sql) => Sql = (_, field) => field,
): Sql {
  const quote = literal(csv.isQuoted ? '"' : '');
  const position = new Map(csv.columns.map((name, index) => [name, `f${index + 1}`]));
  const columns = csv.columns.map((_, index) => sql`${literal(`f${index + 1}`)}: 'VARCHAR'`);
  const values = variables.map(
    (variable) => sql`nullif(${textOf(variable, id(position.get(variable.name)!))}, '') AS ${id(variable.name)}`,
  );
  return sql`SELECT ${join(values)} FROM read_csv(${literal(globLiteral(csv.path))}, columns = {${join(columns)}},
    header = false, auto_detect = false, delim = ${literal(csv.delimiter)}, quote = ${quote}, escape = ${quote}, new_line = '\\n', encoding = 'utf-8',
    strict_mode = true, null_padding = false, ignore_errors = false, compression = 'none', parallel = ${literal(!csv.hasInnerNewlines)},
    max_line_size = ${literal(Math.max(LEAST_LINE, csv.maxRecordBytes + 2))})`;
}
