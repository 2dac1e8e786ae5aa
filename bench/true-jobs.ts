import type { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';

/** Jobs of one month that the table does not count, by why; per cent of the true jobs and of the true pay. */
export interface JobLoss {
  readonly month: string;
  readonly cause: 'never_filed' | 'late_employer' | 'late_payment' | 'unreadable' | 'no_person';
  readonly jobs: number;
  readonly pay: number;
}

/** Months after its own that a month waits for filings: the final vintage of `employment_earnings`. */
const FINAL = 6;

/**
 * Every true contract of the months measured, by what has become of its filing: `counted`, or why not. Table true_job, from the views true_line
 * (filings as they were written), true_spell, true_employer, true_month and payment (the step `edited`).
 */
export async function createTrueJobs(session: Session): Promise<void> {
  await session.run(sql`
    CREATE TEMP TABLE true_job AS
    WITH filed AS (
      SELECT month, filing_id, spell_id, person_no, true_pay, min(lag) AS lag, max(employer_lag) AS employer_lag FROM true_line
      WHERE month IN (SELECT month FROM true_month) GROUP BY ALL
    ), dated AS (
      SELECT f.*, s.employer_no, e.section, (f.month || '-01')::DATE AS first_day, greatest(s.start_date, first_day) AS from_day, least(s.end_date, last_day(first_day)) AS to_day
      FROM filed AS f JOIN true_spell AS s USING (spell_id) JOIN true_employer AS e USING (employer_no)
    )
    SELECT d.month, d.person_no, d.spell_id, d.employer_no, d.section, d.true_pay, ((1::BIGINT << (to_day - from_day + 1)) - 1) << (from_day - first_day) AS days,
      CASE WHEN d.lag IS NULL THEN 'never_filed' WHEN d.employer_lag > ${FINAL} THEN 'late_employer' WHEN d.lag > ${FINAL} THEN 'late_payment'
        WHEN p.filing_id IS NULL THEN 'unreadable' WHEN p.person_id IS NULL THEN 'no_person' ELSE 'counted' END AS cause
    FROM dated AS d LEFT JOIN payment AS p USING (filing_id)`);
}

/** What the jobs that are not counted come to, month by month; after `createTrueJobs`. */
export async function measureLosses(session: Session): Promise<JobLoss[]> {
  return session.rows<JobLoss & Record<string, unknown>>(sql`
    WITH everything AS (SELECT month, count(*) AS jobs, sum(true_pay) AS pay FROM true_job GROUP BY month),
    cause AS (SELECT unnest(['never_filed', 'late_employer', 'late_payment', 'unreadable', 'no_person']) AS cause),
    lost AS (SELECT month, cause, count(*) AS jobs, sum(true_pay) AS pay FROM true_job GROUP BY month, cause)
    SELECT e.month, c.cause, 100 * coalesce(l.jobs, 0) / e.jobs AS jobs, 100 * coalesce(l.pay, 0)::DOUBLE / e.pay AS pay
    FROM everything AS e CROSS JOIN cause AS c LEFT JOIN lost AS l ON l.month = e.month AND l.cause = c.cause ORDER BY e.month, c.cause`);
}
