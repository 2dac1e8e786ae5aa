import type { CellSums } from '../anonymize/cell-key/cell-sums.ts';
import { KEY_SPACE } from '../anonymize/cell-key/key-space.ts';
import type { CellTable } from '../engine/cell-table.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { recordKeyColumn } from '../sources/contract.ts';
import { nodeStrides } from '../transforms/tabulate/cell-lattice.ts';
import { knownNumber, leafKey, numberValue, type PartitionFacts } from '../transforms/tabulate/partition.ts';
import { allLevels, marginCell } from '../transforms/tabulate/sql-strategy.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { cellPlaces, type ReadCells, requireRecordKeys } from './read-cell-keys.ts';

/** Contributions of the units of one kind to each column that is summed: columns by name, row i of each is the cell with number `cells[i]`. */
export interface ReadCellSums extends Pick<ReadCells, 'cells' | 'strides'> {
  readonly sums: Readonly<Record<string, Readonly<Record<string, Float64Array>>>>;
}

interface SumUnit {
  /** Column of the kind of contributor. */
  readonly unit: string;
  /** How many of the largest contributions are kept. */
  readonly most: number;
  /** Whether units that contribute 0 add their record keys. */
  readonly zeroKeys: boolean;
}

/**
 * Reads what the noise of the sums of a table needs of every cell of every margin: the sum of the record keys of the units that contribute (modulo 10^8), how many they
 * are, their smallest, largest and `most` largest contributions by absolute value (of equal ones the positive first). What a unit has in several finest cells of a cell is
 * added first. Cost: one grouping of the rows by finest cell and unit for each column; every margin groups those. Errors: `record-key-differs`.
 */
export async function readCellSums(
  session: Session,
  relation: string,
  table: TabulateTable,
  facts: PartitionFacts,
  { unit, most, zeroKeys }: SumUnit,
): Promise<ReadCellSums> {
  const sums: Record<string, Readonly<Record<string, Float64Array>>> = {};
  let cells = new Float64Array(0);
  await requireRecordKeys(session, relation, unit);
  for (const column of new Set(table.measures.flatMap((measure) => (measure.kind === 'sum' ? [measure.column] : [])))) {
    const number = facts.numbers.findIndex((each) => each.column === column);
    const known = facts.numbers[number];
    if (known === undefined) continue;
    const { key } = leafKey(facts);
    await session.run(sql`CREATE OR REPLACE TEMP TABLE summed AS
      SELECT key, unit, min(record_key) AS record_key, coalesce(sum(${knownNumber(facts, column)}), 0)::DOUBLE AS x FROM (
        SELECT ${key} AS key, ${id(unit)} AS unit, ${id(recordKeyColumn(unit))} AS record_key, ${numberValue(known)} AS ${id(`n${number}`)} FROM ${id(relation)})
      GROUP BY key, unit`);
    const margins = allLevels(facts).map((levels) => marginSums(marginCell(facts, levels), most, zeroKeys));
    const { cell, ...columns } = await session.numbers(sql`SELECT DISTINCT * FROM (${join(margins, ' UNION ALL ')}) ORDER BY cell`);
    cells = Float64Array.from(cell ?? []);
    // Whole numbers until here, so that no order of the rows matters.
    const scaled = (name: string, value: number): number => (WITHOUT_SCALE.includes(name) ? value : value / known.scale);
    sums[column] = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values, (value) => scaled(name, Number(value)))]),
    );
  }
  await session.run(sql`DROP TABLE IF EXISTS summed`);
  return { cells, sums, strides: nodeStrides(facts.dimensions) };
}

const WITHOUT_SCALE: readonly string[] = ['key', 'n', 'non_zero'];

function marginSums(cell: Sql, most: number, zeroKeys: boolean): Sql {
  const keyed = zeroKeys ? sql`TRUE` : sql`x <> 0`;
  const largest = sql`max_by(x, 2 * abs(x) + (x > 0)::INTEGER, ${literal(most)})`;
  const top = Array.from(
    { length: most },
    (_, place) => sql`coalesce(${largest}[${literal(place + 1)}], 0)::DOUBLE AS ${id(`top${place}`)}`,
  );
  return sql`SELECT cell, (coalesce(sum(record_key) FILTER (${keyed}), 0) % ${literal(KEY_SPACE)})::DOUBLE AS key, count(*)::DOUBLE AS n,
      (count(*) FILTER (x <> 0))::DOUBLE AS non_zero, sum(x)::DOUBLE AS total, min(x)::DOUBLE AS smallest, max(x)::DOUBLE AS largest, ${join(top)}
    FROM (SELECT ${cell} AS cell, unit, min(record_key)::BIGINT AS record_key, sum(x) AS x FROM summed GROUP BY ALL) GROUP BY cell`;
}

/** The contributions to each column in the order of the cells of a table. Errors: `cell-key-missing`. */
export function sumsOfCells(cells: CellTable, { sums, ...read }: ReadCellSums): Record<string, CellSums> {
  const place = cellPlaces(cells, read);
  return Object.fromEntries(
    Object.entries(sums).map(([column, columns]) => {
      const of = (name: string): Float64Array => Float64Array.from(place, (at) => columns[name]?.[at] as number);
      const top = Object.keys(columns).filter((name) => name.startsWith('top'));
      const [totals, n] = [of('total'), of('n')];
      const contributions: CellSums = {
        keys: Uint32Array.from(of('key')),
        n: Int32Array.from(n),
        nonZero: Int32Array.from(of('non_zero')),
        totals,
        unweighted: totals,
        weights: n,
        top: top.map(of),
        sizes: top.map((name) => of(name).map(Math.abs)),
        smallest: of('smallest'),
        largest: of('largest'),
      };
      return [column, contributions] as const;
    }),
  );
}
