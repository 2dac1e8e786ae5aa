import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CellTable } from '../engine/cell-table.ts';
import type { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { tabulate } from '../transforms/tabulate/tabulate.ts';
import { scratchFolder, testSession } from './scratch.ts';

const table: TabulateTable = {
  name: 'pay',
  by: [
    { name: 'industry', hierarchy: [] },
    { name: 'sex', hierarchy: [] },
  ],
  measures: [
    { name: 'persons', kind: 'distinct', column: 'person_id' },
    { name: 'employees', kind: 'sum', column: 'days', per: 'month_days' },
    { name: 'total', kind: 'sum', column: 'pay' },
    { name: 'average', kind: 'mean', column: 'pay', weight: 'days', per: 'month_days' },
    { name: 'median', kind: 'quantile', column: 'rate', at: 0.5 },
    { name: 'p90', kind: 'quantile', column: 'rate', at: 0.9 },
    { name: 'median_weighted', kind: 'quantile', column: 'rate', at: 0.5, weight: 'days' },
  ],
  contributors: { person_id: { min: 10 }, employer_id: { group: 'holding_id', min: 3, top: 2 } },
};

interface Row {
  industry: string | null;
  sex: string;
  person: number;
  holding: number;
  days: number;
  pay: number;
  rate: number | null;
}

const row = fc.record<Row>({
  industry: fc.constantFrom('A', 'C', null),
  sex: fc.constantFrom('F', 'M'),
  person: fc.integer({ min: 1, max: 40 }),
  holding: fc.integer({ min: 1, max: 6 }),
  days: fc.integer({ min: 1, max: 31 }),
  pay: fc.integer({ min: -500, max: 900_000 }),
  rate: fc.option(fc.integer({ min: 1, max: 2_000 }), { freq: 10 }),
});

function cellOf(cells: CellTable, industry: string, sex: string): number {
  const wanted = [industry, sex];
  return (
    [...Array(cells.size).keys()].find((cell) =>
      cells.dimensions.every((dimension, d) => dimension.codes[cells.keys[d]?.[cell] ?? -1] === wanted[d]),
    ) ?? -1
  );
}

describe('tabulate', () => {
  const folder = scratchFolder();
  let session: Session;
  beforeAll(async () => {
    session = await testSession(folder);
  });
  afterAll(() => session.close());

  async function load(rows: readonly Row[]): Promise<void> {
    await session.createTable('loaded', [
      { name: 'industry', type: 'VARCHAR', values: rows.map((r) => r.industry) },
      { name: 'sex', type: 'VARCHAR', values: rows.map((r) => r.sex) },
      { name: 'person_id', type: 'INTEGER', values: rows.map((r) => r.person) },
      { name: 'holding_id', type: 'INTEGER', values: rows.map((r) => r.holding) },
      { name: 'days', type: 'BIGINT', values: rows.map((r) => r.days) },
      { name: 'pay', type: 'BIGINT', values: rows.map((r) => r.pay) },
      { name: 'rate', type: 'BIGINT', values: rows.map((r) => r.rate) },
    ]);
    await session.run(sql`CREATE OR REPLACE TEMP TABLE rows AS SELECT *, holding_id AS employer_id, 31 AS month_days FROM loaded`);
  }

  it('gives the same cells as plain SQL with GROUPING SETS', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 120 }), async (rows) => {
        await load(rows);
        const cells = await tabulate(session, 'rows', table, '2024-03');
        const expected = await session.rows<Record<string, number | string | bigint>>(sql`
          SELECT CASE WHEN grouping(i) = 1 THEN '_T' ELSE i END AS industry, CASE WHEN grouping(sex) = 1 THEN '_T' ELSE sex END AS sex,
            count(DISTINCT person_id) AS persons, sum(days)::DOUBLE / 31 AS employees, sum(pay)::DOUBLE AS total,
            sum(pay)::DOUBLE / (sum(days)::DOUBLE / 31) AS average, quantile_cont(rate, 0.5) AS median, quantile_cont(rate, 0.9) AS p90,
            count(DISTINCT holding_id) AS holdings
          FROM (SELECT *, coalesce(industry, '_U') AS i FROM rows) GROUP BY CUBE (i, sex) ORDER BY ALL`);
        expect(cells.size).toBe(expected.length);
        for (const want of expected) {
          const cell = cellOf(cells, String(want['industry']), String(want['sex']));
          const got = Object.fromEntries(cells.measures.map((measure) => [measure.name, measure.values[cell]]));
          for (const name of ['persons', 'employees', 'total', 'average', 'median', 'p90']) {
            if (want[name] === null) expect(got[name]).toBeNaN();
            else expect(got[name], name).toBeCloseTo(Number(want[name]), 6);
          }
          expect(cells.contributors[1]?.n[cell]).toBe(Number(want['holdings']));
        }
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it('gives the largest contributions per holding, not per row, and the weighted median by definition', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 80 }), async (rows) => {
        await load(rows);
        const cells = await tabulate(session, 'rows', table, '2024-03');
        for (const [industry, sex] of [
          ['_T', '_T'],
          ['A', '_T'],
          ['_T', 'F'],
          ['C', 'M'],
        ] as const) {
          const cell = cellOf(cells, industry, sex);
          const members = rows.filter((r) => (industry === '_T' || r.industry === industry) && (sex === '_T' || r.sex === sex));
          if (members.length === 0) {
            expect(cell).toBe(-1);
            continue;
          }
          const byHolding = new Map<number, number>();
          for (const r of members) byHolding.set(r.holding, (byHolding.get(r.holding) ?? 0) + r.pay);
          const sizes = [...byHolding.values()].map(Math.abs).sort((a, b) => b - a);
          const basis = cells.contributors[1]?.bases.find((each) => each.measure === 'total');
          expect([basis?.top[0]?.[cell], basis?.top[1]?.[cell]]).toEqual([sizes[0] ?? 0, sizes[1] ?? 0]);
          expect(basis?.total[cell]).toBe(sizes.reduce((sum, size) => sum + size, 0));

          const rated = members.filter((r) => r.rate !== null).sort((a, b) => (a.rate ?? 0) - (b.rate ?? 0));
          const half = rated.reduce((sum, r) => sum + r.days, 0) / 2;
          let reached = 0;
          const median =
            rated.find((r) => {
              reached += r.days;
              return reached >= half;
            })?.rate ?? Number.NaN;
          expect(cells.measures.find((measure) => measure.name === 'median_weighted')?.values[cell]).toEqual(median);
        }
      }),
      { numRuns: 25, seed: 11 },
    );
  });

  it('counts distinct units on each side of a quantile up to the minimum', async () => {
    const rows = [1, 2, 3, 4, 5].map(
      (rate): Row => ({ industry: 'A', sex: 'F', person: rate, holding: rate <= 2 ? 1 : rate, days: 31, pay: 100, rate }),
    );
    await load(rows);
    const cells = await tabulate(session, 'rows', table, '2024-03');
    const sides = cells.measures.find((measure) => measure.name === 'median')?.sides?.['employer_id'];
    expect([sides?.below[0], sides?.above[0]]).toEqual([2, 3]);
  });

  it('takes the smallest numbers of narrow types, and refuses a divisor that varies, is unknown or is 0', async () => {
    const rows = (days: string) =>
      sql`CREATE OR REPLACE TEMP TABLE rows AS SELECT 'A' AS industry, 'F' AS sex, i AS person_id, i AS holding_id, i AS employer_id, 1 AS days,
        (-128)::TINYINT AS pay, 1 AS rate, ${literal(days)}::INTEGER + i * 0 AS month_days FROM range(3) AS t(i)`;
    await session.run(rows('31'));
    const cells = await tabulate(session, 'rows', table, '2024-03');
    expect(cells.measures.find(({ name }) => name === 'total')?.values[0]).toBe(-384);
    await session.run(rows('0'));
    await expect(tabulate(session, 'rows', table, '2024-03')).rejects.toMatchObject({ code: 'measure-per-varies' });
  });

  it('refuses a code that is reserved for totals', async () => {
    await session.run(
      sql`CREATE OR REPLACE TEMP TABLE rows AS SELECT ${literal('_T')} AS industry, 'F' AS sex, 1 AS person_id, 1 AS holding_id, 1 AS employer_id, 1 AS days, 1 AS pay, 1 AS rate, 31 AS month_days`,
    );
    await expect(tabulate(session, 'rows', table, '2024-03')).rejects.toMatchObject({ code: 'table-reserved-code' });
  });
});
