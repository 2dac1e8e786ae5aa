import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import readXlsxFile from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, sql, trusted } from '../engine/sql.ts';
import type { RunReport } from '../pipelines/run-report.ts';
import { releasedAtOnce } from './released-at-once.ts';
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
  readonly imputed: bigint;
}

const monthName = (number: number): string => `${2023 + Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`;

/** Months with pay of each job, as a set of month numbers. */
async function flowsOf(jobs: readonly ReadonlySet<number>[]): Promise<Flow[]> {
  const rows = jobs.flatMap((months, job) => [...months].map((month) => ({ job: `j${job}`, month: monthName(month) })));
  await session.run(sql`CREATE OR REPLACE TABLE job_pay AS SELECT 'e' AS employer_id, job AS person_id, month AS reference_month, 100 AS monthly_pay, 0::BIGINT AS imputed
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
    await session.run(
      sql`CREATE OR REPLACE TABLE job_pay AS SELECT *, 0::BIGINT AS imputed FROM read_csv(${literal(join(CASE, 'job_pay.csv'))}, header = true)`,
    );
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
                imputed: 0n,
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

  it('add up exactly in every cell of months with both neighbours, have no cells in the others, under one pattern of all months', async () => {
    await runCommand(['init', workspace], { cwd: scratch });
    releasedAtOnce(workspace);
    await twinstat('generate', '--out', join(scratch, 'files'), '--persons', '900', '--months', '6', '--quiet');
    for (const source of ['population_register', 'business_register', 'employer_filings'])
      cpSync(join(scratch, 'files', source), join(scratch, 'wanted', source), { recursive: true });
    await twinstat('ingest', '--from', join(scratch, 'wanted'), '--quiet');
    const report = JSON.parse(await twinstat('run', 'employment_earnings', '--quiet', '--json')) as RunReport;
    const cells = report.tables.filter(({ table }) => table === 'job_flows').map(({ period, cells: count }) => [period, count > 100]);
    expect(cells).toEqual([
      ['2024-01', false],
      ['2024-02', true],
      ['2024-03', true],
      ['2024-04', true],
      ['2024-05', true],
      ['2024-06', false],
    ]);
    const pattern = new Map<string, string>();
    for (const month of ['2024-02', '2024-03', '2024-04', '2024-05']) {
      const lines = (await twinstat('view', 'employment_earnings.job_flows@tabulated', '--period', month)).trim().split('\n');
      const [names = [], ...rows] = lines.map((line) => line.split(','));
      const text = (row: readonly string[], name: string): string => row[names.indexOf(name)] ?? '';
      const at = (row: readonly string[], name: string): number => Number(text(row, name));
      expect(rows.some((row) => at(row, 'accessions') > 0 && at(row, 'separations') > 0)).toBe(true);
      for (const row of rows) {
        expect(at(row, 'jobs_at_start') + at(row, 'accessions') - at(row, 'separations')).toBe(at(row, 'jobs_at_end'));
        expect(at(row, 'jobs_at_start') + at(row, 'accessions')).toBe(at(row, 'all_jobs'));
        const key = ['industry', 'district', 'sex'].map((name) => text(row, name)).join('|');
        const shown = text(row, 'status') === 'free' ? 'shown' : 'withheld';
        expect(pattern.get(key) ?? shown, key).toBe(shown);
        pattern.set(key, shown);
      }
    }
    expect([...pattern.values()]).toContain('withheld');
    expect([...pattern.values()]).toContain('shown');
  });

  const keyOf = (person: string): string[] => [
    '--as',
    `Demo ${person}`,
    '--key',
    join(workspace, `data-root/keys/demo-demo-${person.toLowerCase().replaceAll(' ', '-')}.pem`),
  ];
  const submit = (...period: string[]) =>
    runCommand(['release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'flows', '--json', ...period], {
      cwd: workspace,
      now: '2026-01-15T00:00:00Z',
    });
  /** Publishes what is ready; the folder. */
  const publish = async (...period: string[]): Promise<string> => {
    const { id } = JSON.parse((await submit(...period)).stdout) as { id: string };
    for (const person of ['Approver One', 'Approver Two']) await twinstat('release', 'approve', id, ...keyOf(person));
    expect(await runCommand(['release', 'publish', id], { cwd: workspace, now: '2026-01-15T00:00:00Z' })).toMatchObject({ code: 0 });
    return join(workspace, 'data-root', 'released', id);
  };
  /** By month and key: the values of the measures, '' where they are withheld. */
  const releasedFlows = (folder: string, table = 'job_flows'): Map<string, Record<string, string>> => {
    const [header = '', ...lines] = readFileSync(join(folder, `${table}.csv`), 'utf8')
      .trim()
      .split('\n');
    const names = header.split(',');
    const cells = new Map<string, Record<string, string>>();
    for (const line of lines) {
      const row = line.split(',');
      const at = (name: string): string => row[names.indexOf(name)] ?? '_T';
      const key = ['TIME_PERIOD', 'ACTIVITY', 'REF_AREA', 'SEX'].map(at).join('|');
      cells.set(key, { ...cells.get(key), [at('MEASURE')]: at('OBS_VALUE') });
    }
    return cells;
  };
  const monthsIn = (cells: ReadonlyMap<string, unknown>): string[] => [...new Set([...cells.keys()].map((key) => key.slice(0, 7)))];
  let march: Map<string, Record<string, string>>;

  it('leave in every format where the month before has flows and the next leaves too, and add up in every row', async () => {
    const folder = await publish('--period', '2024-01..2024-04');
    const files = readdirSync(folder).filter((file) => file.startsWith('job_flows.'));
    expect(files.sort()).toEqual(['job_flows.arrow', 'job_flows.csv', 'job_flows.parquet', 'job_flows.xlsx']);
    march = releasedFlows(folder);
    expect(monthsIn(march)).toEqual(['2024-03']);
    let shown = 0;
    for (const [key, values] of march) {
      expect(new Set(Object.values(values).map((value) => value === '')).size, key).toBe(1);
      if (values['ALL_JOBS'] === '') continue;
      const at = (measure: string): number => Number(values[measure]);
      shown++;
      expect(at('JOBS_AT_START') + at('ACCESSIONS') - at('SEPARATIONS'), key).toBe(at('JOBS_AT_END'));
      expect(at('JOBS_AT_START') + at('ACCESSIONS'), key).toBe(at('ALL_JOBS'));
    }
    expect(shown).toBeGreaterThan(0);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('Jobs that begin and end');
    expect(page).toContain('משרות שמתחילות ומסתיימות');
    const levels = /<figure[^>]*id="en-levels-job_flows"[\s\S]*?<\/figure>/.exec(page)?.[0];
    expect(levels, 'of its own month, not of those of the release').toContain('Share withheld; March 2024<');
    const sheets = (await readXlsxFile(join(folder, 'job_flows.xlsx'))) as { data: unknown[][] }[];
    expect(sheets[1]?.data[1]?.[0]).toBe('March 2024');
  });

  it('leave with the jobs that employers created and destroyed: in the same month, made of the same jobs, only where flows are shown', async () => {
    const folder = join(workspace, 'data-root', 'released', readdirSync(join(workspace, 'data-root', 'released'))[0] ?? '');
    const creation = releasedFlows(folder, 'job_creation');
    expect(monthsIn(creation)).toEqual(['2024-03']);
    for (const [key, { CREATED: created = '' }] of creation) if (march.get(key)?.['ACCESSIONS'] === '') expect(created, key).toBe('');
    const stored = async (table: string): Promise<Map<string, Record<string, number>>> => {
      const [names = [], ...rows] = (await twinstat('view', `employment_earnings.${table}@tabulated`, '--period', '2024-03'))
        .trim()
        .split('\n')
        .map((line) => line.split(','));
      const totals = rows.filter((row) => ['district', 'sex'].every((name) => (row[names.indexOf(name)] ?? '_T') === '_T'));
      return new Map(
        totals.map((row) => [row[names.indexOf('industry')] ?? '', Object.fromEntries(names.map((name, at) => [name, Number(row[at])]))]),
      );
    };
    const flows = await stored('job_flows');
    const employers = await stored('job_creation');
    expect([...employers.keys()].sort()).toEqual([...flows.keys()].sort());
    expect(employers.size).toBeGreaterThan(10);
    for (const [industry, { created = 0, destroyed = 0, replaced = 0 }] of employers) {
      expect(created + replaced, industry).toBe(flows.get(industry)?.['accessions']);
      expect(destroyed + replaced, industry).toBe(flows.get(industry)?.['separations']);
    }
  });

  it('are refused where what is unsafe now would follow from the month that is out, and go on from it under a pattern that inherits', async () => {
    const file = join(workspace, 'pipelines/employment_earnings/pipeline.yaml');
    const definition = readFileSync(file, 'utf8');
    const at = definition.indexOf('person_id: { min: 10 }', definition.indexOf('  job_flows:'));
    writeFileSync(file, `${definition.slice(0, at)}person_id: { min: 200 }${definition.slice(at + 'person_id: { min: 10 }'.length)}`);
    await twinstat('run', 'employment_earnings', '--quiet');
    const late = await submit();
    expect([late.code, (JSON.parse(late.stdout) as { error: { code: string; message: string } }).error.code]).toEqual([
      4,
      'release-linked-late',
    ]);
    writeFileSync(file, definition);
    await twinstat('run', 'employment_earnings', '--quiet');
    const april = releasedFlows(await publish());
    expect(monthsIn(april)).toEqual(['2024-04']);
    const shown = [...april].filter(([, values]) => values['ALL_JOBS'] !== '');
    expect(shown.length).toBeGreaterThan(0);
    for (const [key, values] of shown) {
      const before = march.get(key.replace('2024-04', '2024-03'));
      expect([undefined, values['JOBS_AT_START']], key).toContain(before?.['JOBS_AT_END']);
    }
  });
});
