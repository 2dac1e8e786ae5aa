-- One row per person.
SELECT person_id, person_id AS other_id, sex, district FROM person
