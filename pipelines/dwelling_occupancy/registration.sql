-- One row per dwelling of the tax register: the living people and the household that the population register has there.
WITH living AS (
  SELECT h.dwelling_id, h.household_id, h.person_id
  FROM household AS h JOIN person AS p ON p.person_id = h.person_id
  WHERE p.death_date IS NULL
),
counted AS (
  SELECT dwelling_id, count(DISTINCT person_id)::INTEGER AS persons, min(household_id) AS household_id
  FROM living
  GROUP BY dwelling_id
)
SELECT
  d.dwelling_id,
  lpad(d.locality_code::VARCHAR, 4, '0') AS locality,
  d.district::VARCHAR AS district,
  d.statistical_area,
  d.dwelling_type,
  d.area_m2,
  c.household_id,
  coalesce(c.persons, 0) AS registered_persons
FROM dwelling AS d LEFT JOIN counted AS c ON c.dwelling_id = d.dwelling_id
