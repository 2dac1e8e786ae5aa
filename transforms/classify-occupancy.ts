import { id, literal, sql } from '../engine/sql.ts';
import { DAY_COLUMNS, OccupancyParameters, occupancyMonths } from './occupancy-months.ts';
import { defineTransform } from './transform.ts';

/**
 * Days of dwellings to one row per dwelling and month. Columns: month and unit under their own names, completeness (0 to 1), kwh BIGINT (import,
 * scaled up for missing readings; NULL below the wanted completeness), judged_days, active_days, standby_wh, threshold_wh, occupancy (empty,
 * partly, lived_in, unknown), use_class (permanent, seasonal, vacant, unknown: the twelve months that begin with this one), is_year BOOLEAN (the
 * data hold twelve months from this one on; until then every class is unknown). What has its year never changes with later months. Source: docs/methods/occupancy.md.
 */
export const classifyOccupancy = defineTransform({
  name: 'classify_occupancy',
  over: 'all',
  parameters: OccupancyParameters,
  reads: ({ unit, month }) => [unit, month, ...DAY_COLUMNS],
  build({ from, with: parameters }) {
    const { unit, month, floor_wh, mad_factor, completeness } = parameters;
    return sql`-- One row per dwelling and month.
WITH ${occupancyMonths(from, parameters, sql`SELECT 1 AS variant, ${literal(floor_wh)} AS floor_wh, ${literal(mad_factor)} AS mad_factor`)}
SELECT month AS ${id(month)}, unit AS ${id(unit)}, completeness,
  CASE WHEN completeness >= ${literal(completeness)} THEN CAST(round(import_wh / completeness / 1000) AS BIGINT) END AS kwh,
  judged_days, active_days, standby_wh, threshold_wh,
  CASE letter WHEN 'e' THEN 'empty' WHEN 'l' THEN 'lived_in' WHEN 'p' THEN 'partly' ELSE 'unknown' END AS occupancy, class AS use_class,
  year_months = 12 AS is_year
FROM occupancy`;
  },
});
