-- Metering points of a panel of dwellings with smart meters. Needs: seed(), persons(), first_day(), table dwelling.

--- prepare
-- The panel: one dwelling for 60 persons, from 20 to 3,000; what half-hourly readings cost is what limits it.
CREATE OR REPLACE TEMP TABLE panel AS
SELECT *, row_number() OVER (ORDER BY u('panel', dwelling_no), dwelling_no) AS panel_no FROM dwelling
QUALIFY panel_no <= least(greatest(20, persons() // 60), 3000);

-- One row per meter of its whole life: the main one (slot 0) and the one that takes its place (1), a second one of the dwelling (2), that of the
-- stairs and the lift (3), a business in the house (4). Days are whole numbers from first_day() = 0. `also`: the dwelling that it serves besides.
CREATE OR REPLACE TEMP TABLE meter AS
WITH swapped AS (
  SELECT *, CASE WHEN u('swap', dwelling_no) < 0.05 THEN 30 + below('day of the swap', dwelling_no, 700) END::INTEGER AS swap_day,
    CASE WHEN u('shared', dwelling_no) < 0.015 AND apartment IS NOT NULL AND apartment < 4 THEN apartment + 1 END AS also FROM panel
), listed AS (
  SELECT panel_no * 8 + slot AS meter_no, slot, s.* FROM swapped AS s CROSS JOIN (VALUES (0), (1), (2), (3), (4)) AS v(slot)
  WHERE slot = 0 OR slot = 1 AND swap_day IS NOT NULL OR slot = 2 AND u('second meter', dwelling_no) < 0.03
    OR slot = 3 AND apartment IS NOT NULL AND u('stairs', dwelling_no) < 0.05 OR slot = 4 AND apartment IS NOT NULL AND u('shop', dwelling_no) < 0.03
)
SELECT meter_no, slot, panel_no, dwelling_no, dwelling_id, use, locality_code, district, dwelling_type, area_m2, building_key, street_type, street, house_no, entrance, apartment, also,
  (10000000 + (meter_no * 7368787) % 89999981)::BIGINT AS meter_id,
  CASE slot WHEN 3 THEN 'common_area' WHEN 4 THEN 'business' ELSE 'household' END AS contract_type,
  CASE slot WHEN 1 THEN swap_day ELSE -400 - below('connected', meter_no, 3000) END::INTEGER AS from_day,
  CASE WHEN slot = 0 THEN swap_day - 1 END::INTEGER AS to_day
FROM listed;

-- One row per meter: its address as a clerk once typed it.
CREATE OR REPLACE TEMP TABLE meter_address AS
WITH styled AS (
  SELECT *, u('way of writing', meter_no) AS way, u('slip of the pen', meter_no) AS slip,
    CASE WHEN u('kind of street', meter_no) < 0.35 THEN street_type || ' ' WHEN u('kind of street', meter_no) < 0.7
      THEN CASE street_type WHEN 'רחוב' THEN 'רח' WHEN 'שדרות' THEN 'שד' WHEN 'סמטת' THEN 'סמ' ELSE street_type END || CASE WHEN street_type IN ('דרך', 'כיכר') THEN ' ' WHEN u('geresh of the street', meter_no) < 0.6 THEN ''' ' ELSE '׳ ' END
      ELSE '' END AS prefix,
    CASE WHEN u('gershayim', meter_no) < 0.3 THEN replace(replace(street, '"', '״'), '''', '׳') WHEN u('gershayim', meter_no) < 0.6 THEN replace(replace(street, '"', ''), '''', '') ELSE street END AS street_1
  FROM meter
), written AS (
  SELECT *, prefix || CASE WHEN slip < 0.03 THEN translate(street_1, 'םןץףך', 'מנצפכ') WHEN slip < 0.05 THEN street_1[:2] || street_1[4:] WHEN slip < 0.08 THEN replace(street_1[1], 'יי', 'י') || replace(street_1[2:], 'ו', 'וו') ELSE street_1 END AS street_text,
    house_no::VARCHAR || CASE WHEN entrance IS NULL OR slot IN (3, 4) THEN '' WHEN way < 0.4 THEN ' כניסה ' || entrance WHEN way < 0.6 THEN entrance WHEN way < 0.7 THEN ' כנ'' ' || entrance ELSE ' ' || entrance END AS house_text,
    CASE WHEN apartment IS NULL OR slot IN (3, 4) OR u('no apartment', meter_no) < 0.03 THEN '' WHEN also IS NOT NULL THEN ' דירה ' || apartment || '-' || also
      WHEN way < 0.4 THEN ' דירה ' || apartment WHEN way < 0.6 THEN '/' || apartment WHEN way < 0.8 THEN ' ד'' ' || apartment ELSE ', דירה מס'' ' || apartment END AS apartment_text
  FROM styled
)
SELECT meter_no, CASE WHEN u('no address', meter_no) < 0.015 THEN 'ליד המכולת, אצל ' || street WHEN slot = 3 THEN street_text || ' ' || house_text || ' ועד הבית' WHEN slot = 4 THEN street_text || ' ' || house_text || ' חנות'
  WHEN u('apartment first', meter_no) < 0.04 AND apartment_text <> '' THEN trim(apartment_text, ' ,/') || ' ' || street_text || ' ' || house_text ELSE street_text || ' ' || house_text || apartment_text END AS address_text
FROM written;

--- delivery
--> delivery metering_point.csv
-- One row per meter. The register of this country knows beforehand which meters are swapped in the first two years.
SELECT m.meter_id, m.locality_code, a.address_text, m.contract_type, first_day() + m.from_day AS valid_from, first_day() + m.to_day AS valid_to
FROM meter AS m JOIN meter_address AS a ON a.meter_no = m.meter_no ORDER BY m.meter_id;

--> truth meters.parquet
-- One row per meter and dwelling that it serves; none for stairs and businesses.
SELECT m.meter_id, m.contract_type, d.dwelling_id, m.also IS NOT NULL AS is_shared
FROM meter AS m LEFT JOIN dwelling AS d ON m.slot < 3 AND (d.dwelling_no = m.dwelling_no OR d.building_key = m.building_key AND d.entrance IS NOT DISTINCT FROM m.entrance AND d.apartment = m.also)
ORDER BY m.meter_id, d.dwelling_id;
