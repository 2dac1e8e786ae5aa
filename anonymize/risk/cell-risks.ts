import type { Session } from '../../engine/session.ts';
import { sql } from '../../engine/sql.ts';
import { approximateRisk, exactRisk } from './individual-risk.ts';

/** `approximate`: as the field reports it; `exact`: the integral for every pair of frequencies, a second for about 20,000 pairs. */
export type RiskFormula = 'approximate' | 'exact';

/**
 * Makes `risks` (`cell`, `n`, `fk`, `fw`, `risk`) of `frequencies`: the individual risk of every cell. Without weights the sample is the
 * population: 1 / fk.
 */
export async function buildRisks(session: Session, isWeighted: boolean, formula: RiskFormula): Promise<void> {
  if (!isWeighted) return session.run(sql`CREATE OR REPLACE TEMP TABLE risks AS SELECT cell, n, fk, fw, 1 / fk AS risk FROM frequencies`);
  const quick = formula === 'approximate' ? approximateRisk(sql`fk`, sql`fw`) : sql`NULL::DOUBLE`;
  await session.run(sql`CREATE OR REPLACE TEMP TABLE risks AS SELECT cell, n, fk, fw, ${quick} AS risk FROM frequencies`);
  const pairs = await session.numbers(sql`SELECT DISTINCT fk, fw FROM risks WHERE risk IS NULL`);
  const { fk, fw } = pairs as { fk: Float64Array; fw: Float64Array };
  if (fk.length === 0) return;
  const risk = fk.map((f, pair) => exactRisk(f, fw[pair] as number));
  await session.createTable('exact', [
    { name: 'fk', type: 'DOUBLE', values: fk },
    { name: 'fw', type: 'DOUBLE', values: fw },
    { name: 'risk', type: 'DOUBLE', values: risk },
  ]);
  await session.run(
    sql`UPDATE risks SET risk = exact.risk FROM exact WHERE risks.risk IS NULL AND risks.fk = exact.fk AND risks.fw = exact.fw`,
  );
  await session.run(sql`DROP TABLE exact`);
}
