import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CellTable } from '../engine/cell-table.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';
import type { Strategy } from '../transforms/tabulate/plan.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { tabulate } from '../transforms/tabulate/tabulate.ts';
import { scratchFolder, testSession } from './scratch.ts';

interface Row {
  readonly district: string | null;
  readonly locality: string | null;
  readonly section: string;
  readonly industry: number;
  readonly sex: string;
  readonly person: string;
  readonly employer: number;
  readonly days: number | null;
  readonly pay: number | null;
  readonly large: number;
  readonly rate: number | null;
}

const table: TabulateTable = {
  name: 'pay',
  by: [
    { name: 'locality', hierarchy: ['district'] },
    { name: 'industry', hierarchy: ['section'] },
    { name: 'sex', hierarchy: [] },
  ],
  measures: [
    { name: 'rows', kind: 'count' },
    { name: 'persons', kind: 'distinct', column: 'person_id' },
    { name: 'total', kind: 'sum', column: 'pay' },
    { name: 'large', kind: 'sum', column: 'large' },
    { name: 'average', kind: 'mean', column: 'pay' },
    { name: 'weighted_average', kind: 'mean', column: 'pay', weight: 'days' },
    { name: 'median', kind: 'quantile', column: 'pay', at: 0.5 },
    { name: 'p10', kind: 'quantile', column: 'pay', at: 0.1 },
    { name: 'p90', kind: 'quantile', column: 'pay', at: 0.9 },
    { name: 'rate_p25', kind: 'quantile', column: 'rate', at: 0.25, weight: 'days' },
    { name: 'rate_p75', kind: 'quantile', column: 'rate', at: 0.75, weight: 'days' },
    { name: 'large_median', kind: 'quantile', column: 'large', at: 0.5 },
  ],
  contributors: { person_id: { min: 10 }, employer_id: { min: 4, top: 3 } },
};
const sums: TabulateTable = {
  ...table,
  measures: table.measures.filter(({ kind }) => kind === 'count' || kind === 'sum' || kind === 'mean'),
  contributors: {},
};

// Localities 10 to 12 are in district 1, 20 in district 2; 'X' is a district that is its own only locality; some are unknown.
const place = fc.constantFrom<readonly [string | null, string | null]>(
  ['1', '10'],
  ['1', '11'],
  ['1', '12'],
  ['2', '20'],
  ['X', 'X'],
  ['2', null],
  [null, null],
);

const row = fc
  .record({
    place,
    industry: fc.constantFrom(11, 12, 21, 22, 31),
    sex: fc.constantFrom('F', 'M'),
    person: fc.integer({ min: 1, max: 50 }),
    employer: fc.integer({ min: 1, max: 9 }),
    isMobile: fc.boolean(),
    days: fc.option(fc.integer({ min: 0, max: 31 }), { freq: 12 }),
    pay: fc.option(fc.integer({ min: -90_000, max: 900_000 }), { freq: 8 }),
    large: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
    rate: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 8 }),
  })
  .map(({ place: [district, locality], person, isMobile, employer, ...rest }): Row => {
    // Half of the employers are in one industry only, so that both ways of rolling up are taken.
    const industry = isMobile || employer > 4 ? rest.industry : ([11, 12, 21, 31][employer - 1] ?? 11);
    return { ...rest, industry, section: `S${Math.floor(industry / 10)}`, district, locality, person: `p${person}`, employer };
  });

describe('tabulate: every strategy', () => {
  const folder = scratchFolder();
  let session: Session;
  beforeAll(async () => {
    session = await testSession(folder);
  });
  afterAll(() => session.close());

  async function load(rows: readonly Row[], decimals = false): Promise<void> {
    await session.createTable('loaded', [
      { name: 'district', type: 'VARCHAR', values: rows.map((r) => r.district) },
      { name: 'locality', type: 'VARCHAR', values: rows.map((r) => r.locality) },
      { name: 'section', type: 'VARCHAR', values: rows.map((r) => r.section) },
      { name: 'industry', type: 'INTEGER', values: rows.map((r) => r.industry) },
      { name: 'sex', type: 'VARCHAR', values: rows.map((r) => r.sex) },
      { name: 'person_id', type: 'VARCHAR', values: rows.map((r) => r.person) },
      { name: 'employer_id', type: 'BIGINT', values: rows.map((r) => r.employer) },
      { name: 'days', type: 'BIGINT', values: rows.map((r) => r.days) },
      { name: 'whole', type: 'BIGINT', values: rows.map((r) => r.pay) },
      { name: 'large', type: 'BIGINT', values: rows.map((r) => r.large) },
      { name: 'rate', type: 'BIGINT', values: rows.map((r) => r.rate) },
    ]);
    const pay = decimals ? sql`(whole / 100)::DECIMAL(18, 2)` : sql`whole`;
    await session.run(sql`CREATE OR REPLACE TEMP TABLE rows AS SELECT * EXCLUDE (whole), ${pay} AS pay FROM loaded`);
  }

  const by = (strategy: Strategy, of = table): Promise<CellTable> => tabulate(session, 'rows', of, '2024-03', { strategy });

  it('gives the same cells, to the last bit', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 150 }), fc.boolean(), async (rows, decimals) => {
        await load(rows, decimals);
        expect(await by('sql')).toEqual(await by('kernel'));
        const [kernel, rollup, engine] = [await by('kernel', sums), await by('rollup', sums), await by('sql', sums)];
        expect(rollup).toEqual(kernel);
        expect(engine).toEqual(kernel);
      }),
      { numRuns: 12, seed: 3 },
    );
  });

  it('gives the same cells for any order of the rows', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 150 }), fc.integer(), async (rows, seed) => {
        await load(rows);
        const cells = await by('kernel');
        await load(rows.toSorted((a, b) => ((a.large ^ seed) % 1000) - ((b.large ^ seed) % 1000)));
        expect(await by('kernel')).toEqual(cells);
      }),
      { numRuns: 15, seed: 4 },
    );
  });

  it('gives what plain SQL gives over the levels of the hierarchies', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 150 }), async (rows) => {
        await load(rows);
        const cells = await by('kernel');
        const found = new Map(
          [...Array(cells.size).keys()].map((cell) => [
            cells.dimensions.map(({ codes }, d) => codes[cells.keys[d]?.[cell] ?? -1]).join('|'),
            cell,
          ]),
        );
        // A code of every level, as the definition names it: district, then locality; '2_U' is unknown within district 2.
        const levels = sql`
          SELECT *, coalesce(district, '_U') AS place1, coalesce(locality, district || '_U', '_U') AS place2, section AS work1, industry::VARCHAR AS work2 FROM rows`;
        const margins = ['_T', 'place1', 'place2'].flatMap((a) =>
          ['_T', 'work1', 'work2'].flatMap((b) => ['_T', 'sex'].map((c) => [a, b, c])),
        );
        const one = (codes: readonly string[]) => {
          const keys = join(codes.map((code, d) => sql`${code === '_T' ? literal('_T') : id(code)} AS ${id(`k${d}`)}`));
          return sql`(WITH base AS (SELECT ${keys}, * FROM (${levels})),
            unit AS (SELECT k0, k1, k2, abs(coalesce(sum(pay), 0)) AS pay FROM base GROUP BY k0, k1, k2, employer_id),
            top AS (SELECT k0, k1, k2, count(*) AS employers, sum(pay) AS all_pay, max(pay, 3) AS most FROM unit GROUP BY ALL)
            SELECT concat_ws('|', k0, k1, k2) AS key, count(*) AS rows, count(DISTINCT person_id) AS persons, coalesce(sum(pay), 0)::DOUBLE AS total,
              sum(large)::DOUBLE AS large, avg(pay) AS average, quantile_cont(pay, 0.5) AS median, quantile_cont(pay, 0.1) AS p10,
              quantile_cont(pay, 0.9) AS p90, quantile_cont(large::DOUBLE, 0.5) AS large_median,
              any_value(employers) AS employers, any_value(all_pay)::DOUBLE AS all_pay, any_value(most)[2]::DOUBLE AS second
            FROM base JOIN top USING (k0, k1, k2) GROUP BY ALL)`;
        };
        const expected = await session.rows<Record<string, number | bigint | string | null>>(
          sql`SELECT DISTINCT * FROM (${join(margins.map(one), ' UNION ALL ')})`,
        );
        expect(found.size).toBe(expected.length);
        for (const want of expected) {
          const cell = found.get(String(want['key'])) ?? -1;
          for (const name of ['rows', 'persons', 'total', 'large', 'average', 'median', 'p10', 'p90', 'large_median']) {
            const got = cells.measures.find((measure) => measure.name === name)?.values[cell] ?? Number.POSITIVE_INFINITY;
            if (want[name] === null) expect(got, name).toBeNaN();
            else
              expect(Math.abs(got - Number(want[name])), `${name} of ${want['key']}`).toBeLessThanOrEqual(
                1e-9 * Math.abs(Number(want[name])),
              );
          }
          const [, employers] = cells.contributors;
          expect(employers?.n[cell]).toBe(Number(want['employers']));
          expect(employers?.bases[0]?.total[cell]).toBe(Number(want['all_pay']));
          expect(employers?.bases[0]?.top[1]?.[cell]).toBe(Number(want['second'] ?? 0));
        }
      }),
      { numRuns: 15, seed: 5 },
    );
  });

  it('counts units up to the row of a quantile and from there on, a tie on one side only, up to the minimum', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 150 }), async (rows) => {
        await load(rows);
        const cells = await by('kernel');
        const sides = cells.measures.find(({ name }) => name === 'rate_p25')?.sides?.['employer_id'];
        const quantile = cells.measures.find(({ name }) => name === 'rate_p25')?.values ?? [];
        for (const [sex, codes] of [[undefined, 0] as const, ['F', 1] as const]) {
          const cell = [...Array(cells.size).keys()].find(
            (each) => cells.keys[0]?.[each] === 0 && cells.keys[1]?.[each] === 0 && cells.keys[2]?.[each] === codes,
          );
          if (cell === undefined || cells.dimensions[2]?.codes[codes] !== (sex ?? '_T')) continue;
          // Rows by value, ties by person (as text), then by employer; the quantile stands on the first row that reaches its weight.
          const known = rows
            .filter((r) => r.rate !== null && (sex === undefined || r.sex === sex))
            .sort(
              (p, q) => (p.rate ?? 0) - (q.rate ?? 0) || (p.person < q.person ? -1 : p.person > q.person ? 1 : p.employer - q.employer),
            );
          const whole = known.reduce((sum, r) => sum + (r.days ?? 0), 0);
          let weight = 0;
          const at = known.findIndex((r) => {
            weight += r.days ?? 0;
            return weight * 4 >= whole;
          });
          const distinct = (side: readonly Row[]) => Math.min(4, new Set(side.map((r) => r.employer)).size);
          expect(quantile[cell]).toBe(known[at]?.rate ?? Number.NaN);
          expect([sides?.below[cell], sides?.above[cell]]).toEqual(
            at < 0 ? [0, 0] : [distinct(known.slice(0, at + 1)), distinct(known.slice(at))],
          );
        }
      }),
      { numRuns: 20, seed: 6 },
    );
  });
});
