-- One row per filing, with codes of a codelist of the product.
SELECT person_id, employer_id, id_type, CASE WHEN hours > 100 THEN 'M' ELSE 'F' END AS sex FROM filing
