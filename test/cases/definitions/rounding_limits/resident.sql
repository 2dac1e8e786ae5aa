-- One row per person of the register.
SELECT person_id, sex, district, 1 AS one FROM person
