-- One row per dwelling with meters of its own in the month: its use in the twelve months from it on, what the registers say, its energy.
SELECT
  o.dwelling_id,
  r.household_id,
  r.locality,
  r.district,
  r.dwelling_type,
  CASE
    WHEN r.registered_persons = 0 THEN '0'
    WHEN r.registered_persons < 3 THEN '1-2'
    WHEN r.registered_persons < 5 THEN '3-4'
    ELSE 'GE5'
  END AS household_size,
  CASE WHEN r.registered_persons > 0 THEN 'yes' ELSE 'no' END AS registered,
  nullif(o.use_class, 'unknown') AS use_class,
  o.occupancy,
  o.completeness,
  o.is_year,
  o.kwh
FROM dwelling_month AS o JOIN registration AS r ON r.dwelling_id = o.dwelling_id
WHERE o.reference_month = $reference_period
