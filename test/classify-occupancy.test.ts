import { beforeEach, describe, expect, it } from 'vitest';
import { join as list, literal, type Sql, sql } from '../engine/sql.ts';
import { built, dwellingSession } from './dwelling-steps.ts';

const session = dwellingSession();

describe('classify_occupancy', () => {
  /** Dwellings by hand over 13 months: energy and rise of a day as SQL over `day` and `n` (days from the first). */
  const DWELLINGS: Readonly<Record<string, { wh: Sql; rise: Sql; observed?: Sql; class: string }>> = {
    family: { wh: sql`9000 + n % 7 * 500`, rise: sql`900`, class: 'permanent' },
    frugal: { wh: sql`1500 + n % 5 * 60`, rise: sql`150`, class: 'permanent' },
    flat_but_high: { wh: sql`2900 + n % 5 * 60`, rise: sql`70`, class: 'permanent' },
    switched_off: { wh: sql`0`, rise: sql`0`, class: 'vacant' },
    refrigerator: { wh: sql`1200 + n % 11 * 10`, rise: sql`30`, class: 'vacant' },
    handyman: {
      wh: sql`CASE WHEN n % 60 = 0 THEN 4000 ELSE 1200 + n % 11 * 10 END`,
      rise: sql`CASE WHEN n % 60 = 0 THEN 900 ELSE 30 END`,
      class: 'vacant',
    },
    summer_home: {
      wh: sql`CASE WHEN month(day) BETWEEN 6 AND 9 THEN 8000 ELSE 900 + n % 3 * 10 END`,
      rise: sql`CASE WHEN month(day) BETWEEN 6 AND 9 THEN 900 ELSE 20 END`,
      class: 'seasonal',
    },
    weekend_home: {
      wh: sql`CASE WHEN isodow(day) IN (5, 6) THEN 6000 ELSE 300 END`,
      rise: sql`CASE WHEN isodow(day) IN (5, 6) THEN 800 ELSE 10 END`,
      class: 'seasonal',
    },
    sabbath_timer: {
      wh: sql`CASE WHEN isodow(day) = 6 THEN 700 ELSE 100 END`,
      rise: sql`CASE WHEN isodow(day) = 6 THEN 25 ELSE 2 END`,
      class: 'vacant',
    },
    gaps: { wh: sql`9000`, rise: sql`900`, observed: sql`CASE WHEN n % 7 = 0 THEN 0 ELSE 48 END`, class: 'unknown' },
  };

  beforeEach(async () => {
    const rows = Object.entries(DWELLINGS).map(
      ([
        name,
        { wh, rise, observed },
      ]) => sql`SELECT ${literal(name)} AS dwelling_id, strftime(day, '%Y-%m') AS reference_month, day, 48 AS expected, ${observed ?? sql`48`} AS observed, (${wh})::BIGINT AS import_wh, ${rise} AS rise_wh
      FROM (SELECT DATE '2024-01-01' + n::INTEGER AS day, n FROM range(397) AS r(n))`,
    );
    await session.table('days', list(rows, ' UNION ALL '));
  });

  const classes = (from: string, month: string, parameters: object = {}) =>
    session.rows<{ dwelling_id: string; use_class: string }>(
      sql`SELECT dwelling_id, use_class FROM (${built('classify_occupancy', from, parameters)}) WHERE reference_month = ${month} ORDER BY dwelling_id`,
    );

  it('names what each of the dwellings by hand is', async () => {
    const found = Object.fromEntries((await classes('days', '2024-01')).map((row) => [row.dwelling_id, row.use_class]));
    expect(found).toEqual(Object.fromEntries(Object.entries(DWELLINGS).map(([name, dwelling]) => [name, dwelling.class])));
  });

  it('says unknown until there are twelve months, and changes no month that has them when later ones come', async () => {
    expect(new Set((await classes('days', '2024-03')).map((row) => row.use_class))).toEqual(new Set(['unknown']));
    // Two more years in which everybody takes much less, so that any look ahead would move the standby level.
    const later = sql`SELECT dwelling_id, strftime(day + INTERVAL 397 DAY, '%Y-%m') AS reference_month, (day + INTERVAL 397 DAY)::DATE AS day, expected, observed, import_wh // 3 AS import_wh, rise_wh // 9 AS rise_wh FROM days`;
    await session.table('two_years', sql`SELECT * FROM days UNION ALL ${later}`);
    const first = (from: string) =>
      session.rows(sql`SELECT * FROM (${built('classify_occupancy', from)}) WHERE reference_month <= '2024-02' ORDER BY ALL`);
    expect(await first('two_years')).toEqual(await first('days'));
  });

  it('keeps a month without any reading, as unknown; it breaks a run of empty months', async () => {
    await session.table(
      'silent',
      sql`SELECT * REPLACE (CASE WHEN reference_month = '2024-07' THEN 0 ELSE observed END AS observed) FROM days WHERE dwelling_id = 'switched_off'`,
    );
    const rows = await session.rows<{ occupancy: string }>(
      sql`SELECT occupancy, use_class FROM (${built('classify_occupancy', 'silent')}) WHERE reference_month IN ('2024-01', '2024-07') ORDER BY reference_month`,
    );
    expect(rows).toEqual([
      { occupancy: 'empty', use_class: 'vacant' },
      { occupancy: 'unknown', use_class: 'unknown' },
    ]);
    const [{ letters } = { letters: '' }] = await session.rows<{ letters: string }>(
      sql`SELECT string_agg(left(occupancy, 1), '' ORDER BY reference_month) AS letters FROM (${built('classify_occupancy', 'silent')})`,
    );
    expect(letters).toBe('eeeeeeueeeeee');
  });

  it('scales energy up for missing readings, and has none for a month with too few', async () => {
    const [full] = await session.rows(
      sql`SELECT kwh FROM (${built('classify_occupancy', 'days', { completeness: 0.8 })}) WHERE dwelling_id = 'gaps' AND reference_month = '2024-02'`,
    );
    expect(full).toEqual({ kwh: BigInt(Math.round((29 * 9000 * 29) / 25 / 1000)) });
    const [none] = await session.rows(
      sql`SELECT kwh, occupancy FROM (${built('classify_occupancy', 'days')}) WHERE dwelling_id = 'gaps' AND reference_month = '2024-02'`,
    );
    expect(none).toEqual({ kwh: null, occupancy: 'unknown' });
  });

  it('would call lived-in homes empty by the MAD of all days: the lowest decile is what keeps them', async () => {
    const { naive } = await session.row<{
      naive: number;
    }>(sql`WITH one AS (SELECT import_wh FROM days WHERE dwelling_id = 'family'), level AS (SELECT median(import_wh) AS m, quantile_cont(import_wh, 0.05) AS b FROM one)
      SELECT avg((import_wh > b + 3 * (SELECT median(abs(import_wh - m)) FROM one, level))::INTEGER) AS naive FROM one, level`);
    expect(naive).toBe(0);
  });

  it('the sensitivity table has the same counts in the row of its own thresholds, and vacancy grows with both', async () => {
    const rows = await session.rows<{
      floor_wh: number;
      mad_factor: number;
      permanent: bigint;
      seasonal: bigint;
      vacant: bigint;
      unknown: bigint;
    }>(
      sql`SELECT * EXCLUDE (reference_month) FROM (${built('occupancy_sensitivity', 'days')}) WHERE reference_month = '2024-01' ORDER BY floor_wh, mad_factor`,
    );
    expect(rows).toHaveLength(12);
    expect(rows.find((row) => row.floor_wh === 750 && row.mad_factor === 20)).toMatchObject({
      permanent: 3n,
      seasonal: 2n,
      vacant: 4n,
      unknown: 1n,
    });
    for (const left of rows)
      for (const right of rows)
        if (left.floor_wh <= right.floor_wh && left.mad_factor <= right.mad_factor) expect(left.vacant <= right.vacant).toBe(true);
  });
});
