import type { Session } from '../../engine/session.ts';
import { id, join, literal, sql } from '../../engine/sql.ts';

export interface RiskMeasures {
  /** Records whose combination nobody shares. */
  readonly unique: number;
  /** Records with fk below k, by k. */
  readonly violations: Readonly<Record<string, number>>;
  /** Sum of the individual risks, and its share of the records that have one. */
  readonly expected_reidentifications: number;
  readonly global_risk: number;
  readonly max_risk: number;
  /** Records above 0.1 and above median + 3 median absolute deviations. */
  readonly outliers: number;
}

/** Consistency factor of the median absolute deviation for a normal distribution. */
const MAD = 1.4826;

/** k-anonymity and individual risk of `risk_pairs`, over their records. */
export async function riskMeasures(session: Session, thresholds: readonly number[]): Promise<RiskMeasures> {
  const below = thresholds.map((k) => sql`coalesce(sum(n) FILTER (fk < ${literal(k)}), 0) AS ${id(`below${k}`)}`);
  const found = await session.row<Record<string, number> & Record<'records' | 'single' | 'expected' | 'largest', number>>(sql`
    SELECT coalesce(sum(n), 0) AS records, coalesce(sum(n) FILTER (fk <= 1), 0) AS single, coalesce(sum(n * risk), 0) AS expected,
      coalesce(max(risk), 0) AS largest${below.length === 0 ? sql`` : sql`, ${join(below)}`} FROM risk_pairs`);
  return {
    unique: found.single,
    violations: Object.fromEntries(thresholds.map((k) => [String(k), found[`below${k}`] ?? 0])),
    expected_reidentifications: found.expected,
    global_risk: found.expected / Math.max(1, found.records),
    max_risk: found.largest,
    outliers: await outliers(session),
  };
}

async function outliers(session: Session): Promise<number> {
  const middle = await weightedMedian(session, 'SELF');
  const deviation = await weightedMedian(session, middle);
  const { above } = await session.row<{ above: number }>(
    sql`SELECT coalesce(sum(n) FILTER (risk > 0.1 AND risk > ${literal(middle + 3 * MAD * deviation)}), 0) AS above FROM risk_pairs`,
  );
  return above;
}

/** Median over records of `risk_pairs`, or of the distances from `centre`: the mean of the two in the middle where they are even. */
async function weightedMedian(session: Session, centre: number | 'SELF'): Promise<number> {
  const value = centre === 'SELF' ? sql`risk` : sql`abs(risk - ${literal(centre)})`;
  const { median } = await session.row<{ median: number | null }>(sql`
    SELECT avg(y) AS median FROM (
      SELECT unnest([min(y) FILTER (upto >= total / 2), min(y) FILTER (upto >= total / 2 + 0.5)]) AS y FROM (
        SELECT y, sum(n) OVER (ORDER BY y, n) AS upto, sum(n) OVER () AS total FROM (SELECT ${value} AS y, n FROM risk_pairs) AS counts) AS running) AS middles`);
  return median ?? 0;
}
