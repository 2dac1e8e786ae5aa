import type { CellTable } from '../engine/cell-table.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { nodeStrides } from '../transforms/tabulate/cell-lattice.ts';
import { leafKey, type PartitionFacts } from '../transforms/tabulate/partition.ts';
import { allLevels, marginCell } from '../transforms/tabulate/sql-strategy.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import type { Imputed, Table } from './definition.ts';
import { type ImputedPart, imputedShares, isEstimated } from './imputed-parts.ts';

/** The imputed parts of the cells of a table, by their codes (`cellCodes`); a cell without any is not there. */
export type ImputedCells = ReadonlyMap<string, ImputedPart>;

function cellCodes(codes: readonly (string | undefined)[]): string {
  return JSON.stringify(codes);
}

/** What decides, besides the table and its step, which cells are estimated; nothing where nothing is declared, so that such a table keeps its key. */
export function imputedWork({ imputed, contributors }: Table): { readonly imputed?: Imputed & { readonly unit: string } } {
  return imputed === undefined ? {} : { imputed: { ...imputed, unit: Object.keys(contributors)[0] ?? '' } };
}

/**
 * Reads how much of every cell of every margin is imputed: distinct units of the first contributor with imputed rows, and the sum of the
 * declared column in the terms of its measure. Cost: one pass over the rows; every margin groups the imputed ones alone.
 */
export async function readImputedCells(
  session: Session,
  relation: string,
  table: TabulateTable,
  imputed: Imputed | undefined,
  facts: PartitionFacts,
): Promise<ImputedCells> {
  const [unit] = facts.units;
  if (imputed === undefined || unit === undefined || facts.rows === 0) return new Map();
  const { key } = leafKey(facts);
  const column = id(imputed.column);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE imputed_row AS
    SELECT ${key} AS key, ${id(unit.column)} AS unit, sum(${column}) AS part FROM ${id(relation)} WHERE ${column} <> 0 GROUP BY ALL`);
  const margins = allLevels(facts).map((levels, margin) => marginParts(marginCell(facts, levels), margin));
  const { n } = await session.row<{ n: bigint }>(sql`SELECT count(*) AS n FROM imputed_row`);
  const found = n === 0n ? {} : await session.numbers(sql`SELECT * FROM (${join(margins, ' UNION ALL ')}) ORDER BY margin, cell`);
  await session.run(sql`DROP TABLE imputed_row`);
  const divisor = divisorOf(table, imputed.of, facts);
  const strides = nodeStrides(facts.dimensions);
  const codesOf = (cell: number): string =>
    cellCodes(facts.dimensions.map(({ codes, nodes }, d) => codes[Math.floor(cell / (strides[d] as number)) % nodes]));
  // A code above itself is a cell of several margins; the last of them is whole.
  return new Map(
    Array.from(found['cell'] ?? [], (cell, at) => [
      codesOf(cell),
      { units: found['units']?.[at] ?? 0, value: (found['part']?.[at] ?? 0) / divisor },
    ]),
  );
}

function marginParts(cell: Sql, margin: number): Sql {
  return sql`SELECT ${literal(margin)} AS margin, cell, count(*)::DOUBLE AS units, sum(part)::DOUBLE AS part
    FROM (SELECT ${cell} AS cell, unit, sum(part) AS part FROM imputed_row GROUP BY ALL) GROUP BY cell`;
}

/** What the sum of a measure is divided by. */
function divisorOf({ measures }: TabulateTable, name: string, { per }: PartitionFacts): number {
  const measure = measures.find((each) => each.name === name);
  return measure?.kind === 'sum' && measure.per !== undefined ? (per[measure.per] ?? 1) : 1;
}

/** 1 for each cell of which at least the declared share is imputed. */
export function estimatedCells(cells: CellTable, imputed: Imputed, parts: ImputedCells): Uint8Array {
  const units = cells.contributors[0]?.n;
  const values = cells.measures.find(({ name }) => name === imputed.of)?.values;
  return Uint8Array.from({ length: cells.size }, (_, cell) => {
    const part = parts.get(cellCodes(cells.dimensions.map(({ codes }, d) => codes[cells.keys[d]?.[cell] ?? 0])));
    return isEstimated(imputed, imputedShares(part, units?.[cell], values?.[cell]));
  });
}
