-- One row per main job that ends in the month: the industry left, whether a new main job follows (MOVE, NONE) and in which industry; the person
-- as of this month. Who takes on is an employer of the row too, so that both ends are protected; where nobody does, her own stands there.
SELECT
  m.person_id,
  m.employer_id,
  coalesce(e.holding_id, m.employer_id) AS holding_id,
  coalesce(m.employer_to_id, m.employer_id) AS employer_to_id,
  coalesce(n.holding_id, m.employer_to_id, e.holding_id, m.employer_id) AS holding_to_id,
  e.nace_section AS industry,
  CASE WHEN m.move = 1 THEN 'MOVE' ELSE 'NONE' END AS outcome,
  CASE WHEN m.move = 1 THEN n.nace_section WHEN m.other_job = 1 THEN 'OTHER_JOB' ELSE 'NO_JOB' END AS industry_to,
  w.district,
  w.sex,
  m.move + m.other_job + m.no_job AS ended
FROM main_job_end AS m
LEFT JOIN employee AS w ON w.person_id = m.person_id
LEFT JOIN employer AS e ON e.employer_id = m.employer_id
LEFT JOIN employer AS n ON n.employer_id = m.employer_to_id
WHERE m.reference_month = $reference_period
