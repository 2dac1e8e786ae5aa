-- One row per job of the month whose flows are known: the industry of its own employer, the person as of this month.
SELECT
  f.person_id,
  f.employer_id,
  coalesce(e.holding_id, f.employer_id) AS holding_id,
  e.nace_section AS industry,
  w.district,
  w.sex,
  f.at_start,
  f.at_end,
  f.accession,
  f.separation,
  f.hire,
  f.recall,
  f.imputed
FROM job_flow AS f
LEFT JOIN employee AS w ON w.person_id = f.person_id
LEFT JOIN employer AS e ON e.employer_id = f.employer_id
WHERE f.reference_month = $reference_period
