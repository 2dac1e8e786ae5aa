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

/** Published cells with at least 100 people, over all margins, of one month or of all. */
export interface NearCells {
  readonly cells: number;
  /** Per measure: per cent of these cells within 2 % of the truth. */
  readonly within: Readonly<Record<string, number>>;
}

export interface CellAccuracy extends NearCells {
  readonly byMonth: Readonly<Record<string, NearCells>>;
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
      100 * (published / truth - 1) AS difference
      FROM cell AS c JOIN true_cell AS t ${sameCell()} WHERE ${total} AND c.status = 'free'`,
  );
  return session.rows<TotalAccuracy & Record<string, unknown>>(sql`${join(lines, ' UNION ALL ')} ORDER BY month, measure`);
}

/** Published cells beside the truth; after `measureTotals`. */
export async function measureCells(session: Session): Promise<CellAccuracy> {
  const { all, ...byMonth } = await nearCells(session);
  const { identityError } = await session.row<{ identityError: number }>(
    sql`SELECT max(abs(average_pay * employees / total_pay - 1)) AS "identityError" FROM cell WHERE total_pay <> 0`,
  );
  if (all === undefined) throw new Error('no published cell has 100 people');
  return { ...all, byMonth, medians: await medians(session), identityError };
}

/** By month, and `all`. */
async function nearCells(session: Session): Promise<Record<string, NearCells>> {
  const near = MEASURES.map(
    (measure) => sql`100 * avg(coalesce((abs(${id('c', measure)} / ${id('t', measure)} - 1) <= ${NEAR})::INTEGER, 0)) AS ${id(measure)}`,
  );
  const rows = await session.rows<{ month: string; cells: number } & Record<string, number | string>>(sql`
    SELECT coalesce(c.time_period, 'all') AS month, count(*)::INTEGER AS cells, ${join(near)} FROM cell AS c LEFT JOIN true_cell AS t ${sameCell()}
    WHERE c.status = 'free' AND c.persons >= 100 GROUP BY ROLLUP (c.time_period) ORDER BY month`);
  return Object.fromEntries(
    rows.map((row) => [
      row.month,
      { cells: row.cells, within: Object.fromEntries(MEASURES.map((measure) => [measure, Number(row[measure])])) },
    ]),
  );
}

/**
 * Every margin of the truth, in the codes of the table: true_cell. A job is a person and an employer, as in the table: two contracts of a month with one employer are one.
 */
async function createTrueCells(session: Session): Promise<void> {
  await session.run(sql`
    CREATE TEMP TABLE true_employee AS
    SELECT j.*, m.month_days, CASE WHEN in_register THEN district::VARCHAR ELSE 'OUT' END AS district, CASE WHEN in_register THEN sex ELSE '_U' END AS sex,
      date_sub('year', birth_date, (month || '-01')::DATE) AS age, CASE WHEN NOT in_register THEN '_U' WHEN age < 25 THEN 'Y15T24' WHEN age < 35 THEN 'Y25T34' WHEN age < 45 THEN 'Y35T44'
        WHEN age < 55 THEN 'Y45T54' WHEN age < 65 THEN 'Y55T64' ELSE 'Y_GE65' END AS age_band
    FROM (
      SELECT month, person_no, count(DISTINCT employer_no) AS jobs, bit_count(bit_or(days)) AS days_employed, sum(true_pay) AS regular_pay, arg_max(section, (true_pay, -spell_id)) AS industry
      FROM true_job GROUP BY ALL
    ) AS j JOIN true_month AS m USING (month, person_no) JOIN true_person USING (person_no)`);
  await checkTruth(session);
  const dimensions = DIMENSIONS.map((dimension) => id(dimension));
  const codes = DIMENSIONS.map((dimension) => sql`coalesce(${id(dimension)}, '_T') AS ${id(dimension)}`);
  await session.run(sql`
    CREATE TEMP TABLE true_cell AS
    SELECT month, ${join(codes)}, count(*) AS persons, sum(jobs) AS jobs, sum(days_employed) / any_value(month_days) AS employees, sum(regular_pay) AS total_pay,
      sum(regular_pay) / (sum(days_employed) / any_value(month_days)) AS average_pay
    FROM true_employee GROUP BY month, CUBE (${join(dimensions)})`);
}

/** @throws Error where the persons put together from their jobs are not those that the generator wrote. */
async function checkTruth(session: Session): Promise<void> {
  const { wrong } = await session.row<{ wrong: number }>(sql`
    SELECT count(*)::INTEGER AS wrong FROM true_month AS m FULL JOIN true_employee AS e USING (month, person_no)
    WHERE m.regular_pay IS DISTINCT FROM e.regular_pay OR m.days_employed IS DISTINCT FROM e.days_employed OR m.section IS DISTINCT FROM e.industry OR m.jobs < e.jobs`);
  if (wrong > 0) throw new Error(`${wrong} persons of a month are not what their jobs add up to`);
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
