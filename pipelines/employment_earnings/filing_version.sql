-- One row per version of a regular payment that was the newest one known for a while: from `since` months after the reference month,
-- until before `until` (NULL: until today).
WITH arrived AS (
  SELECT
    *,
    greatest(0, datediff('month', ($reference_period || '-01')::DATE, received_at))::INTEGER AS since
  FROM filing
  WHERE payment_type = 'regular' AND employer_id IS NOT NULL AND period_start <= period_end
),
replaced AS (
  SELECT
    *,
    min(since) OVER (
      PARTITION BY filing_id
      ORDER BY filing_version, received_at, gross, period_start, period_end, employer_id, person_id, hours
      ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS until
  FROM arrived
)
SELECT filing_id, employer_id, person_id, person_link, reference_month, period_start, period_end, payment_type, gross, hours, since, until
FROM replaced
WHERE until IS NULL OR until > since
