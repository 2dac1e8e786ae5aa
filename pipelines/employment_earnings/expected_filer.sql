-- One row per employer and month in which a filing is expected: it filed for the month before and is not known to have ceased.
-- Missing: nothing for this month yet; `gap` where it filed for a later month, `silent` where it has not been heard of since.
WITH filed AS (
  SELECT employer_id, regular_pay, left(reference_month, 4)::INTEGER * 12 + right(reference_month, 2)::INTEGER - 1 AS month_no
  FROM filer
),
known AS (
  SELECT DISTINCT month_no FROM filed
),
following AS (
  SELECT
    employer_id,
    month_no + 1 AS month_no,
    regular_pay AS pay_before,
    lead(month_no) OVER (PARTITION BY employer_id ORDER BY month_no) AS next_filed
  FROM filed
),
dated AS (
  SELECT f.*, make_date(f.month_no // 12, f.month_no % 12 + 1, 1) AS first_day
  FROM following AS f JOIN known AS k ON k.month_no = f.month_no
)
SELECT
  strftime(d.first_day, '%Y-%m') AS reference_month,
  d.employer_id,
  CASE WHEN d.next_filed = d.month_no THEN 'filed' WHEN d.next_filed IS NULL THEN 'silent' ELSE 'gap' END AS outcome,
  d.pay_before
FROM dated AS d LEFT JOIN employer AS e ON e.employer_id = d.employer_id
WHERE e.death_date IS NULL OR e.death_date >= d.first_day
