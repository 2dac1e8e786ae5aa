-- One row per month: meters by what became of them, meters that sent readings, completeness of the dwellings.
WITH months AS (
  SELECT reference_month, min(day) AS first_day, max(day) AS last_day, count(DISTINCT meter_id) AS meters_read FROM meter_day GROUP BY reference_month
),
meter AS (
  SELECT DISTINCT meter_id, outcome, valid_from, valid_to FROM meter_dwelling
)
SELECT
  m.reference_month,
  count(*) AS meters,
  min(m.meters_read) AS meters_read,
  count(*) FILTER (outcome = 'matched') AS matched,
  count(*) FILTER (outcome = 'matched_near') AS matched_near,
  count(*) FILTER (outcome = 'shared') AS shared,
  count(*) FILTER (outcome = 'common_area') AS common_area,
  count(*) FILTER (outcome = 'business') AS business,
  count(*) FILTER (outcome = 'ambiguous') AS ambiguous,
  count(*) FILTER (outcome = 'unmatched') AS unmatched
FROM meter AS p JOIN months AS m ON p.valid_from <= m.last_day AND p.valid_to >= m.first_day
GROUP BY m.reference_month
