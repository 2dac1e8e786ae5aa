import * as z from 'zod';
import { id, type Sql, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform, requiredPeriod } from './transform.ts';

const Parameters = z.strictObject({
  person: Column.default('person_id'),
  employer: Column.default('employer_id'),
  start: Column.default('period_start'),
  end: Column.default('period_end'),
  amount: Column.default('gross'),
  payment_type: Column.default('payment_type'),
  filing: Column.default('filing_id'),
  correction_of: Column.default('correction_of'),
});
type Parameters = z.output<typeof Parameters>;

/**
 * Calendarisation: payments (latest versions) to one row per person employed in the reference month. Columns: reference_month, person
 * and employer (of the main job: highest pay, then lowest id) under their own names, jobs, employed_days (days with at least one job),
 * days_in_month, pay (regular pay of the month's days), irregular_pay (bonus, severance, arrears and corrections of them, in the month
 * in which their period begins), monthly_pay = pay x days_in_month / employed_days. Money is BIGINT agorot, rounded half away from
 * zero once per person-month. Source: docs/methods/calendarisation.md.
 */
export const calendarise = defineTransform({
  name: 'calendarise',
  over: 'month',
  parameters: Parameters,
  reads: (names) => Object.values(names),
  build({ from, with: names, period }) {
    const month = requiredPeriod('calendarise', period);
    const person = id(names.person);
    const employer = id(names.employer);
    return sql`-- One row per person employed in the month.
WITH month AS (
  SELECT CAST(${month} || '-01' AS DATE) AS first_day, last_day(CAST(${month} || '-01' AS DATE)) AS last_day
),
${payments(from, names)},
job AS (
  SELECT person, employer, bit_or(days) AS days, sum(micro) AS micro, sum(irregular) AS irregular, count(*) FILTER (days > 0) AS spells
  FROM share GROUP BY person, employer
),
employee AS (
  SELECT person, bit_count(bit_or(days)) AS employed_days, count(*) FILTER (spells > 0) AS jobs,
    min({'pay': -micro, 'employer': employer}) FILTER (spells > 0) AS main,
    CAST(round(sum(micro) / 1000000) AS BIGINT) AS pay, CAST(sum(irregular) AS BIGINT) AS irregular_pay
  FROM job GROUP BY person
)
SELECT CAST(${month} AS VARCHAR) AS reference_month, person AS ${person}, main.employer AS ${employer}, jobs,
  CAST(employed_days AS BIGINT) AS employed_days, CAST(day(month.last_day) AS BIGINT) AS days_in_month, pay, irregular_pay,
  CAST(round(pay * day(month.last_day) / employed_days) AS BIGINT) AS monthly_pay
FROM employee CROSS JOIN month
WHERE employed_days > 0`;
  },
});

/**
 * Each payment's part of the month: `days`, a bit per day worked; `micro`, millionths of an agora of regular pay; `irregular`, agorot.
 * A correction first takes the period and type of the payment that it corrects; one that corrects nothing known is irregular.
 */
function payments(from: Sql, names: Parameters): Sql {
  const type = id(names.payment_type);
  const filing = id(names.filing);
  const correctionOf = id(names.correction_of);
  return sql`payment AS (
  SELECT ${id(names.person)} AS person, ${id(names.employer)} AS employer, ${id(names.start)} AS starts, ${id(names.end)} AS ends,
    coalesce(${id(names.amount)}, 0) AS amount, ${type} AS type, ${correctionOf} AS correction_of
  FROM ${from}
  WHERE ${id(names.person)} IS NOT NULL AND ${id(names.start)} <= ${id(names.end)}
),
corrected AS (
  SELECT ${filing} AS filing, min({'starts': ${id(names.start)}, 'ends': ${id(names.end)}, 'type': ${type}}) AS original
  FROM ${from}
  WHERE ${filing} IN (SELECT correction_of FROM payment WHERE type = 'correction') AND ${id(names.start)} <= ${id(names.end)}
  GROUP BY ${filing}
),
placed AS (
  SELECT person, employer, amount, payment.type = 'regular' AS is_work,
    coalesce(original.type, payment.type) = 'regular' AS is_regular,
    coalesce(original.starts, payment.starts) AS starts, coalesce(original.ends, payment.ends) AS ends
  FROM payment LEFT JOIN corrected ON payment.type = 'correction' AND filing = correction_of
),
clipped AS (
  SELECT placed.*, greatest(starts, first_day) AS from_day, least(ends, last_day) AS to_day, first_day, last_day
  FROM placed CROSS JOIN month
  WHERE starts <= last_day AND ends >= first_day
),
share AS (
  SELECT person, employer,
    CASE WHEN is_work THEN ((CAST(1 AS BIGINT) << (to_day - from_day + 1)) - 1) << (from_day - first_day) ELSE 0 END AS days,
    CASE WHEN NOT is_regular THEN 0 WHEN from_day = starts AND to_day = ends THEN amount * 1000000
      ELSE CAST(round(amount * 1000000.0 * (to_day - from_day + 1) / (ends - starts + 1)) AS BIGINT) END AS micro,
    CASE WHEN NOT is_regular AND starts >= first_day THEN amount ELSE 0 END AS irregular
  FROM clipped
)`;
}
