import * as z from 'zod';
import { id, join, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform } from './transform.ts';

/**
 * The latest version of every record: of the rows with one `key`, the one that is highest by `order` (unknown values are lowest). Rows
 * that agree on key and order are told apart by all their columns, so that the result never depends on the order of the input.
 * Columns: those of the input.
 */
export const deduplicate = defineTransform({
  name: 'deduplicate',
  over: 'month',
  parameters: z.strictObject({ key: z.array(Column).min(1), order: z.array(Column).min(1) }),
  reads: ({ key, order }) => [...new Set([...key, ...order])],
  build({ from, with: { key, order } }) {
    const keys = join(key.map((name) => id(name)));
    const newest = join(order.map((name) => sql`${id(name)} DESC NULLS LAST`));
    return sql`-- One row per key: its latest version.
WITH ranked AS (
  SELECT *, rank() OVER version AS _rank, count(*) OVER (version RANGE BETWEEN CURRENT ROW AND CURRENT ROW) AS _twins
  FROM ${from}
  WINDOW version AS (PARTITION BY ${keys} ORDER BY ${newest})
),
latest AS (SELECT * EXCLUDE (_rank) FROM ranked WHERE _rank = 1),
twin AS (SELECT * EXCLUDE (_twins) FROM latest WHERE _twins > 1)
SELECT * EXCLUDE (_twins) FROM latest WHERE _twins = 1
UNION ALL
SELECT * FROM twin QUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY twin DESC) = 1`;
  },
});
