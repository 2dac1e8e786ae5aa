-- One row per respondent and question of an amount (agorot): what was said, and the regular pay that was filed for the month.
SELECT reference_month, person_id, sex, age_band, district, 'gross_pay' AS question,
  gross_pay AS survey_answer,
  CASE WHEN pay_filed > 0 THEN pay_filed END AS statistic_answer
FROM respondent
