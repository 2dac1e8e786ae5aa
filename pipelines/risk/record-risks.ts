import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join as joinPath } from 'node:path';
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

/**
 * Writes the risk of every record, in the order of the file, as Parquet: `record`, `fk`, `fk_weighted`, `risk`, `household_risk`, `suda`,
 * `dis_suda` (the last three where they are asked for). The file appears when it is complete; it names no value of a record.
 */
export async function writeRecords(
  session: Session,
  path: string,
  { hasHousehold, hasSuda }: { readonly hasHousehold: boolean; readonly hasSuda: boolean },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = joinPath(dirname(path), `.${basename(path)}.partial`);
  const household = hasHousehold ? sql`, household_risks.risk AS household_risk` : sql``;
  const special = hasSuda ? sql`, coalesce(suda, 0) AS suda, coalesce(dis_suda, 0) AS dis_suda` : sql``;
  try {
    await session.run(sql`COPY (
      SELECT record, fk, fw AS fk_weighted, risks.risk AS risk${household}${special} FROM record_cells LEFT JOIN risks USING (cell)
      ${hasHousehold ? sql`LEFT JOIN household_risks USING (hid)` : sql``} ${hasSuda ? sql`LEFT JOIN suda_scores USING (record)` : sql``}
      ORDER BY record) TO ${literal(partial)} (FORMAT parquet)`);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}
