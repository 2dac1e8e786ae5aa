-- One row per respondent and question of yes or no: what was said, and what the statistic says; NULL where one of them says nothing.
SELECT reference_month, person_id, sex, age_band, district, 'employed' AS question,
  worked AS survey_answer,
  CASE WHEN jobs_filed > 0 THEN 'yes' WHEN jobs_filed = 0 THEN 'no' END AS statistic_answer
FROM respondent
UNION ALL
SELECT reference_month, person_id, sex, age_band, district, 'several_jobs' AS question,
  CASE WHEN jobs > 1 THEN 'yes' WHEN jobs = 1 THEN 'no' END AS survey_answer,
  CASE WHEN jobs_filed > 1 THEN 'yes' WHEN jobs_filed = 1 THEN 'no' END AS statistic_answer
FROM respondent
UNION ALL
SELECT reference_month, person_id, sex, age_band, district, 'lived_in' AS question,
  CASE WHEN dwelling_lived_in = 'all_year' THEN 'yes' WHEN dwelling_lived_in IS NOT NULL THEN 'no' END AS survey_answer,
  CASE WHEN dwelling_use = 'permanent' THEN 'yes' WHEN dwelling_use IS NOT NULL THEN 'no' END AS statistic_answer
FROM respondent
