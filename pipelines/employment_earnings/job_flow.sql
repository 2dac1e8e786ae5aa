-- One row per job and month with regular pay, where the months before and after are in too: does it begin, end, go on?
-- A job that begins is a hire when it had no pay in any of the twelve months before, else a recall; NULL until twelve months are in.
WITH paid AS (
  SELECT employer_id, person_id, reference_month, imputed, left(reference_month, 4)::INTEGER * 12 + right(reference_month, 2)::INTEGER AS month_no
  FROM job_pay
  WHERE monthly_pay > 0
),
calendar AS (
  SELECT
    month_no,
    coalesce(lag(month_no) OVER (ORDER BY month_no) = month_no - 1, FALSE) AND coalesce(lead(month_no) OVER (ORDER BY month_no) = month_no + 1, FALSE) AS is_between,
    count(*) OVER (ORDER BY month_no RANGE BETWEEN 12 PRECEDING AND 1 PRECEDING) = 12 AS has_year
  FROM (SELECT DISTINCT month_no FROM paid)
),
job AS (
  SELECT
    employer_id,
    person_id,
    reference_month,
    imputed,
    month_no,
    lag(month_no) OVER (PARTITION BY employer_id, person_id ORDER BY month_no) AS last_paid,
    lead(month_no) OVER (PARTITION BY employer_id, person_id ORDER BY month_no) AS next_paid
  FROM paid
),
turned AS (
  SELECT
    *,
    coalesce(last_paid = month_no - 1, FALSE) AS is_old,
    coalesce(next_paid = month_no + 1, FALSE) AS stays,
    coalesce(last_paid >= month_no - 12, FALSE) AS was_here
  FROM job
)
SELECT
  j.reference_month,
  j.employer_id,
  j.person_id,
  j.is_old::BIGINT AS at_start,
  j.stays::BIGINT AS at_end,
  (NOT j.is_old)::BIGINT AS accession,
  (NOT j.stays)::BIGINT AS separation,
  (j.is_old AND j.stays)::BIGINT AS continuing,
  CASE WHEN c.has_year THEN (NOT j.was_here)::BIGINT END AS hire,
  CASE WHEN c.has_year THEN (j.was_here AND NOT j.is_old)::BIGINT END AS recall,
  j.imputed
FROM turned AS j JOIN calendar AS c ON c.month_no = j.month_no
WHERE c.is_between
