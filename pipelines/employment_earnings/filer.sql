-- One row per employer with payments for the month, linked or not: who filed, and the regular pay of it (agorot).
SELECT
  employer_id,
  $reference_period AS reference_month,
  coalesce(sum(gross) FILTER (payment_type = 'regular'), 0)::BIGINT AS regular_pay
FROM edited
WHERE employer_id IS NOT NULL
GROUP BY employer_id
