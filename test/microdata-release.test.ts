import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addToLedger, EMPTY_LEDGER, type Ledger, type LedgerFile, type LedgerPage, ledgerKey } from '../anonymize/ledger.ts';
import type { RecordsFile } from '../anonymize/public-records.ts';
import { writePackage } from '../anonymize/release-package.ts';
import { checkMicrodata } from '../anonymize/released-microdata.ts';
import { scanPackage } from '../anonymize/scan.ts';
import type { Session } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';
import { checkedPipeline } from '../pipelines/checked-pipeline.ts';
import { auditRecords } from '../pipelines/microdata/audit-records.ts';
import { openContext } from '../pipelines/open-context.ts';
import { readDossier } from '../pipelines/release-dossier.ts';
import { addCasePipeline, type RecordKeyWorkspace, recordKeyWorkspace } from './record-key-workspace.ts';
import { contentOf, openWorkbench, wages } from './release-fixture.ts';
import type { CommandResult } from './run-command.ts';
import { scratchFolder, testSession } from './scratch.ts';

const folder = scratchFolder();
const RELEASE = 'people_file-2024-01';
const POLICY = 'pipelines/people_file/people.policy.yaml';
const PIPELINE = 'pipelines/people_file/pipeline.yaml';
let workspace: RecordKeyWorkspace;
let session: Session;

const key = (name: string): string[] => [
  '--as',
  `Demo ${name}`,
  '--key',
  `data-root/keys/demo-demo-${name.toLowerCase().replaceAll(' ', '-')}.pem`,
];
const submit = (): Promise<CommandResult> =>
  workspace.attempt('release', 'submit', 'people_file', '--period', '2024-01', ...key('Author'), '--note', 'records', '--json');
const approve = async (): Promise<void> => {
  for (const person of ['Approver One', 'Approver Two']) await workspace.twinstat('release', 'approve', RELEASE, ...key(person));
};
const released = (name: string): string => join(workspace.folder, 'data-root/released', RELEASE, name);
const textOf = (name: string): string => readFileSync(released(name), 'utf8');
const records = (): Sql => sql`read_parquet(${literal(released('people_2024_01.parquet'))})`;

describe('records beside tables', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    workspace = await recordKeyWorkspace(folder, { persons: 1500, months: 1 });
    addCasePipeline(workspace, 'people_file');
    await workspace.twinstat('ingest', '--from', workspace.files, '--quiet');
    await workspace.twinstat('run', 'people_file', '--quiet');
    session = await testSession(folder);
  }, 240_000);
  afterAll(() => session.close());

  it('of all units are refused beside a table whose withheld cells could be counted from them', async () => {
    workspace.edit(PIPELINE, 'sample: 0.1', 'sample: 1');
    const { code, stderr } = await submit();
    workspace.edit(PIPELINE, 'sample: 1\n', 'sample: 0.1\n');
    expect(code).toBe(4);
    expect(stderr).toMatch(/table by_place withholds \d+ cells by LOCALITY, SEX, and the file people tells.*make it a sample/);
  });

  it('are the same bytes when they are drafted again, and not published under another policy than the approved one', async () => {
    const [first, second] = [await submit(), await submit()];
    expect([first.code, first.stderr, second.code]).toEqual([0, '', 0]);
    expect(JSON.parse(second.stdout).files).toEqual(JSON.parse(first.stdout).files);
    await approve();
    expect(await workspace.twinstat('release', 'show', RELEASE)).toMatch(
      /records people_2024_01\.csv: k 3 over district, .*; a sample of 10\.0 %/,
    );
    workspace.edit(POLICY, 'k: 3', 'k: 4');
    const { code, stderr } = await workspace.attempt('release', 'publish', RELEASE);
    workspace.edit(POLICY, 'k: 4', 'k: 3');
    expect([code, stderr.includes('its policy is not the one that was approved')]).toEqual([4, true]);
  });

  it('are released: k of them share every combination, and no key of the store is in any file', async () => {
    await workspace.twinstat('release', 'publish', RELEASE);
    const { least, n, most, ids } = await session.row<Record<'least' | 'n' | 'most' | 'ids', bigint>>(sql`
      SELECT (SELECT min(n) FROM (SELECT count(*) AS n FROM ${records()} GROUP BY district, locality, sex, birth_year)) AS least,
        count(*) AS n, max(person_id) AS most, count(DISTINCT person_id) AS ids FROM ${records()}`);
    expect([least >= 3n, n > 90n, n < 210n, most, ids]).toEqual([true, true, true, n, n]);
    const units = await session.rows<{ unit: string; key: string }>(
      sql`SELECT DISTINCT person_id::VARCHAR AS unit, person_id_record_key::VARCHAR AS key FROM ${workspace.dataset('people_file.resident', 'integrated')}`,
    );
    const known = new Set(units.flatMap(({ unit, key: record }) => [unit, ...(record.length >= 7 ? [record] : [])]));
    expect(known.size).toBeGreaterThan(2500);
    for (const name of readdirSync(join(workspace.folder, 'data-root/released', RELEASE))) {
      const words = textOf(name).match(/[0-9a-f]{8}-[0-9a-f-]{27}|(?<!\d)\d{7,8}(?!\d)/g) ?? [];
      expect(
        words.filter((word) => known.has(word)),
        name,
      ).toEqual([]);
    }
    expect(textOf('people_2024_01.csv').split('\n')[0]).toBe('reference_month,person_id,district,locality,sex,birth_year');
  });

  it('are described in the manifest and, in both languages, in the report', () => {
    const { microdata, files } = JSON.parse(textOf('manifest.json'));
    expect(microdata).toMatchObject([{ name: 'people', period: '2024-01', k: 3, sample: 0.1 }]);
    expect(files.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining(['people_2024_01.csv', 'people_2024_01.parquet']),
    );
    const page = textOf('report.html');
    for (const words of [
      'Files of records',
      'קובצי רשומות',
      'numbers at random, of this file',
      'מספרים אקראיים של הקובץ',
      'Anonymised records',
    ])
      expect(page).toContain(words);
  });

  it('are proven once more on the bytes that leave: a record that stands alone is refuted', async () => {
    const context = await openContext({ directory: workspace.folder });
    const forged = join(folder, 'forged');
    mkdirSync(forged);
    const target = literal(join(forged, 'people_2024_01.parquet'));
    await session.run(
      sql`COPY (SELECT * REPLACE (CASE WHEN person_id = 1 THEN 'D9' ELSE district END AS district) FROM ${records()}) TO ${target} (FORMAT parquet)`,
    );
    const { record, folder: approved } = await readDossier(context, RELEASE);
    const checked = await checkedPipeline(context, 'people_file');
    const transaction = await context.store.begin('audit of records');
    try {
      await auditRecords(context, checked, record, approved, transaction);
      await expect(auditRecords(context, checked, record, forged, transaction)).rejects.toMatchObject({
        code: 'release-microdata-audit',
        message: expect.stringContaining('k-anonymity (1, required 3)'),
      });
    } finally {
      await transaction.abort();
    }
  });

  it('leave inside what was done to them', () => {
    const dossier = join(workspace.folder, 'data-root/tabulated', RELEASE);
    expect(readdirSync(join(dossier, 'inside-2/people_2024_01')).sort()).toEqual([
      'audit.json',
      'decisions.parquet',
      'policy.lock.yaml',
      'records.parquet',
      'report.html',
      'summary.json',
    ]);
  });
});

describe('the gate for records', () => {
  const page = (keys: readonly string[][], values: readonly (string | null)[], change: Partial<LedgerPage> = {}): LedgerPage => ({
    dataset: 'people',
    period: '2024-03',
    table: 'by_place',
    release: 'first',
    dimensions: ['PLACE', 'SEX'],
    keys: keys.map(ledgerKey),
    measures: { PERSONS: [...values] },
    ...change,
  });
  const file = (change: Partial<LedgerFile> = {}): LedgerFile => ({
    dataset: 'people',
    period: '2024-03',
    name: 'persons',
    release: 'first',
    dimensions: ['place', 'sex'],
    sample: 1,
    sha256: 'a'.repeat(64),
    ...change,
  });
  const refused = (ledger: Ledger, files: readonly LedgerFile[], pages: readonly LedgerPage[], method = 'suppress'): string => {
    try {
      checkMicrodata(ledger, files, pages, method);
    } catch (error) {
      return (error as { code: string }).code;
    }
    return '';
  };
  const KEYS = [
    ['_T', '_T'],
    ['north', '_T'],
    ['north', 'F'],
  ];
  const open = page(KEYS, ['90', '40', '20']);
  const withheld = page(KEYS, ['90', '40', null]);

  it('refuses what could be counted from them, in this release or against the ledger', () => {
    expect(refused(EMPTY_LEDGER, [file()], [open])).toBe('');
    expect(refused(EMPTY_LEDGER, [file()], [withheld])).toBe('release-microdata-tells');
    // Without the sex the withheld cell cannot be counted; nor from a small sample, nor of another month.
    for (const change of [{ dimensions: ['place'] }, { sample: 0.1 }, { period: '2024-04' }, { dataset: 'other' }])
      expect(refused(EMPTY_LEDGER, [file(change)], [withheld]), JSON.stringify(change)).toBe('');
    expect(refused({ ...EMPTY_LEDGER, pages: [withheld] }, [file()], [])).toBe('release-microdata-tells');
    expect(refused({ ...EMPTY_LEDGER, microdata: [file()] }, [], [withheld])).toBe('release-microdata-tells');
    // A margin over what the file does not tell is counted from it all the same.
    expect(refused(EMPTY_LEDGER, [file({ dimensions: ['place'] })], [page(KEYS, ['90', null, null])])).toBe('release-microdata-tells');
    const vintage = page([['V00', 'F']], [null], { dimensions: ['VINTAGE', 'SEX'] });
    expect(refused(EMPTY_LEDGER, [file()], [vintage])).toBe('release-microdata-tells');
  });

  it('refuses exact records beside counts with noise', () => {
    expect(refused(EMPTY_LEDGER, [file()], [open], 'cell_key')).toBe('release-microdata-tells');
    const methods = [{ dataset: 'people', period: '2024-03', measure: 'PERSONS', method: 'round 0123' }];
    expect(refused({ ...EMPTY_LEDGER, methods, pages: [open] }, [file()], [])).toBe('release-microdata-tells');
    expect(refused({ ...EMPTY_LEDGER, methods, pages: [open] }, [file({ sample: 0.05 })], [])).toBe('');
  });

  it('refuses a second file of the same units and period, unless it is the same', () => {
    const ledger = addToLedger(EMPTY_LEDGER, [], 'suppress', [file()]);
    expect(refused(ledger, [file()], [])).toBe('');
    expect(refused(ledger, [file({ name: 'others', sha256: 'b'.repeat(64) })], [])).toBe('release-second-file');
    expect(refused(ledger, [file({ period: '2025-03', sha256: 'b'.repeat(64) })], [])).toBe('');
    expect(addToLedger(ledger, [], 'suppress', [file()]).microdata).toHaveLength(1);
  });

  it('reads the packed bytes: refuses classes below k, identifiers, formulas and columns that were not declared', async () => {
    const bench = await openWorkbench();
    const declared = {
      columns: ['sex', 'town', 'pay'],
      keys: ['sex', 'town'],
      k: 3,
      dimensions: ['sex', 'town'],
      sample: 1,
      policy: 'a'.repeat(64),
    };
    const content = contentOf(['2024-03']);
    const scanned = async (rows: Sql, columns = declared.columns): Promise<string[]> => {
      const dir = bench.folder();
      const parquet = `${dir}.parquet`;
      await bench.session.run(sql`COPY (${rows}) TO ${literal(parquet)} (FORMAT parquet)`);
      const of = { ...content, policy: { ...content.policy, microdata: { persons: { ...declared, columns } } } };
      const records: RecordsFile = {
        name: 'persons',
        period: '2024-03',
        title: { en: 'Persons', he: 'אנשים' },
        k: 3,
        sample: 1,
        file: parquet,
        columns: [
          { name: 'sex', role: 'key_variable', done: ['as_it_is'] },
          { name: 'town', role: 'key_variable', done: ['coarser'] },
          { name: 'pay', role: 'numeric', done: ['noise'] },
        ],
      };
      await writePackage({ session: bench.session, dir, content: of, tables: [wages('2024-03')], records: [records] });
      const { findings } = await scanPackage(bench.session, dir, of);
      return findings.map(({ code, file: name }) => `${code} ${name}`);
    };
    const rows = (town: string, n = 3): Sql => sql`SELECT 'f' AS sex, 'north' AS town, 123456782 AS pay FROM range(6)
      UNION ALL SELECT 'm', ${literal(town)}, 7.5 FROM range(${literal(n)})`;
    try {
      expect(await scanned(rows('south'))).toEqual([]);
      expect(await scanned(rows('south', 2))).toEqual(['below-k persons_2024_03.csv']);
      for (const [town, code] of [
        ['6b1f0c52-0d3a-4f0a-9c55-6a8c2f0f3b11', 'uuid'],
        ['123456782', 'national-id'],
        ['=1+1', 'formula-cell'],
      ] as const)
        expect(await scanned(rows(town))).toEqual([`${code} persons_2024_03.csv`]);
      expect(await scanned(rows('south'), ['sex', 'town'])).toEqual(['column-not-allowed persons_2024_03.csv']);
    } finally {
      await bench.close();
    }
  });
});
