import type { PairColumn } from '../../anonymize/microdata-utility/pair-columns.ts';
import { DefinitionError, DeliveryError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, type Sql, sql } from '../../engine/sql.ts';
import { type FlatFile, headerLines } from '../flat-file.ts';

export interface ComparedFile extends FlatFile {
  /** As the user names it. */
  readonly name: string;
}

const WHOLE = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*)$/;
/** Types that also hold texts, infinity and NaN. */
const MAY_BE_BAD = /^(FLOAT|DOUBLE|VARCHAR)$/;

/** Columns that both files have, as numbers where every value in both is one (an empty text, NA and NaN are missing), else as text. */
export async function commonColumns(session: Session, before: ComparedFile, after: ComparedFile): Promise<PairColumn[]> {
  const names = before.columns.filter((name) => after.columns.includes(name));
  const left = await numericColumns(session, before, names);
  const right = await numericColumns(session, after, names);
  return names.map((name) => {
    const [b, a] = [left.get(name), right.get(name)];
    const isNumber = b !== undefined && a !== undefined;
    return {
      name,
      isNumber,
      before: (isNumber ? b : asText)(id('b', name)),
      after: (isNumber ? a : asText)(id('a', name)),
    };
  });
}

const asText = (column: Sql): Sql => sql`nullif(${column}::VARCHAR, '')`;
/** A number, of a type or written in a text; the empty text, NA and NaN are missing. */
const asNumber = (column: Sql): Sql => sql`try_cast(${observed(column)} AS DOUBLE)`;
const typedNumber = (column: Sql): Sql => sql`nullif(${column}::DOUBLE, 'nan'::DOUBLE)`;
const observed = (column: Sql): Sql => sql`nullif(nullif(nullif(trim(${column}::VARCHAR), ''), 'NA'), 'nan')`;
/** Not a number that can be added and squared. */
const isBad = (column: Sql): Sql => sql`${observed(column)} IS NOT NULL AND NOT coalesce(abs(${asNumber(column)}) <= 1e100, false)`;

/** For each column of numbers how a value is read. */
async function numericColumns(session: Session, file: ComparedFile, names: readonly string[]): Promise<Map<string, (column: Sql) => Sql>> {
  const types = new Map((await session.describe(sql`SELECT * FROM ${id(file.relation)}`)).map(({ name, type }) => [name, type]));
  const found = new Map<string, (column: Sql) => Sql>();
  for (const name of names) if (WHOLE.test(types.get(name) ?? '')) found.set(name, typedNumber);
  const others = names.filter((name) => MAY_BE_BAD.test(types.get(name) ?? ''));
  if (others.length === 0) return found;
  const bad = await session.numbers(
    sql`SELECT ${join(others.map((name, at) => sql`(count(*) FILTER (WHERE ${isBad(id(name))}))::DOUBLE AS ${id(`c${at}`)}`))} FROM ${id(file.relation)}`,
  );
  for (const [at, name] of others.entries())
    if (bad[`c${at}`]?.[0] === 0) found.set(name, types.get(name) === 'VARCHAR' ? asNumber : typedNumber);
  return found;
}

/** The named columns, which both files must have, as numbers where `asNumbers`. Errors: `file-column`, `compare-number` with the line. */
export async function requireColumns(
  session: Session,
  { before, after, columns }: { readonly before: ComparedFile; readonly after: ComparedFile; readonly columns: readonly PairColumn[] },
  names: readonly string[],
  asNumbers: boolean,
): Promise<PairColumn[]> {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new DefinitionError('compare-columns', `column ${twice} is named twice`);
  const found: PairColumn[] = [];
  for (const name of names) {
    for (const file of [before, after]) file.column(name);
    const column = columns.find((each) => each.name === name) as PairColumn;
    if (asNumbers && !column.isNumber) for (const file of [before, after]) await requireNumbers(session, file, name);
    found.push(column);
  }
  return found;
}

async function requireNumbers(session: Session, file: ComparedFile, name: string): Promise<void> {
  const { bad, first } = await session.row<{ bad: bigint; first: bigint | null }>(
    sql`SELECT count(*) AS bad, min(record) AS first FROM (SELECT ${id(name)}, row_number() OVER () AS record FROM ${id(file.relation)}) WHERE ${isBad(id(name))}`,
  );
  if (bad === 0n || first === null) return;
  const line = Number(first) + headerLines(file.name);
  throw new DeliveryError(
    'compare-number',
    `column ${name} of ${file.name} must hold numbers; ${bad} records do not, the first in ${headerLines(file.name) === 1 ? 'line' : 'record'} ${line}: compare it as a key (--keys), or leave it out of --numeric`,
    { at: { file: file.name, line }, rule: name },
  );
}
