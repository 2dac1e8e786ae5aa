-- Scanner data of seven retail chains. Needs: seed(); each month month_no() and month_first(). Does not depend on the number of persons.

--- prepare
-- One row per outlet; the chains' shares of the budget are 20, 18, 16, 14, 12, 11 and 9 %.
CREATE OR REPLACE TEMP TABLE outlet AS
WITH chain(retailer_no, outlets, share) AS (VALUES (1, 7, 20), (2, 7, 18), (3, 6, 16), (4, 6, 14), (5, 5, 12), (6, 5, 11), (7, 4, 9))
SELECT retailer_no, retailer_no * 100 + n AS outlet_no, 20000.0 * share / outlets * (0.8 + 0.4 * u('size of the outlet', retailer_no * 100 + n)) AS budget,
  0.04 * normal('level of the chain', retailer_no) + 0.01 * normal('level of the outlet', retailer_no * 100 + n) AS log_level
FROM (SELECT *, unnest(range(1, outlets + 1)) AS n FROM chain);

-- One row per kind of product: Hebrew name, typical price (ILS) and yearly trend.
CREATE OR REPLACE TEMP TABLE kind AS
SELECT * FROM (VALUES (0, 'חלב 3%', 6.9, 0.03), (1, 'לחם אחיד', 8.2, 0.05), (2, 'ביצים L', 13.5, 0.01), (3, 'גבינה לבנה', 6.2, 0.04), (4, 'קוטג׳', 6.1, 0.05), (5, 'יוגורט', 4.8, 0.03),
  (6, 'חמאה', 7.9, 0.06), (7, 'אורז', 9.9, 0.02), (8, 'פסטה', 6.5, 0.01), (9, 'קמח', 5.4, 0.03), (10, 'סוכר', 4.9, 0.00), (11, 'שמן זית', 39.9, 0.12), (12, 'שמן קנולה', 12.9, -0.02), (13, 'טחינה', 14.9, 0.04),
  (14, 'חומוס', 9.9, 0.03), (15, 'קפה שחור', 15.9, 0.07), (16, 'תה', 12.9, 0.02), (17, 'שוקולד', 6.9, 0.10), (18, 'עוגיות', 11.9, 0.04), (19, 'מים מינרליים', 11.5, 0.02), (20, 'מיץ תפוזים', 13.9, 0.08),
  (21, 'משקה קולה', 7.5, 0.04), (22, 'עוף טרי', 24.9, 0.02), (23, 'בשר טחון', 49.9, 0.06), (24, 'דג סלמון', 89.9, 0.03), (25, 'עגבניות', 7.9, 0.05), (26, 'מלפפונים', 6.9, 0.04), (27, 'תפוחי אדמה', 5.9, 0.03),
  (28, 'נייר טואלט', 32.9, 0.01), (29, 'אבקת כביסה', 34.9, -0.01)) AS k(kind_no, name, base_price, trend);

-- One row per product line: its kind, level of price, taste and package.
CREATE OR REPLACE TEMP TABLE product_line AS
SELECT line_no, name, trend, base_price * exp(0.18 * normal('price of the line', line_no)) AS price, exp(0.7 * normal('taste', line_no)) AS taste,
  ['תנובה הכפר', 'שדות', 'הגליל', 'טעם הארץ', 'משק צפון', 'עמק', 'נגב', 'כרמל', 'שרון', 'יהודה'][1 + line_no % 10] AS brand, [250, 330, 400, 500, 750, 1000][1 + below('package', line_no, 6)] AS grams
FROM (SELECT range AS line_no FROM range(300)) JOIN kind ON kind_no = line_no // 10;

--- month
-- One row per product line in the month: which generation of the product is sold (3 % are replaced each month) and the price without sales and noise.
CREATE OR REPLACE TEMP TABLE product AS
SELECT line_no, name, brand, grams, taste, generation,
  price * exp(trend * month_no() / 12 + 0.02 * sin(2 * pi() * (month_no() + line_no % 12) / 12)) AS price, price AS base_price,
  '729' || lpad((line_no * 1000 + generation)::VARCHAR, 9, '0') AS body
FROM (SELECT *, (SELECT count(*) FROM range(1, month_no() + 1) AS r(m) WHERE u('replaced', line_no * 4096 + m) < 0.03) AS generation FROM product_line);

--- delivery
--> delivery retail_scanner.csv zstd
-- One row per product and outlet. Quantities follow CES demand with elasticity 2; a sale takes off 15 to 30 %.
WITH offered AS (
  SELECT p.*, o.*, (line_no * 1024 + outlet_no) * 4096 + month_no() AS key,
    round(price * exp(log_level + 0.015 * normal('noise of the price', (line_no * 1024 + outlet_no) * 4096 + month_no())) * CASE WHEN u('sale', key) < 0.08 THEN 0.7 + 0.15 * u('depth of the sale', key) ELSE 1 END, 2) AS paid
  FROM product AS p CROSS JOIN outlet AS o
  WHERE u('listed', line_no * 1024 + outlet_no) < 0.85
), demanded AS (
  SELECT *, round(budget / 300 * taste * base_price / paid ** 2 * exp(0.25 * normal('noise of the quantity', key)))::BIGINT AS quantity FROM offered
)
SELECT month_first() AS "time", 'S' || outlet_no AS outlet_id, 'R' || retailer_no AS retailer_id,
  body || (10 - (SELECT sum(body[i]::BIGINT * CASE WHEN i % 2 = 0 THEN 3 ELSE 1 END) FROM range(1, 13) AS r(i)) % 10) % 10 AS product_code,
  name || ' ' || brand || ' ' || grams || ' גרם' AS description, paid::DECIMAL(10, 2) AS price, quantity
FROM demanded WHERE quantity > 0 ORDER BY outlet_no, product_code;

--> truth retail_index/<month>.parquet
-- One row: the exact CES price index (elasticity 2) of the prices without sales and noise, first month = 1.
SELECT month_first() AS "time", list_sum(list(taste ORDER BY line_no)) / list_sum(list(taste * first_price / price ORDER BY line_no)) AS true_index
FROM (SELECT *, base_price * exp(0.02 * sin(2 * pi() * (line_no % 12) / 12)) AS first_price FROM product);
