-- One row per filing; what is imputed as a real number, a text and a whole number.
SELECT person_id, employer_id, id_type, gross, hours, (gross > 100)::INTEGER AS imputed, CASE WHEN hours > 100 THEN 'M' ELSE 'F' END AS sex FROM filing
