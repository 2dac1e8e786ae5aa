import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, sql, trusted } from '../engine/sql.ts';
import type { RunReport } from '../pipelines/run-report.ts';
import { releasedAtOnce } from './released-at-once.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const CASE = resolve('test/cases/pipelines/job-moves');
const step = (name: string): string => readFileSync(`pipelines/employment_earnings/${name}.sql`, 'utf8');
const MAIN_JOB_END = trusted(step('main_job_end'));
const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`, `${CASE}/`], onRawError: console.error });
});
afterAll(() => session.close());

const lines = (rows: readonly Record<string, string | bigint | null>[]): string[] => [
  Object.keys(rows[0] ?? {}).join(','),
  ...rows.map((row) =>
    Object.values(row)
      .map((value) => value ?? '')
      .join(','),
  ),
];

describe('main jobs that end', () => {
  it('are those worked out by hand, and go to the industries of their employers', async () => {
    for (const table of ['job_pay', 'employee', 'employer'])
      await session.run(
        sql`CREATE OR REPLACE TABLE ${trusted(table)} AS SELECT * FROM read_csv(${literal(join(CASE, `${table}.csv`))}, header = true)`,
      );
    await session.run(sql`CREATE OR REPLACE TABLE main_job_end AS ${MAIN_JOB_END}`);
    const expected = (file: string): string[] => readFileSync(join(CASE, file), 'utf8').trim().split('\n');
    expect(lines(await session.rows(sql`SELECT * FROM main_job_end ORDER BY ALL`))).toEqual(expected('expected.csv'));
    const moves = trusted(step('job_move').replaceAll('$reference_period', "'2024-01'"));
    expect(lines(await session.rows(sql`SELECT * FROM (${moves}) ORDER BY person_id`))).toEqual(expected('expected_2024-01.csv'));
  });
});

const LAST = 9;
const monthName = (number: number): string => `${2023 + Math.floor((number + 8) / 12)}-${String(((number + 8) % 12) + 1).padStart(2, '0')}`;

interface Pay {
  readonly person: string;
  readonly employer: string;
  readonly month: number;
  readonly pay: number;
}

/** Spells of jobs, and their pay by month: where two are of one job, the later one counts. */
const payments = fc
  .array(
    fc.record({
      person: fc.constantFrom('p0', 'p1', 'p2'),
      employer: fc.constantFrom('e0', 'e1', 'e2', 'e3'),
      from: fc.integer({ min: 0, max: LAST }),
      pays: fc.array(fc.constantFrom(0, 1, 2, 2, 3, 3), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((spells) => {
    const pays = spells.flatMap(({ person, employer, from, pays: of }) =>
      of.map((pay, at): Pay => ({ person, employer, month: from + at, pay })),
    );
    return [...new Map(pays.map((pay) => [`${pay.person} ${pay.employer} ${pay.month}`, pay])).values()];
  });

/** The definition, person by person and month by month. */
function movesOf(pays: readonly Pay[]): string[] {
  const paid = pays.filter(({ pay }) => pay > 0);
  const known = new Set(paid.map(({ month }) => month));
  const has = (person: string, employer: string, month: number): boolean =>
    paid.some((pay) => pay.person === person && pay.employer === employer && pay.month === month);
  const bestPaid = (person: string, month: number): string | undefined =>
    paid
      .filter((pay) => pay.person === person && pay.month === month)
      .toSorted((left, right) => right.pay - left.pay || (left.employer < right.employer ? -1 : 1))[0]?.employer;
  const mainJob = (person: string, month: number): string | undefined => {
    const [best, before] = [bestPaid(person, month), bestPaid(person, month - 1)];
    const isNew = best !== undefined && !has(person, best, month - 1);
    return isNew && before !== undefined && has(person, before, month) ? before : best;
  };
  const found: string[] = [];
  for (const person of new Set(paid.map((pay) => pay.person)))
    for (const month of known) {
      const left = mainJob(person, month);
      if (left === undefined || has(person, left, month + 1) || !known.has(month - 1) || !known.has(month + 1)) continue;
      const next = mainJob(person, month + 1);
      const begins = next !== undefined && [month, month + 1].some((at) => has(person, next, at) && !has(person, next, at - 1));
      const outcome = begins ? '1,0,0' : next === undefined ? '0,0,1' : '0,1,0';
      found.push(`${monthName(month)},${person},${left},${begins ? next : ''},${outcome}`);
    }
  return found.toSorted();
}

describe('moves from job to job', () => {
  it('follow the definition, person by person; the jobs left are separations of the flows, a job that begins ends one move at most', async () => {
    const seen = { move: 0, other_job: 0, no_job: 0, within: 0 };
    const flow = trusted(step('job_flow'));
    await fc.assert(
      fc.asyncProperty(payments, async (pays) => {
        await session.run(sql`CREATE OR REPLACE TABLE job_pay AS SELECT employer AS employer_id, person AS person_id, month AS reference_month, pay AS monthly_pay, 0::BIGINT AS imputed
          FROM (SELECT unnest(from_json(${literal(JSON.stringify(pays.map((pay) => ({ ...pay, month: monthName(pay.month) }))))},
            '[{"person":"VARCHAR","employer":"VARCHAR","month":"VARCHAR","pay":"BIGINT"}]'), recursive := true))`);
        await session.run(sql`CREATE OR REPLACE TABLE main_job_end AS ${MAIN_JOB_END}`);
        await session.run(sql`CREATE OR REPLACE TABLE job_flow AS ${flow}`);
        const rows = await session.rows<Record<'move' | 'other_job' | 'no_job', bigint> & Record<string, string | bigint | null>>(
          sql`SELECT * FROM main_job_end ORDER BY ALL`,
        );
        expect(rows.length === 0 ? [] : lines(rows).slice(1)).toEqual(movesOf(pays));
        const counts = await session.row<Record<string, bigint>>(sql`
          SELECT count(*) AS ended, count(f.person_id) AS separated, coalesce(sum(m.move + m.other_job + m.no_job), 0)::BIGINT AS outcomes,
            coalesce(sum(m.move) FILTER (g.accession = 1), 0)::BIGINT AS within
          FROM main_job_end AS m
          LEFT JOIN (SELECT * FROM job_flow WHERE separation = 1) AS f USING (person_id, employer_id, reference_month)
          LEFT JOIN job_flow AS g ON g.person_id = m.person_id AND g.employer_id = m.employer_to_id AND g.reference_month = m.reference_month`);
        expect([counts['separated'], counts['outcomes']]).toEqual([counts['ended'], counts['ended']]);
        const starts = movesOf(pays).flatMap((line) => {
          const [month = '', person = '', , to = ''] = line.split(',');
          const at = pays.filter((pay) => pay.person === person && pay.employer === to && pay.pay > 0).map((pay) => monthName(pay.month));
          return to === '' ? [] : [`${person} ${to} ${at.includes(month) ? month : at.toSorted().find((later) => later > month)}`];
        });
        expect(new Set(starts).size).toBe(starts.length);
        for (const outcome of ['move', 'other_job', 'no_job'] as const)
          seen[outcome] += rows.reduce((sum, row) => sum + Number(row[outcome]), 0);
        seen.within += Number(counts['within']);
      }),
      { numRuns: 200 },
    );
    for (const [outcome, rows] of Object.entries(seen)) expect(rows, outcome).toBeGreaterThan(0);
  });
});

describe('job_moves of employment_earnings', { timeout: 240_000 }, () => {
  const workspace = join(scratch, 'workspace');
  const now = '2026-01-15T00:00:00Z';
  const twinstat = async (...args: string[]): Promise<string> => {
    const result = await runCommand([...args], { cwd: workspace, now });
    expect(result, args.join(' ')).toMatchObject({ code: 0, stderr: '' });
    return result.stdout;
  };
  /** Cells of a table inside: a number by the codes of its dimensions. */
  const viewed = async (table: string, measure: string, period: string): Promise<Map<string, number>> => {
    const text = await twinstat('view', `employment_earnings.${table}@tabulated`, '--period', period);
    const [names = [], ...rows] = text
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const width = names.findIndex((name) => name.endsWith('__n'));
    return new Map(rows.map((row) => [row.slice(1, width).join('|'), Number(row[names.indexOf(measure)])]));
  };
  let report: RunReport;

  beforeAll(async () => {
    await runCommand(['init', workspace], { cwd: scratch });
    releasedAtOnce(workspace);
    await twinstat('generate', '--out', join(scratch, 'files'), '--persons', '1500', '--months', '6', '--quiet');
    for (const source of ['population_register', 'business_register', 'employer_filings'])
      cpSync(join(scratch, 'files', source), join(scratch, 'wanted', source), { recursive: true });
    await twinstat('ingest', '--from', join(scratch, 'wanted'), '--quiet');
    report = JSON.parse(await twinstat('run', 'employment_earnings', '--quiet', '--json')) as RunReport;
  }, 240_000);

  it('are moves and ends without a new job, exactly, by industry, and no more than the separations of job_flows', async () => {
    const cells = report.tables.filter(({ table }) => table === 'job_moves').map(({ period, cells: count }) => [period, count > 40]);
    expect(cells).toEqual([1, 2, 3, 4, 5, 6].map((month) => [`2024-0${month}`, month > 1 && month < 6]));
    let moves = 0;
    for (const month of ['2024-02', '2024-03', '2024-04', '2024-05']) {
      const ended = await viewed('job_moves', 'main_jobs_ended', month);
      const separations = await viewed('job_flows', 'separations', month);
      const industries = [...ended.keys()].filter((key) => key.endsWith('|_T')).map((key) => key.split('|')[0] ?? '');
      for (const industry of industries) {
        const at = (code: string): number => ended.get(`${industry}|${code}`) ?? 0;
        const sections = [...ended].filter(([key]) => new RegExp(`^${industry}\\|([A-U]|MOVE_U)$`).test(key));
        expect(sections.reduce((sum, [, value]) => sum + value, 0)).toBe(at('MOVE'));
        expect(at('OTHER_JOB') + at('NO_JOB')).toBe(at('NONE'));
        expect(at('MOVE') + at('NONE')).toBe(at('_T'));
        expect(at('_T')).toBeLessThanOrEqual(separations.get(`${industry}|_T|_T`) ?? 0);
      }
      expect(industries.length).toBeGreaterThan(5);
      moves += ended.get('_T|MOVE') ?? 0;
    }
    expect(moves).toBeGreaterThan(40);
  });

  it('are those of the truth by days, employer by employer, for four in five', async () => {
    const at = (...path: string[]) => literal(join(scratch, ...path));
    const inside = (dataset: string) => at('workspace', 'data-root', ...dataset.split('/'), 'parts', '*.parquet');
    const { found, truth, both } = await session.row<Record<'found' | 'truth' | 'both', number>>(sql`
      WITH spine AS (SELECT id, pseudonym FROM read_parquet(${inside('_vault/spine')})),
      spell AS (
        SELECT j.person_no, j.spell_id // 8 AS chain_no, j.spell_id, j.start_date, j.end_date, s.pseudonym AS person_id, t.pseudonym AS employer_id
        FROM read_parquet(${at('files-truth', 'jobs.parquet')}) AS j
        JOIN read_parquet(${at('files-truth', 'persons.parquet')}) AS p USING (person_no)
        JOIN read_parquet(${at('files-truth', 'employers.parquet')}) AS e USING (employer_no)
        JOIN spine AS s ON s.id = p.person_id
        JOIN spine AS t ON t.id = e.employer_id
      ),
      chain AS (
        SELECT *, lead(employer_id) OVER (PARTITION BY chain_no ORDER BY spell_id) AS employer_to_id, lead(start_date) OVER (PARTITION BY chain_no ORDER BY spell_id) AS next_start,
          lead(end_date) OVER (PARTITION BY chain_no ORDER BY spell_id) AS next_end, date_trunc('month', end_date) + INTERVAL 1 MONTH AS month_after
        FROM spell
      ),
      truth AS (
        SELECT strftime(end_date, '%Y-%m') AS reference_month, person_id, employer_id, employer_to_id
        FROM chain
        WHERE chain_no % 2 = 0 AND employer_to_id <> employer_id AND date_trunc('month', next_start) <= month_after AND next_end >= month_after
          AND end_date BETWEEN DATE '2024-02-01' AND DATE '2024-05-31'
      ),
      found AS (
        SELECT reference_month, person_id, employer_id, employer_to_id
        FROM read_parquet(${inside('integrated/employment_earnings.main_job_end')})
        WHERE move = 1 AND person_id IN (SELECT person_id FROM spell)
      )
      SELECT (SELECT count(*) FROM found)::INTEGER AS found, (SELECT count(*) FROM truth)::INTEGER AS truth,
        (SELECT count(*) FROM (SELECT * FROM truth INTERSECT SELECT * FROM found))::INTEGER AS both`);
    console.log(`moves from job to job: ${found} found, ${truth} true, ${both} of them the same`);
    expect(truth).toBeGreaterThan(40);
    expect(both / truth).toBeGreaterThanOrEqual(0.8);
    expect(both / found).toBeGreaterThanOrEqual(0.8);
  });

  it('stay inside: a release of the flows has neither the table nor its dimension', async () => {
    const keyOf = (person: string): string[] => [
      '--as',
      `Demo ${person}`,
      '--key',
      join(workspace, `data-root/keys/demo-demo-${person.toLowerCase().replaceAll(' ', '-')}.pem`),
    ];
    const submitted = await runCommand(
      ['release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'flows', '--json', '--period', '2024-01..2024-04'],
      { cwd: workspace, now },
    );
    const { id } = JSON.parse(submitted.stdout) as { id: string };
    for (const person of ['Approver One', 'Approver Two']) await twinstat('release', 'approve', id, ...keyOf(person));
    expect(await runCommand(['release', 'publish', id], { cwd: workspace, now })).toMatchObject({ code: 0 });
    const folder = join(workspace, 'data-root', 'released', id);
    const files = readdirSync(folder);
    expect(files).toContain('job_flows.csv');
    expect(files.filter((file) => file.includes('job_moves'))).toEqual([]);
    for (const file of files.filter((name) => /\.(csv|json|xml|html)$/.test(name)))
      expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(/job_moves|ACTIVITY_TO|Moves from job to job|מעברים ממשרה/i);
  });
});
