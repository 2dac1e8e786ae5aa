-- One row per filing at the one earlier vintage.
SELECT person_id, employer_id, sex, gross, imputed AS imputed_pay, 0 AS vintage, TRUE AS is_in FROM job
