-- Households and the dwellings at which they are registered. Needs: seed(), persons(), tables person, home_slot, locality.

--- prepare
-- One row per household of the population register: people of one locality, mean size 3.1; the true home is the dwelling of the same number.
CREATE OR REPLACE TEMP TABLE household_member AS
WITH living AS (
  SELECT person_no, person_id, locality_code, death_date,
    CASE WHEN row_number() OVER (PARTITION BY locality_code ORDER BY person_no) = 1 OR u('new household', person_no) < 0.32 THEN 1 ELSE 0 END AS is_head
  FROM person WHERE in_register
)
SELECT person_no, person_id, locality_code, death_date, sum(is_head) OVER (ORDER BY locality_code, person_no)::BIGINT AS household_no FROM living;

CREATE OR REPLACE TEMP TABLE household AS
SELECT household_no, min(locality_code) AS locality_code, count(*)::INTEGER AS persons, count(death_date)::INTEGER AS dead FROM household_member GROUP BY household_no;

-- One row per dwelling: first the homes of the households, then 12 in 88 that nobody lives in for good. Where people like to spend a
-- season (Elat, Tiberias, Netanya, Ashqelon, Nahariyya, Zikhron) stand six in ten of the seasonal ones.
CREATE OR REPLACE TEMP TABLE dwelling_use AS
SELECT household_no AS dwelling_no, locality_code, 'permanent' AS use FROM household
UNION ALL
SELECT dwelling_no, CASE WHEN use = 'seasonal' AND u('resort', dwelling_no) < 0.6 THEN [2600, 6700, 7400, 7100, 9100, 9300][1 + below('which resort', dwelling_no, 6)] ELSE s.locality_code END, use
FROM (
  SELECT (SELECT count(*) FROM household) + n AS dwelling_no, CASE WHEN u('use', n) < 0.5 THEN 'seasonal' WHEN u('use', n) < 0.8333 THEN 'vacant' ELSE 'short_stay' END AS use
  FROM range(1, (SELECT count(*) * 12 // 88 FROM household) + 1) AS r(n)
) JOIN home_slot AS s ON s.slot = below('place of a second home', dwelling_no, 10000);

-- One row per household: where it is registered. 4 % are registered in a dwelling of their locality that is no home, if there is one.
CREATE OR REPLACE TEMP TABLE registration AS
WITH free AS (
  SELECT dwelling_no, locality_code, row_number() OVER (PARTITION BY locality_code ORDER BY u('free dwelling', dwelling_no), dwelling_no) AS place
  FROM dwelling_use WHERE use <> 'permanent'
), elsewhere AS (
  SELECT household_no, locality_code, row_number() OVER (PARTITION BY locality_code ORDER BY u('registered elsewhere', household_no), household_no) AS place
  FROM household WHERE u('registered elsewhere', household_no) < 0.04
)
SELECT h.household_no, coalesce(f.dwelling_no, h.household_no) AS dwelling_no
FROM household AS h
LEFT JOIN elsewhere AS e ON e.household_no = h.household_no
LEFT JOIN free AS f ON f.locality_code = e.locality_code AND f.place = e.place;

-- The number of a dwelling in the registers: nine digits that tell nothing (a permutation).
CREATE OR REPLACE MACRO dwelling_name(dwelling_no) AS lpad(((dwelling_no * 618033989 + below('dwelling numbers', 0, 999999937)) % 999999937)::VARCHAR, 9, '0');
CREATE OR REPLACE MACRO household_name(household_no) AS lpad(((household_no * 754877669 + below('household numbers', 0, 999999937)) % 999999937)::VARCHAR, 9, '0');

--- delivery
--> delivery household_register.csv
-- One row per person of the population register.
SELECT m.person_id, household_name(m.household_no) AS household_id, dwelling_name(r.dwelling_no) AS dwelling_id
FROM household_member AS m JOIN registration AS r ON r.household_no = m.household_no ORDER BY m.person_id;

--> truth households.parquet
-- One row per household: its true home and where it is registered.
SELECT h.household_no, household_name(h.household_no) AS household_id, h.persons, dwelling_name(h.household_no) AS true_dwelling_id, dwelling_name(r.dwelling_no) AS registered_dwelling_id
FROM household AS h JOIN registration AS r ON r.household_no = h.household_no ORDER BY h.household_no;
