-- One row per filing; the record key of the person is forgotten.
SELECT person_id, id_type, gross FROM filing
