-- Dwellings and their addresses. Needs: seed(), tables person, locality, household, dwelling_use, registration.

--- prepare
-- One row per street name, as the register writes it; a third of them is found in a locality.
CREATE OR REPLACE TEMP TABLE street_name AS
SELECT row_number() OVER (ORDER BY name) AS street_no, * FROM (VALUES ('רחוב', 'הרצל'), ('רחוב', 'ז''בוטינסקי'), ('שדרות', 'בן גוריון'), ('רחוב', 'ויצמן'), ('שדרות', 'רוטשילד'), ('רחוב', 'ביאליק'), ('רחוב', 'אחד העם'),
  ('רחוב', 'סוקולוב'), ('רחוב', 'ארלוזורוב'), ('דרך', 'השלום'), ('רחוב', 'הגפן'), ('רחוב', 'הזית'), ('רחוב', 'האלון'), ('סמטת', 'הרימון'), ('רחוב', 'התאנה'), ('רחוב', 'הדקל'), ('רחוב', 'הנרקיס'), ('רחוב', 'הכלנית'),
  ('שדרות', 'ירושלים'), ('רחוב', 'יפו'), ('רחוב', 'העצמאות'), ('רחוב', 'הפלמ"ח'), ('רחוב', 'האצ"ל'), ('רחוב', 'הלח"י'), ('רחוב', 'ההגנה'), ('רחוב', 'רמב"ם'), ('רחוב', 'רש"י'), ('רחוב', 'יהודה הלוי'), ('רחוב', 'אבן גבירול'),
  ('רחוב', 'דיזנגוף'), ('רחוב', 'גורדון'), ('רחוב', 'פרישמן'), ('רחוב', 'הנביאים'), ('רחוב', 'דוד המלך'), ('דרך', 'בגין'), ('רחוב', 'הרב קוק'), ('רחוב', 'הרב הרצוג'), ('רחוב', 'טרומפלדור'), ('רחוב', 'בר אילן'), ('רחוב', 'שאול המלך'),
  ('שדרות', 'הנשיא'), ('רחוב', 'המייסדים'), ('רחוב', 'החלוץ'), ('רחוב', 'הפרחים'), ('רחוב', 'הגליל'), ('רחוב', 'הכרמל'), ('רחוב', 'הנגב'), ('רחוב', 'הירדן'), ('סמטת', 'השקד'), ('רחוב', 'הים'), ('כיכר', 'המדינה'),
  ('רחוב', 'אלכסנדר ינאי'), ('רחוב', 'קרן היסוד'), ('רחוב', 'עמק רפאים'), ('רחוב', 'גולדה מאיר'), ('רחוב', 'משה דיין'), ('רחוב', 'יצחק רבין'), ('רחוב', 'חנה סנש'), ('דרך', 'חברון'), ('רחוב', 'אלנבי')) AS s(street_type, name);

-- One row per dwelling with its address. Eight dwellings make a building, in small places a house each; one building in four has two entrances.
CREATE OR REPLACE TEMP TABLE dwelling AS
WITH placed AS (
  SELECT d.*, l.district, l.population < 25000 AND u('house', d.locality_code) < 0.75 AS has_houses,
    row_number() OVER (PARTITION BY d.locality_code ORDER BY u('place in the locality', dwelling_no), dwelling_no) - 1 AS place
  FROM dwelling_use AS d JOIN locality AS l ON l.code = d.locality_code
), built AS (
  SELECT *, CASE WHEN has_houses THEN place ELSE place // 8 END AS building, CASE WHEN has_houses THEN 1 ELSE place % 8 + 1 END AS unit FROM placed
), addressed AS (
  SELECT *, locality_code * 100000 + building AS building_key, u('two entrances', building_key) < 0.25 AND NOT has_houses AS has_entrances, building % 24 AS street_slot FROM built
)
SELECT a.dwelling_no, dwelling_name(a.dwelling_no) AS dwelling_id, a.use, a.locality_code, a.district, (a.locality_code * 1000 + 1 + a.building // 120)::INTEGER AS statistical_area, a.building_key,
  s.street_type, s.name AS street, (1 + a.building // 24 * 4 + below('house number', a.building_key, 4))::INTEGER AS house_no,
  CASE WHEN NOT has_entrances THEN NULL WHEN unit <= 4 THEN 'א' ELSE 'ב' END AS entrance,
  CASE WHEN has_houses THEN NULL WHEN has_entrances THEN (unit - 1) % 4 + 1 ELSE unit END::INTEGER AS apartment,
  CASE WHEN has_houses THEN CASE WHEN u('detached', dwelling_no) < 0.6 THEN 'house' ELSE 'semi_detached' END WHEN u('kind of apartment', dwelling_no) < 0.06 THEN 'other' ELSE 'apartment' END AS dwelling_type,
  (35 + 12 * below('area', dwelling_no, 9) + CASE WHEN has_houses THEN 60 ELSE 0 END)::INTEGER AS area_m2
FROM addressed AS a JOIN street_name AS s ON s.street_no = 1 + (a.locality_code + a.street_slot * 7) % 60;

--- delivery
--> delivery dwelling_register.csv
-- One row per dwelling that pays municipal tax; the municipality knows the people who asked for a discount, seven in ten.
SELECT d.dwelling_id, d.locality_code, d.district, d.statistical_area, d.street_type, d.street, d.house_no, d.entrance, d.apartment, d.dwelling_type, d.area_m2,
  CASE WHEN u('asked for a discount', d.dwelling_no) < 0.7 THEN coalesce(h.persons, 0) END::INTEGER AS registered_persons
FROM dwelling AS d LEFT JOIN household AS h ON h.household_no = d.dwelling_no AND d.use = 'permanent'
ORDER BY d.dwelling_id;

--> truth dwellings.parquet
-- One row per dwelling: what it is used for.
SELECT dwelling_no, dwelling_id, use, locality_code, district, dwelling_type, building_key FROM dwelling ORDER BY dwelling_no;
