-- One row per filing.
SELECT person_id, employer_id, id_type, hours, gross FROM filing
