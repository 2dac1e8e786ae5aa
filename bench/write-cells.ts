import type { CellTable } from '../engine/cell-table.ts';
import type { Session, TableColumn } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';
import { CELL_KEYS } from './payroll-table.ts';

/** Writes what a statement gives as a Parquet file. */
export async function writeSelect(session: Session, select: Sql, path: string): Promise<void> {
  await session.run(sql`COPY (${select}) TO ${literal(path)} (FORMAT parquet)`);
}

/** Writes cells: `CELL_KEYS`, the measures by name, and `top1 …` of the first kind of contributor. */
export async function writeCells(session: Session, cells: CellTable, path: string): Promise<void> {
  const keys = CELL_KEYS.map((name, d): TableColumn => {
    const codes = Int32Array.from(cells.dimensions[d]?.codes ?? [], (code) => (code === '_T' ? 0 : Number(code)));
    return { name, type: 'INTEGER', values: (cells.keys[d] as Int32Array).map((node) => codes[node] as number) };
  });
  const top = cells.contributors[0]?.bases[0]?.top ?? [];
  await session.createTable('cells', [
    ...keys,
    ...cells.measures.map(({ name, values }): TableColumn => ({ name, type: 'DOUBLE', values })),
    ...top.map((values, rank): TableColumn => ({ name: `top${rank + 1}`, type: 'DOUBLE', values })),
  ]);
  await writeSelect(session, sql`SELECT * FROM cells`, path);
}
