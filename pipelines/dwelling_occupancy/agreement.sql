-- One row per month: register (somebody is registered) against meter (lived in for good), and Cohen's kappa.
WITH crossed AS (
  SELECT
    o.reference_month,
    count(*) FILTER (r.registered_persons > 0 AND o.use_class = 'permanent') AS both_yes,
    count(*) FILTER (r.registered_persons > 0 AND o.use_class <> 'permanent') AS register_only,
    count(*) FILTER (r.registered_persons = 0 AND o.use_class = 'permanent') AS meter_only,
    count(*) FILTER (r.registered_persons = 0 AND o.use_class <> 'permanent') AS both_no,
    count(*) AS dwellings
  FROM dwelling_month AS o JOIN registration AS r ON r.dwelling_id = o.dwelling_id
  WHERE o.use_class <> 'unknown'
  GROUP BY o.reference_month
),
shared AS (
  SELECT
    *,
    (both_yes + both_no) / dwellings AS observed_agreement,
    ((both_yes + register_only) / dwellings) * ((both_yes + meter_only) / dwellings)
      + ((meter_only + both_no) / dwellings) * ((register_only + both_no) / dwellings) AS expected_agreement
  FROM crossed
)
SELECT *, (observed_agreement - expected_agreement) / nullif(1 - expected_agreement, 0) AS kappa FROM shared
