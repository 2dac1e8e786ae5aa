-- One row per two linked months (less than 13 months of data apart) and retailer: its turnover in the products sold in both, in hundredths of the price's unit.
WITH sale AS (
  SELECT reference_month, product_code, retailer_id, sum(round(100 * price * quantity)::BIGINT)::BIGINT AS turnover
  FROM offer
  WHERE price > 0 AND quantity > 0
  GROUP BY reference_month, product_code, retailer_id
),
numbered AS (
  SELECT reference_month, row_number() OVER (ORDER BY reference_month) AS number
  FROM (SELECT DISTINCT reference_month FROM sale) AS period
),
presence AS (
  SELECT DISTINCT s.product_code, s.reference_month, n.number
  FROM sale AS s JOIN numbered AS n ON n.reference_month = s.reference_month
),
matched AS (
  SELECT a.product_code, a.reference_month AS period_from, b.reference_month AS period_to
  FROM presence AS a JOIN presence AS b ON b.product_code = a.product_code AND b.number > a.number AND b.number < a.number + 13
),
part AS (
  SELECT m.period_from, m.period_to, s.retailer_id, s.turnover AS turnover_from, 0 AS turnover_to
  FROM matched AS m JOIN sale AS s ON s.product_code = m.product_code AND s.reference_month = m.period_from
  UNION ALL
  SELECT m.period_from, m.period_to, s.retailer_id, 0 AS turnover_from, s.turnover AS turnover_to
  FROM matched AS m JOIN sale AS s ON s.product_code = m.product_code AND s.reference_month = m.period_to
)
SELECT
  period_from,
  period_to,
  retailer_id,
  sum(turnover_from)::BIGINT AS turnover_from,
  sum(turnover_to)::BIGINT AS turnover_to,
  sum(turnover_from + turnover_to)::BIGINT AS turnover
FROM part
GROUP BY period_from, period_to, retailer_id
ORDER BY period_from, period_to, retailer_id
