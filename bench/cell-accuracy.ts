import type { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';

/** One published figure of the whole country beside the truth; money in agorot. */
export interface TotalAccuracy {
  readonly month: string;
  readonly measure: string;
  readonly published: number;
  readonly truth: number;
  /** Per cent of the truth. */
  readonly difference: number;
}

export interface CellAccuracy {
  /** Published cells with at least 100 people, over all margins. */
  readonly cells: number;
  /** Per measure: per cent of these cells within 2 % of the truth. */
  readonly within: Readonly<Record<string, number>>;
  readonly medians: readonly TotalAccuracy[];
  /** Largest |average_pay x employees / total_pay - 1| over all cells, true values. */
  readonly identityError: number;
}

const MEASURES = ['persons', 'jobs', 'employees', 'total_pay', 'average_pay'] as const;
const ADDITIVE = MEASURES.slice(0, 4);
const DIMENSIONS = ['industry', 'district', 'sex', 'age_band'] as const;
const NEAR = 0.02;

/** Published totals of the country (true values of the published cell) beside the truth, month by month. */
export async function measureTotals(session: Session): Promise<TotalAccuracy[]> {
  await createTrueCells(session);
  const total = join(
    DIMENSIONS.map((dimension) => sql`${id('c', dimension)} = '_T'`),
    ' AND ',
  );
  const lines = ADDITIVE.map(
    (
      measure,
    ) => sql`SELECT c.time_period AS month, ${literal(measure)} AS measure, ${id('c', measure)} AS published, ${id('t', measure)}::DOUBLE AS truth,
      100 * (published / truth - 1) AS difference FROM cell AS c JOIN true_cell AS t ${sameCell()} WHERE ${total} AND c.status = 'free'`,
  );
  return session.rows<TotalAccuracy & Record<string, unknown>>(sql`${join(lines, ' UNION ALL ')} ORDER BY month, measure`);
}

/** Published cells beside the truth; after `measureTotals`. */
export async function measureCells(session: Session): Promise<CellAccuracy> {
  const near = MEASURES.map(
    (measure) => sql`100 * avg(coalesce((abs(${id('c', measure)} / ${id('t', measure)} - 1) <= ${NEAR})::INTEGER, 0)) AS ${id(measure)}`,
  );
  const { cells, ...within } = await session.row<{ cells: number } & Record<string, number>>(sql`
    SELECT count(*)::INTEGER AS cells, ${join(near)} FROM cell AS c LEFT JOIN true_cell AS t ${sameCell()} WHERE c.status = 'free' AND c.persons >= 100`);
  const { identityError } = await session.row<{ identityError: number }>(
    sql`SELECT max(abs(average_pay * employees / total_pay - 1)) AS "identityError" FROM cell WHERE total_pay <> 0`,
  );
  return { cells, within, medians: await medians(session), identityError };
}

/** Every margin of the truth, in the codes of the table. */
async function createTrueCells(session: Session): Promise<void> {
  await session.run(sql`
    CREATE TEMP TABLE true_employee AS
    SELECT m.month, coalesce(m.section, '_U') AS industry, CASE WHEN m.in_register THEN m.district::VARCHAR ELSE 'OUT' END AS district,
      CASE WHEN m.in_register THEN m.sex ELSE '_U' END AS sex,
      CASE WHEN NOT m.in_register THEN '_U' WHEN age < 25 THEN 'Y15T24' WHEN age < 35 THEN 'Y25T34' WHEN age < 45 THEN 'Y35T44'
        WHEN age < 55 THEN 'Y45T54' WHEN age < 65 THEN 'Y55T64' ELSE 'Y_GE65' END AS age_band,
      m.jobs, m.days_employed, m.month_days, m.regular_pay
    FROM (SELECT *, date_sub('year', birth_date, (month || '-01')::DATE) AS age FROM true_month JOIN true_person USING (person_no)) AS m`);
  await session.run(sql`
    CREATE TEMP TABLE true_cell AS
    SELECT month, ${join(DIMENSIONS.map((dimension) => sql`coalesce(${id(dimension)}, '_T') AS ${id(dimension)}`))}, count(*) AS persons, sum(jobs) AS jobs,
      sum(days_employed) / any_value(month_days) AS employees, sum(regular_pay) AS total_pay, sum(regular_pay) / (sum(days_employed) / any_value(month_days)) AS average_pay
    FROM true_employee GROUP BY month, CUBE (${join(DIMENSIONS.map((dimension) => id(dimension)))})`);
}

function sameCell() {
  const dimensions = DIMENSIONS.map((dimension) => sql`${id('c', dimension)} = ${id('t', dimension)}`);
  return sql`ON c.time_period = t.month AND ${join(dimensions, ' AND ')}`;
}

/** The median of full-month pay, weighted by days, of the whole country. */
async function medians(session: Session): Promise<TotalAccuracy[]> {
  return session.rows<TotalAccuracy & Record<string, unknown>>(sql`
    WITH paid AS (
      SELECT month, regular_pay * month_days / days_employed AS monthly, sum(days_employed) OVER (PARTITION BY month ORDER BY regular_pay * month_days / days_employed) AS days_to_here,
        sum(days_employed) OVER (PARTITION BY month) AS days
      FROM true_employee WHERE regular_pay > 0
    ), truth AS (SELECT month, min(monthly) AS truth FROM paid WHERE days_to_here >= 0.5 * days GROUP BY month)
    SELECT t.month, 'median_pay' AS measure, c.median_pay AS published, t.truth::DOUBLE AS truth, 100 * (published / truth - 1) AS difference
    FROM cell AS c JOIN truth AS t ON c.time_period = t.month
    WHERE ${join(
      DIMENSIONS.map((dimension) => sql`${id('c', dimension)} = '_T'`),
      ' AND ',
    )} ORDER BY t.month`);
}
