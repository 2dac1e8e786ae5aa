-- One row per payment of the month, and per carried-forward job of an employer that has a gap: it filed for the month before and for a later
-- one, but not for this month. `imputed`: 1 where it is carried forward.
SELECT filing_id, employer_id, person_id, person_link, period_start, period_end, payment_type, gross, correction_of, 0::BIGINT AS imputed
FROM edited
UNION ALL
SELECT
  'imputed ' || filing_id,
  employer_id,
  person_id,
  person_link,
  ($reference_period || '-01')::DATE,
  last_day(($reference_period || '-01')::DATE),
  'regular',
  pay,
  NULL,
  1::BIGINT
FROM imputed
WHERE reference_month = $reference_period AND vintage = 6
