import * as z from 'zod';
import { id, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform } from './transform.ts';

/**
 * Unit values: price per product and period, p = sum(price x quantity) / sum(quantity) over its offers with price and quantity above
 * zero. Columns: period, product, price DOUBLE (unit of the input's price), quantity DOUBLE. Summed in a fixed order, so that the
 * bits depend neither on the order of the rows nor on the number of threads. Source: docs/methods/unit-value.md.
 */
export const unitValue = defineTransform({
  name: 'unit_value',
  over: 'all',
  parameters: z.strictObject({
    period: Column.default('reference_month'),
    product: Column.default('product_code'),
    price: Column.default('price'),
    quantity: Column.default('quantity'),
  }),
  reads: ({ period, product, price, quantity }) => [period, product, price, quantity],
  build: ({ from, with: { period, product, price, quantity } }) => sql`-- One row per period and product: its unit value and quantity.
WITH offer AS (
  SELECT ${id(period)} AS period, ${id(product)} AS product, CAST(${id(price)} AS DOUBLE) AS price, CAST(${id(quantity)} AS DOUBLE) AS quantity
  FROM ${from}
  WHERE ${id(price)} > 0 AND ${id(quantity)} > 0 AND ${id(period)} IS NOT NULL AND ${id(product)} IS NOT NULL
)
SELECT period, product,
  sum(price * quantity ORDER BY price, quantity) / sum(quantity ORDER BY price, quantity) AS price,
  sum(quantity ORDER BY price, quantity) AS quantity
FROM offer
GROUP BY period, product
ORDER BY period, product`,
});
