-- One row per meter and dwelling that it serves, or per meter with the reason why it has none.
-- Letters are put into one byte each, because the engine's edit distance counts bytes.
WITH wanted AS (
  SELECT *, translate(street_key, 'אבגדהוזחטיכלמנסעפצקרשת', 'abgdhwzxuyklmnseptqrjv') AS letters
  FROM point_address
  WHERE contract_type = 'household' AND street_key IS NOT NULL AND house IS NOT NULL
),
known AS (
  SELECT *, translate(street_key, 'אבגדהוזחטיכלמנסעפצקרשת', 'abgdhwzxuyklmnseptqrjv') AS letters FROM dwelling_address
),
house AS (
  SELECT
    p.meter_id,
    d.dwelling_id,
    d.street_key,
    p.street_key = d.street_key AS is_exact,
    p.apartment_from,
    p.apartment_to,
    (p.apartment_from IS NULL OR d.apartment_from IS NULL OR d.apartment_from BETWEEN p.apartment_from AND p.apartment_to)
      AND (p.entrance_key IS NULL OR d.entrance_key IS NULL OR d.entrance_key = p.entrance_key) AS fits
  FROM wanted AS p
  JOIN known AS d ON d.locality_code = p.locality_code AND d.house = p.house
  WHERE p.street_key = d.street_key OR length(p.letters) >= 4 AND levenshtein(p.letters, d.letters) = 1
),
street AS (
  SELECT meter_id, bool_or(is_exact) AS has_exact, count(DISTINCT street_key) FILTER (NOT is_exact) AS near_streets
  FROM house
  GROUP BY meter_id
),
candidate AS (
  SELECT h.meter_id, h.dwelling_id, h.is_exact, h.apartment_from, h.apartment_to, count(*) OVER (PARTITION BY h.meter_id) AS dwellings
  FROM house AS h JOIN street AS s ON s.meter_id = h.meter_id
  WHERE h.fits AND (h.is_exact OR NOT s.has_exact AND s.near_streets = 1)
),
served AS (
  SELECT
    meter_id,
    dwelling_id,
    CASE WHEN dwellings > 1 THEN 'shared' WHEN is_exact THEN 'matched' ELSE 'matched_near' END AS outcome
  FROM candidate
  WHERE dwellings = 1 OR apartment_to > apartment_from AND dwellings = apartment_to - apartment_from + 1
)
SELECT
  p.meter_id,
  s.dwelling_id,
  CASE
    WHEN p.contract_type <> 'household' THEN p.contract_type
    WHEN s.meter_id IS NOT NULL THEN s.outcome
    WHEN c.meter_id IS NOT NULL THEN 'ambiguous'
    ELSE 'unmatched'
  END AS outcome,
  p.valid_from,
  coalesce(p.valid_to, '9999-12-31'::DATE) AS valid_to
FROM point_address AS p
LEFT JOIN served AS s ON s.meter_id = p.meter_id
LEFT JOIN (SELECT DISTINCT meter_id FROM candidate) AS c ON c.meter_id = p.meter_id
