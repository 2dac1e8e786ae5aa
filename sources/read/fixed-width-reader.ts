import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { Variable } from '../contract.ts';
import { FixedWidthFormat } from './fixed-width-format.ts';
import { frontPass } from './front-pass.ts';
import { globLiteral } from './glob-literal.ts';
import { LineScanner } from './line-scanner.ts';
import type { Reader, ReadingInput, Staged } from './reader.ts';

/** A character that no staged text holds: the line is one column. */
const NO_DELIMITER = '\u001f';
const LEAST_LINE = 2_000_000;

/** Text with columns at fixed positions, plain or compressed, in any encoding of the contract. */
export const fixedWidthReader: Reader = { stage };

async function stage(input: ReadingInput, prefix: string): Promise<Staged> {
  const { contract } = input;
  const pass = await frontPass(input, prefix, {
    name: 'fixed-width text',
    scanner: (events) => new LineScanner(events, new FixedWidthFormat(contract)),
  });
  const values = contract.variables.map((variable) => sql`nullif(${textOf(variable)}, '') AS ${id(variable.name)}`);
  const relation = sql`SELECT ${join(values)} FROM read_csv(${literal(globLiteral(pass.stagedFile))}, columns = {'line': 'VARCHAR'},
    header = false, auto_detect = false, delim = ${literal(NO_DELIMITER)}, quote = '', escape = '', new_line = '\\n', encoding = 'utf-8',
    strict_mode = true, null_padding = false, ignore_errors = false, compression = 'none',
    max_line_size = ${literal(Math.max(LEAST_LINE, contract.format.max_line_bytes + 2))})`;
  return { relation, isText: true, ...pass.facts };
}

/** The text of a variable as a CSV would write it. */
function textOf({ position }: Variable): Sql {
  const { start, width, fill, decimals, date } = position!;
  const text = sql`trim(substring(line, ${literal(start)}, ${literal(width)}), ' ')`;
  if (decimals !== undefined) return withPoint(text, decimals);
  if (fill === 'zeros') return sql`regexp_replace(${text}, '^(-?)0+([0-9])', '\\1\\2')`;
  return date === undefined ? text : withHyphens(text, date);
}

/** Digits with an implied decimal point: `0001250` with two decimals is 12.50. */
function withPoint(text: Sql, decimals: number): Sql {
  const longer = sql`regexp_replace(${text}, '^(-?)([0-9]+)$', ${literal(`\\1${'0'.repeat(decimals + 1)}\\2`)})`;
  return sql`regexp_replace(${longer}, ${literal(`^(-?)0*([0-9]+)([0-9]{${decimals}})$`)}, '\\1\\2.\\3')`;
}

/** Digits of a date in the form of ISO 8601; other texts stay and are found by the type. */
function withHyphens(text: Sql, date: NonNullable<Variable['position']>['date']): Sql {
  switch (date) {
    case 'ddmmyyyy':
      return sql`regexp_replace(${text}, '^([0-9]{2})([0-9]{2})([0-9]{4})$', '\\3-\\2-\\1')`;
    case 'yyyymm':
      return sql`regexp_replace(${text}, '^([0-9]{4})([0-9]{2})$', '\\1-\\2')`;
    default:
      return sql`regexp_replace(${text}, '^([0-9]{4})([0-9]{2})([0-9]{2})$', '\\1-\\2-\\3')`;
  }
}
