-- People. Needs: seed(), persons(), first_day() (the day of the snapshot), tables locality and name.

--- prepare
-- One row per slot of ten thousand: the locality that a person of this slot lives in, by population.
CREATE OR REPLACE TEMP TABLE home_slot AS
WITH bounded AS (
  SELECT code, district, arabic_names, sum(population) OVER (ORDER BY code) AS upto, sum(population) OVER () AS everybody FROM locality
)
SELECT slot, arg_min(code, upto) AS locality_code, arg_min(district, upto) AS district, arg_min(arabic_names, upto) AS arabic_names
FROM range(10000) AS r(slot) JOIN bounded ON (slot + 0.5) / 10000 < upto::DOUBLE / everybody
GROUP BY slot;

-- One row per slot of a thousand: the name of a slot within origin, kind and sex; frequencies fall as 1 / (rank + 2).
CREATE OR REPLACE TEMP TABLE name_slot AS
WITH weighed AS (SELECT *, 100000 // (rank + 2) AS weight FROM name),
bounded AS (
  SELECT *, sum(weight) OVER (PARTITION BY origin, kind, sex ORDER BY rank) AS upto, sum(weight) OVER (PARTITION BY origin, kind, sex) AS all_of_them FROM weighed
)
SELECT origin, kind || sex AS kind, slot, arg_min(hebrew, rank) AS hebrew, arg_min(latin, rank) AS latin, arg_min(native, rank) AS native
FROM range(1000) AS r(slot) JOIN bounded ON (slot + 0.5) / 1000 < upto::DOUBLE / all_of_them
GROUP BY ALL;

-- One row per slot of a thousand: a five-year age band by its share of the population.
CREATE OR REPLACE TEMP TABLE age_slot AS
WITH band(age_from, share) AS (VALUES (0, 99), (5, 96), (10, 91), (15, 80), (20, 72), (25, 66), (30, 65), (35, 64), (40, 62), (45, 59), (50, 52), (55, 43),
  (60, 41), (65, 37), (70, 33), (75, 20), (80, 12), (85, 6), (90, 2)),
bounded AS (SELECT age_from, sum(share) OVER (ORDER BY age_from) AS upto FROM band)
SELECT slot, min(age_from) AS age_from FROM range(1000) AS r(slot) JOIN bounded ON slot < upto GROUP BY slot;

-- One row per person: those of the register (person_no up to persons()), then workers from abroad and others outside it.
-- Every 83rd person is a twin of the one before, every 67th a cousin with the same names.
CREATE OR REPLACE TEMP TABLE person AS
WITH numbered AS (
  SELECT person_no, person_no <= persons() AS in_register,
    person_no % 83 = 0 AND person_no <= persons() AS is_twin,
    person_no % 67 = 1 AND person_no > 1 AND person_no % 83 NOT IN (0, 1, 82) AND person_no <= persons() AS is_cousin
  FROM range(1, persons() + outsiders() + 1) AS r(person_no)
), keyed AS (
  SELECT *, person_no - is_twin::BIGINT AS birth_key, person_no - (is_twin OR is_cousin)::BIGINT AS family_key, person_no - is_cousin::BIGINT AS given_key,
    scrambled(person_no, '1') AS body_1
  FROM numbered
), mixed_2 AS (
  SELECT *, scrambled(body_1, '2') AS body_2 FROM keyed
), mixed_3 AS (
  SELECT *, scrambled(body_2, '3') AS body_3 FROM mixed_2
), placed AS (
  SELECT k.*, scrambled(body_3, '4') AS body, h.locality_code, h.district,
    CASE WHEN NOT in_register THEN CASE WHEN u('origin', person_no) < 0.45 THEN 'ar' WHEN u('origin', person_no) < 0.6 THEN 'ru' ELSE 'en' END
      WHEN u('arabic', family_key) * 100 < h.arabic_names THEN 'ar' WHEN u('origin', family_key) < 0.74 THEN 'he' WHEN u('origin', family_key) < 0.91 THEN 'ru' ELSE 'en' END AS origin,
    CASE WHEN u('sex', given_key) < CASE WHEN in_register THEN 0.503 ELSE 0.3 END THEN 'F' ELSE 'M' END AS sex,
    CASE WHEN in_register THEN a.age_from + below('age', birth_key, 5) ELSE 20 + below('age', birth_key, 35) END AS age
  FROM mixed_3 AS k
  JOIN home_slot AS h ON h.slot = below('home', family_key, 10000)
  JOIN age_slot AS a ON a.slot = below('age band', birth_key, 1000)
), dated AS (
  SELECT *, first_day() - 1 - floor(age * 365.2425)::INTEGER - below('birthday', birth_key, 365)::INTEGER AS birth_date,
    CASE WHEN in_register OR u('kind of identity', person_no) < 0.1 THEN 'national' WHEN u('kind of identity', person_no) < 0.75 THEN 'passport' ELSE 'temporary' END AS id_type,
    CASE WHEN body IN (0, 12345678) THEN 99999999 - body % 7 ELSE body END AS safe_body
  FROM placed
)
SELECT d.person_no, d.in_register, d.id_type, d.sex, d.birth_date, d.age::INTEGER AS age, d.origin, d.locality_code, d.district,
  CASE d.id_type WHEN 'national' THEN with_check_digit(d.safe_body)
    WHEN 'passport' THEN chr((65 + below('passport letter', d.person_no, 26))::INTEGER) || lpad((body % 10000000)::VARCHAR, 7, '0')
    ELSE '97' || lpad((body % 1000000)::VARCHAR, 6, '0') END AS person_id,
  CASE d.id_type WHEN 'passport' THEN upper(f.latin) ELSE f.hebrew END AS family_name,
  u('second name', given_key) < 0.12 AND s.hebrew <> g.hebrew AS has_second_name,
  CASE WHEN d.id_type = 'passport' THEN upper(g.latin) WHEN has_second_name THEN g.hebrew || ' ' || s.hebrew ELSE g.hebrew END AS given_name,
  -- as other offices write them: in Latin letters, and in the script of the name's own language
  f.latin AS family_latin, CASE WHEN has_second_name THEN g.latin || ' ' || s.latin ELSE g.latin END AS given_latin,
  f.native AS family_native, CASE WHEN has_second_name THEN g.native || ' ' || s.native ELSE g.native END AS given_native,
  CASE WHEN in_register AND u('immigrant', person_no) < CASE d.origin WHEN 'ru' THEN 0.3 WHEN 'en' THEN 0.4 ELSE 0.02 END
    THEN greatest(birth_date, first_day() - 1 - below('immigration', person_no, 9000)::INTEGER) END AS immigration_date,
  CASE WHEN in_register AND u('death', person_no) < 0.001 + 0.02 * (age >= 75)::INTEGER THEN greatest(birth_date, first_day() - 1 - below('day of death', person_no, 700)::INTEGER) END AS death_date
FROM dated AS d
JOIN name_slot AS f ON f.origin = d.origin AND f.kind = 'family' AND f.slot = below('family name', d.family_key, 1000)
JOIN name_slot AS g ON g.origin = d.origin AND g.kind = 'given' || d.sex AND g.slot = below('given name', d.given_key, 1000)
JOIN name_slot AS s ON s.origin = d.origin AND s.kind = 'given' || d.sex AND s.slot = below('second given name', d.given_key, 1000);

--- delivery
--> delivery population_register.csv windows-1255
-- One row per person of the register.
SELECT person_id, family_name, given_name, birth_date, sex, locality_code, district, immigration_date, death_date
FROM person WHERE in_register ORDER BY person_id;

--> truth persons.parquet
-- One row per person, also those outside the register.
SELECT person_no, person_id, id_type, in_register, sex, birth_date, family_name, given_name, origin, locality_code, district, immigration_date, death_date
FROM person ORDER BY person_no;
