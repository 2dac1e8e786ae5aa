-- One row per person and month whose main job ends, where the months before and after are in too: does a new main job follow?
-- The main job is the best paid one; where that begins in this month and the best paid one of the month before is paid too, that one
-- still is the main job, for it may be left within the month. A move: the main job of the next month begins in this month or the next.
WITH paid AS (
  SELECT
    employer_id,
    person_id,
    reference_month,
    monthly_pay,
    left(reference_month, 4)::INTEGER * 12 + right(reference_month, 2)::INTEGER AS month_no
  FROM job_pay
  WHERE monthly_pay > 0
),
calendar AS (
  SELECT
    month_no,
    lag(month_no) OVER (ORDER BY month_no) = month_no - 1 AND lead(month_no) OVER (ORDER BY month_no) = month_no + 1 AS is_between
  FROM (SELECT DISTINCT month_no FROM paid)
),
job AS (
  SELECT
    *,
    coalesce(lag(month_no) OVER spell = month_no - 1, FALSE) AS is_old,
    coalesce(lag(month_no, 2) OVER spell = month_no - 2, FALSE) AS is_older,
    coalesce(lead(month_no) OVER spell = month_no + 1, FALSE) AS stays,
    coalesce(lead(month_no, 2) OVER spell = month_no + 2, FALSE) AS stays_on,
    row_number() OVER (PARTITION BY person_id, month_no ORDER BY monthly_pay DESC, employer_id) = 1 AS is_best
  FROM paid
  WINDOW spell AS (PARTITION BY employer_id, person_id ORDER BY month_no)
),
best AS (
  SELECT
    *,
    NOT is_old AND coalesce(lag(stays) OVER months, FALSE) AS is_kept,
    lag(employer_id) OVER months AS employer_before,
    lag(stays_on) OVER months AS before_stays
  FROM job
  WHERE is_best
  WINDOW months AS (PARTITION BY person_id ORDER BY month_no)
),
main AS (
  SELECT
    person_id,
    reference_month,
    month_no,
    CASE WHEN is_kept THEN employer_before ELSE employer_id END AS employer_id,
    CASE WHEN is_kept THEN before_stays ELSE stays END AS stays,
    -- paid in both months before; one that is kept after another main job has ended began in the month before
    is_older AS is_settled
  FROM best
),
followed AS (
  SELECT
    *,
    coalesce(lead(month_no) OVER months = month_no + 1, FALSE) AS has_next,
    lead(employer_id) OVER months AS next_employer,
    lead(is_settled) OVER months AS next_is_settled
  FROM main
  WINDOW months AS (PARTITION BY person_id ORDER BY month_no)
)
SELECT
  f.reference_month,
  f.person_id,
  f.employer_id,
  CASE WHEN f.has_next AND NOT f.next_is_settled THEN f.next_employer END AS employer_to_id,
  (f.has_next AND NOT f.next_is_settled)::BIGINT AS move,
  (f.has_next AND f.next_is_settled)::BIGINT AS other_job,
  (NOT f.has_next)::BIGINT AS no_job
FROM followed AS f JOIN calendar AS c ON c.month_no = f.month_no
WHERE c.is_between AND NOT f.stays
