import type { CellTable } from '../engine/cell-table.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { UNKNOWN_CODE } from '../transforms/tabulate/hierarchy.ts';
import type { Imputed, Table, VintageTable } from './definition.ts';
import { vintageCode, vintageCodeSql } from './vintage-code.ts';

const TOTAL = '_T';

/** What of a cell is imputed: how many of its units, how much of the sum that is declared. */
export interface ImputedPart {
  readonly units: number;
  readonly value: number;
}

export function cellName(vintage: string, code: string): string {
  return `${vintage} ${code}`;
}

/**
 * The imputed parts of vintages, by vintage and code, the total among them; nothing where none is declared. Where the table declares
 * what of its own values is imputed, that is so at the final vintage, and at earlier ones for units that are the same at all.
 */
export async function imputedParts(session: Session, vintages: VintageTable, table: Table): Promise<Map<string, ImputedPart>> {
  if (vintages.imputed === undefined) return new Map();
  const rows = await session.rows<{ vintage: string; code: string; units: number; value: number }>(sql`
    SELECT vintage, CASE WHEN grouping(code) = 1 THEN ${TOTAL} ELSE code END AS code, count(DISTINCT unit)::DOUBLE AS units, sum(part)::DOUBLE AS value
    FROM (${join(imputedRows(vintages, vintages.imputed, table), ' UNION ALL ')}) GROUP BY GROUPING SETS ((vintage, code), (vintage)) ORDER BY ALL`);
  return new Map(rows.map(({ vintage, code, units, value }) => [cellName(vintage, code), { units, value }]));
}

function imputedRows({ by, from, months, final }: VintageTable, { column }: Imputed, table: Table): Sql[] {
  const unit = Object.keys(table.contributors)[0] ?? '';
  const group = table.contributors[unit]?.group ?? unit;
  const rowsOf = (vintage: Sql, part: string, relation: Sql): Sql =>
    sql`SELECT ${vintage} AS vintage, coalesce(${id(by)}::VARCHAR, ${UNKNOWN_CODE}) AS code, ${id(group)} AS unit, ${id(part)} AS part
      FROM ${relation} WHERE ${id(part)} <> 0`;
  const changed = sql`${rowsOf(vintageCodeSql(), column, id(from))} AND is_in`;
  if (table.imputed === undefined) return [changed];
  const earlier = join(months.map((each) => sql`(${literal(vintageCode(each))})`));
  const everywhere = sql`${id(table.from)} CROSS JOIN (VALUES ${earlier}) AS earlier(vintage_code)`;
  return [
    changed,
    rowsOf(literal(vintageCode(final)), table.imputed.column, id(table.from)),
    sql`${rowsOf(sql`vintage_code`, table.imputed.column, everywhere)} AND ${id(unit)} NOT IN (SELECT ${id(unit)} FROM ${id(from)})`,
  ];
}

/** The shares imputed of a cell (0 to 1), by units and by value. */
export function imputedShares(part: ImputedPart | undefined, units: number | undefined, value: number | undefined): ImputedPart {
  const share = (own: number | undefined, whole: number | undefined): number => (own === undefined || !whole ? 0 : own / whole);
  return { units: share(part?.units, units), value: share(part?.value, value) };
}

/** 1 where either share reaches the declared one. */
export function isEstimated({ estimated }: Imputed, { units, value }: ImputedPart): 0 | 1 {
  return Math.max(units, value) >= estimated ? 1 : 0;
}

/** Of the chosen cells: shares imputed by units and by value (0 to 1), of how many units, and whether either reaches the declared share. */
export function imputedColumns(
  { imputed }: VintageTable,
  levels: CellTable,
  cells: readonly number[],
  partOf: (cell: number) => ImputedPart | undefined,
): { name: string; type: 'DOUBLE' | 'INTEGER'; values: number[] }[] {
  if (imputed === undefined) return [];
  const sums = levels.measures.find(({ name }) => name === imputed.of)?.values;
  const shares = cells.map((cell) => imputedShares(partOf(cell), levels.contributors[0]?.n[cell], sums?.[cell]));
  return [
    { name: 'imputed_units', type: 'DOUBLE', values: shares.map(({ units }) => units) },
    { name: 'imputed_value', type: 'DOUBLE', values: shares.map(({ value }) => value) },
    { name: 'units', type: 'DOUBLE', values: cells.map((cell) => levels.contributors[0]?.n[cell] ?? 0) },
    { name: 'estimated', type: 'INTEGER', values: shares.map((each) => isEstimated(imputed, each)) },
  ];
}
