import * as z from 'zod';
import { id, join, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform } from './transform.ts';

/**
 * Edit of changes from month to month, Hidiroglou and Berthelot (1986): r = y_t / y_(t-1) of each unit with values above zero in both
 * months; s = 1 - med / r below the median of the month and r / med - 1 above it; E = s x max(y_t, y_(t-1))^`power`. Suspicious outside
 * med E - C max(med E - q, |A med E|) and med E + C max(q' - med E, |A med E|), C = `width`, A = `floor`, q and q' the quantiles of E at
 * `tail` and 1 - `tail` (quartiles in 1986). Values of one unit
 * and month are added. Columns: period, those of `unit`, previous and value (DOUBLE, unit of the input), effect DOUBLE, change: `low`,
 * `high`, `plausible`, or `not_judged`: off a median from which that side of the month has no spread, so nothing shows what is unusual.
 * Changes no value.
 */
export const hidiroglouBerthelot = defineTransform({
  name: 'hidiroglou_berthelot',
  over: 'all',
  parameters: z.strictObject({
    unit: z.array(Column).min(1),
    period: Column.default('reference_month'),
    value: Column,
    power: z.number().min(0).max(1).default(0.4),
    floor: z.number().min(0).max(1).default(0.05),
    width: z.number().positive().default(4),
    tail: z.number().gt(0).lt(0.5).default(0.25),
  }),
  reads: ({ unit, period, value }) => [...unit, period, value],
  build({ from, with: { unit, period, value, power, floor, width, tail } }) {
    const units = join(unit.map((name) => id(name)));
    const month = id(period);
    const known = join(
      [...unit, period].map((name) => sql`${id(name)} IS NOT NULL`),
      ' AND ',
    );
    return sql`-- One row per unit and month whose value and that of the month before are above zero.
WITH summed AS (
  SELECT ${units}, ${month}, CAST(sum(${id(value)} ORDER BY ${id(value)}) AS DOUBLE) AS amount
  FROM ${from}
  WHERE ${known} AND ${id(value)} IS NOT NULL
  GROUP BY ${units}, ${month}
),
later AS (
  SELECT ${units}, strftime(CAST(${month} || '-01' AS DATE) + INTERVAL 1 MONTH, '%Y-%m') AS ${month}, amount AS previous
  FROM summed
  WHERE amount > 0
),
ratio AS (
  SELECT ${month}, ${units}, previous, amount, amount / previous AS r
  FROM summed JOIN later USING (${units}, ${month})
  WHERE amount > 0
),
middle AS (
  SELECT ${month}, quantile_cont(r, 0.5) AS m FROM ratio GROUP BY ${month}
),
effect AS (
  SELECT ${month}, ${units}, previous, amount,
    (CASE WHEN r < m THEN 1 - m / r ELSE r / m - 1 END) * pow(greatest(amount, previous), ${power}) AS effect
  FROM ratio JOIN middle USING (${month})
),
spread AS (
  SELECT ${month}, quantile_cont(effect, 0.5) AS m, greatest(m - quantile_cont(effect, ${tail}), abs(${floor} * m)) AS down,
    greatest(quantile_cont(effect, ${1 - tail}) - m, abs(${floor} * m)) AS up
  FROM effect GROUP BY ${month}
)
SELECT ${month}, ${units}, previous, amount AS ${id(value)}, effect,
  CASE WHEN effect < m AND down = 0 OR effect > m AND up = 0 THEN 'not_judged'
    WHEN effect < m - ${width} * down THEN 'low'
    WHEN effect > m + ${width} * up THEN 'high'
    ELSE 'plausible' END AS change
FROM effect JOIN spread USING (${month})`;
  },
});
