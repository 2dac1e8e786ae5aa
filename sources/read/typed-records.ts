import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql, trusted } from '../../engine/sql.ts';
import type { Contract } from '../contract.ts';
import { asDelivered, type Check, castText, castTyped, checksOf, storageType } from './cast.ts';
import { globLiteral } from './glob-literal.ts';
import type { Staged } from './reader.ts';

/** Names of the tables and views of one reading. */
export interface ReadingTables {
  /** Accepted rows (view). */
  readonly accepted: string;
  /** Typed values of all well-formed records; `_bad`, `_flaws` (numbers of checks), `_raw` (texts as delivered, of bad rows). */
  readonly typed: string;
  /** Rows of `typed` that passed their checks, with derived columns (view). */
  readonly base: string;
  /** Rejections of well-formed records: row, column, rule. */
  readonly rejected: string;
  /** Where the distance between row and line changes: row, delta. */
  readonly lines: string;
  readonly rejects: string;
}

export function readingTables(prefix: string): ReadingTables {
  const name = (end: string): string => `${prefix}_${end}`;
  return {
    accepted: prefix,
    typed: name('typed'),
    base: name('base'),
    rejected: name('rejected'),
    lines: name('lines'),
    rejects: name('rejects'),
  };
}

/**
 * Reads the staged records once and types them; every check of the contract's variables is evaluated on the way. The row number of
 * a record is its place in the file: the engine keeps insertion order.
 */
export async function typeRecords(session: Session, contract: Contract, staged: Staged, tables: ReadingTables): Promise<void> {
  const { variables } = contract;
  const checks = allChecks(contract, staged);
  const cast = staged.isText ? castText : castTyped;
  const raws = variables.map(({ name }) => sql`${id('r', name)} AS ${id(rawName(name))}`);
  const values = variables.map(({ name, type }) => sql`${cast(type, id('r', name))} AS ${id(name)}`);
  const names = join(variables.map(({ name }) => id(name)));
  const texts = join(variables.map(({ name }) => sql`CAST(${id(rawName(name))} AS VARCHAR)`));
  await session.run(sql`CREATE TABLE ${id(tables.typed)} AS
    SELECT ${names}, _bad, CASE WHEN _bad THEN ${flaws(checks)} END AS _flaws, CASE WHEN _bad THEN [${texts}] END AS _raw
    FROM (SELECT *, ${anyOf(checks)} AS _bad FROM (SELECT ${join([...raws, ...values])} FROM (${staged.relation}) AS r))`);
  await session.run(sql`CREATE TABLE ${id(tables.rejected)} AS SELECT row, "column", rule FROM
    (SELECT rowid AS row, unnest(_flaws) AS flaw FROM ${id(tables.typed)} WHERE _bad) JOIN ${checkTable(checks)} USING (flaw)`);
  const derived = contract.derived.map(
    (column) => sql`TRY(CAST((${trusted(column.expr)}
    ) AS ${storageType(column.type)})) AS ${id(column.name)}`,
  );
  await session.run(
    sql`CREATE VIEW ${id(tables.base)} AS SELECT ${join([sql`rowid AS _row`, names, ...derived])} FROM ${id(tables.typed)} WHERE NOT _bad`,
  );
  if ('file' in staged.lines) {
    await session.run(sql`CREATE TABLE ${id(tables.lines)} AS SELECT * FROM read_csv(${literal(globLiteral(staged.lines.file))},
      columns = {'row': 'BIGINT', 'delta': 'BIGINT'}, header = false, auto_detect = false, delim = ',', new_line = '\\n')`);
  }
}

/** The accepted rows: those of `base` that nothing rejected, with the line on which each record begins. */
export async function acceptRecords(session: Session, contract: Contract, staged: Staged, tables: ReadingTables): Promise<void> {
  const columns = [...contract.variables, ...contract.derived].map(({ name }) => id('b', name));
  const { line, from } = lineOf(staged, tables, 'b', '_row');
  await session.run(sql`CREATE VIEW ${id(tables.accepted)} AS SELECT ${join([sql`${line} AS _line`, sql`b._row`, ...columns])}
    FROM (SELECT * FROM ${id(tables.base)} ANTI JOIN ${id(tables.rejected)} ON row = _row) AS b${from}`);
}

/** Every rejection with its place: one row per record and rule, raw text as JSON (or the record's own text, where it is malformed). */
export async function keepRejects(session: Session, contract: Contract, staged: Staged, tables: ReadingTables): Promise<void> {
  const { variables } = contract;
  const { line, from } = lineOf(staged, tables, 'j', 'row');
  const texts = join(variables.map(({ name }, index) => sql`${literal(name)}: _raw[${literal(index + 1)}]`));
  const values = join(variables.map(({ name, type }) => sql`${literal(name)}: ${asDelivered(name, type)}`));
  const raw = sql`CASE WHEN _bad THEN CAST(to_json({${texts}}) AS VARCHAR) ELSE CAST(to_json({${values}}) AS VARCHAR) END`;
  const typed = sql`SELECT ${line} AS line, CAST(NULL AS BIGINT) AS byte, j."column", j.rule, j.raw FROM
    (SELECT row, "column", rule, ${raw} AS raw FROM ${id(tables.rejected)} JOIN (SELECT rowid AS typed_row, * FROM ${id(tables.typed)}) ON typed_row = row) AS j${from}`;
  const malformed = staged.malformedFile === undefined ? sql`` : sql` UNION ALL ${malformedRows(staged.malformedFile)}`;
  await session.run(sql`CREATE TABLE ${id(tables.rejects)} AS SELECT * FROM (${typed}${malformed}) ORDER BY line, rule, "column", raw`);
}

function malformedRows(file: string): Sql {
  return sql`SELECT line, byte, "column", rule, decode(unhex(coalesce(raw, ''))) FROM read_csv(${literal(globLiteral(file))},
    columns = {'line': 'BIGINT', 'byte': 'BIGINT', 'rule': 'VARCHAR', 'column': 'VARCHAR', 'raw': 'VARCHAR'}, header = false, auto_detect = false, delim = ',', new_line = '\\n')`;
}

function lineOf(staged: Staged, tables: ReadingTables, alias: string, row: string): { line: Sql; from: Sql } {
  if ('delta' in staged.lines) return { line: sql`${id(alias, row)} + ${literal(staged.lines.delta)}`, from: sql`` };
  return { line: sql`${id(alias, row)} + l.delta`, from: sql` ASOF JOIN ${id(tables.lines)} AS l ON ${id(alias, row)} >= l.row` };
}

function allChecks(contract: Contract, staged: Staged): Check[] {
  const needed = new Set([...contract.key, ...(contract.partition === undefined ? [] : [contract.partition])]);
  return contract.variables.flatMap((variable) => {
    const isRequired = variable.required || needed.has(variable.name);
    return checksOf(variable, isRequired, staged, id(rawName(variable.name)), id(variable.name));
  });
}

function rawName(name: string): string {
  return `${name} raw`;
}

function anyOf(checks: readonly Check[]): Sql {
  return checks.length === 0
    ? sql`false`
    : join(
        checks.map(({ when }) => when),
        ' OR ',
      );
}

function flaws(checks: readonly Check[]): Sql {
  return sql`list_distinct([${join(checks.map(({ when }, index) => sql`CASE WHEN ${when} THEN ${literal(index)} END`))}]::INTEGER[])`;
}

function checkTable(checks: readonly Check[]): Sql {
  const rows = checks.map(({ variable, rule }, index) => sql`(${literal(index)}, ${literal(variable)}, ${literal(rule)})`);
  return sql`(VALUES ${join(rows.length === 0 ? [sql`(0, '', '')`] : rows)}) AS checks(flaw, "column", rule)`;
}
