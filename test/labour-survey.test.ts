import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';
import { generate } from '../sources/generate.ts';
import type { GeneratedManifest } from '../sources/generated-manifest.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
let session: Session;
let whole: GeneratedManifest;
const folders = (name: string) => ({
  out: join(scratch, name, 'in'),
  truth: join(scratch, name, 'truth'),
  temporaryDirectory: join(scratch, 'tmp'),
});
const truth = (file: string): Sql => literal(join(scratch, 'whole', 'truth', file));
const share = async (condition: Sql, among: Sql): Promise<number> =>
  (
    await session.row<{ share: number }>(
      sql`SELECT avg((${condition})::INTEGER) AS share FROM ${truth('survey_answers.parquet')} WHERE ${among}`,
    )
  ).share;
const near = (value: number, expected: number, slack: number) => expect(Math.abs(value - expected)).toBeLessThan(slack);

beforeAll(async () => {
  whole = await generate({ ...folders('whole'), persons: 20_000, months: 1, threads: 2 });
  session = await Session.open({
    temporaryDirectory: join(scratch, 'tmp'),
    allowedDirectories: [`${scratch}/`],
    onRawError: console.error,
  });
}, 120_000);
afterAll(() => session.close());

describe('the labour survey', () => {
  it('asks 5,000 adults of different households, those registered in dwellings with smart meters first', async () => {
    const row = await session.row<Record<string, number>>(sql`
      SELECT count(*)::INTEGER AS asked, count(DISTINCT a.person_no)::INTEGER AS persons, count(DISTINCT h.household_no)::INTEGER AS households,
        max(year(p.birth_date))::INTEGER AS youngest, count(*) FILTER (a.is_metered)::INTEGER AS metered,
        count(*) FILTER (a.is_metered <> (a.dwelling_id IN (SELECT dwelling_id FROM ${truth('dwelling_months/2024-01.parquet')})))::INTEGER AS mistaken,
        (SELECT count(*) FROM ${truth('households.parquet')} WHERE registered_dwelling_id IN (SELECT dwelling_id FROM ${truth('dwelling_months/2024-01.parquet')}))::INTEGER AS could_be
      FROM ${truth('survey_answers.parquet')} AS a JOIN ${truth('persons.parquet')} AS p ON p.person_no = a.person_no
      JOIN ${truth('households.parquet')} AS h ON h.registered_dwelling_id = a.dwelling_id`);
    expect(row).toMatchObject({ asked: 5000, persons: 5000, households: 5000, mistaken: 0 });
    expect(row['youngest']).toBeLessThan(2010);
    // all of them but households without a living adult
    expect((row['metered'] ?? 0) / (row['could_be'] ?? 1)).toBeGreaterThan(0.75);
    expect(row['could_be']).toBeGreaterThan(200);
  });

  it('knows the truth that the payroll of the month is made of', async () => {
    const differing = await session.rows(sql`
      SELECT a.person_no FROM ${truth('survey_answers.parquet')} AS a LEFT JOIN ${truth('person_months/2024-01.parquet')} AS t ON t.person_no = a.person_no
      WHERE a.true_jobs <> coalesce(t.jobs, 0) OR a.true_days <> coalesce(t.days_employed, 0) OR a.true_pay <> coalesce(t.regular_pay, 0)`);
    expect(differing).toEqual([]);
  });

  it('delivers answers, and nothing of the truth beside them', async () => {
    const delivered = sql`read_csv(${literal(join(scratch, 'whole/in/labour_survey/2024-01-01/labour_survey.csv'))}, header = true)`;
    const row = await session.row<Record<string, number>>(sql`
      SELECT count(*)::INTEGER AS interviews, count(*) FILTER (
        (d.worked = 'yes') = a.says_worked AND d.jobs IS NOT DISTINCT FROM a.says_jobs AND (d.gross_pay_ils * 100)::BIGINT IS NOT DISTINCT FROM a.says_pay
        AND d.dwelling_lived_in IS NOT DISTINCT FROM a.says_dwelling)::INTEGER AS faithful,
        count(*) FILTER (d.interviewed_on BETWEEN DATE '2024-02-01' AND DATE '2024-02-14')::INTEGER AS in_time
      FROM ${delivered} AS d JOIN ${truth('survey_answers.parquet')} AS a USING (interview_id)`);
    expect(row).toEqual({ interviews: 5000, faithful: 5000, in_time: 5000 });
  });

  it('makes errors of recall at the rates of its script', async () => {
    near(await share(sql`wrong_month`, sql`TRUE`), 0.03, 0.01);
    near(await share(sql`refuses_pay`, sql`says_worked`), 0.11, 0.025);
    near(await share(sql`forgot_second_job`, sql`true_jobs > 1 AND NOT wrong_month`), 0.3, 0.12);
    near(await share(sql`NOT says_worked`, sql`true_days > 14 AND NOT wrong_month`), 0.005, 0.006);
    near(await share(sql`says_worked`, sql`true_days = 0 AND NOT wrong_month`), 0.004, 0.005);
    near(await share(sql`says_dwelling = 'all_year'`, sql`true_use = 'permanent' AND says_dwelling IS NOT NULL`), 0.985, 0.006);
    near(await share(sql`says_pay % 10000 = 0`, sql`says_pay >= 400000 AND NOT has_pay_slip`), 1, 1e-9);
    const forgets = await session.row<{ short: number; long: number }>(sql`
      SELECT avg((NOT says_worked)::INTEGER) FILTER (true_days BETWEEN 1 AND 14) AS short, avg((NOT says_worked)::INTEGER) FILTER (true_days > 14) AS long
      FROM ${truth('survey_answers.parquet')} WHERE NOT wrong_month`);
    expect(forgets.short).toBeGreaterThan(0.1);
    expect(forgets.long).toBeLessThan(0.02);
  });

  it('leaves every other delivery and truth as it is without the survey', async () => {
    const of = (made: GeneratedManifest) =>
      made.deliveries
        .filter(({ source }) => source !== 'labour_survey')
        .flatMap(({ files }) => files.map(({ path, sha256 }) => `${path} ${sha256}`));
    const others = [...new Set(whole.deliveries.map(({ source }) => source))].filter((source) => source !== 'labour_survey') as never[];
    expect(of(await generate({ ...folders('others'), persons: 20_000, months: 1, threads: 2, sources: others }))).toEqual(of(whole));
    const small = await generate({ ...folders('small'), persons: 1000, months: 1, threads: 2, sources: ['labour_survey'] });
    const rows = small.deliveries.flatMap(({ files }) => files.map(({ rows: count }) => count));
    expect(rows[0]).toBeGreaterThan(250);
    expect(rows[0]).toBeLessThan(400);
  }, 120_000);
});
