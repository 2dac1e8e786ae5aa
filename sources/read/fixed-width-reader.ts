import { literal, type Sql, sql } from '../../engine/sql.ts';
import type { Variable } from '../contract.ts';
import { FixedWidthFormat, SEPARATOR } from './fixed-width-format.ts';
import { frontPass } from './front-pass.ts';
import { LineScanner } from './line-scanner.ts';
import type { Reader, ReadingInput, Staged } from './reader.ts';
import { selectCsv } from './staged-csv.ts';

/** Text with columns at fixed positions, plain or compressed, in any encoding of the contract. */
export const fixedWidthReader: Reader = { stage };

async function stage(input: ReadingInput, prefix: string): Promise<Staged> {
  const { contract } = input;
  const pass = await frontPass(input, prefix, {
    name: 'fixed-width text',
    scanner: (events) => new LineScanner(events, new FixedWidthFormat(contract)),
  });
  const csv = {
    path: pass.stagedFile,
    delimiter: SEPARATOR,
    isQuoted: false,
    columns: contract.variables.map(({ name }) => name),
    hasInnerNewlines: false,
    maxRecordBytes: contract.format.max_line_bytes + contract.variables.length,
  };
  return { relation: selectCsv(contract.variables, csv, textOf), isText: true, ...pass.facts };
}

/** The text of a variable as a CSV would write it. */
function textOf({ position }: Variable, text: Sql): Sql {
  const { fill, decimals, date } = position!;
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
