import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, sql, trusted } from '../engine/sql.ts';
import { scratchFolder } from './scratch.ts';

const CASE = resolve('test/cases/pipelines/expected-filers');
const EXPECTED_FILER = trusted(readFileSync('pipelines/employment_earnings/expected_filer.sql', 'utf8'));
const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`, `${CASE}/`], onRawError: console.error });
});
afterAll(() => session.close());

const monthName = (number: number): string => `${2023 + Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`;

describe('expected filers', () => {
  it('are those worked out by hand, over a turn of the year', async () => {
    for (const table of ['filer', 'employer'])
      await session.run(
        sql`CREATE OR REPLACE TABLE ${trusted(table)} AS SELECT * FROM read_csv(${literal(join(CASE, `${table}.csv`))}, header = true)`,
      );
    const expected = readFileSync(join(CASE, 'expected.csv'), 'utf8').trim().split('\n');
    const rows = await session.rows<Record<string, string | bigint>>(sql`SELECT * FROM (${EXPECTED_FILER}) ORDER BY ALL`);
    expect([Object.keys(rows[0] ?? {}).join(','), ...rows.map((row) => Object.values(row).join(','))]).toEqual(expected);
  });

  it('are all employers of the month before, each filed, in a gap or silent, month by month', async () => {
    await session.run(sql`CREATE OR REPLACE TABLE employer AS SELECT '' AS employer_id, NULL::DATE AS death_date WHERE FALSE`);
    const employers = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 15 })), { minLength: 1, maxLength: 8 });
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(employers, async (given) => {
        const rows = given.flatMap((months, employer) => months.map((month) => ({ employer: `e${employer}`, month: monthName(month) })));
        await session.run(sql`CREATE OR REPLACE TABLE filer AS SELECT employer AS employer_id, month AS reference_month, 1 AS regular_pay
          FROM (SELECT unnest(from_json(${literal(JSON.stringify(rows))}, '[{"employer":"VARCHAR","month":"VARCHAR"}]'), recursive := true))`);
        const known = new Set(given.flat());
        const wanted = given.flatMap((months, employer) =>
          months
            .map((month) => month + 1)
            .filter((month) => known.has(month))
            .map((month) => {
              const outcome = months.includes(month) ? 'filed' : months.some((later) => later > month) ? 'gap' : 'silent';
              seen.add(outcome);
              return `${monthName(month)} e${employer} ${outcome}`;
            }),
        );
        const found = await session.rows<Record<'reference_month' | 'employer_id' | 'outcome', string>>(
          sql`SELECT * FROM (${EXPECTED_FILER})`,
        );
        expect(found.map((row) => `${row.reference_month} ${row.employer_id} ${row.outcome}`).toSorted()).toEqual(wanted.toSorted());
      }),
      { numRuns: 100 },
    );
    expect([...seen].toSorted()).toEqual(['filed', 'gap', 'silent']);
  });
});
