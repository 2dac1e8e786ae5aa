-- One row per job (person x employer) of the month; what is imputed of it follows from its pay: much of high pay in the first month, a little of any pay in the second.
SELECT *, (imputed_pay <> 0)::INTEGER AS imputed, CASE WHEN imputed_pay <> 0 THEN days // 2 ELSE 0 END AS imputed_days
FROM (
  SELECT f.*, 'D' || p.district::VARCHAR AS district, p.locality_code AS locality, p.sex, e.nace_section AS industry, 20 + f.pay % 11 AS days, 31 AS days_in_month,
    CASE WHEN f.reference_month = '2024-01' AND f.pay > 1200000 AND (f.pay // 100) % 3 = 0 THEN f.pay
      WHEN f.reference_month > '2024-01' AND (f.pay // 100) % 7 = 0 THEN f.pay // 3 ELSE 0 END AS imputed_pay
  FROM (SELECT reference_month, person_id, employer_id, sum(gross)::BIGINT AS pay FROM filing
    WHERE reference_month = $reference_period GROUP BY reference_month, person_id, employer_id) AS f
  LEFT JOIN person AS p ON p.person_id = f.person_id
  LEFT JOIN employer AS e ON e.employer_id = f.employer_id
)
