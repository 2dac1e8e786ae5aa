import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { Variable, VariableType } from '../contract.ts';
import type { Staged } from './reader.ts';

/** A reason to reject a row because of one variable; `when` is never NULL. */
export interface Check {
  readonly variable: string;
  readonly rule: string;
  readonly when: Sql;
}

const AGOROT = 100;
const SPACES = literal(' \t\u00a0\u200b\u3000');

/** DuckDB's type of a typed value. */
export function storageType(type: VariableType): Sql {
  switch (type) {
    case 'MONEY':
      return sql`BIGINT`;
    case 'PERIOD_M':
      return sql`VARCHAR`;
    case 'VARCHAR':
      return sql`VARCHAR`;
    case 'INTEGER':
      return sql`INTEGER`;
    case 'BIGINT':
      return sql`BIGINT`;
    case 'DOUBLE':
      return sql`DOUBLE`;
    case 'DATE':
      return sql`DATE`;
    case 'TIMESTAMP':
      return sql`TIMESTAMP`;
    case 'BOOLEAN':
      return sql`BOOLEAN`;
  }
}

/**
 * A text as a value of a type, NULL unless the text is exactly what the type writes: no `1e5`, `1_000`, `12.7` for INTEGER, `+1`, `007`,
 * `infinity`, `epoch`, `yes`, no third decimal of MONEY, no day that is not in the calendar.
 */
export function castText(type: VariableType, text: Sql): Sql {
  switch (type) {
    case 'VARCHAR':
      return text;
    case 'INTEGER':
    case 'BIGINT':
      return sql`CASE WHEN CAST(TRY_CAST(${text} AS ${storageType(type)}) AS VARCHAR) = ${text} THEN TRY_CAST(${text} AS ${storageType(type)}) END`;
    case 'DOUBLE':
      return sql`CASE WHEN regexp_full_match(${text}, '-?(0|[1-9][0-9]*)(\\.[0-9]+)?') AND isfinite(TRY_CAST(${text} AS DOUBLE)) THEN TRY_CAST(${text} AS DOUBLE) END`;
    case 'MONEY': {
      const decimal = sql`TRY_CAST(${text} AS DECIMAL(15, 2))`;
      return sql`CASE WHEN CAST(${decimal} AS VARCHAR) IN (${text}, ${text} || '0', ${text} || '.00') THEN CAST(${decimal} * 100 AS BIGINT) END`;
    }
    case 'DATE':
      return sql`CASE WHEN length(${text}) = 10 AND CAST(TRY_CAST(${text} AS DATE) AS VARCHAR) = ${text} THEN TRY_CAST(${text} AS DATE) END`;
    case 'TIMESTAMP':
      return sql`CASE WHEN regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?Z?') THEN TRY_CAST(rtrim(${text}, 'Z') AS TIMESTAMP) END`;
    case 'BOOLEAN':
      return sql`CASE ${text} WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END`;
    case 'PERIOD_M':
      return sql`CASE WHEN ${isPeriod(text)} THEN ${text} END`;
  }
}

/** A typed column of a file (Parquet) as a value of a type; its own type has been checked to fit. */
export function castTyped(type: VariableType, value: Sql): Sql {
  switch (type) {
    case 'MONEY':
      return sql`TRY_CAST(TRY_CAST(${value} AS DECIMAL(15, 2)) * 100 AS BIGINT)`;
    case 'PERIOD_M':
      return sql`CASE WHEN ${isPeriod(value)} THEN ${value} END`;
    case 'DOUBLE':
    case 'DATE':
    case 'TIMESTAMP':
      return sql`CASE WHEN isfinite(${value}) THEN CAST(${value} AS ${storageType(type)}) END`;
    case 'VARCHAR':
      return sql`nullif(${value}, '')`;
    default:
      return sql`CAST(${value} AS ${storageType(type)})`;
  }
}

/** All reasons to reject a row because of this variable. `raw` is the column of the file, `value` its cast. */
export function checksOf(
  variable: Variable,
  isRequired: boolean,
  { isText, spacedColumns }: Pick<Staged, 'isText' | 'spacedColumns'>,
  raw: Sql,
  value: Sql,
): Check[] {
  const checks: Check[] = [];
  const add = (rule: string, when: Sql): void => {
    checks.push({ variable: variable.name, rule, when: sql`coalesce(${when}, false)` });
  };
  const isString = isText || variable.type === 'VARCHAR' || variable.type === 'PERIOD_M';
  const mayHaveSpaces = isString && spacedColumns.includes(variable.name);
  const hasSpaces = sql`${raw} <> trim(${raw}, ${SPACES})`;
  const isEmpty = isString ? sql`nullif(${raw}, '') IS NULL` : sql`${raw} IS NULL`;
  if (isRequired) add('required', isEmpty);
  if (mayHaveSpaces) add('spaces', hasSpaces);
  if (!isText && isString)
    add(
      'control-character',
      sql`regexp_matches(${raw}, '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x{9f}\\x{feff}\\x{200e}\\x{200f}\\x{61c}\\x{2028}-\\x{202e}\\x{2066}-\\x{2069}]')`,
    );
  if (variable.type !== 'VARCHAR')
    add('type', sql`NOT (${isEmpty}) AND ${value} IS NULL${mayHaveSpaces ? sql` AND NOT (${hasSpaces})` : sql``}`);
  if (variable.codelist !== undefined) add('codelist', sql`${value} NOT IN (${join(variable.codelist.map((code) => literal(code)))})`);
  if (variable.pattern !== undefined) add('pattern', sql`NOT regexp_full_match(${value}, ${literal(variable.pattern)})`);
  if (variable.max_length !== undefined) add('max-length', sql`length(${value}) > ${literal(variable.max_length)}`);
  if (variable.min !== undefined) add('min', sql`${value} < ${bound(variable, variable.min)}`);
  if (variable.max !== undefined) add('max', sql`${value} > ${bound(variable, variable.max)}`);
  return checks;
}

/** A typed value as the delivery would write it. */
export function asDelivered(name: string, type: VariableType): Sql {
  const value = id(name);
  if (type !== 'MONEY') return sql`CAST(${value} AS VARCHAR)`;
  return sql`concat(CASE WHEN ${value} < 0 THEN '-' ELSE '' END, abs(${value}) // 100, '.', lpad(CAST(abs(${value}) % 100 AS VARCHAR), 2, '0'))`;
}

function bound(variable: Variable, value: number): Sql {
  const exact = variable.type === 'MONEY' ? Math.round(value * AGOROT) : value;
  return variable.type === 'DOUBLE' || !Number.isSafeInteger(exact) ? sql`CAST(${literal(String(exact))} AS DOUBLE)` : literal(exact);
}

function isPeriod(text: Sql): Sql {
  return sql`(length(${text}) = 7 AND CAST(TRY_CAST(${text} || '-01' AS DATE) AS VARCHAR) = ${text} || '-01')`;
}
