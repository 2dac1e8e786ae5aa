-- One row per month, vintage (months after it) and employer that is expected to file and has not by then: it had filed for the
-- month before, with jobs that reach its end, and the register does not say that it has ceased. files: it does file by the final vintage,
-- or for a later month by then (a gap).
-- probability: that it will, in millionths: of the jobs of missing employers of its size (1, 2 to 9, 10 and more jobs), how many were
-- reported after all, in the months that were final by then; 20 jobs at 90 % are added. In the final vintage (6) only those that have
-- by then filed for a later month, so that they plainly go on: all their jobs are carried forward.
WITH filed AS (
  SELECT *, left(reference_month, 4)::INTEGER * 12 + right(reference_month, 2)::INTEGER - 1 AS month_no FROM known_filer
),
missing AS (
  SELECT
    b.employer_id,
    b.month_no + 1 AS month_no,
    a.vintage,
    b.jobs_on AS jobs,
    CASE WHEN b.jobs_on = 1 THEN 1 WHEN b.jobs_on < 10 THEN 2 ELSE 3 END AS size,
    final.employer_id IS NOT NULL OR later.employer_id IS NOT NULL AS files
  FROM filed AS b
  JOIN (VALUES (0, 1), (1, 2), (3, 4), (6, 6)) AS a (vintage, age_before) ON a.age_before = b.age
  JOIN (SELECT DISTINCT month_no FROM filed) AS k ON k.month_no = b.month_no + 1
  LEFT JOIN filed AS f ON f.employer_id = b.employer_id AND f.month_no = b.month_no + 1 AND f.age = a.vintage
  LEFT JOIN filed AS final ON final.employer_id = b.employer_id AND final.month_no = b.month_no + 1 AND final.age = 6
  LEFT JOIN (
    SELECT employer_id, month_no + age AS known, max(month_no) AS month_no FROM filed GROUP BY employer_id, month_no + age
  ) AS later ON later.employer_id = b.employer_id AND later.known = b.month_no + 7 AND later.month_no > b.month_no + 1
  LEFT JOIN employer AS e ON e.employer_id = b.employer_id
  WHERE b.jobs_on > 0 AND f.employer_id IS NULL
    AND (a.vintage < 6 OR later.employer_id IS NOT NULL)
    AND (e.death_date IS NULL OR e.death_date >= make_date((b.month_no + 1) // 12, (b.month_no + 1) % 12 + 1, 1))
),
seen AS (
  SELECT month_no, vintage, size, sum(jobs)::BIGINT AS jobs, coalesce(sum(jobs) FILTER (files), 0)::BIGINT AS reported
  FROM missing
  WHERE vintage < 6
  GROUP BY month_no, vintage, size
),
learnt AS (
  SELECT k.month_no, s.vintage, s.size, sum(s.jobs)::BIGINT AS jobs, sum(s.reported)::BIGINT AS reported
  FROM (SELECT DISTINCT month_no FROM missing) AS k JOIN seen AS s ON s.month_no + 6 <= k.month_no + s.vintage
  GROUP BY k.month_no, s.vintage, s.size
)
SELECT
  strftime(make_date(m.month_no // 12, m.month_no % 12 + 1, 1), '%Y-%m') AS reference_month,
  m.vintage,
  m.employer_id,
  m.jobs,
  m.files,
  CASE WHEN m.vintage = 6 THEN 1000000 ELSE (coalesce(l.reported, 0) * 1000000 + 18000000) // (coalesce(l.jobs, 0) + 20) END AS probability
FROM missing AS m LEFT JOIN learnt AS l ON l.month_no = m.month_no AND l.vintage = m.vintage AND l.size = m.size
