-- One row per person of the register, with the record key.
SELECT $reference_period AS reference_month, person_id, person_id_record_key, 'D' || district::VARCHAR AS district, locality_code AS locality, sex FROM person
