-- A sample survey: employment, pay and use of the dwelling in the first month, as people recall them. Needs: seed(), first_day(), tables person, spell,
-- household_member, registration, dwelling_use, panel; macros full_pay_of and dwelling_name. Pay is in agorot. Its draws have streams of their own, `survey …`.

--- prepare
-- One row per respondent: one adult of a household, 5,000 of them or of every household in a smaller country. Up to 1,500 households registered in
-- dwellings of the meter panel come first, so that use of the dwelling can be compared; the others follow in random order.
CREATE OR REPLACE TEMP TABLE respondent AS
WITH adult AS (
  SELECT p.person_no, p.person_id, m.household_no, r.dwelling_no, r.dwelling_no IN (SELECT dwelling_no FROM panel) AS is_metered
  FROM person AS p JOIN household_member AS m ON m.person_no = p.person_no JOIN registration AS r ON r.household_no = m.household_no
  WHERE p.death_date IS NULL AND p.age >= 15
  QUALIFY row_number() OVER (PARTITION BY m.household_no ORDER BY u('survey adult', p.person_no), p.person_no) = 1
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY is_metered ORDER BY u('survey household', household_no), household_no) AS place FROM adult
)
SELECT person_no, person_id, dwelling_no, is_metered FROM placed
QUALIFY row_number() OVER (ORDER BY NOT (is_metered AND place <= 1500), u('survey household', household_no), household_no) <= 5000;

-- One row per respondent and month (back 0: the reference month, 1: the one before) with work: the truth as person_months has it.
CREATE OR REPLACE TEMP TABLE survey_work AS
WITH asked AS (
  SELECT back, month, (month - first_day())::INTEGER AS from_day, ((month + INTERVAL 1 MONTH)::DATE - month)::INTEGER AS days
  FROM (SELECT back, (first_day() - to_months(back))::DATE AS month FROM (VALUES (0), (1)) AS v(back))
), held AS (
  SELECT s.person_no, a.back, a.month, s.spell_id, s.contract_wage, s.job_pct, s.spell_id * 1024 - a.back AS job_month, a.days,
    greatest(s.start_day, a.from_day) - a.from_day + 1 AS day_from, least(s.end_day, a.from_day + a.days - 1) - a.from_day + 1 AS day_to
  FROM spell AS s JOIN respondent AS r ON r.person_no = s.person_no JOIN asked AS a ON s.start_day < a.from_day + a.days AND s.end_day >= a.from_day
), paid AS (
  SELECT *, round(full_pay_of(month, spell_id, job_month, contract_wage) * ((day_to - day_from + 1) * job_pct / (100.0 * days)))::BIGINT AS pay FROM held
)
SELECT person_no, back, count(*)::INTEGER AS jobs, bit_count(bit_or(((1::BIGINT << (day_to - day_from + 1)) - 1) << (day_from - 1)))::INTEGER AS days_employed,
  sum(pay)::BIGINT AS pay, min(pay) AS least_pay
FROM paid GROUP BY person_no, back;

-- One row per respondent: the truth of the reference month, which errors of recall are made, and the answers.
CREATE OR REPLACE TEMP TABLE survey_answer AS
WITH known AS (
  SELECT r.*, d.use, coalesce(t.jobs, 0) AS true_jobs, coalesce(t.days_employed, 0) AS true_days, coalesce(t.pay, 0) AS true_pay, u('survey month', r.person_no) < 0.03 AS wrong_month
  FROM respondent AS r JOIN dwelling_use AS d ON d.dwelling_no = r.dwelling_no LEFT JOIN survey_work AS t ON t.person_no = r.person_no AND t.back = 0
), recalled AS (
  SELECT k.*, coalesce(w.jobs, 0) AS jobs_1, w.pay AS pay_1, w.least_pay,
    -- a short job is forgotten: four in ten of up to a week, two in ten of up to two weeks, one in 200 of longer ones
    w.jobs IS NOT NULL AND u('survey short job', k.person_no) < CASE WHEN w.days_employed <= 7 THEN 0.4 WHEN w.days_employed <= 14 THEN 0.2 ELSE 0.005 END AS forgot_job,
    -- a few count as work what brought no pay in the month
    w.jobs IS NULL AND u('survey unpaid', k.person_no) < 0.004 AS counts_unpaid,
    coalesce(w.jobs > 1, false) AND u('survey second job', k.person_no) < 0.3 AS forgot_second_job
  FROM known AS k LEFT JOIN survey_work AS w ON w.person_no = k.person_no AND w.back = k.wrong_month::INTEGER
), answered AS (
  SELECT *, jobs_1 > 0 AND NOT forgot_job OR counts_unpaid AS says_worked, CASE WHEN forgot_second_job THEN pay_1 - least_pay ELSE pay_1 END AS pay_2,
    u('survey pay slip', person_no) < 0.35 AS has_pay_slip, u('survey net', person_no) < 0.04 AS gives_net,
    -- one in ten does not tell the pay, of those above 20,000 one in five
    u('survey refusal', person_no) < CASE WHEN pay_1 > 2000000 THEN 0.2 ELSE 0.1 END AS refuses_pay
  FROM recalled
), estimated AS (
  -- without the pay slip an estimate, 8 % off
  SELECT *, pay_2 * CASE WHEN gives_net THEN 0.8 ELSE 1 END * CASE WHEN has_pay_slip THEN 1 ELSE exp(0.08 * normal('survey estimate', person_no)) END AS pay_3,
    CASE WHEN has_pay_slip THEN 100 WHEN pay_2 < 100000 THEN 5000 WHEN pay_2 < 300000 THEN 10000
      WHEN u('survey rounding', person_no) < 0.25 THEN 10000 WHEN u('survey rounding', person_no) < 0.65 THEN 50000 ELSE 100000 END AS rounded_to
  FROM answered
)
SELECT *, CASE WHEN says_worked THEN greatest(1, jobs_1 - forgot_second_job::INTEGER) END::INTEGER AS says_jobs,
  CASE WHEN says_worked AND NOT refuses_pay THEN greatest(rounded_to, (round(pay_3 / rounded_to) * rounded_to)::BIGINT) END AS says_pay,
  -- who is registered in a dwelling that is no home often says that it is one
  CASE WHEN u('survey no answer on the dwelling', person_no) < 0.01 THEN NULL
    WHEN use = 'permanent' THEN CASE WHEN u('survey dwelling', person_no) < 0.985 THEN 'all_year' ELSE 'part_of_year' END
    WHEN use = 'vacant' THEN CASE WHEN u('survey dwelling', person_no) < 0.75 THEN 'not_lived_in' ELSE 'all_year' END
    ELSE CASE WHEN u('survey dwelling', person_no) < 0.7 THEN 'part_of_year' ELSE 'all_year' END END AS says_dwelling
FROM estimated;

CREATE OR REPLACE MACRO interview_name(person_no) AS lpad(lower(to_hex(bits('survey interview', person_no))), 16, '0');

--- delivery
--> delivery labour_survey.csv
-- One row per interview, in the two weeks after the reference month.
SELECT interview_name(person_no) AS interview_id, person_id, strftime(first_day(), '%Y-%m') AS reference_month, (first_day() + INTERVAL 1 MONTH)::DATE + below('survey day', person_no, 14)::INTEGER AS interviewed_on,
  CASE WHEN says_worked THEN 'yes' ELSE 'no' END AS worked, says_jobs AS jobs, (says_pay / 100)::DECIMAL(14, 2) AS gross_pay_ils, says_dwelling AS dwelling_lived_in
FROM survey_answer ORDER BY interview_id;

--> truth survey_answers.parquet
-- One row per interview: the truth of the reference month (pay in agorot), and which errors the answers hold.
SELECT interview_name(person_no) AS interview_id, person_no, person_id, is_metered, dwelling_name(dwelling_no) AS dwelling_id, true_jobs, true_days, true_pay, use AS true_use,
  says_worked, says_jobs, says_pay, says_dwelling, wrong_month, forgot_job, counts_unpaid, forgot_second_job, has_pay_slip, gives_net, refuses_pay, rounded_to
FROM survey_answer ORDER BY interview_id;
