import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { id, literal, sql } from '../engine/sql.ts';
import { amountAgreement } from '../transforms/agreement/amount-agreement.ts';
import { categoryAgreement } from '../transforms/agreement/category-agreement.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`], onRawError: console.error });
});
afterAll(() => session.close());

type Row = Record<string, string | number | bigint | null>;
const SETTINGS = { groups: ['sex'], least: 3, questions: {} };

/** Rows of `question q`, one for each pair given. */
async function pairs(type: 'VARCHAR' | 'BIGINT', given: readonly (readonly [string | number, string | number, string])[]): Promise<void> {
  const rows = given.map(([first, second, sex]) => ({ first, second, sex }));
  await session.run(sql`CREATE OR REPLACE TABLE given AS SELECT '2024-01' AS reference_month, 'q' AS question, first AS survey_answer, second AS statistic_answer, sex
    FROM (SELECT unnest(from_json(${literal(JSON.stringify(rows))}, ${literal(`[{"first":"${type}","second":"${type}","sex":"VARCHAR"}]`)}), recursive := true))`);
}

const kappaOf = (shares: readonly (readonly number[])[]): number => {
  const size = shares.length;
  const row = (i: number): number => (shares[i] ?? []).reduce((sum, share) => sum + share, 0);
  const column = (j: number): number => shares.reduce((sum, each) => sum + (each[j] ?? 0), 0);
  let [observed, expected] = [0, 0];
  for (let i = 0; i < size; i++) {
    observed += shares[i]?.[i] ?? 0;
    expected += row(i) * column(i);
  }
  return (observed - expected) / (1 - expected);
};

/** Standard error by the delta method, with derivatives by differences: another way to what the closed formula says. */
function errorByDifferences(counts: readonly (readonly number[])[], total: number): number {
  const shares = counts.map((row) => row.map((count) => count / total));
  const step = 1e-6;
  const slopes = shares.map((row, i) =>
    row.map((_, j) => {
      const moved = (by: number) => shares.map((each, a) => each.map((share, b) => share + (a === i && b === j ? by : 0)));
      return (kappaOf(moved(step)) - kappaOf(moved(-step))) / (2 * step);
    }),
  );
  const mean = (of: (slope: number) => number): number =>
    shares.reduce((sum, row, i) => sum + row.reduce((inner, share, j) => inner + share * of(slopes[i]?.[j] ?? 0), 0), 0);
  return Math.sqrt(Math.max(0, mean((slope) => slope ** 2) - mean((slope) => slope) ** 2) / total);
}

describe('agreement of categories', () => {
  it('is kappa with the error of the delta method, in every group of enough pairs, whatever the order of rows', async () => {
    const answer = fc.constantFrom('a', 'b', 'c');
    const triples = fc.array(fc.tuple(answer, answer, fc.constantFrom('F', 'M')), { minLength: 5, maxLength: 60 });
    let judged = 0;
    await fc.assert(
      fc.asyncProperty(triples, async (given) => {
        await pairs('VARCHAR', given);
        const built = categoryAgreement.build({ from: id('given'), with: { ...SETTINGS, category: 'a' } });
        const found = await session.rows<Row>(sql`SELECT * FROM (${built}) ORDER BY ALL`);
        const groups = [['_T', '_T'] as const, ['sex', 'F'] as const, ['sex', 'M'] as const].map(([dimension, code]) => ({
          dimension,
          code,
          own: given.filter(([, , sex]) => code === '_T' || sex === code),
        }));
        expect(found.map(({ code }) => code)).toEqual(groups.filter(({ own }) => own.length >= 3).map(({ code }) => code));
        for (const { code, own } of groups.filter((group) => group.own.length >= 3)) {
          const row = found.find((each) => each['code'] === code) as Row;
          const counts = ['a', 'b', 'c'].map((first) =>
            ['a', 'b', 'c'].map((second) => own.filter((pair) => pair[0] === first && pair[1] === second).length),
          );
          const present = counts.flat().filter((count) => count > 0);
          expect(row).toMatchObject({
            pairs: BigInt(own.length),
            agreeing: BigInt(own.filter(([first, second]) => first === second).length),
            least_cell: BigInt(Math.min(...present)),
            first_count: BigInt(own.filter(([first]) => first === 'a').length),
            second_count: BigInt(own.filter(([, second]) => second === 'a').length),
          });
          if (row['kappa'] === null) {
            expect(own.every(([first, second]) => first === own[0]?.[0] && second === first)).toBe(true);
            continue;
          }
          judged += 1;
          expect(row['kappa']).toBeCloseTo(kappaOf(counts.map((each) => each.map((count) => count / own.length))), 10);
          expect(row['kappa_error']).toBeCloseTo(errorByDifferences(counts, own.length), 3);
        }
        await session.run(
          sql`CREATE OR REPLACE TABLE given AS SELECT * FROM given ORDER BY hash(survey_answer || statistic_answer || sex) DESC`,
        );
        expect(await session.rows<Row>(sql`SELECT * FROM (${built}) ORDER BY ALL`)).toEqual(found);
      }),
      { numRuns: 60, seed: 34 },
    );
    expect(judged).toBeGreaterThan(100);
  }, 60_000);

  it('is 1 where all agree, 0 where answers are independent, below 0 where they are opposed', async () => {
    const kappa = async (given: readonly (readonly [string, string])[]): Promise<unknown> => {
      await pairs(
        'VARCHAR',
        given.map(([first, second]) => [first, second, 'F'] as const),
      );
      const rows = await session.rows<Row>(categoryAgreement.build({ from: id('given'), with: { ...SETTINGS, groups: [] } }));
      return rows[0]?.['kappa'];
    };
    expect(
      await kappa([
        ['yes', 'yes'],
        ['no', 'no'],
        ['no', 'no'],
      ]),
    ).toBe(1);
    expect(
      await kappa([
        ['yes', 'yes'],
        ['yes', 'no'],
        ['no', 'yes'],
        ['no', 'no'],
      ]),
    ).toBe(0);
    expect(
      await kappa([
        ['yes', 'no'],
        ['no', 'yes'],
        ['no', 'yes'],
        ['yes', 'no'],
      ]),
    ).toBe(-1);
  });
});

describe('agreement of amounts', () => {
  it('is the medians and sums of the definition, by group', async () => {
    const amount = fc.integer({ min: 0, max: 3_000_000 });
    const median = (values: readonly number[]): number | null => {
      const sorted = values.toSorted((left, right) => left - right);
      if (sorted.length === 0) return null;
      return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(amount, amount, fc.constantFrom('F', 'M')), { minLength: 3, maxLength: 40 }), async (given) => {
        await pairs('BIGINT', given);
        const built = amountAgreement.build({ from: id('given'), with: SETTINGS });
        for (const row of await session.rows<Row>(built)) {
          const own = given.filter(([, , sex]) => row['code'] === '_T' || sex === row['code']);
          expect(own.length).toBeGreaterThanOrEqual(3);
          expect(row).toMatchObject({
            pairs: BigInt(own.length),
            first_sum: BigInt(own.reduce((sum, [first]) => sum + first, 0)),
            second_sum: BigInt(own.reduce((sum, [, second]) => sum + second, 0)),
            median_absolute: median(own.map(([first, second]) => Math.abs(first - second))),
          });
          const relative = median(own.flatMap(([first, second]) => (second > 0 ? [Math.abs(first - second) / second] : [])));
          if (relative === null) expect(row['median_relative']).toBe(null);
          else expect(row['median_relative']).toBeCloseTo(relative, 9);
        }
      }),
      { numRuns: 60, seed: 34 },
    );
  });
});
