import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join as joinPath } from 'node:path';
import type { CellRisks } from '../../anonymize/risk/cell-risks.ts';
import type { RecordCells } from '../../anonymize/risk/record-cells.ts';
import { largeFloat64Array } from '../../engine/large-array.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';

/** Makes `record_cells` (`record` from 1 in the order of the file, `cell`, and `hid` with a household). */
export async function matchRecords(
  session: Session,
  relation: string,
  keys: readonly { readonly value: Sql }[],
  household: Sql | undefined,
): Promise<void> {
  const columns = keys.map(({ value }, key) => sql`${value} AS ${id(`k${key}`)}`);
  const same = keys.map((_, key) => sql`records.${id(`k${key}`)} IS NOT DISTINCT FROM cells.${id(`k${key}`)}`);
  const hid = household === undefined ? sql`` : sql`, ${household} AS hid`;
  await session.run(sql`CREATE TEMP TABLE record_cells AS
    SELECT record, cell${household === undefined ? sql`` : sql`, coalesce(hid::VARCHAR, 'record ' || record) AS hid`}
    FROM (SELECT row_number() OVER () AS record, ${join(columns)}${hid} FROM ${id(relation)}) AS records JOIN cells ON ${join(same, ' AND ')}`);
}

/** The risk of every record from `record_cells`, with those of its household and of special uniques where they are asked for. */
export function matchedRisks({ hasHousehold, hasSuda }: { readonly hasHousehold: boolean; readonly hasSuda: boolean }): Sql {
  const household = hasHousehold ? sql`, household_risks.risk AS household_risk` : sql``;
  const special = hasSuda ? sql`, coalesce(suda, 0) AS suda, coalesce(dis_suda, 0) AS dis_suda` : sql``;
  return sql`SELECT record, fk, fw AS fk_weighted, risks.risk AS risk${household}${special} FROM record_cells LEFT JOIN risks USING (cell)
    ${hasHousehold ? sql`LEFT JOIN household_risks USING (hid)` : sql``} ${hasSuda ? sql`LEFT JOIN suda_scores USING (record)` : sql``} ORDER BY record`;
}

/**
 * Makes `record_frequencies` (`fk`, `fw`, a row for each record in their order) of records that know their cell, and gives the risk of every
 * record from it. A frequency that there is not is NULL.
 */
export async function placedRisks(session: Session, { table, cell, n, w }: RecordCells, { formula }: CellRisks): Promise<Sql> {
  const { fk, fw } = table.incomplete === 0 ? { fk: n, fw: w } : await judgedFrequencies(session, n.length);
  const place = (values: Float64Array): Float64Array => {
    const placed = largeFloat64Array(cell.length);
    for (let record = 0; record < cell.length; record++) placed[record] = values[cell[record] as number] as number;
    return placed;
  };
  await session.createTable('record_frequencies', [
    { name: 'fk', type: 'DOUBLE', values: place(fk) },
    { name: 'fw', type: 'DOUBLE', values: place(fw) },
  ]);
  return formula === undefined
    ? sql`SELECT record, fk, fw AS fk_weighted, risk FROM (SELECT rowid + 1 AS record, * FROM record_frequencies) AS placed
        LEFT JOIN risk_pairs USING (fk, fw) ORDER BY record`
    : sql`SELECT rowid + 1 AS record, fk, fw AS fk_weighted, ${formula} AS risk FROM record_frequencies`;
}

async function judgedFrequencies(session: Session, cells: number): Promise<{ fk: Float64Array; fw: Float64Array }> {
  const none = sql`'NaN'::DOUBLE`;
  const read = await session.numbers(
    sql`SELECT cell::INTEGER AS cell, coalesce(fk, ${none}) AS fk, coalesce(fw, ${none}) AS fw FROM judged_cells`,
    cells,
  );
  const byCell = (values: Float64Array): Float64Array => {
    const placed = new Float64Array(cells);
    for (const [row, cell] of (read['cell'] as Int32Array).entries()) placed[cell] = values[row] as number;
    return placed;
  };
  return { fk: byCell(read['fk'] as Float64Array), fw: byCell(read['fw'] as Float64Array) };
}

/**
 * Writes the risks of records, which come in the order of the file, as Parquet: `record`, `fk`, `fk_weighted`, `risk`, `household_risk`, `suda`,
 * `dis_suda` (the last three where they are asked for). The file appears when it is complete; it names no value of a record.
 */
export async function writeRecords(session: Session, path: string, risks: Sql): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = joinPath(dirname(path), `.${basename(path)}.partial`);
  try {
    await session.run(sql`COPY (${risks}) TO ${literal(partial)} (FORMAT parquet)`);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}
