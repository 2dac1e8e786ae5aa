-- One row per person and month of the year.
SELECT reference_month, person_id, employer_id, jobs, pay FROM place
