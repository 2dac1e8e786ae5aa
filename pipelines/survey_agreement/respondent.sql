-- One row per respondent and month asked about: the answers, who answers, and what the payroll and the meter say of the same month.
SELECT
  a.reference_month,
  a.person_id,
  p.sex,
  CASE
    WHEN p.birth_date IS NULL THEN NULL
    WHEN date_sub('year', p.birth_date, (a.reference_month || '-01')::DATE) < 25 THEN 'Y15T24'
    WHEN date_sub('year', p.birth_date, (a.reference_month || '-01')::DATE) < 35 THEN 'Y25T34'
    WHEN date_sub('year', p.birth_date, (a.reference_month || '-01')::DATE) < 45 THEN 'Y35T44'
    WHEN date_sub('year', p.birth_date, (a.reference_month || '-01')::DATE) < 55 THEN 'Y45T54'
    WHEN date_sub('year', p.birth_date, (a.reference_month || '-01')::DATE) < 65 THEN 'Y55T64'
    ELSE 'Y_GE65'
  END AS age_band,
  p.district::VARCHAR AS district,
  a.worked,
  a.jobs,
  a.gross_pay,
  a.dwelling_lived_in,
  CASE WHEN a.reference_month IN (SELECT reference_month FROM employee) THEN coalesce(e.jobs, 0) END AS jobs_filed,
  e.pay AS pay_filed,
  nullif(d.use_class, 'unknown') AS dwelling_use,
  count(*) OVER (PARTITION BY a.reference_month, a.person_id) AS interviews
FROM answer AS a
LEFT JOIN person AS p ON p.person_id = a.person_id
LEFT JOIN employee AS e ON e.person_id = a.person_id AND e.reference_month = a.reference_month
LEFT JOIN household AS h ON h.person_id = a.person_id
LEFT JOIN dwelling AS d ON d.dwelling_id = h.dwelling_id AND d.reference_month = a.reference_month
