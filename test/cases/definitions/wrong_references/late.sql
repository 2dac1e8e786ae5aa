-- One row per person.
SELECT person_id, sex
FROM person
