-- One row per filing.
SELECT person_id, person_id_record_key, employer_id, id_type, gross, 12 AS months FROM filing
