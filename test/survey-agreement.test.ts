import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, sql, trusted } from '../engine/sql.ts';
import { checkNamed, inReadingOrder } from '../pipelines/check-named.ts';
import { knownDatasets } from '../pipelines/known-datasets.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const root = join(scratch, 'root');
const twinstat = (...args: string[]) => runCommand(args, { cwd: scratch, now: '2026-01-15T00:00:00Z' });
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`], onRawError: console.error });
});
afterAll(() => session.close());

describe('a pipeline that reads steps of others', () => {
  const workspace = join(scratch, 'workspace');
  const problems = async (change: (yaml: string) => string): Promise<string[]> => {
    const file = join(workspace, 'pipelines/survey_agreement/pipeline.yaml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, change(before));
    const { datasets } = await knownDatasets(workspace);
    const checked = await checkNamed(session, workspace, 'survey_agreement', { datasets });
    writeFileSync(file, before);
    return checked.problems.map(({ code, at }) => `${code} ${at?.line}`);
  };
  beforeAll(() => {
    for (const folder of ['sources', 'pipelines']) cpSync(resolve(folder), join(workspace, folder), { recursive: true });
    writeFileSync(join(workspace, 'pipelines/employment_earnings/circle.sql'), '-- One row.\nSELECT 1 AS one');
  });

  it('knows the columns of the steps, and refuses steps that are not there', async () => {
    expect(await problems((yaml) => yaml)).toEqual([]);
    expect(await problems((yaml) => yaml.replace('employment_earnings.worked@', 'employment_earnings.work@'))).toContain(
      'pipeline-unknown-input 13',
    );
    expect(await problems((yaml) => yaml.replace('expr: interviews = 1', 'expr: interview = 1'))).toEqual(['sql-bind 46']);
  });

  it('protects what comes from employers through another pipeline', async () => {
    const table = (contributors: string) =>
      `tables: { t: { from: respondent_pay, by: [sex], measures: { pay: sum(pay_filed) }, contributors: { ${contributors} } } }\n`;
    writeFileSync(
      join(workspace, 'pipelines/survey_agreement/respondent_pay.sql'),
      '-- One row per respondent.\nSELECT r.person_id, r.sex, r.pay_filed, e.employer_id FROM respondent AS r JOIN employee AS e ON e.person_id = r.person_id',
    );
    const withTable = (contributors: string) => (yaml: string) =>
      yaml.replace('  - step: category_by_question', '  - { step: respondent_pay, over: month }\n  - step: category_by_question') +
      table(contributors);
    expect(await problems(withTable('person_id: { min: 10 }'))).toEqual([expect.stringMatching(/^table-employer-rule/)]);
    expect(await problems(withTable('person_id: { min: 10 }, employer_id: { min: 3 }'))).toEqual([]);
  });

  it('ends where two pipelines read each other, and runs what is read first', async () => {
    const file = join(workspace, 'pipelines/employment_earnings/pipeline.yaml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace('inputs:\n', 'inputs:\n  answer: survey_agreement.respondent@integrated\n'));
    const { datasets } = await knownDatasets(workspace);
    const checked = await checkNamed(session, workspace, 'employment_earnings', { datasets });
    expect(checked.problems.map(({ code }) => code)).toContain('pipeline-unknown-input');
    expect((await inReadingOrder(workspace, ['survey_agreement', 'employment_earnings'])).length).toBe(2);
    writeFileSync(file, before);
    expect(await inReadingOrder(workspace, ['survey_agreement', 'employment_earnings', 'dwelling_occupancy', 'consumer_prices'])).toEqual([
      'employment_earnings',
      'dwelling_occupancy',
      'survey_agreement',
      'consumer_prices',
    ]);
  });
});

describe('answers beside registers, by hand', () => {
  const step = (name: string) => trusted(readFileSync(`pipelines/survey_agreement/${name}.sql`, 'utf8'));

  it('pairs each answer with the statistic of the same person and month, and leaves out what one of them does not know', async () => {
    await session.run(sql`CREATE TABLE answer AS SELECT * FROM (VALUES
      ('2024-01', 1, 'yes', 2, 500000, 'all_year'), ('2024-01', 2, 'no', NULL, NULL, 'not_lived_in'), ('2024-01', 3, 'yes', 1, NULL, NULL), ('2024-05', 4, 'yes', 1, 700000, 'all_year')
      ) AS t(reference_month, person_id, worked, jobs, gross_pay, dwelling_lived_in)`);
    await session.run(sql`CREATE TABLE person AS SELECT * FROM (VALUES
      (1, 'F', DATE '1999-01-02', 2), (2, 'M', DATE '1999-01-01', 3), (3, 'F', DATE '1950-06-01', 1), (4, 'M', NULL, NULL)) AS t(person_id, sex, birth_date, district)`);
    await session.run(
      sql`CREATE TABLE household AS SELECT * FROM (VALUES (1, 11), (2, 12), (3, 13), (4, 14)) AS t(person_id, dwelling_id)`,
    );
    await session.run(
      sql`CREATE TABLE employee AS SELECT * FROM (VALUES ('2024-01', 1, 1, 490000), ('2024-01', 2, 1, 0), ('2024-02', 3, 3, 90)) AS t(reference_month, person_id, jobs, pay)`,
    );
    await session.run(sql`CREATE TABLE dwelling AS SELECT * FROM (VALUES
      ('2024-01', 11, 'permanent'), ('2024-01', 12, 'seasonal'), ('2024-01', 13, 'permanent'), ('2024-05', 14, 'unknown')) AS t(reference_month, dwelling_id, use_class)`);
    await session.run(sql`CREATE TABLE respondent AS ${step('respondent')}`);
    const found = await session.rows<Record<string, string>>(sql`
      SELECT question, person_id, age_band, coalesce(survey_answer, '-') || '/' || coalesce(statistic_answer, '-') AS answers FROM (${step('yes_or_no')}) ORDER BY ALL`);
    expect(found.map(({ question, person_id, answers }) => `${question} ${person_id} ${answers}`)).toEqual([
      'employed 1 yes/yes',
      'employed 2 no/yes',
      'employed 3 yes/no',
      'employed 4 yes/-',
      'lived_in 1 yes/yes',
      'lived_in 2 no/no',
      'lived_in 3 -/yes',
      'lived_in 4 yes/-',
      'several_jobs 1 yes/no',
      'several_jobs 2 -/no',
      'several_jobs 3 no/-',
      'several_jobs 4 no/-',
    ]);
    expect(found.slice(0, 4).map(({ age_band }) => age_band)).toEqual(['Y15T24', 'Y25T34', 'Y_GE65', null]);
    const amounts = await session.rows<Record<string, unknown>>(
      sql`SELECT person_id, survey_answer, statistic_answer FROM (${step('amount')}) ORDER BY ALL`,
    );
    expect(amounts).toEqual([
      { person_id: 1, survey_answer: 500000, statistic_answer: 490000 },
      { person_id: 2, survey_answer: null, statistic_answer: null },
      { person_id: 3, survey_answer: null, statistic_answer: null },
      { person_id: 4, survey_answer: 700000, statistic_answer: null },
    ]);
  });
});

describe('agreement in a generated country', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    expect(await twinstat('demo', '--root', root, '--persons', '3000', '--months', '2', '--quiet')).toMatchObject({ code: 0, stderr: '' });
  }, 240_000);

  it('is that of the answers with the truth, but for what was filed late', async () => {
    const folder = join(root, '_vault', readdirSync(join(root, '_vault')).find((name) => name.startsWith('_demo-')) ?? '');
    cpSync(join(folder, 'truth/survey_answers.parquet'), join(scratch, 'truth.parquet'));
    const truth = await session.row<Record<string, number>>(sql`
      SELECT count(*)::INTEGER AS asked, count(*) FILTER (says_worked)::INTEGER AS says, count(*) FILTER (true_jobs > 0)::INTEGER AS works,
        count(*) FILTER (says_worked = (true_jobs > 0))::INTEGER AS agreeing FROM ${literal(join(scratch, 'truth.parquet'))}`);
    const shown = (await twinstat('view', 'survey_agreement.category_by_question@integrated', '--root', root, '--json')).stdout;
    const total = (JSON.parse(shown) as Record<string, string | number>[]).find(
      ({ question, code }) => question === 'employed' && code === '_T',
    );
    expect(Number(total?.['pairs'])).toBe(truth['asked']);
    expect(Number(total?.['first_count'])).toBe(truth['says']);
    expect(Math.abs(Number(total?.['second_count']) - (truth['works'] ?? 0))).toBeLessThan(0.03 * (truth['asked'] ?? 0));
    expect(Math.abs(Number(total?.['agreeing']) - (truth['agreeing'] ?? 0))).toBeLessThan(0.03 * (truth['asked'] ?? 0));
    expect(Number(total?.['kappa'])).toBeGreaterThan(0.9);
  });

  it('stands in the record of the run and in its quality report, whose public edition holds no group', () => {
    const runs = readdirSync(join(root, 'runs')).map((run) => (file: string) => {
      const path = join(root, 'runs', run, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : '{}';
    });
    const read = runs.find((file) => JSON.parse(file('quality-internal.json')).command === 'twinstat run survey_agreement');
    const internal = JSON.parse(read?.('quality-internal.json') ?? '');
    const shown = JSON.parse(read?.('quality-public.json') ?? '');
    expect(internal.agreement.map(({ question }: { question: string }) => question)).toEqual(['employed', 'several_jobs', 'gross_pay']);
    expect(new Set(internal.agreement[0].groups.map(({ dimension }: { dimension: string }) => dimension))).toEqual(
      new Set(['age_band', 'district', 'sex']),
    );
    expect(JSON.parse(read?.('run.json') ?? '').predicate.agreement).toEqual(shown.agreement);
    expect(JSON.stringify(shown)).not.toContain('age_band');
    expect(shown.indicators.find(({ id }: { id: string }) => id === 'A1').meaning.en).toContain('sample');
    const [, , pay] = shown.agreement;
    expect(pay).toMatchObject({ kind: 'amount', statistic: 'employment_earnings', period: '2024-01' });
    expect(Number(pay.median_absolute.replace(',', '')) % 10).toBe(0);
    const truth = internal.agreement[2].total.medianAbsolute / 100;
    expect(Math.abs(Number(pay.median_absolute.replace(',', '')) - truth)).toBeLessThanOrEqual(5);
  });
});
