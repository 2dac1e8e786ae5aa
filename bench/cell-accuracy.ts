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

export interface NationalTotal extends TotalAccuracy {
  /** Per cent of the truth without the employers that are too late as a whole. */
  readonly timely: number;
  /** What the total would be if employers with a gap were carried forward, in per cent of the truth. */
  readonly carried: number;
}

/** Published cells with at least 100 people, over all margins, of one month or of all. */
export interface NearCells {
  readonly cells: number;
  /** Per measure: per cent of these cells within 2 % of the truth. */
  readonly within: Readonly<Record<string, number>>;
  /** The same beside the truth without the employers that are too late. */
  readonly withinTimely: Readonly<Record<string, number>>;
  /** The same of what these cells would hold if employers with a gap were carried forward. */
  readonly withinCarried: Readonly<Record<string, number>>;
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
export async function measureTotals(session: Session): Promise<NationalTotal[]> {
  await createTrueCells(session);
  const total = join(
    DIMENSIONS.map((dimension) => sql`${id('c', dimension)} = '_T'`),
    ' AND ',
  );
  const lines = ADDITIVE.map(
    (
      measure,
    ) => sql`SELECT c.time_period AS month, ${literal(measure)} AS measure, ${id('c', measure)} AS published, ${id('t', measure)}::DOUBLE AS truth,
      100 * (published / truth - 1) AS difference, 100 * (published / ${id('i', measure)} - 1) AS timely,
      100 * (${id('k', measure)} / truth - 1) AS carried
      FROM cell AS c JOIN true_cell AS t ${sameCell('t')} JOIN timely_cell AS i ${sameCell('i')} JOIN carried_cell AS k ${sameCell('k')} WHERE ${total} AND c.status = 'free'`,
  );
  return session.rows<NationalTotal & Record<string, unknown>>(sql`${join(lines, ' UNION ALL ')} ORDER BY month, measure`);
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
  type Shares = { month: string; cells: number } & Record<string, number | string>;
  const shares = async (value: 'c' | 'k', truth: string): Promise<Shares[]> => {
    const near = MEASURES.map(
      (measure) =>
        sql`100 * avg(coalesce((abs(${id(value, measure)} / ${id('t', measure)} - 1) <= ${NEAR})::INTEGER, 0)) AS ${id(measure)}`,
    );
    return session.rows(sql`
      SELECT coalesce(c.time_period, 'all') AS month, count(*)::INTEGER AS cells, ${join(near)} FROM cell AS c JOIN carried_cell AS k ${sameCell('k')}
      LEFT JOIN ${id(truth)} AS t ${sameCell('t')} WHERE c.status = 'free' AND c.persons >= 100 GROUP BY ROLLUP (c.time_period) ORDER BY month`);
  };
  const [within, withinTimely, withinCarried] = [
    await shares('c', 'true_cell'),
    await shares('c', 'timely_cell'),
    await shares('k', 'true_cell'),
  ];
  const measured = (row: Shares | undefined) => Object.fromEntries(MEASURES.map((measure) => [measure, Number(row?.[measure])]));
  return Object.fromEntries(
    within.map((row, at) => [
      row.month,
      { cells: row.cells, within: measured(row), withinTimely: measured(withinTimely[at]), withinCarried: measured(withinCarried[at]) },
    ]),
  );
}

/**
 * Every margin of the truth, in the codes of the table: true_cell, timely_cell without the jobs of employers that are too late as a whole, and carried_cell of
 * the experiment. A job is a person and an employer, as in the table: two contracts of a month with one employer are one.
 */
async function createTrueCells(session: Session): Promise<void> {
  await session.run(sql`
    CREATE TEMP TABLE true_employee AS
    SELECT j.*, m.month_days, CASE WHEN in_register THEN district::VARCHAR ELSE 'OUT' END AS district, CASE WHEN in_register THEN sex ELSE '_U' END AS sex,
      date_sub('year', birth_date, (month || '-01')::DATE) AS age, CASE WHEN NOT in_register THEN '_U' WHEN age < 25 THEN 'Y15T24' WHEN age < 35 THEN 'Y25T34' WHEN age < 45 THEN 'Y35T44'
        WHEN age < 55 THEN 'Y45T54' WHEN age < 65 THEN 'Y55T64' ELSE 'Y_GE65' END AS age_band
    FROM (
      SELECT month, person_no, is_timely, count(DISTINCT employer_no) AS jobs, bit_count(bit_or(days)) AS days_employed, sum(true_pay) AS regular_pay, arg_max(section, (true_pay, -spell_id)) AS industry
      FROM (SELECT *, unnest([FALSE, TRUE]) AS is_timely FROM true_job) WHERE NOT (is_timely AND cause = 'late_employer') GROUP BY ALL
    ) AS j JOIN true_month AS m USING (month, person_no) JOIN true_person USING (person_no)`);
  await checkTruth(session);
  const dimensions = DIMENSIONS.map((dimension) => id(dimension));
  const codes = DIMENSIONS.map((dimension) => sql`coalesce(${id(dimension)}, '_T') AS ${id(dimension)}`);
  for (const [name, from] of [
    ['true_cell', sql`true_employee WHERE NOT is_timely`],
    ['timely_cell', sql`true_employee WHERE is_timely`],
    ['carried_cell', sql`carried_employee`],
  ] as const)
    await session.run(sql`
    CREATE TEMP TABLE ${id(name)} AS
    SELECT month, ${join(codes)}, count(*) AS persons, sum(jobs) AS jobs, sum(days_employed) / any_value(month_days) AS employees, sum(regular_pay) AS total_pay,
      sum(regular_pay) / (sum(days_employed) / any_value(month_days)) AS average_pay
    FROM ${from} GROUP BY month, CUBE (${join(dimensions)})`);
}

/** @throws Error where the persons put together from their jobs are not those that the generator wrote. */
async function checkTruth(session: Session): Promise<void> {
  const { wrong } = await session.row<{ wrong: number }>(sql`
    SELECT count(*)::INTEGER AS wrong FROM true_month AS m FULL JOIN (SELECT * FROM true_employee WHERE NOT is_timely) AS e USING (month, person_no)
    WHERE m.regular_pay IS DISTINCT FROM e.regular_pay OR m.days_employed IS DISTINCT FROM e.days_employed OR m.section IS DISTINCT FROM e.industry OR m.jobs < e.jobs`);
  if (wrong > 0) throw new Error(`${wrong} persons of a month are not what their jobs add up to`);
}

function sameCell(truth: 't' | 'i' | 'k') {
  const dimensions = DIMENSIONS.map((dimension) => sql`${id('c', dimension)} = ${id(truth, dimension)}`);
  return sql`ON c.time_period = ${id(truth, 'month')} AND ${join(dimensions, ' AND ')}`;
}

/** The median of full-month pay, weighted by days, of the whole country. */
async function medians(session: Session): Promise<TotalAccuracy[]> {
  return session.rows<TotalAccuracy & Record<string, unknown>>(sql`
    WITH paid AS (
      SELECT month, regular_pay * month_days / days_employed AS monthly, sum(days_employed) OVER (PARTITION BY month ORDER BY regular_pay * month_days / days_employed) AS days_to_here,
        sum(days_employed) OVER (PARTITION BY month) AS days
      FROM true_employee WHERE regular_pay > 0 AND NOT is_timely
    ), truth AS (SELECT month, min(monthly) AS truth FROM paid WHERE days_to_here >= 0.5 * days GROUP BY month)
    SELECT t.month, 'median_pay' AS measure, c.median_pay AS published, t.truth::DOUBLE AS truth, 100 * (published / truth - 1) AS difference
    FROM cell AS c JOIN truth AS t ON c.time_period = t.month
    WHERE ${join(
      DIMENSIONS.map((dimension) => sql`${id('c', dimension)} = '_T'`),
      ' AND ',
    )} ORDER BY t.month`);
}
