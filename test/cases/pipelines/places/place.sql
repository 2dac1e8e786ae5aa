-- One row per person employed in the month: where she lives, her jobs and pay.
SELECT w.reference_month, w.person_id, w.employer_id, 'D' || p.district::VARCHAR AS district, p.locality_code AS locality, p.sex,
  w.jobs, w.jobs - 1 AS second_jobs, w.pay
FROM worked AS w
LEFT JOIN person AS p ON p.person_id = w.person_id
