-- One row per job (person x employer) of the month, with its pay and the record keys of both.
SELECT f.reference_month, f.person_id, f.person_id_record_key, f.employer_id, f.employer_id_record_key, f.pay,
  'D' || p.district::VARCHAR AS district, p.locality_code AS locality, p.sex, e.nace_section AS industry
FROM (
  SELECT reference_month, person_id, person_id_record_key, employer_id, employer_id_record_key, sum(gross)::BIGINT AS pay
  FROM filing WHERE reference_month = $reference_period
  GROUP BY reference_month, person_id, person_id_record_key, employer_id, employer_id_record_key
) AS f
LEFT JOIN person AS p ON p.person_id = f.person_id
LEFT JOIN employer AS e ON e.employer_id = f.employer_id
