import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DwellingAccuracy, dwellingText, measureDwellings } from '../bench/dwelling-accuracy.ts';
import { Session } from '../engine/session.ts';
import { id, join as list, literal, type Sql, sql, trusted } from '../engine/sql.ts';
import { transforms } from '../transforms/index.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const HOMES = resolve('../shared/data/smart-meter10/smart_meter10.parquet');
const HAS_HOMES = existsSync(HOMES);
const scratch = scratchFolder();
let session: Session;

beforeAll(async () => {
  session = await Session.open({
    temporaryDirectory: scratch,
    allowedDirectories: [`${scratch}/`, ...(HAS_HOMES ? [`${dirname(realpathSync(HOMES))}/`] : [])],
    onRawError: console.error,
  });
});
afterAll(() => session.close());

function built(name: string, from: string, parameters: object = {}, period?: string): Sql {
  const transform = transforms[name];
  if (transform === undefined) throw new Error(`no transform ${name}`);
  return transform.build({ from: id(from), with: parameters, ...(period !== undefined && { period }) });
}

/** The SELECT of a step's file, as the pipeline runs it. */
function step(name: string, month = '2024-01'): Sql {
  const text = readFileSync(join('pipelines/dwelling_occupancy', `${name}.sql`), 'utf8');
  return trusted(text.replaceAll('$reference_period', `'${month}'`));
}

const table = (name: string, select: Sql) => session.run(sql`CREATE OR REPLACE TABLE ${id(name)} AS ${select}`);

/** Readings of meter 1 in the half-hours of a span (UTC); `kwh` may use ts_utc. */
const readings = (
  from: string,
  to: string,
  kwh: Sql,
  flag = 'V',
) => sql`SELECT 1::BIGINT AS meter_id, ts_utc, (${kwh})::DOUBLE AS kwh, ${literal(flag)} AS quality_flag
  FROM (SELECT unnest(generate_series(${literal(from)}::TIMESTAMP, ${literal(to)}::TIMESTAMP - INTERVAL 30 MINUTE, INTERVAL 30 MINUTE)) AS ts_utc)`;

describe('meter_day', () => {
  const days = (period: string) =>
    session.rows<Record<string, number | bigint | string>>(
      sql`SELECT day::VARCHAR AS day, expected, observed, import_wh, export_wh, low_wh, peak_wh FROM (${built('meter_day', 'readings', { quality: 'quality_flag' }, period)}) ORDER BY day`,
    );

  it('counts 46 half-hours on the day that clocks go forward and 50 when they go back, and gives each reading to its local day', async () => {
    await table('readings', readings('2024-02-29 22:00', '2024-03-31 21:00', sql`0.1`));
    const march = await days('2024-03');
    expect(march).toHaveLength(31);
    for (const { day, expected, observed, import_wh } of march) {
      expect(expected, String(day)).toBe(day === '2024-03-29' ? 46 : 48);
      expect(observed).toBe(0); // one value all day: a stuck meter
      expect(import_wh).toBe(BigInt(expected ?? 0) * 100n);
    }
    await table('readings', readings('2024-09-30 21:00', '2024-10-31 22:00', sql`0.1 + hour(ts_utc) / 1000`));
    const october = await days('2024-10');
    expect(october.filter(({ expected }) => expected === 50).map(({ day }) => day)).toEqual(['2024-10-27']);
    expect(october.every(({ expected, observed }) => expected === observed)).toBe(true);
  });

  it('keeps what is fed in apart from what is taken, estimates out of what was observed, and suspect readings out of both', async () => {
    const day = (hours: string, kwh: Sql, flag: string) =>
      readings(`2024-01-10 ${hours.slice(0, 5)}`, `2024-01-10 ${hours.slice(6)}`, kwh, flag);
    await table(
      'readings',
      list(
        [
          day('00:00-06:00', sql`0.05`, 'V'),
          day('06:00-12:00', sql`-0.5`, 'V'),
          day('12:00-16:00', sql`0.2`, 'E'),
          day('16:00-20:00', sql`9`, 'S'),
        ],
        ' UNION ALL ',
      ),
    );
    expect(await days('2024-01')).toEqual([
      { day: '2024-01-10', expected: 48, observed: 24, import_wh: 12n * 50n + 8n * 200n, export_wh: 6000n, low_wh: 0, peak_wh: 50 },
    ]);
  });

  it('agrees with the partition of the contract about the month of every half-hour from 2014 to 2040', async () => {
    const contract = readFileSync('sources/smart_meter/contract.yaml', 'utf8');
    const [, expression = ''] = /name: reference_month, type: PERIOD_M, expr: "(.+?)", label/.exec(contract) ?? [];
    const { wrong } = await session.row<{ wrong: bigint }>(sql`SELECT count(*) AS wrong
      FROM (SELECT unnest(generate_series(TIMESTAMP '2014-01-01', TIMESTAMP '2040-12-31', INTERVAL 30 MINUTE)) AS ts_utc)
      WHERE ${trusted(expression)} <> strftime(timezone('Asia/Jerusalem', timezone('UTC', ts_utc)), '%Y-%m')`);
    expect(wrong).toBe(0n);
  });
});

describe('meter_dwelling', () => {
  /** Dwellings of one locality: [id, street, house, entrance, apartment]. */
  const REGISTER = [
    ['d1', 'רחוב הרצל 12 דירה 1'],
    ['d2', 'רחוב הרצל 12 דירה 2'],
    ['d3', 'רחוב הרצל 12 דירה 3'],
    ['d4', 'רחוב הרצל 12 דירה 4'],
    ['d5', 'רחוב ויצמן 5 כניסה א דירה 1'],
    ['d6', 'רחוב ויצמן 5 כניסה ב דירה 1'],
    ['d7', 'רחוב הגפן 7'],
    ['d8', 'רחוב הגפנים 9'],
    ['d9', 'רחוב הגפנית 9'],
  ] as const;
  const POINTS: readonly (readonly [number, string, string, string, readonly string[]])[] = [
    [1, "רח' הרצל 12/2", 'household', 'matched', ['d2']],
    [2, 'הרצל 12 דירה 3-4', 'household', 'shared', ['d3', 'd4']],
    [3, 'הרצל 12', 'household', 'ambiguous', []],
    [4, 'הרצל 12 דירה 9', 'household', 'unmatched', []],
    [5, 'הרצל 12 ועד הבית', 'common_area', 'common_area', []],
    [6, 'ויצמן 5 ב דירה 1', 'household', 'matched', ['d6']],
    [7, 'ויצמן 5 דירה 1', 'household', 'ambiguous', []],
    [8, 'הגפן 7', 'household', 'matched', ['d7']],
    [9, 'הרצלי 12 דירה 2', 'household', 'matched', ['d2']],
    [10, 'הרצלל 12 דירה 2', 'household', 'matched_near', ['d2']],
    [11, 'הגפנימ 9', 'household', 'matched', ['d8']],
    [12, 'הגפניס 9', 'household', 'unmatched', []],
    [13, 'ליד המכולת', 'household', 'unmatched', []],
    [14, 'הגפן 7 חנות', 'business', 'business', []],
  ];

  it('finds the one dwelling, tells a shared meter from an ambiguous address, and keeps every meter once', async () => {
    const values = (rows: readonly Sql[]) => sql`(VALUES ${list(rows)})`;
    await table(
      'register_address',
      sql`SELECT dwelling_id, 5000 AS locality_code, address_text FROM ${values(REGISTER.map(([dwelling, text]) => sql`(${literal(dwelling)}, ${literal(text)})`))} AS v(dwelling_id, address_text)`,
    );
    await table(
      'point',
      sql`SELECT meter_id, 5000 AS locality_code, address_text, contract_type, DATE '2020-01-01' AS valid_from, NULL::DATE AS valid_to FROM ${values(POINTS.map(([meter, text, contract]) => sql`(${literal(meter)}, ${literal(text)}, ${literal(contract)})`))} AS v(meter_id, address_text, contract_type)`,
    );
    await table('dwelling_address', built('parse_address', 'register_address'));
    await table('point_address', built('parse_address', 'point'));
    const rows = await session.rows<{ meter_id: number; outcome: string; dwellings: string[] }>(sql`
      SELECT meter_id, min(outcome) AS outcome, coalesce(list(dwelling_id ORDER BY dwelling_id) FILTER (dwelling_id IS NOT NULL), []) AS dwellings FROM (${step('meter_dwelling')}) GROUP BY meter_id ORDER BY meter_id`);
    expect(rows.map(({ meter_id, outcome, dwellings }) => [meter_id, outcome, dwellings])).toEqual(
      POINTS.map(([meter, , , outcome, dwellings]) => [meter, outcome, [...dwellings]]),
    );
  });
});

describe('dwelling_day', () => {
  it('adds the meters of a dwelling up, knows a day without readings, and follows a swap of meters', async () => {
    await table(
      'meter_day',
      sql`SELECT '2024-01' AS reference_month, meter_id, DATE '2024-01-01' + day AS day, 48 AS expected, 48 AS observed, 1000 * meter_id AS import_wh, 0 AS export_wh, 10 AS low_wh, 10 + meter_id AS peak_wh
      FROM range(1, 5) AS m(meter_id) CROSS JOIN (SELECT range::INTEGER AS day FROM range(4)) WHERE NOT (meter_id = 1 AND day = 1)`,
    );
    await table(
      'meter_dwelling',
      sql`SELECT * FROM (VALUES (1, 'd', 'matched', DATE '2020-01-01', DATE '2024-01-03'), (2, 'd', 'matched_near', DATE '2024-01-04', DATE '9999-12-31'), (3, 'd', 'matched', DATE '2020-01-01', DATE '9999-12-31'), (4, 'd', 'shared', DATE '2020-01-01', DATE '9999-12-31'))
      AS v(meter_id, dwelling_id, outcome, valid_from, valid_to)`,
    );
    expect(
      await session.rows(
        sql`SELECT right(day::VARCHAR, 2) AS day, expected, observed, import_wh, rise_wh, meters FROM (${step('dwelling_day')}) ORDER BY day`,
      ),
    ).toEqual([
      { day: '01', expected: 96n, observed: 96n, import_wh: 4000n, rise_wh: 3n, meters: 2 },
      { day: '02', expected: 96n, observed: 48n, import_wh: 3000n, rise_wh: 3n, meters: 2 },
      { day: '03', expected: 96n, observed: 96n, import_wh: 4000n, rise_wh: 3n, meters: 2 },
      { day: '04', expected: 96n, observed: 96n, import_wh: 5000n, rise_wh: 3n, meters: 2 },
    ]);
  });
});

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
    await table('days', list(rows, ' UNION ALL '));
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
    await table('two_years', sql`SELECT * FROM days UNION ALL ${later}`);
    const first = (from: string) =>
      session.rows(sql`SELECT * FROM (${built('classify_occupancy', from)}) WHERE reference_month <= '2024-02' ORDER BY ALL`);
    expect(await first('two_years')).toEqual(await first('days'));
  });

  it('keeps a month without any reading, as unknown; it breaks a run of empty months', async () => {
    await table(
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

describe.skipIf(!HAS_HOMES)('ten real homes (skipped: reference data not here)', () => {
  let months: { home: string; reference_month: string; occupancy: string }[];

  beforeAll(async () => {
    await table(
      'readings',
      sql`SELECT customer_id AS meter_id, reading_datetime AS ts_utc, general_supply_kwh AS kwh FROM read_parquet(${literal(realpathSync(HOMES))})`,
    );
    await table(
      'meter_dwelling',
      sql`SELECT meter_id, meter_id AS dwelling_id, 'matched' AS outcome, min(ts_utc)::DATE AS valid_from, max(ts_utc)::DATE AS valid_to FROM readings GROUP BY meter_id`,
    );
    const periods = await session.rows<{ m: string }>(sql`SELECT DISTINCT strftime(ts_utc, '%Y-%m') AS m FROM readings ORDER BY m`);
    for (const [index, { m }] of periods.entries()) {
      await table('meter_day', built('meter_day', 'readings', { zone: 'UTC' }, m));
      await session.run(
        index === 0
          ? sql`CREATE OR REPLACE TABLE dwelling_day AS ${step('dwelling_day', m)}`
          : sql`INSERT INTO dwelling_day ${step('dwelling_day', m)}`,
      );
    }
    months = await session.rows(
      sql`SELECT dwelling_id::VARCHAR AS home, reference_month, occupancy FROM (${built('classify_occupancy', 'dwelling_day')}) ORDER BY home, reference_month`,
    );
  }, 60_000);

  it('finds the empty months of the two homes that have some, and calls no other home empty', () => {
    const empty = months.filter(({ occupancy }) => occupancy === 'empty').map(({ home, reference_month }) => `${home} ${reference_month}`);
    expect(empty).toEqual(['10006704 2012-11', '10006704 2012-12', '10017994 2013-02', '10017994 2013-03']);
    expect(months.length).toBeGreaterThan(200);
  });

  it('of 10006704 nobody was there from 13 October 2012 on, for some eighty days', async () => {
    const rows = await session.rows<{ day: string }>(
      sql`SELECT day::VARCHAR AS day FROM dwelling_day WHERE dwelling_id = 10006704 AND import_wh > 750 AND day BETWEEN DATE '2012-10-13' AND DATE '2012-12-31'`,
    );
    expect(rows).toEqual([]);
  });

  it('calls a low flat load (10018064) and short absences (10006486) lived in, at every threshold of the sensitivity table', async () => {
    for (const floor_wh of [500, 750, 1000])
      for (const mad_factor of [5, 10, 20, 40]) {
        const rows = await session.rows<{ home: string }>(
          sql`SELECT DISTINCT dwelling_id::VARCHAR AS home FROM (${built('classify_occupancy', 'dwelling_day', { floor_wh, mad_factor })}) WHERE occupancy = 'empty' ORDER BY home`,
        );
        expect(rows.map(({ home }) => home)).toEqual(['10006704', '10017994']);
      }
  });
});

describe('the pipeline beside the truth of the generator', () => {
  const root = join(scratch, 'data');
  const sources = ['population_register', 'household_register', 'dwelling_register', 'metering_point', 'smart_meter'] as const;
  let accuracy: DwellingAccuracy;

  beforeAll(async () => {
    const { generate } = await import('../sources/generate.ts');
    const { writeDemoKeys } = await import('../engine/keys.ts');
    const folder = join(scratch, 'generated');
    await generate({
      out: join(folder, 'in'),
      truth: join(folder, 'truth'),
      sources,
      persons: 12_000,
      months: 13,
      temporaryDirectory: join(folder, 'tmp'),
    });
    await writeDemoKeys(join(scratch, 'keys'), 1, []);
    const keyFile = join(scratch, 'keys', 'demo-master.key');
    const command = async (...words: string[]) => {
      const made = await runCommand([...words, '--root', root, '--quiet'], { cwd: scratch, now: '2026-01-15T00:00:00Z' });
      expect(made).toMatchObject({ code: 0, stderr: '' });
    };
    await command('ingest', '--from', join(folder, 'in'), '--key-file', keyFile);
    await command('run', 'dwelling_occupancy');
    accuracy = await measureDwellings({ root, truth: join(folder, 'truth'), keyFile });
    console.log(dwellingText(accuracy));
  }, 240_000);

  it('names vacant, seasonal and permanent dwellings as such', () => {
    const of = (name: string) => accuracy.classes.find((row) => row.class === name);
    expect(of('permanent')).toMatchObject({
      recall: expect.toSatisfy((value: number) => value >= 98),
      precision: expect.toSatisfy((value: number) => value >= 97),
    });
    expect(of('vacant')?.recall).toBeGreaterThanOrEqual(85);
    expect(of('vacant')?.precision).toBeGreaterThanOrEqual(95);
    expect(of('seasonal')?.recall).toBeGreaterThanOrEqual(75);
    expect(of('seasonal')?.precision).toBeGreaterThanOrEqual(85);
    expect(accuracy.uses.reduce((sum, row) => sum + row.unknown, 0)).toBeLessThan(10);
  });

  it('calls hardly a lived-in month empty', () => {
    const { trulyEmpty, found, foundEmpty } = accuracy.emptyMonths;
    expect(trulyEmpty).toBeGreaterThan(100);
    expect(foundEmpty / trulyEmpty).toBeGreaterThanOrEqual(0.85);
    expect((found - foundEmpty) / found).toBeLessThanOrEqual(0.05);
  });

  it('gives a meter to the right dwelling or to none', () => {
    const { meters, right, wrong, strangers } = accuracy.addresses;
    expect(right / meters).toBeGreaterThanOrEqual(0.92);
    expect([wrong, strangers]).toEqual([0, 0]);
  });

  it('counts every meter of a month once, by what became of it', async () => {
    const rows = (await runCommand(['view', 'dwelling_occupancy.coverage@integrated', '--root', root, '--json'], { cwd: scratch })).stdout;
    const parsed = JSON.parse(rows) as Record<string, number>[];
    expect(parsed).toHaveLength(13);
    for (const row of parsed) {
      const parts = ['matched', 'matched_near', 'shared', 'common_area', 'business', 'ambiguous', 'unmatched'].map((name) =>
        Number(row[name]),
      );
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(Number(row['meters']));
    }
  });
});
