import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Session } from '../engine/session.ts';
import { id, join, literal, sql, trusted } from '../engine/sql.ts';
import { normaliseStep, type Step } from '../pipelines/definition.ts';
import { transforms } from '../transforms/index.ts';
import { type PriceIndexMethod, priceIndex, priceIndexMethods } from '../transforms/price-index.ts';
import { unitValue } from '../transforms/unit-value.ts';

const data = resolve('../shared/data');
const hasData = existsSync(joinPath(data, 'price-indices'));
if (!hasData) console.warn('skipped: reference data not here (price indices)');

interface IndexRow {
  readonly period: string;
  readonly method: PriceIndexMethod;
  readonly index_value: number | null;
  readonly matched_share: number | null;
  readonly products: bigint;
  readonly links: bigint;
  readonly provisional: boolean;
}
/** A product's unit value in a period. */
interface Observation {
  readonly period: string;
  readonly product: string;
  readonly price: number;
  readonly quantity: number;
}

let session: Session;
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(joinPath(tmpdir(), 'twinstat-price-'));
  session = await open(2);
});
afterAll(async () => {
  session.close();
  await rm(scratch, { recursive: true });
});

function open(threads: number): Promise<Session> {
  return Session.open({ temporaryDirectory: scratch, allowedDirectories: [scratch, data], threads, onRawError: console.error });
}

async function fill(target: Session, rows: readonly Observation[], name = 'observed'): Promise<void> {
  const values = rows.map((row) => sql`(${row.period}, ${row.product}, CAST(${row.price} AS DOUBLE), CAST(${row.quantity} AS DOUBLE))`);
  await target.run(sql`CREATE OR REPLACE TABLE ${id(name)} (period VARCHAR, product VARCHAR, price DOUBLE, quantity DOUBLE)`);
  if (values.length > 0) await target.run(sql`INSERT INTO ${id(name)} VALUES ${join(values)}`);
}

async function indices(rows: readonly Observation[], parameters: object = {}, target = session): Promise<IndexRow[]> {
  await fill(target, rows);
  return target.rows<IndexRow>(priceIndex.build({ from: id('observed'), with: { methods: priceIndexMethods, ...parameters } }));
}

function indexAt(rows: readonly IndexRow[], method: PriceIndexMethod, period: string): number {
  const value = rows.find((row) => row.method === method && row.period === period)?.index_value;
  if (value === undefined || value === null) throw new Error(`no ${method} in ${period}`);
  return value;
}

/** Largest absolute deviation of our series from columns of a peer's file; `columns` maps our method to the peer's. */
async function deviations(
  rows: readonly IndexRow[],
  file: string,
  periodColumn: string,
  columns: Partial<Record<PriceIndexMethod, string>>,
) {
  const reference = await session.rows<Record<string, unknown>>(sql`SELECT * FROM read_csv(${literal(file)}, all_varchar = true)`);
  const worst: Record<string, number> = {};
  for (const [method, column] of Object.entries(columns)) {
    const differences = reference.map((row) => {
      const ours = indexAt(rows, method as PriceIndexMethod, String(row[periodColumn]));
      return Math.abs(ours - Number(row[column]));
    });
    worst[method] = Math.max(...differences);
  }
  return { worst, periods: reference.length };
}

describe.skipIf(!hasData)('peers (reference data)', () => {
  it('milk 2018-12 to 2019-12: every series of PriceIndices that we have, to 1e-9', async () => {
    await session.run(sql`CREATE OR REPLACE TABLE offer AS
      SELECT strftime(time, '%Y-%m') AS reference_month, CAST("prodID" AS VARCHAR) AS product_code, prices AS price, quantities AS quantity
      FROM read_csv(${literal(joinPath(data, 'price-indices/milk.csv'))}, auto_detect = true)`);
    await session.run(sql`CREATE OR REPLACE TABLE unit_value AS ${unitValue.build({ from: id('offer') })}`);
    const build = (until?: string) =>
      session.rows<IndexRow>(priceIndex.build({ from: id('unit_value'), with: { methods: priceIndexMethods, ...(until && { until }) } }));
    const file = joinPath(data, 'price-indices/reference_milk_2018-12_2019-12_PriceIndices.csv');
    const { worst, periods } = await deviations(await build('2019-12'), file, 'time', {
      jevons: 'jevons',
      fisher: 'fisher',
      tornqvist: 'tornqvist',
      walsh: 'walsh',
      geks: 'geks',
      ccdi: 'ccdi',
      geks_jevons: 'geksj',
      jevons_chained: 'chjevons',
      fisher_chained: 'chfisher',
      tornqvist_chained: 'chtornqvist',
    });
    expect(periods).toBe(13);
    for (const [method, deviation] of Object.entries(worst)) expect(deviation, method).toBeLessThan(1e-9);
    const whole = await build();
    const early = await build('2019-12');
    expect(whole.filter((row) => row.period <= '2019-12')).toEqual(early);
    expect(new Set(whole.map((row) => row.period)).size).toBe(21);
    expect(whole.every((row) => row.index_value !== null && !row.provisional)).toBe(true);
  });

  it('CES_sigma_2: chained, fixed base, full-window and spliced series of IndexNumR, to 1e-9', async () => {
    const file = joinPath(data, 'indexnumr/reference_indices_IndexNumR.csv');
    await session.run(sql`CREATE OR REPLACE TABLE ces AS
      SELECT CAST(time AS INTEGER) AS period, CAST("prodID" AS VARCHAR) AS product, prices AS price, quantities AS quantity
      FROM read_csv(${literal(joinPath(data, 'indexnumr/CES_sigma_2.csv'))}, auto_detect = true)`);
    const build = (window: number) =>
      session.rows<IndexRow>(priceIndex.build({ from: id('ces'), with: { window, methods: priceIndexMethods } }));
    const asText = async (window: number) => (await build(window)).map((row) => ({ ...row, period: String(row.period) }));
    const full = await deviations(await asText(12), file, 'period', {
      jevons: 'jevons_fixedbase',
      fisher: 'fisher_fixedbase',
      tornqvist: 'tornqvist_fixedbase',
      walsh: 'walsh_fixedbase',
      jevons_chained: 'jevons_chained',
      fisher_chained: 'fisher_chained',
      tornqvist_chained: 'tornqvist_chained',
      walsh_chained: 'walsh_chained',
      geks: 'geks_fisher_w12',
      ccdi: 'geks_tornqvist_w12',
      geks_jevons: 'geks_jevons_w12',
      geks_walsh: 'geks_walsh_w12',
    });
    const spliced = await deviations(await asText(5), file, 'period', {
      geks: 'geks_fisher_w5_movement',
      ccdi: 'geks_tornqvist_w5_movement',
      geks_jevons: 'geks_jevons_w5_movement',
      geks_walsh: 'geks_walsh_w5_movement',
    });
    expect(full.periods).toBe(12);
    for (const [method, deviation] of [...Object.entries(full.worst), ...Object.entries(spliced.worst)])
      expect(deviation, method).toBeLessThan(1e-9);
  });
});

const KERNELS = ['jevons', 'fisher', 'tornqvist', 'walsh'] as const;
const MULTILATERAL = ['geks', 'ccdi', 'geks_jevons', 'geks_walsh'] as const;
const month = (number: number): string => `2024-${String(number).padStart(2, '0')}`;
const amount = fc.double({ min: 0.5, max: 40, noNaN: true });

/** Panels of 3 to 6 months and 2 to 6 products; product p0 is always there, the others may be missing. */
const panel = fc
  .record({ periods: fc.integer({ min: 3, max: 6 }), products: fc.integer({ min: 2, max: 6 }) })
  .chain(({ periods, products }) => {
    const cells = Array.from({ length: periods * products }, (_, index) =>
      fc.record({ price: amount, quantity: amount, there: fc.boolean() }).map(({ price, quantity, there }) => {
        const product = index % products;
        return { period: month(1 + Math.floor(index / products)), product: `p${product}`, price, quantity, there: there || product === 0 };
      }),
    );
    return fc
      .tuple(...cells)
      .map((rows): Observation[] =>
        rows.filter((row) => row.there).map(({ period, product, price, quantity }) => ({ period, product, price, quantity })),
      );
  });

const runs = { numRuns: 12 };
const near = (left: number, right: number): boolean => Math.abs(left / right - 1) < 1e-10;
const lastOf = (rows: readonly Observation[]): string => rows.reduce((latest, row) => (row.period > latest ? row.period : latest), '');

describe('properties', () => {
  it('equal prices give 1 in every period and method', () =>
    fc.assert(
      fc.asyncProperty(panel, async (rows) => {
        const flat = rows.map((row) => ({ ...row, price: row.product.length + Number(row.product.slice(1)) }));
        for (const row of await indices(flat)) expect(Math.abs((row.index_value ?? Number.NaN) - 1)).toBeLessThan(1e-12);
      }),
      runs,
    ));

  it('time reversal: turning time round gives the reciprocal', () =>
    fc.assert(
      fc.asyncProperty(panel, async (rows) => {
        const ends = rows.filter((row) => row.period === month(1) || row.period === lastOf(rows));
        const turned = ends.map((row) => ({ ...row, period: row.period === month(1) ? lastOf(rows) : month(1) }));
        const [forward, backward] = [await indices(ends), await indices(turned)];
        for (const method of KERNELS)
          expect(near(indexAt(forward, method, lastOf(rows)) * indexAt(backward, method, lastOf(rows)), 1)).toBe(true);
      }),
      runs,
    ));

  it('GEKS is transitive: P(0,t) = P(0,s) P(s,t), whatever month is the base', () =>
    fc.assert(
      fc.asyncProperty(panel, async (rows) => {
        const exchange = new Map([
          [month(1), month(2)],
          [month(2), month(1)],
        ]);
        const other = rows.map((row) => ({ ...row, period: exchange.get(row.period) ?? row.period }));
        const [from0, fromS] = [await indices(rows), await indices(other)];
        for (const method of MULTILATERAL)
          expect(near(indexAt(from0, method, lastOf(rows)), indexAt(from0, method, month(2)) * indexAt(fromS, method, lastOf(rows)))).toBe(
            true,
          );
      }),
      runs,
    ));

  it('the units of products do not matter', () =>
    fc.assert(
      fc.asyncProperty(panel, amount, async (rows, factor) => {
        const scale = (row: Observation): number => (row.product === 'p0' ? factor : 1 / factor);
        const scaled = rows.map((row) => ({ ...row, price: row.price * scale(row), quantity: row.quantity / scale(row) }));
        const [left, right] = [await indices(rows), await indices(scaled)];
        for (const [index, row] of left.entries()) expect(near(row.index_value ?? 0, right[index]?.index_value ?? 1)).toBe(true);
      }),
      runs,
    ));

  it('the same bits for every order of rows and number of threads', async () => {
    const observed = sql`SELECT strftime(DATE '2023-01-01' + to_months(CAST(i % 18 AS INTEGER)), '%Y-%m') AS reference_month, i // 180 AS product_code,
      1 + (i * 7919) % 1009 / 97 AS price, 1 + (i * 104729) % 997 / 31 AS quantity FROM range(360000) AS numbers(i) WHERE i % 11 <> 3`;
    const orders = [sql`i`, sql`i DESC`, sql`hash(i)`];
    const found: IndexRow[][] = [];
    for (const [index, order] of orders.entries()) {
      const other = await open([1, 2, 4][index] ?? 1);
      try {
        await other.run(sql`CREATE TABLE offer AS ${observed} ORDER BY ${order}`);
        await other.run(sql`CREATE TABLE unit_value AS ${unitValue.build({ from: id('offer') })}`);
        found.push(await other.rows<IndexRow>(priceIndex.build({ from: id('unit_value'), with: { methods: priceIndexMethods } })));
      } finally {
        other.close();
      }
    }
    expect(found[0]?.length).toBe(18 * priceIndexMethods.length);
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });
});

describe('windows and refusals', () => {
  const complete = (periods: number): Observation[] =>
    Array.from({ length: periods * 3 }, (_, index) => ({
      period: month(1 + Math.floor(index / 3)),
      product: `p${index % 3}`,
      price: 5 + ((index * 37) % 11),
      quantity: 2 + ((index * 53) % 7),
    }));

  it('marks multilateral values as provisional until a whole window is there', async () => {
    const rows = await indices(complete(4), { window: 5 });
    expect(rows.filter((row) => row.provisional).map((row) => row.method)).toEqual(
      [1, 2, 3, 4].flatMap(() => [...MULTILATERAL].toSorted()),
    );
    expect((await indices(complete(5), { window: 5 })).some((row) => row.provisional)).toBe(false);
  });

  it('never revises after a whole window; a new month only adds rows', async () => {
    for (const periods of [5, 6, 7, 8]) {
      const [before, after] = [await indices(complete(periods), { window: 5 }), await indices(complete(periods + 1), { window: 5 })];
      expect(after.slice(0, before.length)).toEqual(before);
      expect(after.length).toBe(before.length + priceIndexMethods.length);
    }
  });

  it('drops undefined links, says how many are left, and refuses below half of the window', async () => {
    const at = (period: number, product: string, price: number): Observation => ({ period: month(period), product, price, quantity: 1 });
    // Months 1, 2 share a; 2, 3 share b; 1 and 3 share nothing; 4 shares c with nobody.
    const rows = await indices([at(1, 'a', 1), at(2, 'a', 2), at(2, 'b', 3), at(3, 'b', 6), at(4, 'c', 1)], {
      methods: ['jevons', 'geks', 'fisher_chained'],
    });
    const seen = (method: PriceIndexMethod) =>
      rows.filter((row) => row.method === method).map((row) => [row.index_value, Number(row.links)]);
    expect(seen('jevons')).toEqual([
      [1, 1],
      [2, 1],
      [null, 0],
      [null, 0],
    ]);
    expect(seen('geks')).toEqual([
      [1, 2],
      [expect.closeTo(2, 12), 2],
      [null, 1],
      [null, 0],
    ]);
    expect(seen('fisher_chained')).toEqual([
      [1, 1],
      [expect.closeTo(2, 12), 1],
      [expect.closeTo(4, 12), 1],
      [null, 0],
    ]);
  });

  it('an empty input gives no rows', async () => {
    expect(await indices([])).toEqual([]);
  });
});

/** The steps of the shipped pipeline on a table `offer`, each a table under its own name. */
async function runConsumerPrices(period?: string): Promise<void> {
  const { steps } = parse(readFileSync('pipelines/consumer_prices/pipeline.yaml', 'utf8')) as { steps: readonly Step[] };
  for (const step of steps.map(normaliseStep)) {
    const { name } = step;
    const built =
      step.transform === undefined
        ? trusted(readFileSync(`pipelines/consumer_prices/${name}.sql`, 'utf8'))
        : transforms[step.transform]?.build({ from: id(step.from ?? ''), with: step.with, ...(period !== undefined && { period }) });
    if (built === undefined) throw new Error(`no transform for ${name}`);
    expect((await session.rows(sql`EXPLAIN ${built}`)).length).toBeGreaterThan(0);
    await session.run(sql`CREATE OR REPLACE TABLE ${id(name)} AS ${built}`);
  }
}

describe('consumer_prices', () => {
  it('turnover of retailers in the products that two months share; money in agorot', async () => {
    // By hand: Jan and Feb share a; Jan and Mar share b; Feb and Mar share nothing. c and offers without price or quantity count nowhere.
    await session.run(sql`CREATE OR REPLACE TABLE offer AS SELECT * FROM (VALUES
      ('2024-01', 'a', 'r1', 500, 2.0), ('2024-01', 'a', 'r2', 600, 1.0), ('2024-01', 'b', 'r1', 100, 1.5), ('2024-02', 'a', 'r1', 550, 4.0),
      ('2024-02', 'a', 'r3', 0, 9.0), ('2024-02', 'c', 'r2', 700, 1.0), ('2024-03', 'b', 'r2', 120, 0.25), ('2024-03', 'd', 'r2', 120, NULL)
    ) AS v(reference_month, product_code, retailer_id, price, quantity)`);
    await runConsumerPrices();
    const found = await session.rows(sql`SELECT * FROM retailer_turnover ORDER BY ALL`);
    expect(found.map((row) => Object.values(row).map(String))).toEqual([
      ['2024-01', '2024-02', 'r1', '100000', '220000', '320000'],
      ['2024-01', '2024-02', 'r2', '60000', '0', '60000'],
      ['2024-01', '2024-03', 'r1', '15000', '0', '15000'],
      ['2024-01', '2024-03', 'r2', '0', '3000', '3000'],
    ]);
    expect((await session.describe(sql`SELECT * FROM retailer_turnover`)).slice(3).map((column) => column.type)).toEqual([
      'BIGINT',
      'BIGINT',
      'BIGINT',
    ]);
    const later = await session.rows(sql`SELECT max(period) AS last FROM price_index`);
    await runConsumerPrices('2024-02');
    expect([...later, ...(await session.rows(sql`SELECT max(period) AS last FROM price_index`))]).toEqual([
      { last: '2024-03' },
      { last: '2024-02' },
    ]);
  });

  it.skipIf(!hasData)('milk through the contract of its workspace: the reference to 1e-9', async () => {
    const contract = parse(readFileSync('test/cases/prices/milk/sources/retail_scanner/contract.yaml', 'utf8')) as {
      readonly variables: readonly { readonly name: string; readonly column?: string; readonly type: string }[];
      readonly derived: readonly { readonly name: string; readonly type: string; readonly expr: string }[];
    };
    const typed = contract.variables.map(({ name, column, type }) => sql`CAST(${id(column ?? name)} AS ${trusted(type)}) AS ${id(name)}`);
    const derived = contract.derived.map(({ name, expr }) => sql`${trusted(expr)} AS ${id(name)}`);
    const file = literal(joinPath(data, 'price-indices/milk.csv'));
    await session.run(sql`CREATE OR REPLACE TABLE offer AS
      SELECT *, ${join(derived)} FROM (SELECT ${join(typed)} FROM read_csv(${file}, all_varchar = true))`);
    await runConsumerPrices();
    const rows = await session.rows<IndexRow>(sql`SELECT * FROM price_index ORDER BY period, method`);
    const reference = joinPath(data, 'price-indices/reference_milk_2018-12_2019-12_PriceIndices.csv');
    const same = { jevons: 'jevons', fisher: 'fisher', tornqvist: 'tornqvist', walsh: 'walsh', geks: 'geks', ccdi: 'ccdi' };
    const { worst } = await deviations(rows, reference, 'time', same);
    expect(Math.max(...Object.values(worst))).toBeLessThan(1e-9);
    const pairs = await session.row(
      sql`SELECT count(DISTINCT (period_from, period_to)) AS pairs, count(DISTINCT retailer_id) AS retailers FROM retailer_turnover`,
    );
    // 21 months, every two of them less than 13 apart: 12 x 21 - (1 + ... + 12) pairs.
    expect(pairs).toEqual({ pairs: 174n, retailers: 5n });
  });
});
