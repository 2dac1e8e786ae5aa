-- One row per person employed in the month: where she lives, who pays her main job, what she earned.
WITH outcome AS (
  SELECT
    person_id,
    max(CASE WHEN person_link = 'out_of_register' THEN 1 ELSE 0 END) AS is_out,
    coalesce(sum(gross) FILTER (imputed = 1), 0)::BIGINT AS imputed_pay
  FROM completed
  GROUP BY person_id
)
SELECT
  w.person_id,
  w.employer_id,
  coalesce(e.holding_id, w.employer_id) AS holding_id,
  e.nace_section AS industry,
  CASE WHEN p.person_id IS NOT NULL THEN p.district::VARCHAR WHEN o.is_out = 1 THEN 'OUT' END AS district,
  p.sex,
  CASE
    WHEN p.birth_date IS NULL THEN NULL
    WHEN date_sub('year', p.birth_date, (w.reference_month || '-01')::DATE) < 25 THEN 'Y15T24'
    WHEN date_sub('year', p.birth_date, (w.reference_month || '-01')::DATE) < 35 THEN 'Y25T34'
    WHEN date_sub('year', p.birth_date, (w.reference_month || '-01')::DATE) < 45 THEN 'Y35T44'
    WHEN date_sub('year', p.birth_date, (w.reference_month || '-01')::DATE) < 55 THEN 'Y45T54'
    WHEN date_sub('year', p.birth_date, (w.reference_month || '-01')::DATE) < 65 THEN 'Y55T64'
    ELSE 'Y_GE65'
  END AS age_band,
  w.jobs,
  w.employed_days,
  w.days_in_month,
  w.pay,
  CASE WHEN w.pay > 0 THEN w.monthly_pay END AS monthly_pay,
  coalesce(o.imputed_pay, 0) AS imputed_pay
FROM worked AS w
LEFT JOIN person AS p ON p.person_id = w.person_id
LEFT JOIN employer AS e ON e.employer_id = w.employer_id
LEFT JOIN outcome AS o ON o.person_id = w.person_id
