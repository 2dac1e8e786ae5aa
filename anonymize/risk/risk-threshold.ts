import type { Session } from '../../engine/session.ts';
import { literal, sql } from '../../engine/sql.ts';

/** Up to which risk of a record a global risk allows. */
export interface RiskThreshold {
  /** The global risk that is allowed. */
  readonly max_global_risk: number;
  /** The largest risk of a record that may stay: with all above it brought down to it, the global risk is at most the one allowed. */
  readonly threshold: number;
  /** Records with a larger risk: those to be protected. */
  readonly records_above: number;
  /** The global risk when they are brought down to the threshold. */
  readonly global_risk: number;
}

/** Global risks that differ by so small a part are the same. */
const ROUNDING = 1e-12;

/**
 * The threshold of `risk_pairs` for a global risk (0 to 1): the largest risk r of a record with the mean of min(risk, r) at most `allowed`;
 * where even the smallest risk of the file is too large, `allowed` itself. Source: the threshold of mu-Argus (Hundepool et al., 2012), 3.
 */
export async function riskThreshold(session: Session, allowed: number): Promise<RiskThreshold> {
  const { threshold, above, capped } = await session.row<{ threshold: number | null; above: number | null; capped: number | null }>(sql`
    WITH risks AS (SELECT risk, sum(n) AS n FROM risk_pairs WHERE risk IS NOT NULL GROUP BY risk),
      running AS (SELECT risk, sum(n) OVER () AS records, sum(n) OVER (ORDER BY risk) AS upto, sum(n * risk) OVER (ORDER BY risk) AS expected FROM risks),
      candidates AS (SELECT risk, records - upto AS above, (expected + risk * (records - upto)) / records AS capped FROM running)
    SELECT max(risk) AS threshold, arg_max(above, risk) AS above, arg_max(capped, risk) AS capped
    FROM candidates WHERE capped <= ${literal(allowed * (1 + ROUNDING))}`);
  if (threshold !== null) return { max_global_risk: allowed, threshold, records_above: above ?? 0, global_risk: capped ?? 0 };
  const { records } = await session.row<{ records: number }>(
    sql`SELECT coalesce(sum(n), 0)::DOUBLE AS records FROM risk_pairs WHERE risk IS NOT NULL`,
  );
  return { max_global_risk: allowed, threshold: allowed, records_above: records, global_risk: records === 0 ? 0 : allowed };
}
