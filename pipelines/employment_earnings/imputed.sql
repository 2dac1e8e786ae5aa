-- One row per imputed job: month, vintage (months after it) at which its employer is expected and has not filed, pay of the month.
-- Ratio imputation: jobs that reached the end of the month before are carried forward; so are those of the filers of the section (of all
-- where these are fewer than 10), and what these have filed stands to that in a ratio of days and one of pay. Of the carried jobs as many
-- are kept, evenly over pay, as by these days and by experience (probability) will be reported.
WITH filed AS (
  SELECT
    f.*,
    left(f.reference_month, 4)::INTEGER * 12 + right(f.reference_month, 2)::INTEGER - 1 AS month_no,
    day(last_day((f.reference_month || '-01')::DATE)) AS days_in_month,
    coalesce(e.nace_section, '_U') AS industry
  FROM known_filer AS f LEFT JOIN employer AS e ON e.employer_id = f.employer_id
),
section AS (
  SELECT
    f.reference_month,
    f.age AS vintage,
    f.industry,
    count(*) AS filers,
    sum(f.days)::BIGINT AS days,
    sum(b.jobs_on * f.days_in_month)::BIGINT AS days_on,
    sum(f.pay)::BIGINT AS pay,
    sum(b.pay_on)::BIGINT AS pay_on
  FROM filed AS f
  JOIN filed AS b ON b.employer_id = f.employer_id AND b.month_no = f.month_no - 1 AND b.age = least(f.age + 1, 6)
  GROUP BY f.reference_month, f.age, f.industry
),
ratio AS (
  SELECT
    s.reference_month,
    s.vintage,
    s.industry,
    CASE WHEN s.filers >= 10 THEN s.days / s.days_on ELSE n.days / n.days_on END AS days_ratio,
    CASE WHEN s.filers >= 10 THEN s.pay / s.pay_on ELSE n.pay / n.pay_on END AS pay_ratio
  FROM section AS s
  JOIN (
    SELECT
      reference_month,
      vintage,
      sum(days)::BIGINT AS days,
      sum(days_on)::BIGINT AS days_on,
      sum(pay)::BIGINT AS pay,
      sum(pay_on)::BIGINT AS pay_on
    FROM section
    GROUP BY reference_month, vintage
  ) AS n ON n.reference_month = s.reference_month AND n.vintage = s.vintage
),
carried AS (
  SELECT
    m.reference_month,
    m.vintage,
    m.employer_id,
    m.probability,
    v.person_id,
    v.person_link,
    v.filing_id,
    coalesce(e.nace_section, '_U') AS industry,
    round(v.gross * day(v.period_end) / (v.period_end - v.period_start + 1)) AS pay
  FROM known_version AS v
  JOIN missing_filer AS m ON m.employer_id = v.employer_id AND m.reference_month = strftime(v.period_end + 1, '%Y-%m')
  LEFT JOIN employer AS e ON e.employer_id = v.employer_id
  WHERE v.period_end = last_day(v.period_end) AND v.person_id IS NOT NULL
    AND v.since <= least(m.vintage + 1, 6) AND (v.until IS NULL OR v.until > least(m.vintage + 1, 6))
),
chosen AS (
  SELECT
    c.reference_month,
    c.vintage,
    c.employer_id,
    c.person_id,
    c.person_link,
    c.filing_id,
    round(c.pay * r.pay_ratio / r.days_ratio)::BIGINT AS pay,
    floor(c.probability * least(1, r.days_ratio))::BIGINT AS chance,
    sum(floor(c.probability * least(1, r.days_ratio))::BIGINT) OVER (
      PARTITION BY c.reference_month, c.vintage, c.industry
      ORDER BY c.pay, c.employer_id, c.person_id, c.filing_id
    )::BIGINT AS upto
  FROM carried AS c
  JOIN ratio AS r ON r.reference_month = c.reference_month AND r.vintage = c.vintage AND r.industry = c.industry
)
SELECT reference_month, vintage, employer_id, person_id, person_link, filing_id, pay
FROM chosen
WHERE (upto + 500000) // 1000000 > (upto - chance + 500000) // 1000000
