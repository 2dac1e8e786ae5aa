import { join } from 'node:path';
import { CONFIDENTIALITY_CODES } from '../../anonymize/confidentiality-codes.ts';
import type { Protected } from '../../anonymize/protect/protect.ts';
import type { ProtectTable } from '../../anonymize/protect/protect-table.ts';
import { leadingColumns } from '../../anonymize/protect/sdmx-columns.ts';
import { neutralise } from '../../anonymize/sdmx-csv.ts';
import type { Session, TableColumn } from '../../engine/session.ts';
import { id, literal, sql } from '../../engine/sql.ts';
import { publicCells } from './public-cells.ts';

const STATUS = ['free', 'primary', 'secondary'] as const;

/** Columns of the internal file beside the dimensions; a dimension of that name gets `_` behind it. */
const RESERVED = [
  'n',
  'contributors',
  'value',
  'published',
  'status',
  'reason',
  'forced',
  'lower',
  'upper',
  'OBS_VALUE',
  'OBS_STATUS',
  'CONF_STATUS',
];

/** `internal/cells.csv` and `.parquet`: every cell with all that was decided about it. */
export async function writeInternal(session: Session, folder: string, table: ProtectTable, found: Protected): Promise<void> {
  const { grid, contributors, values, frequency } = table;
  const take = <T>(column: ArrayLike<T>): T[] => Array.from({ length: grid.size }, (_, cell) => column[cell] as T);
  const bound = (column: Float64Array): (number | null)[] => take(column).map((value) => (Number.isFinite(value) ? tidy(value) : null));
  const main = contributors[0]?.n ?? frequency;
  const columns: TableColumn[] = [
    ...dimensionColumns(table),
    numbers('n', take(frequency)),
    numbers('contributors', take(main)),
    ...(contributors.length < 2 ? [] : contributors.map(({ kind, n }) => numbers(`contributors_${kind}`, take(n)))),
    numbers('value', take(values).map(tidy)),
    numbers(
      'published',
      take(found.published).map((value) => (Number.isNaN(value) ? null : tidy(value))),
    ),
    { name: 'status', type: 'VARCHAR', values: take(found.status).map((status) => STATUS[status] ?? 'free') },
    { name: 'reason', type: 'VARCHAR', values: found.reason },
    {
      name: 'forced',
      type: 'VARCHAR',
      values: take(table.forced.publish).map((flag, cell) =>
        flag === 1 ? 'publish' : table.forced.suppress[cell] === 1 ? 'suppress' : null,
      ),
    },
    numbers('lower', bound(found.bounds.lower)),
    numbers('upper', bound(found.bounds.upper)),
  ];
  await write(session, folder, 'cells', columns);
}

/**
 * `public/`: the published value of every cell that has a row outside and one flag, after the columns of its `structure`; nothing that
 * tells kinds of suppression apart.
 */
export async function writePublic(session: Session, folder: string, table: ProtectTable, published: ArrayLike<number>): Promise<void> {
  const { definition } = table;
  const isShown = (cell: number): boolean => !Number.isNaN(published[cell] ?? Number.NaN);
  const cells = publicCells(table, published);
  const status = (cell: number) => CONFIDENTIALITY_CODES[isShown(cell) ? 'published' : 'suppressed'];
  const leading = definition.structure === undefined ? [] : leadingColumns(definition.structure);
  await write(session, folder, 'table', [
    ...leading.map(([name, value]): TableColumn => ({ name, type: 'VARCHAR', values: cells.map(() => value) })),
    ...dimensionColumns(table, definition.structure === undefined ? RESERVED : []).map((column) => ({
      ...column,
      values: cells.map((cell) => neutralise((column.values as ArrayLike<string>)[cell] ?? '')),
    })),
    numbers(
      'OBS_VALUE',
      cells.map((cell) => (isShown(cell) ? tidy(published[cell] as number) : null)),
    ),
    { name: 'OBS_STATUS', type: 'VARCHAR', values: cells.map((cell) => status(cell).obs) },
    { name: 'CONF_STATUS', type: 'VARCHAR', values: cells.map((cell) => status(cell).conf) },
  ]);
}

function dimensionColumns({ cells, grid }: ProtectTable, reserved = RESERVED): TableColumn[] {
  return cells.dimensions.map(({ name, codes }, d) => ({
    name: reserved.includes(name) ? `${name}_` : name,
    type: 'VARCHAR',
    values: Array.from({ length: grid.size }, (_, cell) => codes[cells.keys[d]?.[cell] ?? 0] ?? ''),
  }));
}

/** Without the noise that sums of binary fractions carry. */
function tidy(value: number): number {
  return Math.abs(value) < 1e9 ? Math.round(value * 1e6) / 1e6 : value;
}

/** A column of numbers, BIGINT where all are whole. */
function numbers(name: string, values: readonly (number | null)[]): TableColumn {
  const isWhole = values.every((value) => value === null || Number.isSafeInteger(value));
  return isWhole
    ? { name, type: 'BIGINT', values: values.map((value) => (value === null ? null : BigInt(value))) }
    : { name, type: 'DOUBLE', values };
}

async function write(session: Session, folder: string, name: string, columns: readonly TableColumn[]): Promise<void> {
  await session.createTable('result', [
    { name: '__cell', type: 'INTEGER', values: Int32Array.from({ length: columns[0]?.values.length ?? 0 }, (_, cell) => cell) },
    ...columns,
  ]);
  const select = sql`SELECT * EXCLUDE (${id('__cell')}) FROM result ORDER BY ${id('__cell')}`;
  await session.run(sql`COPY (${select}) TO ${literal(join(folder, `${name}.csv`))} (FORMAT csv, HEADER)`);
  await session.run(sql`COPY (${select}) TO ${literal(join(folder, `${name}.parquet`))} (FORMAT parquet, COMPRESSION zstd)`);
}
