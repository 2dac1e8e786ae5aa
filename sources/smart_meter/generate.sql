-- Half-hourly readings. Needs: seed(), first_day(), tables meter, dwelling; each month: month_no(), month_first(), month_days().
-- Times are UTC; a month, a day and an hour of the day are those of Jerusalem, so that a day has 46, 48 or 50 half-hours. Energy is in Wh, negative when the roof gives more than the home takes.

--- prepare
-- First days of Passover (the eve), by year.
CREATE OR REPLACE TEMP TABLE passover AS
SELECT * FROM (VALUES (DATE '2019-04-19'), (DATE '2020-04-08'), (DATE '2021-03-27'), (DATE '2022-04-15'), (DATE '2023-04-05'), (DATE '2024-04-22'), (DATE '2025-04-12'), (DATE '2026-04-01'), (DATE '2027-04-21'),
  (DATE '2028-04-10'), (DATE '2029-03-30'), (DATE '2030-04-17'), (DATE '2031-04-07')) AS p(eve);

-- One row per panel dwelling: lasting traits. Powers are Wh per half-hour.
CREATE OR REPLACE TEMP TABLE home AS
SELECT DISTINCT ON (dwelling_no) dwelling_no, use, locality_code, area_m2, CASE WHEN slot = 0 THEN dwelling_type END AS dwelling_type,
  CASE WHEN use <> 'vacant' THEN 18 + 40 * u('standby', dwelling_no) WHEN u('kind of vacancy', dwelling_no) < 0.55 THEN 0 WHEN u('kind of vacancy', dwelling_no) < 0.85 THEN 1 + 9 * u('standby', dwelling_no) ELSE 18 + 14 * u('standby', dwelling_no) END AS base_wh,
  -- away from a second home the mains or all but the refrigerator are off
  CASE WHEN use IN ('permanent', 'short_stay') THEN 1 WHEN use = 'vacant' THEN 1 WHEN u('mains off', dwelling_no) < 0.5 THEN 0.05 ELSE 0.6 END AS base_away,
  -- one home in 25 is frugal: little more than a refrigerator and a lamp
  use = 'permanent' AND u('frugal', dwelling_no) < 0.04 AS is_frugal,
  CASE WHEN is_frugal THEN 20 ELSE 130 * exp(0.45 * normal('level', dwelling_no)) * sqrt(area_m2 / 90.0) END AS active_wh, CASE WHEN is_frugal THEN 150 ELSE 900 END AS spike_wh,
  CASE WHEN u('cooling', dwelling_no) < 0.92 AND NOT is_frugal THEN 16 + 34 * u('power of cooling', dwelling_no) ELSE 0 END AS cooling_wh,
  CASE WHEN u('heating', dwelling_no) < 0.7 AND NOT is_frugal THEN 8 + 24 * u('power of heating', dwelling_no) ELSE 0 END AS heating_wh,
  CASE WHEN u('timer', dwelling_no) < CASE use WHEN 'permanent' THEN 0.25 ELSE 0.04 END THEN 15 + 25 * u('power of the timer', dwelling_no) ELSE 0 END AS timer_wh,
  CASE WHEN dwelling_type IN ('house', 'semi_detached') AND u('roof', dwelling_no) < 0.25 THEN 800 + 1600 * u('power of the roof', dwelling_no) ELSE 0 END AS roof_wh,
  u('kind of season', dwelling_no) AS season_kind, below('season', dwelling_no, 12)::INTEGER AS season_start, 3 + below('length of the season', dwelling_no, 4)::INTEGER AS season_months,
  CASE WHEN use = 'permanent' AND u('tenants change', dwelling_no) < 0.05 THEN below('day of the change', dwelling_no, 730) END::INTEGER AS empty_from, 20 + below('days between tenants', dwelling_no, 60)::INTEGER AS empty_days
FROM meter ORDER BY dwelling_no, slot;

--- month
-- One row per half-hour of the month: when it begins (UTC), which day of the generator and hour of Jerusalem it belongs to.
CREATE OR REPLACE TEMP TABLE slot AS
WITH bound AS (SELECT timezone('UTC', timezone('Asia/Jerusalem', month_first()::TIMESTAMP)) AS starts, timezone('UTC', timezone('Asia/Jerusalem', (month_first() + month_days())::TIMESTAMP)) AS ends),
listed AS (SELECT unnest(generate_series(starts, ends - INTERVAL 30 MINUTE, INTERVAL 30 MINUTE)) AS ts_utc, starts FROM bound),
local AS (SELECT *, timezone('Asia/Jerusalem', timezone('UTC', ts_utc)) AS ts_local FROM listed)
SELECT ts_utc, ts_local, (date_diff('minute', starts, ts_utc) // 30)::INTEGER AS slot_no, (date_diff('minute', first_day()::TIMESTAMP, ts_utc) // 30 + 64)::BIGINT AS clock_no,
  (ts_local::DATE - first_day())::INTEGER AS day_no, hour(ts_local)::INTEGER * 2 + minute(ts_local)::INTEGER // 30 AS half, isodow(ts_local)::INTEGER AS weekday,
  -- the hour that the clocks repeat in autumn: its second pass
  count(*) OVER (PARTITION BY ts_local ORDER BY ts_utc) = 2 AS is_repeated,
  greatest(0, sin(pi() * (hour(ts_local) + minute(ts_local) / 60.0 - 5.75) / 13)) * (hour(ts_local) BETWEEN 6 AND 18)::INTEGER AS sun
FROM local;

-- How active a home is: half-hour by kind of day (1 weekday, 2 Friday, 3 Shabbat), about 1 on average.
CREATE OR REPLACE TEMP TABLE slot_shape AS
SELECT slot_no, ts_utc, clock_no, day_no, half, is_repeated, sun,
  CASE WHEN half < 11 THEN 0.12 WHEN half < 17 THEN CASE weekday WHEN 6 THEN 0.4 ELSE 1.1 END WHEN half < 31 THEN CASE weekday WHEN 5 THEN 1.5 WHEN 6 THEN 1.1 ELSE 0.7 END
    WHEN half < 35 THEN CASE weekday WHEN 5 THEN 1.8 ELSE 1.2 END WHEN half < 45 THEN 2.1 ELSE 0.9 END AS activity,
  CASE WHEN half < 12 THEN 0.3 WHEN half < 22 THEN 0.6 WHEN half < 34 THEN 1.3 ELSE 1.5 END AS cooling_share, CASE WHEN half < 12 THEN 0.3 WHEN half < 18 THEN 1.2 WHEN half < 32 THEN 0.6 ELSE 1.9 END AS heating_share,
  weekday = 5 AND half >= 32 OR weekday = 6 AND half < 40 AS is_shabbat
FROM slot;

-- One row per home and day: who is there, and the weather. Present: 1; away: 0.
CREATE OR REPLACE TEMP TABLE home_day AS
WITH dated AS (
  SELECT h.*, d.day_no, first_day() + d.day_no AS day, d.weekday, h.dwelling_no * 4096 + d.day_no AS key, (SELECT min(abs(first_day() + d.day_no - eve - 3)) FROM passover) AS from_passover
  FROM home AS h CROSS JOIN (SELECT day_no, min(weekday) AS weekday FROM slot GROUP BY day_no) AS d
), judged AS (
  SELECT *, CASE
    WHEN use = 'vacant' THEN u('visit', key) < 0.008
    WHEN use = 'short_stay' THEN u('guests', dwelling_no * 4096 + day_no // 3) < 0.45 + 0.2 * (month(day) IN (4, 7, 8, 9))::INTEGER
    WHEN use = 'seasonal' AND season_kind < 0.35 THEN weekday IN (5, 6) AND u('weekend away', dwelling_no * 4096 + day_no // 7) < 0.55 OR from_passover <= 3 AND u('holiday', dwelling_no) < 0.6
    WHEN use = 'seasonal' THEN (month(day) - 1 - CASE WHEN season_kind < 0.75 THEN 5 ELSE season_start END + 12) % 12 < season_months AND u('day of the season', key) < 0.9 OR u('short visit', dwelling_no * 4096 + day_no // 7) < 0.03
    ELSE NOT (coalesce(day_no BETWEEN empty_from AND empty_from + empty_days, false)
      OR from_passover <= 3 AND u('Passover away', dwelling_no * 64 + year(day) % 64) < 0.15
      OR month(day) = 8 AND day(day) BETWEEN 1 + below('August away from', dwelling_no * 64 + year(day) % 64, 18) AND 7 + below('August away from', dwelling_no * 64 + year(day) % 64, 18) + below('August days away', dwelling_no, 8)
        AND u('August away', dwelling_no * 64 + year(day) % 64) < 0.25
      OR u('night away', key) < 0.015) END AS is_present
  FROM dated
), weather AS (
  SELECT *, 20.5 - 7.5 * cos(2 * pi() * (dayofyear(day) - 25) / 365.25) + CASE WHEN locality_code = 2600 THEN 5 WHEN locality_code = 3000 THEN -3 ELSE 0 END
    + 1.6 * normal('weather', day_no) + 1.2 * normal('weather', day_no // 4) AS temperature
  FROM judged
)
SELECT dwelling_no, day_no, is_present::INTEGER AS present, base_wh * (1 + 0.015 * (temperature - 20)) * CASE WHEN is_present THEN 1 ELSE base_away END AS base_wh,
  active_wh * (0.85 + 0.3 * u('busy day', key)) * is_present::INTEGER AS active_wh, spike_wh * is_present::INTEGER AS spike_wh,
  CASE WHEN is_present THEN cooling_wh * greatest(0, temperature - 23) ELSE 0 END AS cooling_wh, CASE WHEN is_present THEN heating_wh * greatest(0, 16 - temperature) ELSE 0 END AS heating_wh,
  timer_wh, roof_wh * (0.35 + 0.65 * u('clouds', day_no)) AS roof_wh
FROM weather;

-- One row per meter that works in the month, with its faults of the month: up to two gaps, a stuck spell, an old clock. Half-hours of the month.
CREATE OR REPLACE TEMP TABLE meter_month AS
SELECT meter_no, meter_id, slot, dwelling_no, from_day, coalesce(to_day, 1000000) AS to_day, meter_no * 1024 + month_no() AS key,
  u('old clock', meter_no) < 0.03 AS has_old_clock,
  CASE WHEN u('gap 1', key) < 0.06 THEN below('gap 1 from', key, 1400) ELSE -1 END AS gap_1, gap_1 + exponential('gap 1 length', key, 14) AS gap_1_to,
  CASE WHEN u('gap 2', key) < 0.006 THEN below('gap 2 from', key, 1400) ELSE -1 END AS gap_2, gap_2 + 100 + exponential('gap 2 length', key, 300) AS gap_2_to,
  CASE WHEN u('stuck', key) < 0.004 THEN below('stuck from', key, 1200) ELSE -1 END AS stuck, stuck + 100 + exponential('stuck length', key, 200) AS stuck_to, 60 + below('stuck at', key, 240) AS stuck_wh, u('stuck is seen', key) < 0.4 AS stuck_seen
FROM meter WHERE from_day < (month_first() - first_day()) + month_days() AND coalesce(to_day, 1000000) >= month_first() - first_day();

-- One draw is the sum of the four 16-bit parts of 64 random bits: nearly normal, mean 0, standard deviation 1.
CREATE OR REPLACE MACRO bell(bits) AS (((bits & 65535) + ((bits >> 16) & 65535) + ((bits >> 32) & 65535) + (bits >> 48))::DOUBLE / 65536 - 2) * 1.7320508;

-- One row per reading; a table of its own, so that the work on it is shared among threads.
CREATE OR REPLACE TEMP TABLE reading AS
SELECT m.meter_no, s.slot_no, s.day_no, m.meter_no * 262144 + s.clock_no AS draw
FROM meter_month AS m JOIN slot_shape AS s ON s.day_no BETWEEN m.from_day AND m.to_day
WHERE NOT (gap_1 >= 0 AND slot_no BETWEEN gap_1 AND gap_1_to) AND NOT (gap_2 >= 0 AND slot_no BETWEEN gap_2 AND gap_2_to);

--- delivery
--> delivery smart_meter.parquet
-- One row per meter and half-hour. The noise is an autoregression, coefficient 0.5, cut after four terms.
WITH noisy AS (
  SELECT *, bits('load', draw) AS now_bits FROM reading
), moved AS (
  SELECT *, 0.866 * (bell(now_bits) + 0.5 * bell(bits('load', draw - 1)) + 0.25 * bell(bits('load', draw - 2)) + 0.125 * bell(bits('load', draw - 3))) AS noise
  FROM noisy
), loaded AS (
  SELECT m.*, n.slot_no, n.now_bits, s.ts_utc, s.is_repeated, CASE m.slot
      WHEN 3 THEN 90 + 60 * (half < 12 OR half > 34)::INTEGER + 20 * noise
      WHEN 4 THEN 60 + 500 * (half BETWEEN 16 AND 38)::INTEGER * exp(0.3 * noise)
      WHEN 2 THEN h.present * (h.heating_wh * heating_share * 2 + 120 * (half BETWEEN 36 AND 44)::INTEGER * (now_bits % 3 = 0)::INTEGER) + 2
      ELSE h.base_wh * (1 + 0.12 * noise) + h.active_wh * activity * exp(0.45 * noise - 0.1) + h.cooling_wh * cooling_share * exp(0.2 * noise) + h.heating_wh * heating_share * exp(0.2 * noise)
        + h.spike_wh * (now_bits % 1000 < 60 * activity)::INTEGER * (0.4 + 0.001 * (now_bits // 1000 % 1000)) + h.timer_wh * is_shabbat::INTEGER - h.roof_wh * sun END AS load
  FROM moved AS n JOIN meter_month AS m ON m.meter_no = n.meter_no JOIN slot_shape AS s ON s.slot_no = n.slot_no JOIN home_day AS h ON h.dwelling_no = m.dwelling_no AND h.day_no = n.day_no
)
SELECT meter_id, CASE WHEN has_old_clock AND is_repeated THEN ts_utc - INTERVAL 1 HOUR ELSE ts_utc END AS ts_utc,
  round(CASE WHEN slot_no BETWEEN stuck AND stuck_to AND stuck >= 0 THEN stuck_wh WHEN slot IN (0, 1) THEN load ELSE greatest(0, load) END)::INTEGER / 1000.0 AS kwh,
  CASE WHEN slot_no BETWEEN stuck AND stuck_to AND stuck >= 0 AND stuck_seen THEN 'S' WHEN now_bits % 2048 < 4 THEN 'E' ELSE 'V' END AS quality_flag
FROM loaded ORDER BY meter_id, slot_no;

--> truth dwelling_months/<month>.parquet
-- One row per panel dwelling and month: what it is used for and on how many days somebody was there.
SELECT d.dwelling_id, h.use, sum(y.present)::INTEGER AS present_days, count(*)::INTEGER AS days
FROM home AS h JOIN dwelling AS d ON d.dwelling_no = h.dwelling_no JOIN home_day AS y ON y.dwelling_no = h.dwelling_no
GROUP BY d.dwelling_id, h.use ORDER BY d.dwelling_id;
