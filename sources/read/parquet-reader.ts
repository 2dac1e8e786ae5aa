import { AppError } from '../../engine/errors.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { VariableType } from '../contract.ts';
import { checkHeader, MAX_COLUMNS } from './check-header.ts';
import { copyHashed } from './copy-hashed.ts';
import { deliveryProblem } from './delivery-problem.ts';
import { fileSize } from './file-size.ts';
import { globLiteral } from './glob-literal.ts';
import { type Reader, type ReadingInput, type Staged, shownName } from './reader.ts';
import { formatName, recognise } from './recognise.ts';

const MAX_FOOTER_BYTES = 16 * 1024 * 1024;
const MAGIC = Buffer.from('PAR1');

/** Types of a file's column that a variable takes without loss. */
const FITTING: Readonly<Record<VariableType, RegExp>> = {
  VARCHAR: /^VARCHAR$/,
  PERIOD_M: /^VARCHAR$/,
  INTEGER: /^(TINYINT|SMALLINT|INTEGER|UTINYINT|USMALLINT)$/,
  BIGINT: /^(TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER)$/,
  DOUBLE: /^(DOUBLE|FLOAT)$/,
  MONEY: /^DECIMAL\(\d+,[012]\)$/,
  DATE: /^DATE$/,
  TIMESTAMP: /^TIMESTAMP(_S|_MS)?$/,
  BOOLEAN: /^BOOLEAN$/,
};

/** Parquet, flat, with the columns and types of the contract. A record's line is its number, from 1. */
export const parquetReader: Reader = { stage };

async function stage(input: ReadingInput, prefix: string): Promise<Staged> {
  const file = shownName(input);
  const { format, variables } = input.contract;
  const size = await fileSize(input.file, file, format.max_bytes);
  const path = `${prefix}.parquet`;
  const sha256 = await copyChecked(input, path, size);
  const source = literal(globLiteral(path));
  const columns = await parsed(file, () => schemaOf(input, source));
  const names = checkHeader(
    columns.map(({ name }) => name),
    input.contract,
    { file },
  );
  const position = new Map(names.map((name, index) => [name, columns[index]!]));
  const misfits = variables
    .filter(({ name, type }) => !FITTING[type].test(position.get(name)!.type))
    .map(({ name, type }) => `${name} (${type})`);
  if (misfits.length > 0) {
    const message = `columns of another type than the contract says: ${misfits.slice(0, 20).join(', ')}`;
    throw deliveryProblem('delivery-type', message, { file }, { columns: misfits.length });
  }
  const { rows, unpacked } = await parsed(file, () => sizesOf(input, source));
  if (unpacked > format.max_bytes) {
    throw deliveryProblem('delivery-too-large', `unpacks to more than ${format.max_bytes} bytes (format.max_bytes)`, { file });
  }
  if (rows === 0) throw deliveryProblem('delivery-empty', 'holds no records', { file });
  const values = variables.map(({ name }) => sql`${id(position.get(name)!.name)} AS ${id(name)}`);
  return {
    relation: sql`SELECT ${join(values)} FROM read_parquet(${source})`,
    isText: false,
    spacedColumns: variables.map(({ name }) => name),
    input: rows,
    staged: rows,
    malformed: {},
    malformedFile: undefined,
    lines: { delta: 1 },
    file: { sha256, bytes: size },
  };
}

/** Copies the file to a safe name, hashes it, and checks its first and last bytes. */
async function copyChecked(input: ReadingInput, path: string, size: number): Promise<string> {
  const file = shownName(input);
  const { sha256, tail } = await copyHashed(input, path, size, (head) => checkMagic(head, file));
  const footer = tail.length === 8 ? tail.readUInt32LE(0) : 0;
  if (size < 12 || !tail.subarray(4).equals(MAGIC) || footer === 0 || footer > size - 12) {
    throw deliveryProblem('delivery-truncated', 'has no valid Parquet footer: it is cut off or damaged; have it sent again', { file });
  }
  if (footer > MAX_FOOTER_BYTES) throw deliveryProblem('delivery-format', 'has a Parquet footer of more than 16 MB', { file });
  return sha256;
}

function checkMagic(head: Buffer, file: string): void {
  const found = recognise(head);
  if (found === 'parquet') return;
  const seen = found === undefined ? 'not a Parquet file' : `${formatName(found)}, not the Parquet of the contract`;
  throw deliveryProblem('delivery-format', `is ${seen}`, { file });
}

async function schemaOf(input: ReadingInput, source: Sql): Promise<{ name: string; type: string }[]> {
  const { session, contract } = input;
  const file = shownName(input);
  const { leaves, groups } = await session.row<{ leaves: bigint; groups: bigint }>(
    sql`SELECT count(*) FILTER (num_children IS NULL OR num_children = 0) AS leaves, count(*) FILTER (num_children > 0) AS groups FROM parquet_schema(${source})`,
  );
  if (Number(groups) > 1) throw deliveryProblem('delivery-nested', 'holds nested columns; only flat columns are read', { file });
  if (Number(leaves) > MAX_COLUMNS) {
    throw deliveryProblem('delivery-header', `has ${leaves} columns; the contract has ${contract.variables.length}`, { file });
  }
  return session.describe(sql`SELECT * FROM read_parquet(${source})`);
}

async function sizesOf(input: ReadingInput, source: Sql): Promise<{ rows: number; unpacked: number }> {
  const { session } = input;
  const { rows } = await session.row<{ rows: bigint }>(sql`SELECT num_rows AS rows FROM parquet_file_metadata(${source})`);
  const { unpacked } = await session.row<{ unpacked: bigint | null }>(
    sql`SELECT CAST(sum(total_uncompressed_size) AS BIGINT) AS unpacked FROM parquet_metadata(${source})`,
  );
  return { rows: Number(rows), unpacked: Number(unpacked ?? 0) };
}

async function parsed<T>(file: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('engine-') || error.exitCode === 6) throw error;
    throw deliveryProblem('delivery-unreadable', 'the Parquet footer cannot be read; have the file sent again', { file });
  }
}
