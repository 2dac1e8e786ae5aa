import type { Session } from '../../engine/session.ts';
import { type Sql, sql } from '../../engine/sql.ts';
import { approximateRisk, exactRisk } from './individual-risk.ts';

/** `approximate`: as the field reports it; `exact`: the integral for every pair of frequencies, a second for about 20,000 pairs. */
export type RiskFormula = 'approximate' | 'exact';

/** Whether every risk is a formula of fk and fw, or some stand only in `risk_pairs`. */
export interface CellRisks {
  readonly formula: Sql | undefined;
}

/**
 * Makes of `frequencies` the table `risk_pairs` (`fk`, `fw`, `n` records, `cells`, `risk`), one row for every pair of frequencies, and the
 * view `risks` (`cell`, `n`, `fk`, `fw`, `risk`): the individual risk of every cell. Without weights the sample is the population: 1 / fk.
 */
export async function buildRisks(session: Session, isWeighted: boolean, formula: RiskFormula): Promise<CellRisks> {
  const quick = isWeighted ? approximateRisk(sql`fk`, sql`fw`) : sql`1 / fk`;
  const isExact = isWeighted && formula === 'exact';
  await session.run(sql`CREATE OR REPLACE TEMP TABLE risk_pairs AS SELECT *, ${isExact ? sql`NULL::DOUBLE` : quick} AS risk
    FROM (SELECT fk, fw, sum(n) AS n, count(*)::DOUBLE AS cells FROM frequencies GROUP BY fk, fw) AS grouped`);
  if (!(await fillExact(session))) {
    await session.run(sql`CREATE OR REPLACE TEMP VIEW risks AS SELECT cell, n, fk, fw, ${quick} AS risk FROM frequencies`);
    return { formula: quick };
  }
  await session.run(sql`CREATE OR REPLACE TEMP VIEW risks AS
    SELECT cell, frequencies.n AS n, fk, fw, risk FROM frequencies JOIN risk_pairs USING (fk, fw)`);
  return { formula: undefined };
}

/** Integrates where `risk_pairs` has no risk; whether that was anywhere. */
async function fillExact(session: Session): Promise<boolean> {
  const pairs = await session.numbers(sql`SELECT fk, fw FROM risk_pairs WHERE risk IS NULL`);
  const { fk, fw } = pairs as { fk: Float64Array; fw: Float64Array };
  if (fk.length === 0) return false;
  await session.createTable('exact', [
    { name: 'fk', type: 'DOUBLE', values: fk },
    { name: 'fw', type: 'DOUBLE', values: fw },
    { name: 'risk', type: 'DOUBLE', values: fk.map((f, pair) => exactRisk(f, fw[pair] as number)) },
  ]);
  await session.run(
    sql`UPDATE risk_pairs SET risk = exact.risk FROM exact WHERE risk_pairs.risk IS NULL AND risk_pairs.fk = exact.fk AND risk_pairs.fw = exact.fw`,
  );
  await session.run(sql`DROP TABLE exact`);
  return true;
}
