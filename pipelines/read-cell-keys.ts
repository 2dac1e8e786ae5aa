import { cellKey, KEY_SPACE } from '../anonymize/cell-key/key-space.ts';
import type { CellTable } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { recordKeyColumn } from '../sources/contract.ts';
import { nodeStrides } from '../transforms/tabulate/cell-lattice.ts';
import { leafKey, type PartitionFacts } from '../transforms/tabulate/partition.ts';
import { allLevels, marginCell } from '../transforms/tabulate/sql-strategy.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';

/** Cells of all margins of a table by their numbers, ascending. */
export interface ReadCells {
  readonly cells: Float64Array;
  readonly strides: readonly number[];
}

/** Cell keys of the counts of a table in one partition: `keys[measure][i]` belongs to the cell with number `cells[i]`. */
export interface ReadCellKeys extends ReadCells {
  readonly keys: Readonly<Record<string, Float64Array>>;
}

/** Kinds of contributors whose record keys make the key of a row that `count()` counts: by name, so that their order in the definition does not matter. */
export function rowKinds(table: Pick<TabulateTable, 'contributors'>): string[] {
  return Object.keys(table.contributors).toSorted();
}

/**
 * Reads the cell keys of every count of every margin: the sum of the record keys of the distinct units (`distinct`), or of the rows (`count`), modulo 10^8.
 * The key of a row is the sum of the keys of its units, that of the second kind turned by one digit, of the third by two: a job has another key than its person.
 * Cost: one grouping of the rows by finest cell and unit for each measure; a margin reads those groups. Errors: `record-key-differs`.
 */
export async function readCellKeys(session: Session, relation: string, table: TabulateTable, facts: PartitionFacts): Promise<ReadCellKeys> {
  const { key } = leafKey(facts);
  const keys: Record<string, Float64Array> = {};
  let cells = new Float64Array(0);
  for (const measure of table.measures) {
    if (measure.kind === 'distinct') await keyedUnits(session, relation, key, measure.column);
    else if (measure.kind === 'count') await keyedRows(session, relation, key, rowKinds(table));
    else continue;
    const margins = allLevels(facts).map((levels) => marginKeys(marginCell(facts, levels)));
    const found = await session.numbers(sql`SELECT DISTINCT cell, cell_key FROM (${join(margins, ' UNION ALL ')}) ORDER BY cell`);
    cells = Float64Array.from(found['cell'] ?? []);
    keys[measure.name] = Float64Array.from(found['cell_key'] ?? []);
  }
  await session.run(sql`DROP TABLE IF EXISTS keyed_alone`);
  await session.run(sql`DROP TABLE IF EXISTS keyed_several`);
  return { cells, keys, strides: nodeStrides(facts.dimensions) };
}

/** The cell keys of each measure in the order of the cells of a table. Errors: `cell-key-missing`. */
export function keysOfCells(cells: CellTable, { keys, ...read }: ReadCellKeys): Record<string, Uint32Array> {
  const place = cellPlaces(cells, read);
  return Object.fromEntries(Object.entries(keys).map(([name, column]) => [name, Uint32Array.from(place, (at) => column[at] as number)]));
}

/** Where each cell of a table stands among those that were read. Errors: `cell-key-missing`. */
export function cellPlaces(cells: CellTable, { cells: numbers, strides }: ReadCells): Int32Array {
  const places = new Map(Array.from(numbers, (number, at) => [number, at]));
  const place = Int32Array.from({ length: cells.size }, (_, cell) => {
    const number = strides.reduce((sum, stride, d) => sum + (cells.keys[d]?.[cell] ?? 0) * stride, 0);
    return places.get(number) ?? -1;
  });
  if (place.includes(-1)) throw new DisclosureError('cell-key-missing', `Table ${cells.table}: cells without a cell key.`);
  return place;
}

/** Each unit has exactly one record key. Errors: `record-key-differs`. */
export async function requireRecordKeys(session: Session, relation: string, unit: string): Promise<void> {
  const recordKey = id(recordKeyColumn(unit));
  const { wrong } = await session.row<{ wrong: bigint }>(sql`
    SELECT count(*) AS wrong FROM (SELECT 1 FROM ${id(relation)} GROUP BY ${id(unit)}
      HAVING NOT coalesce(min(${recordKey}) = max(${recordKey}) AND max(${recordKey}) < ${literal(KEY_SPACE)}, FALSE))`);
  if (wrong > 0n) throw differs(unit, Number(wrong));
}

/** `keyed_alone` (key, sum of record keys of units that stand in one finest cell) and `keyed_several` (key, unit, record key of the others). */
async function keyedUnits(session: Session, relation: string, key: Sql, unit: string): Promise<void> {
  const recordKey = id(recordKeyColumn(unit));
  await session.run(sql`CREATE OR REPLACE TEMP TABLE keyed_member AS
    SELECT *, count(*) OVER (PARTITION BY unit) AS places FROM (
      SELECT ${key} AS key, ${id(unit)} AS unit, min(${recordKey}) AS record_key, max(${recordKey}) AS other FROM ${id(relation)} GROUP BY ALL)`);
  const { wrong } = await session.row<{ wrong: bigint }>(sql`
    SELECT count(*) AS wrong FROM (SELECT unit FROM keyed_member GROUP BY unit HAVING NOT coalesce(min(record_key) = max(other) AND max(other) < ${literal(KEY_SPACE)}, FALSE))`);
  if (wrong > 0n) throw differs(unit, Number(wrong));
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE keyed_alone AS SELECT key, sum(record_key) AS record_key FROM keyed_member WHERE places = 1 GROUP BY key`,
  );
  await session.run(sql`CREATE OR REPLACE TEMP TABLE keyed_several AS SELECT key, unit, record_key FROM keyed_member WHERE places > 1`);
  await session.run(sql`DROP TABLE keyed_member`);
}

async function keyedRows(session: Session, relation: string, key: Sql, kinds: readonly string[]): Promise<void> {
  const columns = kinds.map((kind) => id(recordKeyColumn(kind)));
  const { wrong } = await session.row<{ wrong: bigint }>(
    sql`SELECT count(*) AS wrong FROM ${id(relation)} WHERE NOT coalesce(${join(
      columns.map((column) => sql`${column} < ${literal(KEY_SPACE)}`),
      ' AND ',
    )}, FALSE)`,
  );
  if (wrong > 0n) throw differs(kinds.join(', '), Number(wrong));
  const turned = columns.map((column, times) => {
    const low = 10 ** (8 - times);
    return sql`(${column}::BIGINT % ${literal(low)}) * ${literal(10 ** times)} + ${column}::BIGINT // ${literal(low)}`;
  });
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE keyed_alone AS SELECT ${key} AS key, sum(${join(turned, ' + ')}) AS record_key FROM ${id(relation)} GROUP BY ALL`,
  );
  await session.run(sql`CREATE OR REPLACE TEMP TABLE keyed_several AS SELECT key, NULL AS unit, record_key FROM keyed_alone WHERE FALSE`);
}

/** One row per cell of a margin; a unit in several finest cells counts once. */
function marginKeys(cell: Sql): Sql {
  return sql`SELECT cell, ${cellKey(sql`record_key`)}::DOUBLE AS cell_key FROM (
    SELECT ${cell} AS cell, record_key FROM keyed_alone
    UNION ALL SELECT cell, record_key FROM (SELECT DISTINCT ${cell} AS cell, unit, record_key FROM keyed_several)) GROUP BY cell`;
}

function differs(what: string, wrong: number): DisclosureError {
  return new DisclosureError(
    'record-key-differs',
    `${wrong} units (or rows) of ${what} have no record key, or more than one; carry ${recordKeyColumn('<name>')} through the steps as it is admitted`,
    { rule: 'record-key', facts: { wrong } },
  );
}
