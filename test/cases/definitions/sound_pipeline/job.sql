-- One row per job (person x employer) held in the month.
SELECT f.employer_id, f.person_id, p.sex, p.locality_code AS locality, p.district, sum(f.gross)::BIGINT AS wage
FROM latest AS f JOIN person AS p ON p.person_id = f.person_id
WHERE f.reference_month = $reference_period
GROUP BY f.employer_id, f.person_id, p.sex, p.locality_code, p.district
