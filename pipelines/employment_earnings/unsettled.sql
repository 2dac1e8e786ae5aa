-- One row per version of a filing of the persons whose month was not the same from the flash on, since a filing came later or a job is
-- imputed, and one per imputed job, for its vintage (`imputed_at`) alone.
WITH changed AS (
  SELECT person_id
  FROM filing
  WHERE filing_id IN (SELECT filing_id FROM filing WHERE received_at > last_day(($reference_period || '-01')::DATE))
  UNION
  SELECT person_id
  FROM imputed
  WHERE reference_month = $reference_period
)
SELECT
  filing_id,
  filing_version,
  employer_id,
  person_id,
  period_start,
  period_end,
  payment_type,
  gross,
  hours,
  received_at,
  correction_of,
  NULL::INTEGER AS imputed_at
FROM filing
WHERE person_id IN (SELECT person_id FROM changed)
UNION ALL
SELECT
  'imputed ' || filing_id,
  1,
  employer_id,
  person_id,
  ($reference_period || '-01')::DATE,
  last_day(($reference_period || '-01')::DATE),
  'regular',
  pay,
  NULL,
  last_day(($reference_period || '-01')::DATE),
  NULL,
  vintage
FROM imputed
WHERE reference_month = $reference_period
