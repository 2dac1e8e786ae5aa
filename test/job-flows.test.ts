import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDefinition } from '../engine/definitions.ts';
import { Session } from '../engine/session.ts';
import { literal, sql, trusted } from '../engine/sql.ts';
import { releasedTables } from '../pipelines/checked-pipeline.ts';
import { Pipeline } from '../pipelines/definition.ts';
import type { RunReport } from '../pipelines/run.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const CASE = resolve('test/cases/pipelines/job-flows');
const FOLDER = 'pipelines/employment_earnings';
const JOB_FLOW = trusted(readFileSync(join(FOLDER, 'job_flow.sql'), 'utf8'));
const scratch = scratchFolder();
let session: Session;
beforeAll(async () => {
  session = await Session.open({ temporaryDirectory: scratch, allowedDirectories: [`${scratch}/`, `${CASE}/`], onRawError: console.error });
});
afterAll(() => session.close());

interface Flow {
  readonly person_id: string;
  readonly reference_month: string;
  readonly at_start: bigint;
  readonly at_end: bigint;
  readonly accession: bigint;
  readonly separation: bigint;
  readonly continuing: bigint;
  readonly hire: bigint | null;
  readonly recall: bigint | null;
}

const monthName = (number: number): string => `${2023 + Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`;

/** Months with pay of each job, as a set of month numbers. */
async function flowsOf(jobs: readonly ReadonlySet<number>[]): Promise<Flow[]> {
  const rows = jobs.flatMap((months, job) => [...months].map((month) => ({ job: `j${job}`, month: monthName(month) })));
  await session.run(sql`CREATE OR REPLACE TABLE job_pay AS SELECT 'e' AS employer_id, job AS person_id, month AS reference_month, 100 AS monthly_pay
    FROM (SELECT unnest(from_json(${literal(JSON.stringify(rows))}, '[{"job":"VARCHAR","month":"VARCHAR"}]'), recursive := true))`);
  return session.rows<Flow>(sql`SELECT * FROM (${JOB_FLOW}) ORDER BY reference_month, person_id`);
}

const countOf = (
  flows: readonly Flow[],
  month: string,
  flag: 'at_start' | 'at_end' | 'accession' | 'separation' | 'hire' | 'recall',
): number => flows.filter((flow) => flow.reference_month === month).reduce((sum, flow) => sum + Number(flow[flag] ?? 0), 0);

describe('flows of jobs', () => {
  it('are those worked out by hand, over a turn of the year', async () => {
    await session.run(sql`CREATE OR REPLACE TABLE job_pay AS SELECT * FROM read_csv(${literal(join(CASE, 'job_pay.csv'))}, header = true)`);
    const expected = readFileSync(join(CASE, 'expected.csv'), 'utf8').trim().split('\n');
    const rows = await session.rows<Record<string, string | bigint | null>>(sql`SELECT * FROM (${JOB_FLOW}) ORDER BY ALL`);
    expect(
      rows.map((row) =>
        Object.values(row)
          .map((value) => value ?? '')
          .join(','),
      ),
    ).toEqual(expected.slice(1));
    expect(Object.keys(rows[0] ?? {}).join(',')).toBe(expected[0]);
  });

  it('follow the definitions of the QWI, job by job, and their identities hold exactly, also from month to month', async () => {
    const jobs = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 31 }), { minLength: 1, maxLength: 12 });
    let recalls = 0;
    await fc.assert(
      fc.asyncProperty(jobs, async (given) => {
        const paid = given.map((months) => new Set(months));
        const flows = await flowsOf(paid);
        const known = new Set(given.flat());
        const wanted = paid.flatMap((months, job) =>
          [...months]
            .filter((t) => known.has(t - 1) && known.has(t + 1))
            .map((t) => {
              const [before, after] = [months.has(t - 1), months.has(t + 1)];
              const year = Array.from({ length: 12 }, (_, lag) => t - 1 - lag);
              const isKnown = year.every((month) => known.has(month));
              const wasHere = year.some((month) => months.has(month));
              return {
                reference_month: monthName(t),
                employer_id: 'e',
                person_id: `j${job}`,
                at_start: BigInt(before),
                at_end: BigInt(after),
                accession: BigInt(!before),
                separation: BigInt(!after),
                continuing: BigInt(before && after),
                hire: isKnown ? BigInt(!wasHere) : null,
                recall: isKnown ? BigInt(wasHere && !before) : null,
              };
            }),
        );
        const key = (flow: { reference_month: string; person_id: string }) => `${flow.reference_month} ${flow.person_id}`;
        const order = (left: { reference_month: string; person_id: string }, right: { reference_month: string; person_id: string }) =>
          key(left) < key(right) ? -1 : 1;
        expect(flows.toSorted(order)).toEqual(wanted.toSorted(order));
        const months = [...known].filter((t) => known.has(t - 1) && known.has(t + 1));
        for (const t of months) {
          const count = (flag: Parameters<typeof countOf>[2], month = t) => countOf(flows, monthName(month), flag);
          expect(count('at_start') + count('accession') - count('separation')).toBe(count('at_end'));
          if (months.includes(t + 1)) expect(count('at_start', t + 1)).toBe(count('at_end'));
          if (flows.some((flow) => flow.reference_month === monthName(t) && flow.hire !== null))
            expect(count('hire') + count('recall')).toBe(count('accession'));
          recalls += count('recall');
        }
      }),
      { numRuns: 150 },
    );
    expect(recalls).toBeGreaterThan(0);
  });
});

describe('job_flows of employment_earnings', { timeout: 240_000 }, () => {
  const workspace = join(scratch, 'workspace');
  const twinstat = async (...args: string[]): Promise<string> => {
    const result = await runCommand([...args], { cwd: workspace, now: '2026-01-15T00:00:00Z' });
    expect(result, args.join(' ')).toMatchObject({ code: 0, stderr: '' });
    return result.stdout;
  };

  it('add up exactly in every cell of months with both neighbours, have no cells in the others, and are never released', async () => {
    await runCommand(['init', workspace], { cwd: scratch });
    await twinstat('generate', '--out', join(scratch, 'files'), '--persons', '600', '--months', '4', '--quiet');
    for (const source of ['population_register', 'business_register', 'employer_filings'])
      cpSync(join(scratch, 'files', source), join(scratch, 'wanted', source), { recursive: true });
    await twinstat('ingest', '--from', join(scratch, 'wanted'), '--quiet');
    const report = JSON.parse(await twinstat('run', 'employment_earnings', '--quiet', '--json')) as RunReport;
    const cells = report.tables.filter(({ table }) => table === 'job_flows').map(({ period, cells: count }) => [period, count > 100]);
    expect(cells).toEqual([
      ['2024-01', false],
      ['2024-02', true],
      ['2024-03', true],
      ['2024-04', false],
    ]);
    const lines = (await twinstat('view', 'employment_earnings.job_flows@tabulated', '--period', '2024-02')).trim().split('\n');
    const [names = [], ...rows] = lines.map((line) => line.split(','));
    const at = (row: readonly string[], name: string): number => Number(row[names.indexOf(name)]);
    expect(rows.some((row) => at(row, 'accessions') > 0 && at(row, 'separations') > 0)).toBe(true);
    for (const row of rows) {
      expect(at(row, 'jobs_at_start') + at(row, 'accessions') - at(row, 'separations')).toBe(at(row, 'jobs_at_end'));
      expect(at(row, 'jobs_at_start') + at(row, 'accessions')).toBe(at(row, 'all_jobs'));
    }
    const { value: pipeline } = await loadDefinition(join(FOLDER, 'pipeline.yaml'), Pipeline);
    const released = releasedTables({ pipeline, steps: [], tables: Object.keys(pipeline.tables), indices: [], recordKeys: {} });
    expect(released).toContain('employees_and_pay');
    expect(released.filter((name) => name === 'job_flows' || name === 'hires')).toEqual([]);
  });
});
