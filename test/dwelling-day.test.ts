import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { join as list, literal, type Sql, sql, trusted } from '../engine/sql.ts';
import { built, dwellingSession, step } from './dwelling-steps.ts';

const session = dwellingSession();

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
    await session.table('readings', readings('2024-02-29 22:00', '2024-03-31 21:00', sql`0.1`));
    const march = await days('2024-03');
    expect(march).toHaveLength(31);
    for (const { day, expected, observed, import_wh } of march) {
      expect(expected, String(day)).toBe(day === '2024-03-29' ? 46 : 48);
      expect(observed).toBe(0); // one value all day: a stuck meter
      expect(import_wh).toBe(BigInt(expected ?? 0) * 100n);
    }
    await session.table('readings', readings('2024-09-30 21:00', '2024-10-31 22:00', sql`0.1 + hour(ts_utc) / 1000`));
    const october = await days('2024-10');
    expect(october.filter(({ expected }) => expected === 50).map(({ day }) => day)).toEqual(['2024-10-27']);
    expect(october.every(({ expected, observed }) => expected === observed)).toBe(true);
  });

  it('keeps what is fed in apart from what is taken, estimates out of what was observed, and suspect readings out of both', async () => {
    const day = (hours: string, kwh: Sql, flag: string) =>
      readings(`2024-01-10 ${hours.slice(0, 5)}`, `2024-01-10 ${hours.slice(6)}`, kwh, flag);
    await session.table(
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
    await session.table(
      'register_address',
      sql`SELECT dwelling_id, 5000 AS locality_code, address_text FROM ${values(REGISTER.map(([dwelling, text]) => sql`(${literal(dwelling)}, ${literal(text)})`))} AS v(dwelling_id, address_text)`,
    );
    await session.table(
      'point',
      sql`SELECT meter_id, 5000 AS locality_code, address_text, contract_type, DATE '2020-01-01' AS valid_from, NULL::DATE AS valid_to FROM ${values(POINTS.map(([meter, text, contract]) => sql`(${literal(meter)}, ${literal(text)}, ${literal(contract)})`))} AS v(meter_id, address_text, contract_type)`,
    );
    await session.table('dwelling_address', built('parse_address', 'register_address'));
    await session.table('point_address', built('parse_address', 'point'));
    const rows = await session.rows<{ meter_id: number; outcome: string; dwellings: string[] }>(sql`
      SELECT meter_id, min(outcome) AS outcome, coalesce(list(dwelling_id ORDER BY dwelling_id) FILTER (dwelling_id IS NOT NULL), []) AS dwellings FROM (${step('meter_dwelling')}) GROUP BY meter_id ORDER BY meter_id`);
    expect(rows.map(({ meter_id, outcome, dwellings }) => [meter_id, outcome, dwellings])).toEqual(
      POINTS.map(([meter, , , outcome, dwellings]) => [meter, outcome, [...dwellings]]),
    );
  });
});

describe('dwelling_day', () => {
  it('adds the meters of a dwelling up, knows a day without readings, and follows a swap of meters', async () => {
    await session.table(
      'meter_day',
      sql`SELECT '2024-01' AS reference_month, meter_id, DATE '2024-01-01' + day AS day, 48 AS expected, 48 AS observed, 1000 * meter_id AS import_wh, 0 AS export_wh, 10 AS low_wh, 10 + meter_id AS peak_wh
      FROM range(1, 5) AS m(meter_id) CROSS JOIN (SELECT range::INTEGER AS day FROM range(4)) WHERE NOT (meter_id = 1 AND day = 1)`,
    );
    await session.table(
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
