import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';

/** Columns of `pair` of one variable: `b<n>` before, `a<n>` after. */
export type Side = 'b' | 'a';

/** Means and covariances of variables over the records in which all of them are observed before and after. */
export interface Moments {
  readonly records: number;
  readonly mean: Float64Array;
  readonly covariance: readonly Float64Array[];
}

/**
 * Moments of the variables `at` of one side over the complete records of `pair`, weighted by its column `w`: covariance
 * (n / (n - 1)) sum w (x - m)(y - m) / sum w, the sample covariance where all weights are equal. Two passes, so that large means cost no digits.
 */
export async function momentsOf(session: Session, side: Side, at: readonly number[], complete: Sql, isWeighted: boolean): Promise<Moments> {
  const w = isWeighted ? sql`w` : sql`1::DOUBLE`;
  const first = await session.numbers(
    sql`SELECT count(*)::DOUBLE AS n, coalesce(fsum(${w}), 0) AS w, ${join(
      at.map((v) => sql`coalesce(fsum(${w} * ${id(`${side}${v}`)}) / fsum(${w}), 0) AS ${id(`m${v}`)}`),
    )} FROM pair WHERE ${complete}`,
  );
  const records = first['n']?.[0] ?? 0;
  const total = first['w']?.[0] ?? 0;
  const mean = Float64Array.from(at, (v) => first[`m${v}`]?.[0] ?? 0);
  const pairs = at.flatMap((_, i) => at.slice(0, i + 1).map((_, j) => [i, j] as const));
  const centred = (i: number): Sql => sql`(${id(`${side}${at[i]}`)} - ${literal(mean[i] as number)}::DOUBLE)`;
  const second = await session.numbers(
    sql`SELECT ${join(
      pairs.map(([i, j]) => sql`coalesce(fsum(${w} * ${centred(i)} * ${centred(j)}), 0) AS ${id(`c${i}_${j}`)}`),
    )} FROM pair WHERE ${complete}`,
  );
  const factor = records > 1 ? records / (records - 1) / total : Number.NaN;
  const covariance = at.map(() => new Float64Array(at.length));
  for (const [i, j] of pairs) {
    const value = (second[`c${i}_${j}`]?.[0] ?? 0) * factor;
    (covariance[i] as Float64Array)[j] = value;
    (covariance[j] as Float64Array)[i] = value;
  }
  return { records, mean, covariance };
}

/** Correlations of a covariance matrix with positive variances. */
export function correlationsOf(covariance: readonly Float64Array[]): Float64Array[] {
  const deviation = covariance.map((row, i) => Math.sqrt(row[i] as number));
  return covariance.map((row, i) => row.map((value, j) => (i === j ? 1 : value / ((deviation[i] as number) * (deviation[j] as number)))));
}
