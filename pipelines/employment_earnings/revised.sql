-- One row per earlier vintage and person whose month has changed since the flash: the month as it was known then.
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
  v.pay
FROM worked_before AS v
LEFT JOIN employer AS e ON e.employer_id = v.employer_id
