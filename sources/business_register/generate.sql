-- Employers. Needs: seed(), persons(), first_day(), table home_slot of the people.

--- prepare
-- One row per NACE section: employers per thousand, mean log wage, factor on the size, how wide the pay gap between the sexes is.
CREATE OR REPLACE TEMP TABLE section AS
SELECT * FROM (VALUES
  ('A', 30, -0.32, 1, 0.10), ('B', 2, 0.22, 2, 0.12), ('C', 90, 0.10, 2, 0.15), ('D', 3, 0.45, 4, 0.15), ('E', 5, -0.05, 2, 0.10), ('F', 110, -0.02, 1, 0.08),
  ('G', 188, -0.22, 1, 0.14), ('H', 65, -0.06, 1, 0.11), ('I', 70, -0.42, 1, 0.08), ('J', 50, 0.55, 2, 0.16), ('K', 35, 0.40, 3, 0.24), ('L', 40, 0.00, 1, 0.12),
  ('M', 125, 0.22, 1, 0.18), ('N', 48, -0.36, 3, 0.09), ('O', 14, 0.15, 6, 0.13), ('P', 36, -0.12, 5, 0.08), ('Q', 50, -0.08, 4, 0.13), ('R', 28, -0.30, 1, 0.11),
  ('S', 26, -0.28, 1, 0.12), ('T', 4, -0.45, 1, 0.05), ('U', 1, 0.05, 1, 0.05)) AS s(section, share, log_wage, size_factor, pay_gap);

-- One row per slot of a thousand: the section of an employer.
CREATE OR REPLACE TEMP TABLE section_slot AS
WITH bounded AS (SELECT *, sum(share) OVER (ORDER BY section) AS upto, sum(share) OVER () AS everything FROM section)
SELECT slot, arg_min(section, upto) AS section FROM range(1000) AS r(slot) JOIN bounded ON slot * everything < upto * 1000 GROUP BY slot;

-- One row per employer. Its size is a weight in the draw of jobs: Pareto with alpha 1.06, truncated; 0 when it has closed.
CREATE OR REPLACE TEMP TABLE employer AS
WITH numbered AS (
  SELECT employer_no, 50000000 + (employer_no * 6180339 + below('company numbers', 0, 9999991)) % 9999991 AS body,
    first_day() - 400 - exponential('employer birth', employer_no, 4000) AS birth_date,
    CASE WHEN u('employer death', employer_no) < 0.02 THEN first_day() - 1 - below('day of closing', employer_no, 365)::INTEGER END AS death_date
  FROM range(1, employers() + 1) AS r(employer_no)
), sized AS (
  SELECT n.*, s.section, s.log_wage + 0.2 * normal('employer wage', employer_no) AS log_wage, s.pay_gap,
    CASE WHEN death_date IS NULL THEN least(floor((1 - u('employer size', employer_no)) ** (-1 / 1.06)) * s.size_factor, greatest(40, persons() // 125))::INTEGER ELSE 0 END AS size
  FROM numbered AS n JOIN section_slot AS t ON t.slot = below('section', employer_no, 1000) JOIN section AS s ON s.section = t.section
), larger AS (
  SELECT employer_no, row_number() OVER (ORDER BY u('group', employer_no), employer_no) - 1 AS place
  FROM (SELECT employer_no FROM sized WHERE size > 0 ORDER BY size DESC, employer_no LIMIT greatest(20, employers() // 5))
), grouped AS (
  SELECT employer_no, (place // 14) * 4 + CASE WHEN place % 14 < 2 THEN 0 WHEN place % 14 < 5 THEN 1 WHEN place % 14 < 9 THEN 2 ELSE 3 END AS holding
  FROM larger WHERE place < greatest(5, (employers() // 5) // 20)
), head AS (
  SELECT employer_no, first_value(employer_no) OVER (PARTITION BY holding ORDER BY size DESC, employer_no) AS head_no FROM grouped JOIN sized USING (employer_no)
)
SELECT s.employer_no, with_check_digit(s.body) AS employer_id, with_check_digit(coalesce(h.body, s.body)) AS holding_id, s.section, s.log_wage, s.pay_gap, s.size, s.birth_date, s.death_date,
  CASE WHEN s.section = 'K' THEN 'S.12' WHEN s.section = 'O' OR s.section IN ('P', 'Q') AND u('public', s.employer_no) < 0.5 THEN 'S.13' WHEN s.section = 'T' THEN 'S.14'
    WHEN s.section = 'S' AND u('public', s.employer_no) < 0.4 THEN 'S.15' ELSE 'S.11' END AS sector,
  l.locality_code
FROM sized AS s
JOIN home_slot AS l ON l.slot = below('employer locality', s.employer_no, 10000)
LEFT JOIN head ON head.employer_no = s.employer_no
LEFT JOIN sized AS h ON h.employer_no = head.head_no;

-- One row per unit of size: the employer that a job of this slot belongs to.
CREATE OR REPLACE TEMP TABLE employer_slot AS
SELECT row_number() OVER (ORDER BY employer_no, unit) - 1 AS slot, employer_no
FROM (SELECT employer_no, unnest(range(size)) AS unit FROM employer WHERE size > 0);

--- delivery
--> delivery business_register.parquet
-- One row per employer of the register.
SELECT employer_id, holding_id, section AS nace_section, sector, locality_code, birth_date, death_date FROM employer ORDER BY employer_id;

--> truth employers.parquet
-- One row per employer.
SELECT employer_no, employer_id, holding_id, section, sector, size, locality_code, birth_date, death_date FROM employer ORDER BY employer_no;
