-- One row per employer and age of the data (months after the month) at which it had filed for the month: regular pay and days of its
-- payments as they were known then, and its jobs that reach the end of the month, with what they pay for a whole month (agorot).
WITH age AS (
  SELECT unnest([0, 1, 2, 3, 4, 5, 6])::INTEGER AS age
),
known AS (
  SELECT
    v.employer_id,
    a.age,
    v.gross,
    v.period_end - v.period_start + 1 AS days,
    day(last_day(v.period_end)) AS days_in_month,
    v.period_end = last_day(v.period_end) AND v.person_id IS NOT NULL AS goes_on
  FROM known_version AS v JOIN age AS a ON v.since <= a.age AND (v.until IS NULL OR v.until > a.age)
)
SELECT
  employer_id,
  $reference_period AS reference_month,
  age,
  sum(gross)::BIGINT AS pay,
  sum(days)::BIGINT AS days,
  count(*) FILTER (goes_on) AS jobs_on,
  coalesce(sum(round(gross * days_in_month / days)::BIGINT) FILTER (goes_on), 0)::BIGINT AS pay_on
FROM known
GROUP BY employer_id, age
