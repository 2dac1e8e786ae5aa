import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join as joinPath } from 'node:path';
import type { CellRisks } from '../../anonymize/risk/cell-risks.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { FlatFile } from '../flat-file.ts';

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
    ${hasHousehold ? sql`LEFT JOIN household_risks USING (hid)` : sql``} ${hasSuda ? sql`LEFT JOIN suda_scores USING (record)` : sql``}`;
}

/** The risk of every record from `judged_cells`: cells of one record are that record, only the others are joined to the records. */
export function directRisks({ source, record }: FlatFile, keys: readonly { readonly value: Sql }[], { formula }: CellRisks): Sql {
  const columns = keys.map(({ value }, key) => sql`${value} AS ${id(`k${key}`)}`);
  const same = keys.map((_, key) => sql`records.${id(`k${key}`)} IS NOT DISTINCT FROM shared.${id(`k${key}`)}`);
  const frequencies = sql`SELECT first AS record, fk, fw FROM judged_cells WHERE n = 1 UNION ALL
    SELECT record, fk, fw FROM (SELECT ${record} AS record, ${join(columns)} FROM ${source}) AS records
      JOIN (SELECT * FROM judged_cells WHERE n > 1) AS shared ON ${join(same, ' AND ')}`;
  return formula === undefined
    ? sql`SELECT record, fk, fw AS fk_weighted, risk FROM (${frequencies}) AS found LEFT JOIN risk_pairs USING (fk, fw)`
    : sql`SELECT record, fk, fw AS fk_weighted, ${formula} AS risk FROM (${frequencies}) AS found`;
}

/**
 * Writes the risks of records, in the order of the file, as Parquet: `record`, `fk`, `fk_weighted`, `risk`, `household_risk`, `suda`,
 * `dis_suda` (the last three where they are asked for). The file appears when it is complete; it names no value of a record.
 */
export async function writeRecords(session: Session, path: string, risks: Sql): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = joinPath(dirname(path), `.${basename(path)}.partial`);
  try {
    await session.run(sql`COPY (${risks} ORDER BY record) TO ${literal(partial)} (FORMAT parquet)`);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}
