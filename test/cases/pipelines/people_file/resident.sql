-- One row per person of the register.
SELECT $reference_period AS reference_month, person_id, person_id_record_key, 'D' || district::VARCHAR AS district, locality_code AS locality, sex,
  date_part('year', birth_date)::INTEGER AS birth_year
FROM person
