import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { AppError } from '../../engine/errors.ts';
import type { Session } from '../../engine/session.ts';
import { id, sql } from '../../engine/sql.ts';
import { checkRows, type RuleCounts } from './check-rows.ts';
import { csvReader } from './csv-reader.ts';
import { deliveryProblem } from './delivery-problem.ts';
import { fixedWidthReader } from './fixed-width-reader.ts';
import { jsonLinesReader } from './json-lines-reader.ts';
import { parquetReader } from './parquet-reader.ts';
import { type Reader, type ReadingInput, type Staged, shownName } from './reader.ts';
import { acceptRecords, keepRejects, type ReadingTables, readingTables, typeRecords } from './typed-records.ts';
import { xlsxReader } from './xlsx/xlsx-reader.ts';

export type { ReadingInput } from './reader.ts';

const READERS: Readonly<Record<ReadingInput['contract']['format']['type'], Reader>> = {
  csv: csvReader,
  fixed_width: fixedWidthReader,
  json_lines: jsonLinesReader,
  parquet: parquetReader,
  xlsx: xlsxReader,
};

/** Records of a file: input = accepted + rejected. */
export interface ReadingCounts extends RuleCounts {
  readonly input: number;
  readonly accepted: number;
  /** Records with at least one rejection. */
  readonly rejected: number;
  /** Rejected records by rule; a record counts under every rule that it breaks. */
  readonly byRule: Readonly<Record<string, number>>;
}

/** A delivered file that was read: its accepted and its rejected records, as tables of the session. */
export interface Reading {
  /** Accepted rows: `_line` (where the record begins in the file), `_row` (its number, from 0, ascending), variables, derived columns. */
  readonly table: string;
  /** One row per rejected record and rule: line, byte (or NULL), column (or NULL), rule, raw. `raw` may only go to the vault. */
  readonly rejectsTable: string;
  readonly counts: ReadingCounts;
  readonly file: { readonly sha256: string; readonly bytes: number };
  /** Drops the tables. */
  close(): Promise<void>;
}

/**
 * Reads one delivered file by its contract: checks the bytes, types every value exactly, applies the rules and accounts for every record.
 * @throws DeliveryError if the file as a whole is refused; nothing of it stays in the session or the scratch folder
 */
export async function readDelivery(input: ReadingInput): Promise<Reading> {
  const { session, contract } = input;
  const prefix = `reading_${createHash('sha256')
    .update(JSON.stringify([contract.source, input.deliveryName, input.file]))
    .digest('hex')
    .slice(0, 16)}`;
  const tables = readingTables(prefix);
  const scratch = joinPath(input.scratchDirectory, prefix);
  await dropTables(session, tables);
  try {
    const staged = await READERS[contract.format.type].stage(input, scratch);
    await readable(input, () => typeRecords(session, contract, staged, tables));
    await expectRows(input, staged, tables);
    const rules = await checkRows(session, contract, tables);
    await acceptRecords(session, contract, staged, tables);
    await keepRejects(session, contract, staged, tables);
    const counts = { ...(await countRecords(session, staged, tables)), ...rules };
    checkCounts(input, counts);
    return { table: tables.accepted, rejectsTable: tables.rejects, counts, file: staged.file, close: () => dropTables(session, tables) };
  } catch (error) {
    await dropTables(session, tables).catch(() => undefined);
    throw error;
  } finally {
    for (const end of ['csv', 'malformed.csv', 'lines.csv', 'parquet', 'xlsx']) await rm(`${scratch}.${end}`, { force: true });
  }
}

async function countRecords(session: Session, staged: Staged, tables: ReadingTables): Promise<Omit<ReadingCounts, keyof RuleCounts>> {
  const { accepted } = await session.row<{ accepted: bigint }>(sql`SELECT count(*) AS accepted FROM ${id(tables.accepted)}`);
  const { rows } = await session.row<{ rows: bigint }>(sql`SELECT count(DISTINCT row) AS rows FROM ${id(tables.rejected)}`);
  const rules = await session.rows<{ rule: string; n: bigint }>(
    sql`SELECT rule, count(DISTINCT row) AS n FROM ${id(tables.rejected)} GROUP BY rule`,
  );
  const malformed = Object.entries(staged.malformed);
  const byRule = [...malformed, ...rules.map(({ rule, n }) => [rule, Number(n)] as const)].sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  const rejected = Number(rows) + malformed.reduce((sum, [, n]) => sum + n, 0);
  return { input: staged.input, accepted: Number(accepted), rejected, byRule: Object.fromEntries(byRule) };
}

/** The gate: every record is accounted for, and not too many are rejected. */
function checkCounts(input: ReadingInput, { input: records, accepted, rejected, byRule }: ReadingCounts): void {
  const file = shownName(input);
  if (records !== accepted + rejected) throw countMismatch(file, records, accepted + rejected);
  const { reject_limit: limit } = input.contract;
  if (rejected <= limit * records) return;
  const rules = Object.entries(byRule)
    .map(([rule, n]) => `${rule} ${n}`)
    .join(', ');
  const message = `${rejected} of ${records} records are rejected, more than reject_limit ${limit} allows: ${rules}`;
  const facts = Object.fromEntries(Object.entries(byRule).map(([rule, n]) => [`rule:${rule}`, n]));
  throw deliveryProblem('delivery-reject-limit', message, { file }, { input: records, rejected, ...facts });
}

async function expectRows(input: ReadingInput, staged: Staged, tables: ReadingTables): Promise<void> {
  const { n } = await input.session.row<{ n: bigint }>(sql`SELECT count(*) AS n FROM ${id(tables.typed)}`);
  if (Number(n) !== staged.staged) throw countMismatch(shownName(input), staged.staged, Number(n));
}

function countMismatch(file: string, counted: number, read: number): AppError {
  const message = `the records counted (${counted}) are not those read (${read}); the file is refused`;
  return deliveryProblem('delivery-count-mismatch', message, { file }, { counted, read });
}

/** What the engine cannot read in a file is a matter of the delivery, unless memory, disk or our SQL is the cause. */
async function readable(input: ReadingInput, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const isInput = error instanceof AppError && ['engine-input', 'engine-conversion', 'engine-io', 'engine-other'].includes(error.code);
    if (!isInput) throw error;
    throw deliveryProblem('delivery-unreadable', 'the records cannot be read, though the file begins well; have it sent again', {
      file: shownName(input),
    });
  }
}

async function dropTables(session: Session, tables: ReadingTables): Promise<void> {
  for (const view of [tables.accepted, tables.base]) await session.run(sql`DROP VIEW IF EXISTS ${id(view)}`);
  for (const table of [tables.typed, tables.rejected, tables.lines, tables.rejects])
    await session.run(sql`DROP TABLE IF EXISTS ${id(table)}`);
}
