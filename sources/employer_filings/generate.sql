-- Payroll filings. Needs: seed(), persons(), first_day(), last_day(), tables person, employer, employer_slot;
-- each month: month_no() from 0, month_first(), month_days(). Days are whole numbers from first_day() = 0; pay is in agorot.

--- prepare
-- One row per chain of jobs: the main chain of a worker (0) and, for one in twenty, a second one (1).
CREATE OR REPLACE TEMP TABLE worker AS
WITH placed AS (
  SELECT p.*, u('works', person_no) < CASE WHEN NOT in_register THEN 0.97 WHEN death_date IS NOT NULL OR age < 15 OR age > 74 THEN 0 WHEN age < 18 THEN 0.12 WHEN age < 25 THEN 0.58
    WHEN age < 60 THEN 0.88 WHEN age < 67 THEN 0.68 ELSE 0.26 END AS works
  FROM person AS p
), chain AS (
  SELECT person_no * 2 + slot AS chain_no, slot, placed.* FROM placed CROSS JOIN (VALUES (0), (1)) AS s(slot)
  WHERE works AND (slot = 0 OR u('second chain', person_no) < 0.06)
)
SELECT *, CASE WHEN u('unstable', chain_no) < 0.25 THEN 240 ELSE 2400 END AS mean_days, CASE WHEN u('unstable', chain_no) < 0.25 THEN 70 ELSE 40 END AS mean_gap,
  CASE WHEN u('in a gap', chain_no) < 0.06 THEN exponential('first gap', chain_no, 90) ELSE -1 - exponential('tenure', chain_no, 1500) END AS s0,
  -- permanent log wage: normal, with a Pareto tail (alpha 2.5) above P98
  CASE WHEN u('tail', person_no) < 0.02 THEN 0.44 * 2.054 - ln(1 - u('height of the tail', person_no)) / 2.5 ELSE 0.44 * least(2.054, normal('ability', person_no)) END
    + 0.008 * (least(age, 62) - 40) - 0.0007 * (least(age, 62) - 40) ** 2 AS log_wage
FROM chain;

-- One row per job spell that starts by last_day(); a chain has up to eight spells, so that the first months never depend on later ones.
CREATE OR REPLACE TEMP TABLE spell AS
WITH dated AS (
  SELECT person_no, chain_no, slot, log_wage, sex, age, mean_days AS d, mean_gap AS g, s0, greatest(s0, 0) + exponential('days 0', chain_no, mean_days) AS e0,
    e0 + 1 + (u('gap 1', chain_no) >= 0.4)::INTEGER * exponential('gap days 1', chain_no, g) AS s1, s1 + 13 + exponential('days 1', chain_no, d) AS e1,
    e1 + 1 + (u('gap 2', chain_no) >= 0.4)::INTEGER * exponential('gap days 2', chain_no, g) AS s2, s2 + 13 + exponential('days 2', chain_no, d) AS e2,
    e2 + 1 + (u('gap 3', chain_no) >= 0.4)::INTEGER * exponential('gap days 3', chain_no, g) AS s3, s3 + 13 + exponential('days 3', chain_no, d) AS e3,
    e3 + 1 + (u('gap 4', chain_no) >= 0.4)::INTEGER * exponential('gap days 4', chain_no, g) AS s4, s4 + 13 + exponential('days 4', chain_no, d) AS e4,
    e4 + 1 + (u('gap 5', chain_no) >= 0.4)::INTEGER * exponential('gap days 5', chain_no, g) AS s5, s5 + 13 + exponential('days 5', chain_no, d) AS e5,
    e5 + 1 + (u('gap 6', chain_no) >= 0.4)::INTEGER * exponential('gap days 6', chain_no, g) AS s6, s6 + 13 + exponential('days 6', chain_no, d) AS e6,
    e6 + 1 + (u('gap 7', chain_no) >= 0.4)::INTEGER * exponential('gap days 7', chain_no, g) AS s7, s7 + 13 + exponential('days 7', chain_no, d) AS e7
  FROM worker
), listed AS (
  SELECT person_no, chain_no, slot, log_wage, sex, age, unnest([0, 1, 2, 3, 4, 5, 6, 7]) AS k, unnest([s0, s1, s2, s3, s4, s5, s6, s7]) AS start_day, unnest([e0, e1, e2, e3, e4, e5, e6, e7]) AS end_day
  FROM dated
), numbered AS (
  SELECT *, chain_no * 8 + k AS spell_id, below('employer', chain_no * 8 + k, (SELECT count(*) FROM employer_slot)) AS employer_slot,
    CASE WHEN slot = 1 THEN [10, 15, 20, 25, 33, 40, 50][1 + below('part time', spell_id, 7)] WHEN u('full time', spell_id) < CASE sex WHEN 'F' THEN 0.7 ELSE 0.86 END * CASE WHEN age < 25 OR age > 66 THEN 0.6 ELSE 1 END THEN 100
      ELSE [25, 33, 40, 50, 50, 60, 67, 75, 80, 90][1 + below('part time', spell_id, 10)] END::INTEGER AS job_pct
  FROM listed WHERE start_day <= last_day()
), paid AS (
  SELECT n.*, s.employer_no, least(exp(9.32 + n.log_wage + e.log_wage - CASE sex WHEN 'F' THEN e.pay_gap ELSE 0 END + 0.12 * normal('match', spell_id)), 200000) AS wage
  FROM numbered AS n JOIN employer_slot AS s ON s.slot = n.employer_slot JOIN employer AS e ON e.employer_no = s.employer_no
)
SELECT spell_id, person_no, slot::TINYINT AS slot, employer_no, start_day, end_day, job_pct,
  CASE WHEN u('rounding', spell_id) < 0.5 THEN round(wage / 50)::BIGINT * 5000 WHEN u('rounding', spell_id) < 0.7 THEN round(wage / 100)::BIGINT * 10000 ELSE round(wage * 100)::BIGINT END AS contract_wage
FROM paid;

-- The same name in Latin letters as another clerk spells it.
CREATE OR REPLACE MACRO other_latin(x) AS upper(regexp_replace(regexp_replace(regexp_replace(replace(replace(replace(replace(replace(replace(lower(x),
  'tz', 'z'), 'kh', 'ch'), 'aa', 'a'), 'ee', 'i'), 'ou', 'u'), 'sh', 'sch'), '([a-z])y', '\1i', 'g'), '\by', 'j', 'g'), 'a\b', 'ah', 'g'));

-- A name with a slip: a Hebrew letter that sounds like another one, else a letter left out.
CREATE OR REPLACE MACRO mistyped(x, place) AS CASE WHEN translate(x, 'חטקסא', 'כתכשע') <> x THEN translate(x, 'חטקסא', 'כתכשע')
  WHEN length(x) > 3 THEN x[:1 + place % (length(x) - 2)] || x[3 + place % (length(x) - 2):] ELSE x END;

-- One row per origin: the family names that a marriage may bring.
CREATE OR REPLACE TEMP TABLE family_of AS
SELECT origin, list({hebrew: hebrew, latin: latin, native: native} ORDER BY rank) AS names FROM name WHERE kind = 'family' GROUP BY origin;

-- One row per job spell as its employer's payroll knows it: identity, names and date of birth with their lasting errors.
-- Some payrolls write in Latin letters, some in Arabic or Cyrillic ones; the register writes in Hebrew.
CREATE OR REPLACE TEMP TABLE job AS
WITH scripted AS (
  SELECT s.*, p.person_id, p.id_type, p.in_register, p.sex AS person_sex, p.age AS person_age, p.origin, p.birth_date AS true_birth_date, p.family_name, p.given_name, p.family_latin, p.given_latin, p.family_native, p.given_native,
    CASE WHEN p.id_type = 'passport' THEN 'Latn' WHEN u('script', spell_id) < CASE WHEN p.origin IN ('ar', 'ru') THEN 0.12 ELSE 0 END THEN CASE p.origin WHEN 'ar' THEN 'Arab' ELSE 'Cyrl' END
      WHEN u('script', spell_id) > CASE p.origin WHEN 'en' THEN 0.75 WHEN 'ru' THEN 0.94 ELSE 0.97 END THEN 'Latn' ELSE 'Hebr' END AS script,
    CASE WHEN id_type <> 'passport' AND u('married name', spell_id) < CASE WHEN p.sex = 'F' AND p.age >= 20 THEN 0.013 ELSE 0 END THEN f.names[1 + below('new name', spell_id, len(f.names))] END AS married
  FROM spell AS s JOIN person AS p ON p.person_no = s.person_no JOIN family_of AS f ON f.origin = p.origin
), known AS (
  SELECT *, CASE WHEN id_type = 'passport' OR script = 'Hebr' THEN family_name WHEN script = 'Latn' THEN family_latin ELSE family_native END AS true_family_name,
    CASE WHEN id_type = 'passport' OR script = 'Hebr' THEN given_name WHEN script = 'Latn' THEN given_latin ELSE given_native END AS true_given_name,
    CASE script WHEN 'Hebr' THEN married.hebrew WHEN 'Latn' THEN married.latin ELSE married.native END AS married_name,
    CASE WHEN id_type = 'passport' THEN '' WHEN u('spelling', spell_id) < 0.012 THEN 'final_letter' WHEN u('spelling', spell_id) < 0.025 THEN 'matres' ELSE '' END AS spelling,
    id_type <> 'passport' AND u('geresh', spell_id) < 0.3 AS other_geresh,
    id_type <> 'passport' AND contains(true_given_name, ' ') AND u('missing name', spell_id) < 0.15 AS lost_name,
    u('heaping', spell_id) < 0.01 AS is_heaped, u('slip of the date', spell_id) < 0.008 AS is_misdated, u('slip of the name', spell_id) < 0.01 AS has_slip,
    id_type <> 'passport' AND u('order of the names', spell_id) < 0.003 AS is_swapped
  FROM scripted
), spelt AS (
  SELECT *, CASE WHEN lost_name THEN split_part(true_given_name, ' ', 1) ELSE true_given_name END AS given_1, coalesce(married_name, true_family_name) AS family_1,
    CASE WHEN is_heaped THEN make_date(year(true_birth_date), 1, 1)
      WHEN is_misdated AND day(true_birth_date) <= 12 AND day(true_birth_date) <> month(true_birth_date) THEN make_date(year(true_birth_date), day(true_birth_date), month(true_birth_date))
      WHEN is_misdated THEN make_date(year(true_birth_date), month(true_birth_date), 1 + (day(true_birth_date) + 9) % 28) ELSE true_birth_date END AS birth_date
  FROM known
), respelt AS (
  SELECT *, CASE WHEN script = 'Hebr' AND spelling = 'matres' THEN CASE WHEN contains(given_1[2:], 'יי') THEN given_1[1] || replace(given_1[2:], 'יי', 'י') WHEN contains(given_1[2:], 'ו') THEN given_1[1] || replace(given_1[2:], 'ו', 'וו')
      ELSE given_1[1] || replace(given_1[2:], 'י', 'יי') END
    WHEN script = 'Hebr' AND spelling = 'final_letter' THEN regexp_replace(translate(given_1, 'םןץףך', 'מנצפכ'), '^$', '')
    WHEN script = 'Latn' AND id_type <> 'passport' AND u('latin spelling', spell_id) < 0.4 THEN other_latin(given_1)
    WHEN script = 'Arab' AND u('arabic spelling', spell_id) < 0.4 THEN translate(given_1, 'أإآةى', 'اااهي') WHEN script = 'Cyrl' AND u('cyrillic spelling', spell_id) < 0.6 THEN translate(given_1, 'ёЁ', 'еЕ') ELSE given_1 END AS given_2,
    CASE WHEN script = 'Hebr' AND spelling = 'final_letter' THEN translate(family_1, 'םןץףך', 'מנצפכ') WHEN script = 'Hebr' AND spelling = 'matres' THEN family_1[1] || replace(family_1[2:], 'וו', 'ו')
    WHEN script = 'Latn' AND id_type <> 'passport' AND u('latin spelling', spell_id) < 0.4 THEN other_latin(family_1)
    WHEN script = 'Arab' AND u('arabic spelling', spell_id) < 0.4 THEN translate(family_1, 'أإآةى', 'اااهي') WHEN script = 'Cyrl' AND u('cyrillic spelling', spell_id) < 0.6 THEN translate(family_1, 'ёЁ', 'еЕ') ELSE family_1 END AS family_2
  FROM spelt
), written AS (
  SELECT *, CASE WHEN has_slip AND u('name of the slip', spell_id) < 0.5 THEN mistyped(given_2, below('place of the slip', spell_id, 1000)) ELSE given_2 END AS given_3,
    CASE WHEN has_slip AND u('name of the slip', spell_id) >= 0.5 THEN mistyped(family_2, below('place of the slip', spell_id, 1000)) ELSE family_2 END AS family_3
  FROM respelt
), ordered AS (
  SELECT *, CASE WHEN other_geresh THEN replace(given_3, '''', '׳') ELSE given_3 END AS given_4, CASE WHEN other_geresh THEN replace(family_3, '''', '׳') ELSE family_3 END AS family_4 FROM written
)
SELECT spell_id, person_no, slot, employer_no, start_day, end_day, job_pct, contract_wage, person_id, id_type, in_register, birth_date, script,
  CASE WHEN is_swapped THEN family_4 ELSE given_4 END AS given_name, CASE WHEN is_swapped THEN given_4 ELSE family_4 END AS family_name,
  -- kinds of lasting error, for the error log
  is_heaped AND birth_date <> true_birth_date AS is_heaped, NOT is_heaped AND birth_date <> true_birth_date AS is_misdated, married_name IS NOT NULL AND married_name <> true_family_name AS is_renamed,
  given_2 <> given_1 OR family_2 <> family_1 AS is_respelt, given_3 <> given_2 OR family_3 <> family_2 AS is_mistyped, lost_name, is_swapped,
  other_geresh AND (contains(given_3, '''') OR contains(family_3, '''')) AS other_geresh
FROM ordered;

DROP TABLE worker;

-- The legal minimum wage in agorot for a full month; after the last known step it grows by 3 % each April.
CREATE OR REPLACE MACRO minimum_wage(month) AS CASE WHEN month < DATE '2023-04-01' THEN 530000 WHEN month < DATE '2024-04-01' THEN 557175 WHEN month < DATE '2025-04-01' THEN 588002
  ELSE round(624767 * 1.03 ** greatest(0, year(month) - 2025 - (month(month) < 4)::INTEGER))::BIGINT END;

-- Wages rise by 0.3 % a month on average, on contracts each January.
CREATE OR REPLACE MACRO wage_level(month) AS 1.034 ** (year(month) - year(first_day()));

-- Pay of a full month in a full job: one in fifty is exempt from the minimum wage, three in ten have overtime.
CREATE OR REPLACE MACRO full_pay_of(month, spell_id, job_month, contract_wage) AS CASE WHEN u('exempt', spell_id) < 0.02 THEN greatest(contract_wage * wage_level(month), minimum_wage(month) * 0.9)
  WHEN contract_wage * wage_level(month) <= minimum_wage(month) THEN minimum_wage(month)
  WHEN u('variable', spell_id) < 0.3 THEN greatest(minimum_wage(month), contract_wage * wage_level(month) * (0.97 + 0.06 * u('overtime', job_month)))
  ELSE contract_wage * wage_level(month) END;

CREATE OR REPLACE TEMP TABLE bureau AS
SELECT coalesce(min(employer_id) FILTER (WHERE section = 'N' AND size > 0), min(employer_id)) AS employer_id FROM employer;

--> truth jobs.parquet
-- One row per job spell that starts by the end of the last month: dates and true daily pay of the contract (agorot, at the first month's wage level).
SELECT spell_id, person_no, employer_no, first_day() + start_day AS start_date, first_day() + end_day AS end_date, job_pct, contract_wage AS full_time_monthly_pay,
  round(contract_wage * job_pct * 12 / 36500.0)::BIGINT AS daily_pay
FROM spell ORDER BY spell_id;

--- month
-- The name of a filing: 16 hexadecimal digits that tell nothing (a permutation of the keys).
CREATE OR REPLACE MACRO filing_name(key) AS lpad(lower(to_hex(bits('filing', key))), 16, '0');

CREATE OR REPLACE MACRO from_day() AS (month_first() - first_day())::INTEGER;

-- How many months late: geometric, three on average, twelve at most.
CREATE OR REPLACE MACRO months_late(stream, key) AS least(12, 1 + floor(ln(1 - u(stream, key)) / ln(2 / 3.0)))::INTEGER;

-- One row per job held in the month: true pay and hours of its days; employer_lag, months by which all filings of its employer are late.
CREATE OR REPLACE TEMP TABLE held AS
WITH overlapping AS (
  SELECT spell_id, person_no, slot, j.employer_no, start_day, end_day, job_pct, contract_wage, e.section, e.employer_id,
    greatest(start_day, from_day()) - from_day() + 1 AS day_from, least(end_day, from_day() + month_days() - 1) - from_day() + 1 AS day_to, spell_id * 1024 + month_no() AS job_month
  FROM job AS j JOIN employer AS e ON e.employer_no = j.employer_no
  WHERE start_day < from_day() + month_days() AND end_day >= from_day()
), valued AS (
  SELECT *, full_pay_of(month_first(), spell_id, job_month, contract_wage) AS full_pay, (day_to - day_from + 1) * job_pct / (100.0 * month_days()) AS worked
  FROM overlapping
)
SELECT spell_id, person_no, slot, employer_no, employer_id, section, start_day, end_day, job_pct, job_month, day_from, day_to,
  round(full_pay * worked)::BIGINT AS pay, greatest(0.1, round(182 * worked * (0.86 + 0.14 * u('hours', job_month)), 2)) AS hours, full_pay,
  count(*) OVER (PARTITION BY employer_no) < 10 AND u('silent employer', employer_no * 1024 + month_no()) < 0.002 AS is_silent,
  CASE WHEN u('late employer', employer_no * 1024 + month_no()) < 0.026 THEN months_late('lag of the employer', employer_no * 1024 + month_no()) ELSE 0 END AS employer_lag
FROM valued;

-- One row per filing about the month, before versions, duplicates and errors. filing_key is unique over all months; kinds: 1 regular, 2 thirteenth month, 3 holiday, 4 severance, 5 arrears, 6 correction.
CREATE OR REPLACE TEMP TABLE filing AS
WITH overpaid AS (
  SELECT *, CASE WHEN u('overpaid', job_month) < 0.002 THEN round(pay * (0.02 + 0.2 * u('overpayment', job_month)))::BIGINT ELSE 0 END AS excess FROM held
)
SELECT spell_id, 1 AS kind, 'regular' AS payment_type, day_from, day_to, from_day() AS base_day, pay AS true_pay, pay + excess AS gross, hours, job_pct FROM overpaid
UNION ALL
SELECT spell_id, 2, 'bonus', day_from, day_to, from_day(), round(full_pay * job_pct / 100 * least(1, (from_day() + day_to - start_day) / 365.0))::BIGINT AS bonus, bonus, NULL, job_pct
FROM held WHERE month(month_first()) = 12 AND u('thirteenth month', employer_no) < 0.12 AND pay > 0
UNION ALL
SELECT spell_id, 3, 'bonus', day_from, day_to, from_day(), (250 + 50 * below('gift', employer_no, 8)) * 100, (250 + 50 * below('gift', employer_no, 8)) * 100, NULL, job_pct
FROM held WHERE month(month_first()) IN (3, 9) AND u('gifts', employer_no) < 0.3
UNION ALL
SELECT spell_id, 4, 'severance', day_from, day_to, from_day(), round(full_pay * job_pct / 100 * (end_day - start_day) / 365.0)::BIGINT AS severance, severance, NULL, job_pct
FROM held WHERE end_day < from_day() + month_days() AND end_day - start_day >= 365 AND u('severance', spell_id) < 0.4
UNION ALL
SELECT spell_id, 5, 'arrears', greatest(1, start_day - before + 1), days_before, before, round(pay * (0.02 + 0.08 * u('amount of arrears', job_month)))::BIGINT AS arrears, arrears, NULL, job_pct
FROM (SELECT *, ((month_first() - INTERVAL 1 MONTH)::DATE - first_day())::INTEGER AS before, day(month_first() - 1)::INTEGER AS days_before FROM held)
WHERE month_no() > 0 AND start_day < from_day() AND u('arrears', job_month) < 0.004
UNION ALL
SELECT spell_id, 6, 'correction', day_from, day_to, from_day(), -excess, -excess, NULL, job_pct FROM overpaid WHERE excess > 0;

-- One row per filing, version and copy, with everything that goes wrong; received_no is the month in which it arrives.
CREATE OR REPLACE TEMP TABLE line AS
WITH keyed AS (
  SELECT f.*, (month_no() * 8 + kind) * 1099511627776 + spell_id AS filing_key, (month_no() * 8 + CASE kind WHEN 6 THEN 1 ELSE kind END) * 1099511627776 + spell_id AS lag_key, employer_lag,
    -- an employer is late as a whole, a few filings on their own; a correction arrives a month after the filing that it corrects
    CASE kind WHEN 6 THEN 1 ELSE 0 END + greatest(employer_lag, CASE WHEN u('late', lag_key) < 0.004 THEN months_late('lag', lag_key) ELSE 0 END) AS lag
  FROM filing AS f JOIN (SELECT spell_id, employer_lag FROM held) USING (spell_id)
), amended AS (
  SELECT *, kind = 1 AND u('amended', filing_key) < 0.02 AS is_amended FROM keyed
), versioned AS (
  SELECT * EXCLUDE (gross), 1 AS version, month_no() + lag AS received_no, CASE WHEN is_amended THEN round(gross * (0.9 + 0.2 * u('first version', filing_key)))::BIGINT ELSE gross END AS gross FROM amended
  UNION ALL
  SELECT * EXCLUDE (gross), 2, month_no() + lag + (u('amended at once', filing_key) < 0.4)::INTEGER, gross FROM amended WHERE is_amended
), spoilt AS (
  SELECT *, CASE WHEN u('identity', filing_key) < 0.01 THEN 'missing' WHEN u('identity', filing_key) < 0.014 THEN 'wrong_digit' WHEN u('identity', filing_key) < 0.018 THEN 'transposition'
      WHEN u('identity', filing_key) < 0.021 THEN 'check_digit' WHEN u('identity', filing_key) < 0.022 THEN 'other_person'
      WHEN u('identity', filing_key) < 0.0235 THEN 'placeholder' WHEN u('identity', filing_key) < 0.024 THEN 'company' END AS id_draw,
    kind = 1 AND u('unit', filing_key * 2 + version) < 0.0005 AS is_times_100, u('duplicate', filing_key * 2 + version) AS duplicate_draw,
    CASE WHEN kind = 1 THEN u('contract', filing_key * 2 + version) ELSE 1 END AS contract_draw
  FROM versioned
), copied AS (
  SELECT *, 1 AS copy FROM spoilt
  UNION ALL
  SELECT * REPLACE (received_no + (duplicate_draw < 0.005)::INTEGER AS received_no), 2 FROM spoilt WHERE duplicate_draw < 0.01
), threshold AS (
  -- at least two unreadable lines a month, also in small runs
  SELECT greatest(0.0005, (SELECT max(contract_draw) FROM (SELECT contract_draw FROM copied WHERE received_no = month_no() AND copy = 1 ORDER BY contract_draw LIMIT 2))) AS below_this
)
SELECT c.*, CASE WHEN contract_draw <= below_this THEN ['bad_date', 'text_in_number', 'too_many_hours'][1 + below('broken', filing_key * 2 + version, 3)] END AS broken
FROM copied AS c CROSS JOIN threshold;

-- One row per filing whose identity number is another person's.
CREATE OR REPLACE TEMP TABLE other_person AS
SELECT d.spoilt_key, p.person_id FROM (SELECT DISTINCT filing_key AS spoilt_key, 1 + below('other person', filing_key, persons()) AS person_no FROM line WHERE id_draw = 'other_person') AS d
JOIN person AS p ON p.person_no = d.person_no;

-- One row per line as it is written, with the truth beside it.
CREATE OR REPLACE TEMP TABLE written AS
WITH joined AS (
  SELECT l.*, j.person_no, j.employer_no, j.person_id AS true_id, j.id_type, j.in_register, j.family_name, j.given_name, j.birth_date, j.script, j.is_heaped, j.is_misdated, j.is_renamed, j.is_respelt, j.is_mistyped, j.lost_name, j.is_swapped, j.other_geresh,
    h.employer_id AS true_employer_id, u('bureau', l.spell_id) < 0.0002 AS is_bureau, o.person_id AS other_id,
    h.is_silent,
    1 + below('digit', filing_key, 9) AS place, 1 + below('neighbours', filing_key, 8) AS pair, 1 + below('new digit', filing_key, 9) AS step,
    CASE WHEN id_draw IS NULL OR j.id_type <> 'national' AND id_draw <> 'missing' THEN NULL WHEN NOT j.in_register AND id_draw <> 'missing' THEN NULL
      WHEN id_draw = 'transposition' AND true_id[pair] = true_id[pair + 1] THEN 'wrong_digit' ELSE id_draw END AS id_error
  FROM line AS l JOIN job AS j ON j.spell_id = l.spell_id JOIN held AS h ON h.spell_id = l.spell_id LEFT JOIN other_person AS o ON o.spoilt_key = l.filing_key
)
SELECT filing_key, version, copy, received_no, month_no() AS reference_no, employer_no, spell_id, person_no, in_register, true_id, true_pay, true_employer_id, lag, employer_lag, is_silent, gross AS clean_gross,
  id_error, script, is_heaped, is_misdated, is_renamed, is_respelt, is_mistyped, lost_name, is_swapped, other_geresh, is_bureau, is_times_100, is_amended AND version = 1 AS is_first_version, broken,
  filing_name(filing_key) AS filing_id, CASE WHEN is_bureau THEN (SELECT employer_id FROM bureau) ELSE true_employer_id END AS employer_id,
  CASE id_error WHEN 'missing' THEN NULL WHEN 'other_person' THEN other_id WHEN 'company' THEN true_employer_id
    WHEN 'placeholder' THEN ['000000000', '999999999', '123456782', '0', '111111111'][1 + below('placeholder', filing_key, 5)]
    WHEN 'wrong_digit' THEN true_id[:place - 1] || ((true_id[place]::BIGINT + step) % 10) || true_id[place + 1:]
    WHEN 'transposition' THEN true_id[:pair - 1] || true_id[pair + 1] || true_id[pair] || true_id[pair + 2:]
    WHEN 'check_digit' THEN true_id[:8] || ((true_id[9]::BIGINT + step) % 10) ELSE true_id END AS person_id,
  id_type, family_name, given_name, birth_date,
  CASE broken WHEN 'bad_date' THEN strftime(first_day() + (base_day + day_from - 1)::INTEGER, '%d/%m/%Y') ELSE (first_day() + (base_day + day_from - 1)::INTEGER)::VARCHAR END AS period_start,
  first_day() + (base_day + day_to - 1)::INTEGER AS period_end, payment_type,
  CASE WHEN broken = 'text_in_number' THEN 'n/a' ELSE (gross * CASE WHEN is_times_100 THEN 100 ELSE 1 END / 100)::DECIMAL(14, 2)::VARCHAR END AS gross_ils,
  CASE WHEN broken = 'too_many_hours' THEN 999 ELSE hours END AS hours, job_pct,
  -- on time: in the last week of the month; later ones on any day of the month in which they arrive
  CASE WHEN received_no = month_no() THEN least(last_of_month, last_of_month - below('day received', filing_key, 7)::INTEGER + version - 1 + copy - 1)
    ELSE (month_first() + to_months((received_no - month_no())::INTEGER))::DATE + 3 + below('day received', filing_key, 20)::INTEGER + version + copy END AS received_at,
  CASE WHEN kind = 6 THEN filing_name(filing_key - 5 * 1099511627776) END AS correction_of
FROM (SELECT *, month_first() + month_days()::INTEGER - 1 AS last_of_month FROM joined);

--> truth pending/<month>.parquet
-- One row per line about this month that arrives in a later one.
SELECT * FROM written WHERE received_no > month_no() AND NOT is_silent ORDER BY employer_no, filing_key, version, copy;

--> truth not_filed/<month>.parquet
-- One row per filing about this month that its employer never sent.
SELECT filing_id, payment_type, spell_id, person_no, employer_no, true_pay FROM written WHERE is_silent AND version = 1 AND copy = 1 ORDER BY filing_key;

--> truth person_months/<month>.parquet
-- One row per person employed in the month: days employed (the union over jobs) and true regular pay (agorot); the industry is that of the job that paid most.
WITH job_of_person AS (
  SELECT person_no, count(*) AS jobs, bit_count(bit_or(((1::BIGINT << (day_to - day_from + 1)) - 1) << (day_from - 1)))::INTEGER AS days_employed, sum(pay)::BIGINT AS regular_pay,
    arg_max(section, (pay, -spell_id)) AS section
  FROM held GROUP BY person_no
)
SELECT p.person_no, p.person_id, p.in_register, p.id_type, CASE WHEN p.in_register THEN p.district END AS district, p.sex, year(p.birth_date)::INTEGER AS birth_year, j.section, j.jobs, j.days_employed, month_days()::INTEGER AS month_days, j.regular_pay
FROM job_of_person AS j JOIN person AS p ON p.person_no = j.person_no ORDER BY p.person_no;

--< pending pending/<month>.parquet written
;

-- One row per line that arrives in the month.
CREATE OR REPLACE TEMP VIEW arrived AS
SELECT * FROM written WHERE received_no = month_no() AND NOT is_silent
UNION ALL
SELECT * FROM pending WHERE received_no = month_no();

--- delivery
--> delivery employer_filings.csv gzip-every-third
-- One row per filing, version and copy received in the month.
SELECT filing_id, version AS filing_version, employer_id, person_id, id_type, family_name, given_name, birth_date, period_start, period_end, payment_type, gross_ils, hours, job_pct, received_at, correction_of
FROM arrived ORDER BY employer_no, filing_key, version, copy;

--> truth filings/<month>.parquet
-- One row per line of the delivery: who it is about and what is wrong with it. true_pay is in agorot.
SELECT filing_id, version AS filing_version, copy, reference_no, payment_type, spell_id, person_no, true_id, in_register, id_error, script,
  is_heaped OR is_misdated AS wrong_birth_date, is_renamed, is_respelt OR is_mistyped OR lost_name OR is_swapped AS other_spelling, true_pay, clean_gross, lag, employer_lag
FROM arrived ORDER BY employer_no, filing_key, version, copy;

--> truth errors/<month>.parquet
-- One row per error in the delivery: which line, which field, what kind, the clean value where it is one.
SELECT filing_id, version AS filing_version, copy, error.field, error.type, error.clean_value FROM (
  SELECT filing_id, version, copy, employer_no, filing_key, unnest(list_filter([
    CASE WHEN id_error IS NOT NULL THEN {field: 'person_id', type: id_error, clean_value: true_id} END,
    CASE WHEN is_times_100 THEN {field: 'gross_ils', type: 'times_100', clean_value: clean_gross::VARCHAR} END,
    CASE WHEN is_first_version THEN {field: 'gross_ils', type: 'amended_later', clean_value: true_pay::VARCHAR} END,
    CASE WHEN broken = 'bad_date' THEN {field: 'period_start', type: broken, clean_value: NULL} WHEN broken = 'text_in_number' THEN {field: 'gross_ils', type: broken, clean_value: clean_gross::VARCHAR}
      WHEN broken = 'too_many_hours' THEN {field: 'hours', type: broken, clean_value: NULL} END,
    CASE WHEN is_heaped THEN {field: 'birth_date', type: 'heaped', clean_value: NULL} END,
    CASE WHEN is_misdated THEN {field: 'birth_date', type: 'wrong_date', clean_value: NULL} END,
    CASE WHEN is_renamed THEN {field: 'family_name', type: 'changed_name', clean_value: NULL} END,
    CASE WHEN is_respelt THEN {field: 'given_name', type: 'spelling', clean_value: NULL} END,
    CASE WHEN is_mistyped THEN {field: 'given_name', type: 'slip', clean_value: NULL} END,
    CASE WHEN is_swapped THEN {field: 'given_name', type: 'swapped_names', clean_value: NULL} END,
    CASE WHEN script <> 'Hebr' THEN {field: 'given_name', type: 'script', clean_value: NULL} END,
    CASE WHEN other_geresh THEN {field: 'given_name', type: 'geresh', clean_value: NULL} END,
    CASE WHEN lost_name THEN {field: 'given_name', type: 'missing_name', clean_value: NULL} END,
    CASE WHEN is_bureau THEN {field: 'employer_id', type: 'payroll_bureau', clean_value: true_employer_id} END,
    CASE WHEN copy = 2 THEN {field: '*', type: 'duplicate', clean_value: NULL} END,
    CASE WHEN employer_lag > 0 THEN {field: '*', type: 'late_employer', clean_value: NULL} WHEN lag > 0 THEN {field: '*', type: 'late', clean_value: NULL} END], lambda e: e IS NOT NULL)) AS error
  FROM arrived)
ORDER BY employer_no, filing_key, filing_version, copy, error.field, error.type;
