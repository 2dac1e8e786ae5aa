import * as z from 'zod';
import { id, literal, type Sql, sql } from '../engine/sql.ts';
import { Column } from './column.ts';

const share = z.number().min(0).max(1);

/** Columns and thresholds of the occupancy classification; energy in Wh a day. Calibrated on dwellings known to be empty: docs/methods/occupancy.md. */
export const OccupancyParameters = z.strictObject({
  unit: Column.default('dwelling_id'),
  month: Column.default('reference_month'),
  /** Below it nobody is at home, whatever the standby (tau). */
  floor_wh: z.int().min(0).default(750),
  /** Above it somebody is at home, whatever the standby. */
  cap_wh: z.int().min(0).default(2000),
  /** Standby level + so many MADs of the lowest decile of days (k). */
  mad_factor: z.number().min(0).default(20),
  /** The MAD counts as at least this share of the standby level: a refrigerator follows the seasons. */
  mad_floor: share.default(0.02),
  /** Between floor and threshold a day is empty only if no interval takes so much more than the least one. */
  flat_wh: z.int().min(0).default(100),
  /** A day with fewer of its readings is not judged. */
  day_completeness: share.default(0.75),
  /** A month with fewer of its readings, and twelve months with fewer of their days judged, are unknown. */
  completeness: share.default(0.9),
  /** Share of active days below which a month is empty, and from which it is lived in. */
  empty_share: share.default(0.2),
  lived_share: share.default(0.3),
  /** Active days in twelve months up to which a dwelling is vacant. */
  vacant_days: z.int().min(0).default(12),
  /** Empty months in a row that make a dwelling seasonal. */
  season_months: z.int().min(1).max(12).default(3),
  /** Share of active days in twelve months below which a dwelling is a second home even without such a run (weekend homes). */
  second_home_share: share.default(0.45),
});
export type OccupancyParameters = z.output<typeof OccupancyParameters>;

/** Columns that a relation of unit-days must have besides unit and month. */
export const DAY_COLUMNS = ['day', 'expected', 'observed', 'import_wh', 'rise_wh'] as const;

/**
 * Common table expressions up to `occupancy`: one row per variant of the thresholds (`grid`: variant, floor_wh, mad_factor), unit and month,
 * with the class of the twelve months that begin with it.
 */
export function occupancyMonths(from: Sql, parameters: OccupancyParameters, grid: Sql): Sql {
  return sql`${standby(from, parameters)},
grid AS (${grid}),
${judged(parameters)},
${classified(parameters)}`;
}

/** Standby of each unit and month: median and MAD of the lowest decile of the judged days of the twelve months up to it. */
function standby(from: Sql, { unit, month, day_completeness }: OccupancyParameters): Sql {
  return sql`unit_day AS (
  SELECT ${id(unit)} AS unit, ${id(month)} AS month, day, expected, observed, import_wh, rise_wh, observed >= ${literal(day_completeness)} * expected AS is_judged FROM ${from}
),
unit_month AS (
  SELECT unit, month, CAST(left(month, 4) AS INTEGER) * 12 + CAST(right(month, 2) AS INTEGER) AS month_no,
    CAST(sum(expected) AS BIGINT) AS expected, CAST(sum(least(observed, expected)) AS BIGINT) AS observed, CAST(sum(import_wh) AS BIGINT) AS import_wh,
    CAST(count(*) FILTER (is_judged) AS INTEGER) AS judged_days, list(import_wh ORDER BY import_wh) FILTER (is_judged) AS loads
  FROM unit_day GROUP BY unit, month
),
calendar AS (SELECT month, count(DISTINCT day) AS days FROM unit_day GROUP BY month),
month AS (SELECT DISTINCT u.month_no, c.month, c.days FROM unit_month AS u JOIN calendar AS c ON c.month = u.month),
twelve_months AS (
  SELECT unit, month_no, list_sort(flatten(list(loads) OVER year)) AS loads
  FROM unit_month WHERE loads IS NOT NULL
  WINDOW year AS (PARTITION BY unit ORDER BY month_no RANGE BETWEEN 11 PRECEDING AND CURRENT ROW)
),
lowest AS (SELECT unit, month_no, loads[1:(len(loads) + 9) // 10] AS loads FROM twelve_months),
centred AS (SELECT *, list_aggregate(loads, 'median') AS standby_wh FROM lowest),
standby AS (SELECT unit, month_no, standby_wh, list_aggregate(list_transform(loads, lambda x: abs(x - standby_wh)), 'median') AS mad_wh FROM centred)`;
}

/** Active days of each unit and month, by variant. */
function judged({ cap_wh, mad_floor, flat_wh, completeness, empty_share, lived_share }: OccupancyParameters): Sql {
  return sql`threshold AS (
  SELECT variant, unit, month_no, standby_wh, mad_wh, g.floor_wh, greatest(g.floor_wh, least(${literal(cap_wh)}, standby_wh + g.mad_factor * greatest(mad_wh, ${literal(mad_floor)} * standby_wh))) AS threshold_wh
  FROM standby CROSS JOIN grid AS g
),
active AS (
  SELECT t.variant, t.unit, t.month_no, min(t.standby_wh) AS standby_wh, min(t.threshold_wh) AS threshold_wh,
    CAST(count(*) FILTER (d.import_wh >= t.floor_wh AND (d.import_wh > t.threshold_wh OR d.rise_wh > ${literal(flat_wh)})) AS INTEGER) AS active_days
  FROM unit_day AS d JOIN month AS m ON m.month = d.month JOIN threshold AS t ON t.unit = d.unit AND t.month_no = m.month_no
  WHERE d.is_judged
  GROUP BY t.variant, t.unit, t.month_no
),
lived AS (
  SELECT g.variant, u.*, a.standby_wh, a.threshold_wh, coalesce(a.active_days, 0) AS active_days, u.observed / u.expected AS completeness,
    CASE WHEN u.judged_days = 0 OR u.observed < ${literal(completeness)} * u.expected THEN 'u' WHEN a.active_days < ${literal(empty_share)} * u.judged_days THEN 'e' WHEN a.active_days >= ${literal(lived_share)} * u.judged_days THEN 'l' ELSE 'p' END AS letter
  FROM unit_month AS u CROSS JOIN grid AS g LEFT JOIN active AS a ON a.variant = g.variant AND a.unit = u.unit AND a.month_no = u.month_no
)`;
}

/** The class of each unit in the twelve months from each month on: letters of its months (e empty, p partly, l lived in, u unknown) in order. */
function classified({ completeness, vacant_days, season_months, second_home_share }: OccupancyParameters): Sql {
  return sql`expected AS (
  SELECT month_no, sum(days) OVER year AS year_days, count(*) OVER year AS year_months
  FROM month WINDOW year AS (ORDER BY month_no RANGE BETWEEN CURRENT ROW AND 11 FOLLOWING)
),
yearly AS (
  SELECT l.*, year_days, year_months, sum(active_days) OVER year AS year_active_days, sum(judged_days) OVER year AS year_judged_days,
    string_agg(letter, '' ORDER BY l.month_no) OVER year AS letters
  FROM lived AS l JOIN expected AS e ON e.month_no = l.month_no
  WINDOW year AS (PARTITION BY variant, unit ORDER BY l.month_no RANGE BETWEEN CURRENT ROW AND 11 FOLLOWING)
),
occupancy AS (
  SELECT *, CASE
    WHEN year_months < 12 OR year_judged_days < ${literal(completeness)} * year_days THEN 'unknown'
    WHEN year_active_days <= ${literal(vacant_days)} THEN 'vacant'
    WHEN contains(letters, repeat('e', ${literal(season_months)})) AND contains(letters, 'l') OR year_active_days < ${literal(second_home_share)} * year_judged_days THEN 'seasonal'
    ELSE 'permanent' END AS class
  FROM yearly
)`;
}
