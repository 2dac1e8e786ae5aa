-- One row per job (person x employer) of the month, with the record keys of both.
SELECT DISTINCT f.reference_month, f.person_id, f.person_id_record_key, f.employer_id, f.employer_id_record_key,
  'D' || p.district::VARCHAR AS district, p.locality_code AS locality, p.sex, e.nace_section AS industry
FROM filing AS f
LEFT JOIN person AS p ON p.person_id = f.person_id
LEFT JOIN employer AS e ON e.employer_id = f.employer_id
WHERE f.reference_month = $reference_period
