import { readFile } from 'node:fs/promises';
import type { Session } from '../engine/session.ts';
import { literal, sql, trusted } from '../engine/sql.ts';
import { calendarise } from '../transforms/calendarise.ts';

const EMPLOYEE = 'pipelines/employment_earnings/employee.sql';

/**
 * Persons of the month if employers that have filed for the month before and for a later one, but not for the month itself, were carried forward: table
 * carried_employee, in the codes of the table. Their jobs that reached the end of the month before go on for a whole month at the same pay; only what had
 * arrived six months after the month tells who they are. From the views payment (the step `edited`, all months), person and employer. An
 * experiment: nothing of it is protected or published. The first month has no month before.
 */
export async function createCarriedEmployees(session: Session, months: readonly string[]): Promise<void> {
  await session.run(sql`
    CREATE TEMP TABLE carried AS
    WITH filed AS (
      SELECT employer_id, (reference_month || '-01')::DATE AS month, min(received_at) AS known FROM payment WHERE payment_type = 'regular' GROUP BY ALL
    ), gap AS (
      SELECT b.employer_id, (b.month + INTERVAL 1 MONTH)::DATE AS month FROM filed AS b LEFT JOIN employer AS e USING (employer_id)
      WHERE NOT EXISTS (FROM filed AS f WHERE f.employer_id = b.employer_id AND f.month = b.month + INTERVAL 1 MONTH)
        AND EXISTS (FROM filed AS f WHERE f.employer_id = b.employer_id AND f.month > b.month + INTERVAL 1 MONTH AND f.known <= last_day((b.month + INTERVAL 7 MONTH)::DATE))
        AND (e.death_date IS NULL OR e.death_date >= b.month + INTERVAL 1 MONTH)
    )
    SELECT p.* REPLACE (strftime(g.month, '%Y-%m') AS reference_month, g.month AS period_start, last_day(g.month) AS period_end,
      round(p.gross * day(p.period_end) / (p.period_end - p.period_start + 1))::BIGINT AS gross)
    FROM gap AS g JOIN payment AS p ON p.employer_id = g.employer_id AND p.period_end = g.month - 1
    WHERE p.payment_type = 'regular' AND p.person_id IS NOT NULL`);
  const employee = trusted(await readFile(EMPLOYEE, 'utf8'));
  for (const [at, month] of months.entries()) {
    const of = sql`reference_month = ${literal(month)}`;
    await session.run(
      sql`CREATE OR REPLACE TEMP TABLE latest AS SELECT * FROM payment WHERE ${of} UNION ALL SELECT * FROM carried WHERE ${of}`,
    );
    await session.run(sql`CREATE OR REPLACE TEMP TABLE worked AS ${calendarise.build({ from: sql`latest`, with: {}, period: month })}`);
    const rows = sql`SELECT ${literal(month)} AS month, coalesce(industry, '_U') AS industry, coalesce(district, '_U') AS district, coalesce(sex, '_U') AS sex,
      coalesce(age_band, '_U') AS age_band, jobs, employed_days AS days_employed, days_in_month AS month_days, pay AS regular_pay FROM (${employee})`;
    await session.run(at === 0 ? sql`CREATE TEMP TABLE carried_employee AS ${rows}` : sql`INSERT INTO carried_employee ${rows}`);
  }
}
