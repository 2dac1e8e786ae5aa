-- One row per dwelling with meters of its own and day of the month, also where nothing was read.
WITH calendar AS (
  SELECT DISTINCT reference_month, day, expected FROM meter_day WHERE reference_month = $reference_period
),
own AS (
  SELECT meter_id, dwelling_id, valid_from, valid_to FROM meter_dwelling WHERE outcome IN ('matched', 'matched_near')
)
SELECT
  c.reference_month,
  o.dwelling_id,
  c.day,
  sum(c.expected)::BIGINT AS expected,
  coalesce(sum(m.observed), 0)::BIGINT AS observed,
  coalesce(sum(m.import_wh), 0)::BIGINT AS import_wh,
  coalesce(sum(m.export_wh), 0)::BIGINT AS export_wh,
  coalesce(max(m.peak_wh - m.low_wh), 0) AS rise_wh,
  count(*)::INTEGER AS meters
FROM own AS o
JOIN calendar AS c ON c.day BETWEEN o.valid_from AND o.valid_to
LEFT JOIN meter_day AS m ON m.meter_id = o.meter_id AND m.day = c.day
GROUP BY c.reference_month, o.dwelling_id, c.day
