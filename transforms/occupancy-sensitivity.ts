import * as z from 'zod';
import { id, join, literal, sql } from '../engine/sql.ts';
import { DAY_COLUMNS, OccupancyParameters, occupancyMonths } from './occupancy-months.ts';
import { defineTransform } from './transform.ts';

/**
 * How many dwellings each class would have with other thresholds: one row per month whose twelve months are complete, floor (tau) and
 * factor of the MAD (k). Columns: month, floor_wh, mad_factor, permanent, seasonal, vacant, unknown (dwellings). For methodologists: the
 * variants are nested, so that differences between them are small counts; it never leaves. Source: docs/methods/occupancy.md.
 */
export const occupancySensitivity = defineTransform({
  name: 'occupancy_sensitivity',
  over: 'all',
  parameters: OccupancyParameters.omit({ floor_wh: true, mad_factor: true }).extend({
    floors_wh: z.array(z.int().min(0)).min(1).max(10).default([500, 750, 1000]),
    mad_factors: z.array(z.number().min(0)).min(1).max(10).default([5, 10, 20, 40]),
  }),
  reads: ({ unit, month }) => [unit, month, ...DAY_COLUMNS],
  build({ from, with: { floors_wh, mad_factors, ...parameters } }) {
    const variants = floors_wh.flatMap((floor) => mad_factors.map((factor) => sql`(${literal(floor)}, ${literal(factor)})`));
    const grid = sql`SELECT row_number() OVER (ORDER BY floor_wh, mad_factor) AS variant, * FROM (VALUES ${join(variants)}) AS v(floor_wh, mad_factor)`;
    return sql`-- One row per month and variant of the thresholds.
WITH ${occupancyMonths(from, OccupancyParameters.parse(parameters), grid)}
SELECT o.month AS ${id(parameters.month)}, g.floor_wh, CAST(g.mad_factor AS DOUBLE) AS mad_factor, count(*) FILTER (class = 'permanent') AS permanent, count(*) FILTER (class = 'seasonal') AS seasonal,
  count(*) FILTER (class = 'vacant') AS vacant, count(*) FILTER (class = 'unknown') AS unknown
FROM occupancy AS o JOIN grid AS g ON g.variant = o.variant
WHERE o.year_months = 12
GROUP BY o.month, g.floor_wh, g.mad_factor
ORDER BY o.month, g.floor_wh, g.mad_factor`;
  },
});
