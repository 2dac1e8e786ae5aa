import * as z from 'zod';
import { id, literal, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform, requiredPeriod } from './transform.ts';

const Parameters = z.strictObject({
  meter: Column.default('meter_id'),
  time: Column.default('ts_utc'),
  energy: Column.default('kwh'),
  quality: Column.exactOptional(),
  /** Clock that days are counted by; it changes on whole hours. */
  zone: z.string().min(1).default('Asia/Jerusalem'),
  /** Minutes of one reading; they divide the hour. */
  minutes: z.int().min(1).max(60).default(30),
  /** A whole day of one value of at least so many Wh a reading is a stuck meter, not a home. */
  stuck_wh: z.int().min(1).default(20),
});

/**
 * Readings of a month (kWh per interval, UTC) to one row per meter and local day, in one pass. Columns: the meter, day DATE, expected (46,
 * 48 or 50 half-hours: clock changes), observed (valid readings; 0 for a stuck day), import_wh and export_wh BIGINT (sums of the positive and
 * the negative readings that are not suspect), low_wh and peak_wh INTEGER (least and largest import of an interval, of valid readings).
 * `quality`: V valid, E estimated (energy, but not observed), S suspect (neither). Source: docs/methods/occupancy.md.
 */
export const meterDay = defineTransform({
  name: 'meter_day',
  over: 'month',
  parameters: Parameters,
  reads: ({ meter, time, energy, quality }) => [meter, time, energy, ...(quality === undefined ? [] : [quality])],
  build({ from, with: { meter, time, energy, quality, zone, minutes, stuck_wh }, period }) {
    const month = requiredPeriod('meter_day', period);
    const flag = quality === undefined ? sql`'V'` : id(quality);
    return sql`-- One row per meter and local day.
WITH clock AS (
  SELECT hour, CAST(timezone(${literal(zone)}, timezone('UTC', hour)) AS DATE) AS day
  FROM (SELECT unnest(generate_series(CAST(${month} || '-01' AS TIMESTAMP) - INTERVAL 1 DAY, CAST(${month} || '-01' AS TIMESTAMP) + INTERVAL 32 DAY, INTERVAL 1 HOUR)) AS hour) AS hours
  WHERE strftime(timezone(${literal(zone)}, timezone('UTC', hour)), '%Y-%m') = ${month}
),
length AS (SELECT day, CAST(count(*) * 60 // ${literal(minutes)} AS INTEGER) AS expected FROM clock GROUP BY day),
reading AS (
  SELECT ${id(meter)} AS meter, date_trunc('hour', ${id(time)}) AS hour, CAST(round(${id(energy)} * 1000) AS INTEGER) AS wh, ${flag} AS flag
  FROM ${from}
),
counted AS (
  SELECT r.meter, c.day, CAST(count(*) FILTER (flag = 'V') AS INTEGER) AS observed,
    coalesce(CAST(sum(greatest(wh, 0)) FILTER (flag <> 'S') AS BIGINT), 0) AS import_wh, coalesce(CAST(sum(greatest(-wh, 0)) FILTER (flag <> 'S') AS BIGINT), 0) AS export_wh,
    min(greatest(wh, 0)) FILTER (flag = 'V') AS low_wh, max(greatest(wh, 0)) FILTER (flag = 'V') AS peak_wh
  FROM reading AS r JOIN clock AS c ON c.hour = r.hour
  GROUP BY r.meter, c.day
)
SELECT CAST(${month} AS VARCHAR) AS reference_month, c.meter AS ${id(meter)}, c.day, l.expected,
  CASE WHEN low_wh = peak_wh AND low_wh >= ${literal(stuck_wh)} AND observed * 2 > l.expected THEN 0 ELSE observed END AS observed, import_wh, export_wh, low_wh, peak_wh
FROM counted AS c JOIN length AS l ON l.day = c.day`;
  },
});
