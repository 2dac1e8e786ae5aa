import type { Ref } from '../../engine/layout.ts';
import type { Session } from '../../engine/session.ts';
import { join, literal, type Sql, sql } from '../../engine/sql.ts';
import type { Store } from '../../engine/store.ts';
import type { ReleasedCells } from './released-cells.ts';

/** What is true of the cells of a release, in its order of cells; only to judge an attack. */
export interface TrueCells {
  readonly measures: Readonly<Record<string, Float64Array>>;
  /** Pay by holding, in agorot. */
  readonly holdings: readonly ReadonlyMap<string, number>[];
}

const MEASURES = ['persons', 'jobs', 'employees', 'total_pay'] as const;

/** Reads the true cells from the tabulated dataset, and who pays from the integrated one, as the job left them in its data root. */
export async function readTrueCells(session: Session, store: Store, { period, codes, index }: ReleasedCells): Promise<TrueCells> {
  const files = async (ref: Ref): Promise<Sql> => {
    const parts = ((await store.manifest(ref))?.parts ?? []).filter((part) => part.partition === period);
    return sql`read_parquet([${join(await Promise.all(parts.map(async (part) => literal(await store.partPath(part)))))}])`;
  };
  const measures = Object.fromEntries(MEASURES.map((name) => [name, new Float64Array(codes.length).fill(Number.NaN)]));
  const cells = await session.rows<Record<string, string | number>>(
    sql`SELECT concat_ws('|', industry, district, sex, age_band) AS key, persons, jobs, employees, total_pay FROM ${await files('employment_earnings.employees_and_pay@tabulated')}`,
  );
  for (const row of cells)
    for (const name of MEASURES)
      measures[name]?.fill(Number(row[name]), index.get(String(row['key'])), (index.get(String(row['key'])) ?? 0) + 1);
  const holdings = codes.map(() => new Map<string, number>());
  const rows = await session.rows<{ industry: string; district: string; sex: string; age_band: string; holding: string; pay: number }>(
    sql`SELECT coalesce(industry, '_U') AS industry, coalesce(district, '_U') AS district, coalesce(sex, '_U') AS sex, coalesce(age_band, '_U') AS age_band,
      holding_id::VARCHAR AS holding, pay::DOUBLE AS pay FROM ${await files('employment_earnings.employee@integrated')}`,
  );
  for (const { industry, district, sex, age_band, holding, pay } of rows) {
    for (let margin = 0; margin < 16; margin++) {
      const key = [industry, district, sex, age_band].map((code, dimension) => ((margin >> dimension) % 2 === 1 ? '_T' : code));
      const payers = holdings[index.get(key.join('|')) ?? -1];
      payers?.set(holding, (payers.get(holding) ?? 0) + pay);
    }
  }
  return { measures, holdings };
}
