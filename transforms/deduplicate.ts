import * as z from 'zod';
import { id, join, type Sql, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform, requiredPeriod } from './transform.ts';

/** Whether a row had arrived (a date) by the end of the month that lies so many months after the reference month. */
export function arrivedBy(column: string, period: string, months: number): Sql {
  return sql`${id(column)} <= last_day(CAST(CAST(${period} || '-01' AS DATE) + to_months(CAST(${months} AS INTEGER)) AS DATE))`;
}

/**
 * The latest version of every record: of the rows with one `key`, the one that is highest by `order` (unknown values are lowest). Rows
 * that agree on key and order are told apart by all their columns, so that the result never depends on the order of the input.
 * `arrived`: only what had arrived by the end of so many months after the reference month. Columns: those of the input.
 */
export const deduplicate = defineTransform({
  name: 'deduplicate',
  over: 'month',
  parameters: z.strictObject({
    key: z.array(Column).min(1),
    order: z.array(Column).min(1),
    arrived: z.strictObject({ column: Column, months: z.number().int().min(0).max(120) }).exactOptional(),
  }),
  reads: ({ key, order, arrived }) => [...new Set([...key, ...order, ...(arrived === undefined ? [] : [arrived.column])])],
  build({ from, with: { key, order, arrived }, period }) {
    const inTime = arrived && sql`WHERE ${arrivedBy(arrived.column, requiredPeriod('deduplicate', period), arrived.months)}`;
    const keys = join(key.map((name) => id(name)));
    const newest = join(order.map((name) => sql`${id(name)} DESC NULLS LAST`));
    return sql`-- One row per key: its latest version.
WITH ranked AS (
  SELECT *, rank() OVER version AS _rank, count(*) OVER (version RANGE BETWEEN CURRENT ROW AND CURRENT ROW) AS _twins
  FROM ${from}
  ${inTime ?? sql``}
  WINDOW version AS (PARTITION BY ${keys} ORDER BY ${newest})
),
latest AS (SELECT * EXCLUDE (_rank) FROM ranked WHERE _rank = 1),
twin AS (SELECT * EXCLUDE (_twins) FROM latest WHERE _twins > 1)
SELECT * EXCLUDE (_twins) FROM latest WHERE _twins = 1
UNION ALL
SELECT * FROM twin QUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY twin DESC) = 1`;
  },
});
