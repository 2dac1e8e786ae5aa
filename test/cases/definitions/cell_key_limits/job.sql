-- One row per filing; the record key of the employer is forgotten.
SELECT person_id, person_id_record_key, employer_id, employer_id AS holding, id_type, gross FROM filing
