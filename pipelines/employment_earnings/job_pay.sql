-- One row per job with regular payments of the month: what they come to for a whole month (agorot), so that part of a month is no change.
SELECT
  person_id,
  employer_id,
  $reference_period AS reference_month,
  round(sum(gross) * day(last_day(($reference_period || '-01')::DATE)) / sum(period_end - period_start + 1))::BIGINT AS monthly_pay,
  max(imputed) AS imputed
FROM completed
WHERE payment_type = 'regular' AND person_id IS NOT NULL
GROUP BY person_id, employer_id
