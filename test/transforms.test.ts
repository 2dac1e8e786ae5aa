import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql, trusted } from '../engine/sql.ts';
import { transforms } from '../transforms/index.ts';
import type { Transform } from '../transforms/transform.ts';

const cases = resolve('test/cases');
let session: Session;
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(joinPath(tmpdir(), 'twinstat-transforms-'));
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [scratch, cases], onRawError: console.error });
});
afterAll(async () => {
  session.close();
  await rm(scratch, { recursive: true });
});

function named(name: string): Transform {
  const transform = transforms[name];
  if (transform === undefined) throw new Error(`no transform ${name}`);
  return transform;
}

/** A case folder: case.yaml, input.csv read with the declared types, expected.csv sorted by all its columns; or the code of an error. */
interface Case {
  readonly transform: string;
  readonly with?: unknown;
  readonly period?: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly tolerance?: number;
  readonly sums?: Readonly<Record<string, number>>;
  readonly error?: string;
}

const found = ['prices', 'calendarise', 'addresses', 'edits', 'agreement'].flatMap((area) =>
  readdirSync(joinPath(cases, area))
    .map((name) => joinPath(cases, area, name))
    .filter((folder) => existsSync(joinPath(folder, 'case.yaml')))
    .map((folder) => ({
      folder,
      name: folder.slice(cases.length + 1),
      case: parse(readFileSync(joinPath(folder, 'case.yaml'), 'utf8')) as Case,
    })),
);

function readCsv(folder: string, file: string, columns?: Readonly<Record<string, string>>): Sql {
  const path = literal(joinPath(folder, file));
  if (columns === undefined) return sql`SELECT * FROM read_csv(${path}, header = true, all_varchar = true, delim = ',')`;
  const types = join(Object.entries(columns).map(([name, type]) => sql`${literal(name)}: ${literal(type)}`));
  return sql`SELECT * FROM read_csv(${path}, header = true, delim = ',', columns = {${types}})`;
}

describe('cases', () => {
  it.each(found)('$name', async ({ folder, case: given }) => {
    const build = () =>
      named(given.transform).build({
        from: id('case_input'),
        with: given.with,
        ...(given.period !== undefined && { period: given.period }),
      });
    if (given.error !== undefined) {
      expect(build).toThrow(expect.objectContaining({ code: given.error }));
      return;
    }
    await session.run(sql`CREATE OR REPLACE TABLE case_input AS ${readCsv(folder, 'input.csv', given.columns)}`);
    const expected = await session.rows<Record<string, string | null>>(readCsv(folder, 'expected.csv'));
    const names = Object.keys(expected[0] ?? {});
    const rows = await session.rows<Record<string, string | number | bigint | boolean | null>>(
      sql`SELECT ${join(names.map((name) => id(name)))} FROM (${build()}) ORDER BY ALL`,
    );
    expect(rows.length).toBe(expected.length);
    for (const [index, row] of rows.entries()) {
      for (const name of names) {
        const [value, wanted] = [row[name], expected[index]?.[name] ?? null];
        if (typeof value === 'number')
          expect(Math.abs(value - Number(wanted)), `row ${index} ${name}`).toBeLessThanOrEqual(given.tolerance ?? 0);
        else expect(value === null ? null : String(value), `row ${index} ${name}`).toBe(wanted);
      }
    }
    for (const [name, sum] of Object.entries(given.sums ?? {})) expect(rows.reduce((total, row) => total + Number(row[name]), 0)).toBe(sum);
  });
});

describe('every transform', () => {
  const offers = sql`reference_month VARCHAR, period VARCHAR, product_code VARCHAR, product VARCHAR, price DOUBLE, quantity DOUBLE`;
  const filings = sql`filing_id VARCHAR, filing_version BIGINT, person_id UUID, employer_id UUID, period_start DATE, period_end DATE,
    payment_type VARCHAR, gross BIGINT, hours DOUBLE, received_at TIMESTAMP, correction_of VARCHAR`;
  const dwellings = sql`address_text VARCHAR, meter_id BIGINT, ts_utc TIMESTAMP, kwh DOUBLE, dwelling_id UUID, day DATE, expected BIGINT, observed BIGINT,
    import_wh BIGINT, rise_wh INTEGER`;
  const parameters: Record<string, unknown> = {
    deduplicate: { key: ['filing_id'], order: ['filing_version', 'received_at'] },
    calendarise_vintages: { months: [0, 1], final: 3, order: ['filing_version'] },
    amount_agreement: { question: 'product', first: 'gross', second: 'observed', groups: ['person_id'], questions: {} },
    category_agreement: { question: 'product', first: 'payment_type', second: 'product_code', groups: ['person_id'], questions: {} },
    hidiroglou_berthelot: { unit: ['employer_id', 'person_id'], value: 'gross' },
  };

  it.each(Object.keys(transforms))('%s: its SQL is bound by the engine, reads what it says, describes its columns', async (name) => {
    await session.run(sql`CREATE OR REPLACE TABLE "typed ""fixture""" (${offers}, ${filings}, ${dwellings})`);
    const transform = named(name);
    expect(transform.name).toBe(name);
    const built = transform.build({ from: id('typed "fixture"'), with: parameters[name], period: '2024-03' });
    expect((await session.rows(sql`EXPLAIN ${built}`)).length).toBeGreaterThan(0);
    const columns = new Set((await session.describe(sql`SELECT * FROM ${id('typed "fixture"')}`)).map((column) => column.name));
    for (const column of transform.reads(parameters[name])) expect(columns).toContain(column);
    const types = (await session.describe(built)).map((column) => column.type);
    expect(types.filter((type) => type === 'HUGEINT' || type.startsWith('DECIMAL'))).toEqual([]);
    expect(await session.rows(built)).toEqual([]);
    await session.run(
      sql`CREATE OR REPLACE TABLE narrow AS SELECT ${join(transform.reads(parameters[name]).map((column) => id(column)))} FROM "typed ""fixture"""`,
    );
    expect(
      (await session.rows(sql`EXPLAIN ${transform.build({ from: id('narrow'), with: parameters[name], period: '2024-03' })}`)).length,
    ).toBe(1);
  });

  it.each(Object.keys(transforms))('%s: refuses unknown parameters and periods that are no month', (name) => {
    expect(() => named(name).build({ from: id('x'), with: { ...(parameters[name] as object), colour: 1 } })).toThrow(
      expect.objectContaining({ code: 'transform-parameters' }),
    );
    expect(() => named(name).build({ from: id('x'), with: parameters[name], period: '2024-13' })).toThrow(
      expect.objectContaining({ code: 'transform-period' }),
    );
    expect(() => named(name).reads({ ...(parameters[name] as object), key: ['a"; DROP TABLE b'] })).toThrow(
      expect.objectContaining({ exitCode: 2 }),
    );
  });

  it('calendarise needs its month', () => {
    expect(() => named('calendarise').build({ from: id('x') })).toThrow(expect.objectContaining({ code: 'transform-period' }));
  });
});

describe('deduplicate', () => {
  const rows = [
    `('f1', 1, TIMESTAMP '2024-01-01', 'old')`,
    `('f1', 2, TIMESTAMP '2024-02-01', 'new')`,
    `('f1', 2, NULL, 'unknown time')`,
    `('f2', NULL, TIMESTAMP '2024-05-01', 'no version')`,
    `('f2', 1, TIMESTAMP '2024-01-01', 'version 1')`,
    `('f3', 1, NULL, 'twin a')`,
    `('f3', 1, NULL, 'twin b')`,
    `('f3', 1, NULL, NULL)`,
    `('f4', 1, NULL, 'same')`,
    `('f4', 1, NULL, 'same')`,
    `(NULL, 1, NULL, 'no key')`,
  ];

  it('keeps the latest version; ties fall the same way for every order of the rows', async () => {
    const results = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(rows, { minLength: rows.length }), async (shuffled) => {
        const values = trusted(shuffled.join(', '));
        await session.run(
          sql`CREATE OR REPLACE TABLE filing AS SELECT * FROM (VALUES ${values}) AS v(filing_id, filing_version, received_at, note)`,
        );
        const built = named('deduplicate').build({
          from: id('filing'),
          with: { key: ['filing_id'], order: ['filing_version', 'received_at'] },
        });
        const kept = await session.rows(sql`SELECT filing_id, note FROM (${built}) ORDER BY ALL`);
        results.add(JSON.stringify(kept.map((row) => [row['filing_id'], row['note']])));
        expect((await session.describe(built)).map((column) => column.name)).toEqual([
          'filing_id',
          'filing_version',
          'received_at',
          'note',
        ]);
      }),
      { numRuns: 20 },
    );
    expect(results.size).toBe(1);
    const [, , third] = JSON.parse([...results][0] ?? '[]') as [string, string][];
    expect(JSON.parse([...results][0] ?? '[]')).toEqual([['f1', 'new'], ['f2', 'version 1'], third, ['f4', 'same'], [null, 'no key']]);
    expect(third?.[0]).toBe('f3');
  });
});

describe('edit_unit_error', () => {
  it('divides by 100 where the hourly pay is impossible and its hundredth is plausible', async () => {
    // gross in agorot, hours: 100 h at 50/h written x 100; at the limit; above it but implausible either way; no hours; a bonus; negative.
    await session.run(sql`CREATE OR REPLACE TABLE filing AS SELECT * FROM (VALUES
      (1, 50000000, 100.0, 'regular'), (2, 30000000, 100.0, 'regular'), (3, 30000100, 100.0, 'regular'), (4, 9000000000, 100.0, 'regular'),
      (5, 50000000, NULL, 'regular'), (6, 50000000, 0.0, 'regular'), (7, 50000000, 100.0, 'bonus'), (8, 50000000, 100.0, NULL),
      (9, -50000000, 100.0, 'regular'), (10, 50000050, 100.0, 'regular'), (11, NULL, 100.0, 'regular')) AS v(n, gross, hours, payment_type)`);
    const edited = async (parameters: object) =>
      (
        await session.rows(
          sql`SELECT n, gross, edited FROM (${named('edit_unit_error').build({ from: id('filing'), with: parameters })}) ORDER BY n`,
        )
      )
        .filter((row) => row['edited'] === true)
        .map((row) => [row['n'], row['gross']]);
    expect(await edited({})).toEqual([
      [1, 500000n],
      [3, 300001n],
      [9, -500000n],
      [10, 500001n],
    ]);
    expect(await edited({ minimum_hourly: 40 })).toEqual([
      [1, 500000n],
      [9, -500000n],
      [10, 500001n],
    ]);
    expect(await edited({ maximum_hourly: 10_000 })).toEqual([[4, 90000000n]]);
  });
});

describe('calendarise', () => {
  it('over all months, the parts of a payment add up to it and no month has more days than it has', async () => {
    await session.run(sql`CREATE OR REPLACE TABLE filing AS
      SELECT 'f' || i AS filing_id, 'p' || i % 40 AS person_id, 'e' || i % 7 AS employer_id, CAST(NULL AS VARCHAR) AS correction_of,
        'regular' AS payment_type, 100000 + (i * 7919) % 900001 AS gross,
        DATE '2024-01-01' + CAST((i * 31) % 300 AS INTEGER) AS period_start,
        DATE '2024-01-01' + CAST((i * 31) % 300 + (i * 17) % 65 AS INTEGER) AS period_end
      FROM range(400) AS numbers(i)`);
    let pay = 0n;
    let persons = 0;
    for (let month = 1; month <= 12; month++) {
      const built = named('calendarise').build({ from: id('filing'), period: `2024-${String(month).padStart(2, '0')}` });
      const month_ = await session.rows<{ pay: bigint; employed_days: bigint; days_in_month: bigint; monthly_pay: bigint }>(built);
      for (const row of month_) {
        pay += row.pay;
        expect(row.employed_days >= 1n && row.employed_days <= row.days_in_month).toBe(true);
        expect(Math.abs(Number(row.monthly_pay * row.employed_days - row.pay * row.days_in_month))).toBeLessThanOrEqual(
          Number(row.employed_days) / 2,
        );
      }
      persons += month_.length;
    }
    const { total } = await session.row<{ total: bigint }>(sql`SELECT CAST(sum(gross) AS BIGINT) AS total FROM filing`);
    expect(Math.abs(Number(pay - total))).toBeLessThanOrEqual(persons / 2);
  });
});
