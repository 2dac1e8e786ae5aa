import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join as path } from 'node:path';
import type { Session } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';

/** Key variables of a population, in the order in which cases take them. */
export const RISK_KEYS = ['region', 'sex', 'age', 'education', 'marital', 'occupation', 'industry'] as const;

/** Writes records with the seven keys and a weight `w` above 0, skewed and the same in every run; gives the path of the Parquet file. */
export async function riskRecords(session: Session, folder: string, rows: number): Promise<string> {
  const file = path(folder, `risk-${rows}.parquet`);
  if (existsSync(file)) return file;
  const uniform = (salt: number): Sql => sql`(hash(i + ${literal(salt * 1_000_000_007)}) % 1048576)::DOUBLE / 1048576`;
  const skewed = (salt: number, count: number): Sql => sql`floor(${literal(count)} * pow(${uniform(salt)}, 1.5))::INTEGER`;
  await session.run(sql`
    COPY (
      SELECT format('R{:02d}', ${skewed(1, 20)}) AS region, CASE WHEN ${uniform(2)} < 0.51 THEN 'F' ELSE 'M' END AS sex,
        (${skewed(3, 100)})::SMALLINT AS age, (${skewed(4, 8)})::TINYINT AS education, (${skewed(5, 5)})::TINYINT AS marital,
        format('O{:02d}', ${skewed(6, 40)}) AS occupation, (${skewed(7, 20)})::SMALLINT AS industry, 1 + floor(200 * ${uniform(8)}) / 2 AS w
      FROM (SELECT range AS i FROM range(${literal(rows)}))
    ) TO ${literal(`${file}.partial`)} (FORMAT parquet, COMPRESSION zstd)`);
  await rename(`${file}.partial`, file);
  return file;
}
