-- One row per job that begins in the month, once twelve months before it are in: a hire or a recall.
SELECT person_id, employer_id, holding_id, industry, district, sex, accession, hire, recall
FROM flow
WHERE accession = 1 AND hire IS NOT NULL
