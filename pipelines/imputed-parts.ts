import type { CellTable } from '../engine/cell-table.ts';
import type { Session } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import { UNKNOWN_CODE } from '../transforms/tabulate/hierarchy.ts';
import type { VintageTable } from './definition.ts';
import { vintageCodeSql } from './vintage-code.ts';

const TOTAL = '_T';

/** What of a cell is imputed: how many of its units, how much of the sum that is declared. */
export interface ImputedPart {
  readonly units: number;
  readonly value: number;
}

export function cellName(vintage: string, code: string): string {
  return `${vintage} ${code}`;
}

/** The imputed parts of earlier vintages, by vintage and code, the total among them; nothing where none is declared. */
export async function imputedParts(
  session: Session,
  { imputed, by, from }: VintageTable,
  unitColumn: string,
): Promise<Map<string, ImputedPart>> {
  if (imputed === undefined) return new Map();
  const [column, unit] = [id(imputed.column), id(unitColumn)];
  const rows = await session.rows<{ vintage: string; code: string; units: number; value: number }>(sql`
    SELECT ${vintageCodeSql()} AS vintage, CASE WHEN grouping(code) = 1 THEN ${TOTAL} ELSE code END AS code, count(DISTINCT ${unit})::DOUBLE AS units, sum(${column})::DOUBLE AS value
    FROM (SELECT *, coalesce(${id(by)}::VARCHAR, ${UNKNOWN_CODE}) AS code FROM ${id(from)} WHERE is_in AND ${column} <> 0)
    GROUP BY GROUPING SETS ((vintage, code), (vintage)) ORDER BY ALL`);
  return new Map(rows.map(({ vintage, code, units, value }) => [cellName(vintage, code), { units, value }]));
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
  const share = (part: number | undefined, whole: number | undefined): number => (part === undefined || !whole ? 0 : part / whole);
  const units = cells.map((cell) => share(partOf(cell)?.units, levels.contributors[0]?.n[cell]));
  const value = cells.map((cell) => share(partOf(cell)?.value, sums?.[cell]));
  const estimated = cells.map((_, at) => (Math.max(units[at] ?? 0, value[at] ?? 0) >= imputed.estimated ? 1 : 0));
  return [
    { name: 'imputed_units', type: 'DOUBLE', values: units },
    { name: 'imputed_value', type: 'DOUBLE', values: value },
    { name: 'units', type: 'DOUBLE', values: cells.map((cell) => levels.contributors[0]?.n[cell] ?? 0) },
    { name: 'estimated', type: 'INTEGER', values: estimated },
  ];
}
