import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { loadContract } from '../sources/contract.ts';
import { columnNames } from '../sources/contract-problems.ts';
import { type GenerateOptions, generate } from '../sources/generate.ts';
import type { GeneratedManifest } from '../sources/generated-manifest.ts';
import { checksumOfDraws, DRAWS_CHECKSUM } from '../sources/generator-definition.ts';
import { parseGeneratorScript } from '../sources/generator-script.ts';
import { encodeWindows1255 } from '../sources/windows-1255.ts';

let root: string;
let manifest: GeneratedManifest;
let session: Session;

const folders = (name: string) => ({
  out: join(root, name, 'in'),
  truth: join(root, name, 'truth'),
  temporaryDirectory: join(root, 'tmp'),
});
const make = (name: string, options: Partial<GenerateOptions> = {}) =>
  generate({ ...folders(name), persons: 500, months: 3, threads: 2, ...options });

/** Path and hash of every file that belongs to a month or a snapshot up to `last`. */
function hashes(made: GeneratedManifest, last = '9999'): string[] {
  return made.deliveries
    .filter((item) => item.delivery <= last)
    .flatMap((item) => item.files.map((file) => `${file.folder}/${file.path} ${file.sha256}`))
    .sort();
}

function isValidId(id: string): boolean {
  const sum = [...id].reduce((total, digit, index) => {
    const weighed = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return /^\d{9}$/.test(id) && sum % 10 === 0;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'generator-'));
  manifest = await make('two-threads');
  session = await Session.open({ temporaryDirectory: join(root, 'tmp'), allowedDirectories: [root] });
});

afterAll(async () => {
  session.close();
  await rm(root, { recursive: true, force: true });
});

describe('the same seed gives the same bytes', () => {
  it("DuckDB's hash() still gives the draws that every seed was made with", async () => {
    expect(await checksumOfDraws(session)).toBe(DRAWS_CHECKSUM);
  });

  it('with another number of threads', async () => {
    expect(hashes(await make('one-thread', { threads: 1 }))).toEqual(hashes(manifest));
    expect(hashes(await make('four-threads', { threads: 4, months: 1 }), '2024-01-31')).toEqual(hashes(manifest, '2024-01-31'));
  });

  it('with more months: the first three are a prefix, also when they are added later', async () => {
    const four = await make('four-months', { months: 4 });
    expect(hashes(four, '2024-03-31')).toEqual(hashes(manifest, '2024-03-31'));
    await make('three-then-four');
    expect(hashes(await make('three-then-four', { months: 4 }))).toEqual(hashes(four));
  });

  it('and another seed gives others', async () => {
    const other = await make('other-seed', { seed: 2, months: 1 });
    expect(hashes(other, '2024-01-31').filter((line) => line.startsWith('delivery/') && hashes(manifest).includes(line))).toEqual([]);
  });
});

describe('a rerun', () => {
  it('skips what is finished and repairs what is not', async () => {
    const dir = folders('two-threads');
    const worked: string[] = [];
    const again = {
      onProgress: (progress: { source: string; delivery: string }) => worked.push(`${progress.source}/${progress.delivery}`),
    };
    expect(hashes(await make('two-threads', again))).toEqual(hashes(manifest));
    expect(worked).toEqual([]);
    await truncate(join(dir.out, 'employer_filings/2024-02/employer_filings.csv'), 1000);
    await rm(join(dir.truth, 'persons.parquet'));
    await writeFile(join(dir.out, 'employer_filings/2024-02/employer_filings.csv.tmp'), 'left behind by a kill');
    expect(hashes(await make('two-threads', again))).toEqual(hashes(manifest));
    expect(worked).toEqual(['population_register/2024-01-01', 'employer_filings/2024-02']);
  });

  it('refuses folders that hold another country, and a truth inside the deliveries', async () => {
    await expect(make('two-threads', { seed: 7 })).rejects.toMatchObject({ code: 'generate-other-parameters' });
    await expect(make('inside', { truth: join(root, 'inside', 'in', 'truth') })).rejects.toMatchObject({ code: 'generate-parameter' });
  });
});

describe('deliveries', () => {
  it('keep to their contracts: columns, encoding, no truth in the folder', async () => {
    const out = folders('two-threads').out;
    const headers: Record<string, string> = {
      population_register: new TextDecoder('windows-1255', { fatal: true }).decode(
        await readFile(join(out, 'population_register/2024-01-01/population_register.csv')),
      ),
      employer_filings: new TextDecoder('utf-8', { fatal: true }).decode(
        gunzipSync(await readFile(join(out, 'employer_filings/2024-03/employer_filings.csv.gz'))),
      ),
    };
    const describeFile = async (path: string) =>
      (await session.describe(sql`SELECT * FROM ${literal(join(out, path))}`)).map(({ name }) => name).join(',');
    headers['business_register'] = await describeFile('business_register/2024-01-01/business_register.parquet');
    headers['smart_meter'] = await describeFile('smart_meter/2024-02/smart_meter.parquet');
    for (const source of ['household_register', 'dwelling_register', 'metering_point', 'labour_survey'])
      headers[source] = await describeFile(`${source}/2024-01-01/${source}.csv`);
    headers['retail_scanner'] = await describeFile('retail_scanner/2024-02/retail_scanner.csv.zst');
    for (const [source, text] of Object.entries(headers)) {
      const { value } = await loadContract(join(import.meta.dirname, `../sources/${source}/contract.yaml`));
      expect(text.split('\n', 1)[0]).toBe(value.variables.map((variable) => columnNames(variable)[0]).join(','));
    }
    expect(headers['population_register']).toMatch(/[א-ת]/);
    const files = await readdir(out, { recursive: true });
    expect(files.filter((file) => /truth|true|persons|jobs|error|pending|\.tmp/.test(file))).toEqual([]);
    expect(manifest.deliveries.flatMap((item) => item.files).filter((file) => file.folder === 'delivery')).toHaveLength(6 + 3 * 3);
  });

  it('hold valid, distinct identity and company numbers', async () => {
    const truth = folders('two-threads').truth;
    const ids = await session.columns(sql`SELECT person_id FROM ${literal(join(truth, 'persons.parquet'))} WHERE id_type = 'national'`);
    const employers = await session.columns(sql`SELECT employer_id FROM ${literal(join(truth, 'employers.parquet'))}`);
    for (const column of [ids['person_id'], employers['employer_id']] as string[][]) {
      expect(column.filter((value) => !isValidId(value))).toEqual([]);
      expect(new Set(column).size).toBe(column.length);
    }
    expect((employers['employer_id'] as string[]).every((value) => value.startsWith('5'))).toBe(true);
    expect((ids['person_id'] as string[]).some((value) => value.startsWith('0'))).toBe(true);
  });
});

describe('dirt and truth at 10,000 persons', () => {
  it('occur at the rates of the plan, in every delivery below the reject limit', async () => {
    const made = await make('dirt', {
      persons: 10_000,
      months: 4,
      sources: ['population_register', 'business_register', 'employer_filings'],
    });
    const { out, truth } = folders('dirt');
    const lines = sql`read_csv(${literal(join(out, 'employer_filings/*/*.csv*'))}, all_varchar = true, filename = true)`;
    const [counts] = await session.rows<Record<string, number>>(sql`SELECT count(*)::INTEGER AS n,
      avg((person_id IS NULL)::INTEGER) AS missing_id, avg((filing_version = '2')::INTEGER) AS second_versions, avg((id_type <> 'national')::INTEGER) AS foreigners,
      avg((hours IS NOT NULL AND try_cast(gross_ils AS DECIMAL(14, 2)) > 3000 * hours::DOUBLE)::INTEGER) AS above_3000_an_hour FROM ${lines}`);
    expect(counts).toBeDefined();
    expect(counts?.['n']).toBe(
      made.deliveries
        .filter((item) => item.source === 'employer_filings')
        .reduce((sum, item) => sum + (item.files.find((file) => file.folder === 'delivery')?.rows ?? 0), 0),
    );
    const near = (value: number | undefined, expected: number, slack: number) =>
      expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThan(slack);
    near(counts?.['missing_id'], 0.01, 0.004);
    near(counts?.['second_versions'], 0.018, 0.006);
    near(counts?.['foreigners'], 0.036, 0.008);
    near(counts?.['above_3000_an_hour'], 0.0005, 0.0004);

    const errors = await session.rows<{ type: string; share: number }>(
      sql`SELECT type, count(*) / ${counts?.['n'] ?? 1}::DOUBLE AS share FROM ${literal(join(truth, 'errors/*.parquet'))} GROUP BY type`,
    );
    const share = Object.fromEntries(errors.map((row) => [row.type, row.share]));
    near((share['wrong_digit'] ?? 0) + (share['transposition'] ?? 0), 0.0077, 0.003);
    near(share['check_digit'], 0.0029, 0.002);
    near(share['other_person'], 0.00097, 0.001);
    near(share['duplicate'], 0.0095, 0.004);
    near(share['heaped'], 0.01, 0.006);

    const rejects = await session.rows<{ share: number; broken: number }>(sql`SELECT
        avg((copy > 1 OR period_start NOT SIMILAR TO '\\d{4}-\\d\\d-\\d\\d' OR gross_ils = 'n/a' OR hours::DOUBLE > 744)::INTEGER) AS share,
        count(*) FILTER (period_start NOT SIMILAR TO '\\d{4}-\\d\\d-\\d\\d' OR gross_ils = 'n/a' OR hours::DOUBLE > 744)::INTEGER AS broken
      FROM (SELECT *, row_number() OVER (PARTITION BY filename, filing_id, filing_version ORDER BY received_at) AS copy FROM ${lines}) GROUP BY filename`);
    expect(rejects).toHaveLength(4);
    for (const row of rejects) {
      expect(row.broken).toBeGreaterThan(0);
      expect(row.share).toBeLessThan(0.025);
    }
  });

  it('about 3 % of payments are late, nearly all since their employer is late as a whole', async () => {
    const { truth } = folders('dirt');
    const row = await session.row<{ late: number; whole: number; torn: bigint }>(sql`
      WITH filed AS (
        SELECT DISTINCT filing_id, reference_no, employer_no, lag, employer_lag FROM (
          SELECT filing_id, reference_no, spell_id, lag, employer_lag FROM ${literal(join(truth, 'filings/*.parquet'))} WHERE payment_type = 'regular' AND filing_version = 1
          UNION SELECT filing_id, reference_no, spell_id, lag, employer_lag FROM ${literal(join(truth, 'pending/*.parquet'))} WHERE payment_type = 'regular' AND version = 1
        ) JOIN ${literal(join(truth, 'jobs.parquet'))} USING (spell_id)
      ), employer AS (
        SELECT count(DISTINCT employer_lag) AS lags, count(*) FILTER (lag < employer_lag) AS early FROM filed GROUP BY reference_no, employer_no
      )
      SELECT avg((lag > 0)::INTEGER) AS late, count(*) FILTER (employer_lag > 0) / count(*) FILTER (lag > 0) AS whole,
        (SELECT count(*) FILTER (lags > 1 OR early > 0) FROM employer) AS torn FROM filed`);
    expect(Math.abs(row.late - 0.03)).toBeLessThan(0.012);
    expect(row.whole).toBeGreaterThan(0.75);
    expect(row.whole).toBeLessThan(1);
    expect(row.torn).toBe(0n);
  });

  it('the newest versions, corrected and cleaned, add up to the true pay', async () => {
    const { truth } = folders('dirt');
    const files = literal(join(truth, 'filings/*.parquet'));
    const row = await session.row<{ months: number; told: bigint; known: bigint }>(sql`
      WITH filed AS (SELECT DISTINCT filing_id, reference_no, person_no, true_pay, payment_type FROM ${files}
        UNION SELECT filing_id, 0, person_no, true_pay, payment_type FROM ${literal(join(truth, 'pending/2024-01.parquet'))}
        UNION SELECT filing_id, 0, person_no, true_pay, payment_type FROM ${literal(join(truth, 'not_filed/2024-01.parquet'))})
      SELECT (SELECT sum(true_pay)::BIGINT FROM filed WHERE reference_no = 0 AND payment_type = 'regular') AS told,
        (SELECT sum(regular_pay)::BIGINT FROM ${literal(join(truth, 'person_months/2024-01.parquet'))}) AS known`);
    expect(row.told).toBe(row.known);
  });

  it('about 45 % of persons are employed, the register apart from the 4 % outside it', async () => {
    const row = await session.row<{ share: number; outside: number; most: number }>(sql`
      SELECT count(*) FILTER (in_register) / 10000.0::DOUBLE AS share, avg((NOT in_register)::INTEGER) AS outside, max(days_employed)::INTEGER AS most
      FROM ${literal(join(folders('dirt').truth, 'person_months/2024-03.parquet'))}`);
    expect(row.share).toBeGreaterThan(0.42);
    expect(row.share).toBeLessThan(0.5);
    expect(Math.abs(row.outside - 0.04)).toBeLessThan(0.008);
    expect(row.most).toBe(31);
  });
});

describe('parts', () => {
  it('splits every generate.sql into statements and targets', () => {
    const script = parseGeneratorScript(readFileSync(join(import.meta.dirname, '../sources/employer_filings/generate.sql'), 'utf8'));
    expect(script.prepare.some((statement) => statement.kind === 'write')).toBe(true);
    expect(script.month.filter((statement) => statement.kind === 'read')).toHaveLength(1);
    expect(script.delivery.every((statement) => statement.kind === 'write')).toBe(true);
    expect(() => parseGeneratorScript('--- other\nSELECT 1;')).toThrow('a part of a generate.sql');
  });

  it('encodes Hebrew as windows-1255 and refuses what has no byte', () => {
    expect(new TextDecoder('windows-1255').decode(encodeWindows1255('ג׳ורג׳ ,Abc'))).toBe('ג׳ורג׳ ,Abc');
    expect(() => encodeWindows1255('漢')).toThrow('no byte in windows-1255');
  });
});
