-- One row per person.
SELECT person_id FROM person
