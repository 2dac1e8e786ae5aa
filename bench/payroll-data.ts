import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';

/** One national month: so many jobs are reported. */
export const MONTH_ROWS = 4_130_000;
const EMPLOYERS = 60_000;
const DIVISIONS = 80;
const SUBDISTRICTS = 28;

/**
 * The Parquet file (v2, zstd, by person) of one month of payroll, made once per folder; the same rows in every run. One row is one job:
 * person_id, employer_id, district (7) > subdistrict (28), section (20) > division (80), sex (2), age_band (8), pay in agorot. The n-th
 * employer has n^(-2/3) of the jobs; the industry is that of the employer; one job in twelve pays the minimum wage.
 */
export async function payrollMonth(session: Session, folder: string, rows: number, month: number): Promise<string> {
  const path = join(folder, `payroll-${rows}-${month}.parquet`);
  if (existsSync(path)) return path;
  const unfinished = `${path}.unfinished`;
  await session.run(
    sql`COPY (${payrollSelect(rows, month)}) TO ${literal(unfinished)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd)`,
  );
  await rename(unfinished, path);
  return path;
}

function payrollSelect(rows: number, month: number): Sql {
  const uniform = (of: Sql, salt: number): Sql => sql`((hash(${of} + ${literal(salt * 1_000_000_007)}) % 1048573)::DOUBLE / 1048573)`;
  const own = (salt: number): Sql => uniform(sql`i`, salt);
  const monthly = (salt: number): Sql => uniform(sql`i`, 100 * month + salt);
  const division = sql`floor(${literal(DIVISIONS)} * pow(${uniform(sql`employer_id`, 1)}, 1.3))::INTEGER`;
  const spread = sql`${own(2)} + ${own(3)} + ${own(4)} + 0.3 * ${monthly(5)} + 0.6 * ${uniform(sql`employer_id`, 6)} - 1.95`;
  return sql`
    WITH job AS (
      SELECT range AS i, 1 + floor(${literal(EMPLOYERS)} * pow(${uniform(sql`range`, 7)}, 3))::INTEGER AS employer_id FROM range(${literal(rows)})
    ),
    placed AS (
      SELECT i, employer_id, floor(${literal(SUBDISTRICTS)} * pow(${own(8)}, 1.4))::INTEGER AS place, ${division} AS trade FROM job
    )
    SELECT (1 + i - i // 10)::INTEGER AS person_id, employer_id,
      (1 + place // 4)::SMALLINT AS district, (11 + place)::SMALLINT AS subdistrict,
      (1 + trade // 4)::SMALLINT AS section, (101 + trade)::SMALLINT AS division,
      (1 + (${own(9)} < 0.48)::INTEGER)::TINYINT AS sex, (1 + floor(8 * ${own(10)}))::TINYINT AS age_band,
      CASE WHEN ${own(11)} < 1.0 / 12 THEN 588002 ELSE round(820000 * exp(${spread}))::BIGINT END AS pay
    FROM placed ORDER BY i`;
}
