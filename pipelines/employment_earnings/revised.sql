-- One row per earlier vintage and person whose month has changed since the flash: the month as it was known then, with imputed jobs.
WITH imputed_part AS (
  SELECT vintage, person_id, sum(pay)::BIGINT AS imputed_pay
  FROM imputed
  WHERE reference_month = $reference_period
  GROUP BY vintage, person_id
)
SELECT
  v.vintage,
  v.is_in,
  v.person_id,
  v.employer_id,
  coalesce(e.holding_id, v.employer_id) AS holding_id,
  e.nace_section AS industry,
  v.jobs,
  v.employed_days,
  v.days_in_month,
  v.pay,
  coalesce(i.imputed_pay, 0) AS imputed_pay
FROM worked_before AS v
LEFT JOIN employer AS e ON e.employer_id = v.employer_id
LEFT JOIN imputed_part AS i ON i.person_id = v.person_id AND i.vintage = v.vintage
