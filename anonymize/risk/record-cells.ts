import { AppError } from '../../engine/errors.ts';
import { largeFloat64Array, largeInt32Array } from '../../engine/large-array.ts';
import { sortRows } from '../../engine/radix-sort.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { type KeyCodes, keyCodes } from '../key-columns.ts';
import { type CellTable, describeCells } from './cell-table.ts';

/** The cells of records that know which record is in which. */
export interface RecordCells {
  readonly table: CellTable;
  /** Of each record, in their order. */
  readonly cell: Int32Array;
  /** Of each cell: its records and their weights. */
  readonly n: Float64Array;
  readonly w: Float64Array;
}

/** Beyond, the engine does it in a bounded memory. */
const MOST_RECORDS = 1 << 25;
/** Combinations that a double tells apart, and those of a whole number of 32 bits. */
const MOST_COMBINATIONS = 2 ** 53;
const WHOLE = 2 ** 31;
/** Types whose values are equal where their texts are. */
const EXACT = /^(VARCHAR|BOOLEAN|DATE|U?(TINY|SMALL|BIG)?INT(EGER)?)$/;

/**
 * Makes `cells` as `buildCellTable` does, with keys as text, from a sort of the records of a relation by their keys packed into one number.
 * Undefined where keys or records are too many for that. Cost: a pass for the values of each key, one over the records, a radix sort; memory:
 * some 70 bytes a record.
 */
export async function numberCells(
  session: Session,
  relation: string,
  keys: readonly { readonly name: string; readonly value: Sql }[],
  weight: Sql | undefined,
): Promise<RecordCells | undefined> {
  const { rows } = await session.row<{ rows: number }>(sql`SELECT count(*)::DOUBLE AS rows FROM ${id(relation)}`);
  if (rows > MOST_RECORDS) return undefined;
  const columns = keys.map(({ value }, key) => sql`${value} AS ${id(`k${key}`)}`);
  await session.run(sql`CREATE OR REPLACE TEMP VIEW packable AS SELECT ${join(columns)}, ${weight ?? sql`1`} AS w FROM ${id(relation)}`);
  const types = await session.describe(sql`SELECT * EXCLUDE w FROM packable`);
  if (!types.every(({ type }) => EXACT.test(type))) return undefined;
  const names = types.map(({ name }) => name);
  const codes = await keyCodes(session, 'packable', names, relation).catch((cause: unknown) => {
    if (cause instanceof AppError && cause.code === 'key-too-many-values') return undefined;
    throw cause;
  });
  const combinations = codes?.reduce((product, { values }) => product * (values.length + 1), 1) ?? Number.POSITIVE_INFINITY;
  if (codes === undefined || combinations > MOST_COMBINATIONS) return undefined;
  const packed = codes.reduce((sum, { values, code }) => sql`(${sum} * ${literal(values.length + 1)} + ${code})`, sql`0::BIGINT`);
  const number = combinations > WHOLE ? sql`${packed}::DOUBLE` : sql`${packed}::INTEGER`;
  const read = await session.numbers(sql`SELECT ${number} AS packed${weight === undefined ? sql`` : sql`, w`} FROM packable`, rows);
  const sorted = sortCells(read['packed'] as Int32Array, read['w'] as Float64Array | undefined);
  await session.createTable(
    'numbered',
    (['packed', 'n', 'w'] as const).map((name) => ({ name, type: 'DOUBLE' as const, values: sorted[name] })),
  );
  await session.run(sql`CREATE OR REPLACE TEMP VIEW cells AS SELECT rowid AS cell, n, w, ${unpacked(codes)} FROM numbered`);
  const table = await describeCells(
    session,
    keys.map(({ name }) => name),
    weight !== undefined,
  );
  return { table, ...sorted };
}

/** The keys of a cell as text and the mask of those that are missing. */
function unpacked(keys: readonly KeyCodes[]): Sql {
  const columns: Sql[] = [];
  const missing: Sql[] = [sql`0`];
  let stride = 1;
  for (const [key, { values, hasMissing }] of [...keys.entries()].reverse()) {
    const code = sql`((packed::BIGINT // ${literal(stride)}) % ${literal(values.length + 1)})`;
    const list = values.length === 0 ? sql`NULL` : join(values.map((value) => literal(value)));
    columns.push(sql`list_extract([${list}]::VARCHAR[], ${code} + 1) AS ${id(`k${key}`)}`);
    if (hasMissing) missing.push(sql`CASE WHEN ${code} = ${literal(values.length)} THEN ${literal(2 ** key)}::BIGINT ELSE 0 END`);
    stride *= values.length + 1;
  }
  return sql`${join(columns)}, (${join(missing, ' + ')})::BIGINT AS missing`;
}

type Sorted = Pick<RecordCells, 'cell' | 'n' | 'w'> & { readonly packed: Float64Array };

/** Cells in the order of their packed keys; weights are added in the order of the records. */
function sortCells(keys: Int32Array | Float64Array, weights: Float64Array | undefined): Sorted {
  const rows = largeInt32Array(keys.length);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  const sorted = sortRows(keys, weights === undefined ? [rows] : [rows, weights]);
  const [order, w] = sorted.columns as [Int32Array, Float64Array | undefined];
  const cell = largeInt32Array(rows.length);
  const [packed, n, sums] = [0, 1, 2].map(() => largeFloat64Array(rows.length)) as [Float64Array, Float64Array, Float64Array];
  let own = -1;
  for (let at = 0; at < order.length; at++) {
    const key = sorted.keys[at] as number;
    if (own < 0 || key !== packed[own]) packed[++own] = key;
    cell[order[at] as number] = own;
    n[own] = (n[own] as number) + 1;
    sums[own] = (sums[own] as number) + (w === undefined ? 1 : (w[at] as number));
  }
  return { cell, packed: packed.subarray(0, own + 1), n: n.subarray(0, own + 1), w: sums.subarray(0, own + 1) };
}
