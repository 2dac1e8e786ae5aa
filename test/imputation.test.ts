import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, type Sql, sql, trusted } from '../engine/sql.ts';
import { transforms } from '../transforms/index.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`], onRawError: console.error });
});
afterAll(() => session.close());

/** A step of the pipeline, for one month where it needs it. */
function step(name: string, month = ''): Sql {
  const text = readFileSync(`pipelines/employment_earnings/${name}.sql`, 'utf8');
  return trusted(text.replaceAll('$reference_period', `'${month}'`));
}

interface Filing {
  readonly id: string;
  readonly version: number;
  readonly employer: string;
  readonly person: string;
  /** First and last day of the period. */
  readonly from: string;
  readonly to: string;
  readonly gross: number;
  readonly received: string;
}

interface Imputed {
  readonly reference_month: string;
  readonly vintage: number;
  readonly employer_id: string;
  readonly person_id: string;
  readonly pay: bigint;
}

const monthOf = (number: number): string => `${2023 + Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`;
const lastDay = (number: number): string => new Date(Date.UTC(2023, number + 1, 0)).toISOString().slice(0, 10);

/** Runs the steps over these filings; every employer is of section A, `dead` has ceased. */
async function impute(filings: readonly Filing[], dead?: { readonly employer: string; readonly day: string }): Promise<Imputed[]> {
  await session.run(sql`CREATE OR REPLACE TABLE all_filing AS SELECT id AS filing_id, version AS filing_version, employer AS employer_id, person AS person_id, 'linked' AS person_link, left("from", 7) AS reference_month,
    "from"::DATE AS period_start, "to"::DATE AS period_end, 'regular' AS payment_type, gross, 182.0::DOUBLE AS hours, received::DATE AS received_at
    FROM (SELECT unnest(from_json(${literal(JSON.stringify(filings))},
      '[{"id":"VARCHAR","version":"INTEGER","employer":"VARCHAR","person":"VARCHAR","from":"VARCHAR","to":"VARCHAR","gross":"BIGINT","received":"VARCHAR"}]'), recursive := true))`);
  await session.run(sql`CREATE OR REPLACE TABLE employer AS SELECT DISTINCT employer_id, 'A' AS nace_section,
    CASE WHEN employer_id = ${dead?.employer ?? ''} THEN ${dead?.day ?? '2000-01-01'}::DATE END AS death_date FROM all_filing`);
  const months = await session.columns(sql`SELECT DISTINCT reference_month FROM all_filing ORDER BY ALL`);
  for (const [at, month] of (months['reference_month'] as string[]).entries()) {
    await session.run(sql`CREATE OR REPLACE VIEW filing AS SELECT * FROM all_filing WHERE reference_month = ${literal(month)}`);
    await session.run(sql`CREATE OR REPLACE TABLE filing_version AS ${step('filing_version', month)}`);
    const edited = transforms['edit_unit_error']?.build({ from: sql`filing_version`, with: { maximum_hourly: 3000 } }) ?? sql``;
    await session.run(sql`CREATE OR REPLACE TABLE known_version AS ${edited}`);
    await session.run(sql`CREATE OR REPLACE TABLE known_filer AS ${step('known_filer', month)}`);
    for (const name of ['known_version', 'known_filer'])
      await session.run(
        at === 0
          ? sql`CREATE OR REPLACE TABLE ${trusted(`every_${name}`)} AS SELECT * FROM ${trusted(name)}`
          : sql`INSERT INTO ${trusted(`every_${name}`)} SELECT * FROM ${trusted(name)}`,
      );
  }
  for (const name of ['known_version', 'known_filer'])
    await session.run(sql`CREATE OR REPLACE TABLE ${trusted(name)} AS SELECT * FROM ${trusted(`every_${name}`)}`);
  for (const name of ['missing_filer', 'imputed']) await session.run(sql`CREATE OR REPLACE TABLE ${trusted(name)} AS ${step(name)}`);
  return session.rows<Imputed & Record<string, unknown>>(
    sql`SELECT reference_month, vintage, employer_id, person_id, pay FROM imputed ORDER BY ALL`,
  );
}

const filing = (employer: string, person: string, month: number, lag: number, over: Partial<Filing> = {}): Filing => ({
  id: `${employer} ${person} ${month}`,
  version: 1,
  employer,
  person,
  from: `${monthOf(month)}-01`,
  to: lastDay(month),
  gross: 1_000_000,
  received: lastDay(month + lag),
  ...over,
});

describe('imputation of missing filers', () => {
  it('is what was worked out by hand: jobs that went on, at the ratio of those that have filed', async () => {
    const filings = [
      // filers: 10,000 in January, 11,000 in February
      ...['f1', 'f2'].flatMap((employer) => [
        filing(employer, `${employer}a`, 0, 0),
        filing(employer, `${employer}a`, 1, 0, { gross: 1_100_000 }),
      ]),
      // late in February by one month: a whole month, half a month (16 of 31 days: 992,000 for a whole one), a job that ended on the 10th
      filing('late', 'whole', 0, 0),
      filing('late', 'half', 0, 0, { from: '2023-01-16', gross: 512_000 }),
      filing('late', 'ended', 0, 0, { to: '2023-01-10', gross: 300_000 }),
      filing('late', 'whole', 1, 1, { gross: 1_050_000 }),
      // its pay of January was first 2,000,000, corrected in May: what was known in February counts
      filing('amended', 'first', 0, 0, { gross: 2_000_000 }),
      filing('amended', 'first', 0, 4, { version: 2, gross: 1_900_000 }),
      // ceased in January: no longer expected
      filing('ceased', 'gone', 0, 0),
    ];
    const rows = await impute(filings, { employer: 'ceased', day: '2023-01-31' });
    const of = (employer: string, vintage: number) =>
      rows
        .filter((row) => row.employer_id === employer && row.vintage === vintage)
        .map(({ reference_month, person_id, pay }) => [reference_month, person_id, Number(pay)]);
    expect(of('late', 0)).toEqual([
      ['2023-02', 'half', 1_091_200],
      ['2023-02', 'whole', 1_100_000],
    ]);
    expect(of('late', 1)).toEqual([]);
    expect(of('amended', 0)).toEqual([['2023-02', 'first', 2_200_000]]);
    // then `late` is in too, without its half job: pay 3,250,000 of 3,992,000 carried forward, three whole months of four
    expect(of('amended', 3)).toEqual([['2023-02', 'first', Math.round((1_900_000 * 3_250_000) / 3_992_000 / 0.75)]]);
    expect(of('ceased', 0)).toEqual([]);
    expect(rows.filter(({ reference_month }) => reference_month !== '2023-02')).toEqual([]);
  });

  it('carries all jobs of a gap into the final value: of an employer that has filed for a later month by then, and not for this one', async () => {
    const others = ['f1', 'f2'].flatMap((employer) => [0, 1, 2].map((month) => filing(employer, `${employer}a`, month, 0)));
    const rows = await impute(
      [
        ...others,
        ...['a', 'b'].map((person) => filing('gap', person, 0, 0)),
        filing('gap', 'c', 0, 0, { to: '2023-01-20' }),
        filing('gap', 'a', 1, 8),
        filing('gap', 'a', 2, 5),
        // March was filed too late to show it, February just in time, nothing came again
        filing('later', 'd', 0, 0),
        filing('later', 'd', 2, 6),
        filing('timely', 'e', 0, 0),
        filing('timely', 'e', 1, 6),
        filing('timely', 'e', 2, 0),
        filing('silent', 'f', 0, 0),
        // ceased by the register, though something was filed again
        filing('ceased', 'g', 0, 0),
        filing('ceased', 'g', 2, 0),
      ],
      { employer: 'ceased', day: '2023-01-31' },
    );
    const final = rows.filter(({ vintage }) => vintage === 6);
    expect(final.map(({ reference_month, employer_id, person_id, pay }) => [reference_month, employer_id, person_id, Number(pay)])).toEqual(
      [
        ['2023-02', 'gap', 'a', 1_000_000],
        ['2023-02', 'gap', 'b', 1_000_000],
      ],
    );
  });

  it('learns from months that were final by then, and keeps as many jobs as it expects, whoever they are', async () => {
    // In each month 40 employers of one job are missing at the flash and half of them never file; from August on this is known.
    const filings = Array.from({ length: 10 }, (_, month) => [
      filing('timely', 'always', month, 0),
      ...Array.from({ length: 40 }, (__, n) => [
        filing(`m${month} ${n}`, `p${month} ${n}`, month, 0),
        ...(n < 20 ? [filing(`m${month} ${n}`, `p${month} ${n}`, month + 1, 2, { to: `${monthOf(month + 1)}-02` })] : []),
      ]).flat(),
    ]).flat();
    const rows = await impute(filings.filter(({ from }) => from < '2023-11'));
    const kept = (month: number): number => rows.filter((row) => row.reference_month === monthOf(month) && row.vintage === 0).length;
    // no evidence: 90 %; one month of 40 jobs with 20 reported, and 20 jobs at 90 %: 38 of 60; two months: 58 of 100
    expect([1, 6].map(kept)).toEqual([36, 36]);
    expect([7, 8, 9].map(kept)).toEqual([Math.round((40 * 38) / 60), Math.round((40 * 58) / 100), Math.round((40 * 78) / 140)]);
  });

  it('at a vintage uses nothing that arrived after it: what came later may as well not exist', async () => {
    const arrival = fc.record({
      lag: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 7 }) }),
      gross: fc.integer({ min: 500_000, max: 3_000_000 }),
      amended: fc.option(fc.integer({ min: 0, max: 4 })),
    });
    const employer = fc.array(fc.option(fc.array(arrival, { minLength: 1, maxLength: 3 }), { freq: 5 }), { minLength: 9, maxLength: 9 });
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(employer, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(0, 1, 3, 6),
        async (employers, month, vintage) => {
          const always = Array.from({ length: 9 }, (_, at) => filing('timely', 'always', at, 0));
          const filings = employers.flatMap((months, e) =>
            months.flatMap((jobs, at) =>
              (jobs ?? []).flatMap(({ lag, gross, amended }, job) => {
                // an employer files as a whole: all its jobs are as late as the first
                const own = filing(`e${e}`, `e${e} p${job}`, at, jobs?.[0]?.lag ?? lag, { gross });
                const later = (jobs?.[0]?.lag ?? lag) + (amended ?? 0);
                return amended === null
                  ? [own]
                  : [own, { ...own, version: 2, gross: Math.round(gross * 1.1), received: lastDay(at + later) }];
              }),
            ),
          );
          const all = [...always, ...filings];
          const at = (rows: readonly Imputed[]) => rows.filter((row) => row.reference_month === monthOf(month) && row.vintage === vintage);
          const wanted = at(await impute(all.filter(({ received }) => received <= lastDay(month + vintage))));
          expect(at(await impute(all))).toEqual(wanted);
          seen += wanted.length;
        },
      ),
      { numRuns: 12, seed: 39 },
    );
    expect(seen).toBeGreaterThan(5);
  });
});
