import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUBLIC_FLAGS, PUBLIC_STATUS_OF } from '../anonymize/confidentiality-codes.ts';
import { derivedFiles } from '../anonymize/derived-files.ts';
import { findIdentifier, hasValidCheckDigit } from '../anonymize/identifier-patterns.ts';
import { PublicManifest, type ReleaseContent } from '../anonymize/public-manifest.ts';
import { writePackage } from '../anonymize/release-package.ts';
import { readCsvSql } from '../anonymize/released-csv.ts';
import { checkPackage, scanPackage } from '../anonymize/scan.ts';
import { canonicalJson } from '../engine/canonical-json.ts';
import { sql } from '../engine/sql.ts';
import { contentOf, DECLARED, openWorkbench, ROWS, WAGES_SPEC, wages } from './release-fixture.ts';

let bench: Awaited<ReturnType<typeof openWorkbench>>;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const content = contentOf(['2024-03']);

async function packageOf(tables = [wages('2024-03')], of: ReleaseContent = content): Promise<string> {
  const dir = bench.folder();
  await writePackage({ session: bench.session, dir, content: of, tables });
  return dir;
}

async function codesOf(dir: string, of: ReleaseContent = content): Promise<string[]> {
  const { findings } = await scanPackage(bench.session, dir, of);
  return [...new Set(findings.map(({ code }) => code))].sort();
}

/** Changes the CSV, makes the Parquet and the manifest fit again: a careful forger, whom only the rules can stop. */
async function rewrite(dir: string, edit: (csv: string) => string): Promise<void> {
  const csv = join(dir, 'wages.csv');
  const parquet = join(dir, 'wages.parquet');
  await writeFile(csv, edit(await readFile(csv, 'utf8')));
  await bench.session.run(
    sql`COPY (SELECT * FROM ${readCsvSql(csv, WAGES_SPEC)}) TO ${parquet} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v1)`,
  );
  await reseal(dir);
}

async function reseal(dir: string, change: Record<string, unknown> = {}): Promise<void> {
  const path = join(dir, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { files: { path: string; sha256: string }[] };
  for (const file of manifest.files) {
    file.sha256 = createHash('sha256')
      .update(await readFile(join(dir, file.path)))
      .digest('hex');
  }
  await writeFile(path, `${canonicalJson({ ...manifest, ...change })}\n`);
}

describe('identifier patterns', () => {
  it('finds identifiers with a valid check digit, however they are written', () => {
    expect(hasValidCheckDigit('000000018')).toBe(true);
    expect(hasValidCheckDigit('000000019')).toBe(false);
    for (const text of ['123456782', 'id 123456782.', '12345678-2', '123 456 782', '١٢٣٤٥٦٧٨٢', '１２３４５６７８２', '12345\u200b6782']) {
      expect(findIdentifier(text), text).toBe('national-id');
    }
    expect(findIdentifier('x 1b4e28ba-2fa1-41d2-883f-0016d3cca427')).toBe('uuid');
    expect(findIdentifier('9E107D9D372BB6826BD81D3542A419D6')).toBe('hex-pseudonym');
    for (const text of ['123456789', '1234567820', '2024-03', 'C10-C12', 'ענף 12', '12345678', ''])
      expect(findIdentifier(text), text).toBeUndefined();
  });
});

describe('one flag', () => {
  it('gives primary and secondary suppression the same code', () => {
    expect(PUBLIC_STATUS_OF.primary).toBe(PUBLIC_STATUS_OF.secondary);
    expect([...PUBLIC_FLAGS].sort()).toEqual(['C', 'F']);
  });
});

describe('scan of a package', () => {
  it('passes a sound package and gives its pages', async () => {
    const pages = await checkPackage(bench.session, await packageOf(), content);
    expect(pages).toHaveLength(1);
    expect(pages[0]?.keys).toHaveLength(ROWS.length);
    expect(pages[0]?.measures['PERSONS']?.[pages[0].keys.indexOf('["C","M"]')]).toBeNull();
    expect(pages[0]?.measures['PERSONS']?.[pages[0].keys.indexOf('["_T","_T"]')]).toBe('190');
  });

  const line = (csv: string, start: string) => csv.split('\n').find((text) => text.includes(start)) ?? '';
  const edits: [string, string[], (csv: string) => string][] = [
    ['a suppressed value put back', ['suppressed-value'], (csv) => csv.replace(',C,M,PERSONS,,', ',C,M,PERSONS,44,')],
    [
      'a suppressed cell flagged free',
      ['value-of-suppressed-cell', 'group-status'],
      (csv) => csv.replace('C,M,AVERAGE_PAY,,ILS,2,Q,C', 'C,M,AVERAGE_PAY,9.00,ILS,2,A,F'),
    ],
    [
      'the count shown beside a withheld total',
      ['group-status'],
      (csv) => csv.replace('C,M,PERSONS,,persons,0,Q,C', 'C,M,PERSONS,44,persons,0,A,F'),
    ],
    ['a flag that tells secondary from primary', ['flag'], (csv) => csv.replace(/,Q,C$/m, ',Q,D')],
    ['a status that tells a reason', ['observation-status'], (csv) => csv.replace(/,Q,C$/m, ',N,C')],
    ['a count under the threshold', ['below-threshold'], (csv) => csv.replace('_T,F,PERSONS,90,', '_T,F,PERSONS,9,')],
    ['an identifier as a code', ['codelist', 'national-id', 'order'], (csv) => csv.replaceAll(',G,F,', ',123456782,F,')],
    ['a pseudonym as a code', ['codelist', 'order', 'uuid'], (csv) => csv.replaceAll(',G,F,', ',1b4e28ba-2fa1-41d2-883f-0016d3cca427,F,')],
    ['a formula', ['codelist', 'formula-cell', 'order'], (csv) => csv.replaceAll(',G,F,', ',=G,F,')],
    [
      'a row twice',
      ['order', 'row-count'],
      (csv) => csv.replace(line(csv, ',G,_T,PERSONS'), `${line(csv, ',G,_T,PERSONS')}\n${line(csv, ',G,_T,PERSONS')}`),
    ],
    ['a row left out', ['cell-incomplete', 'row-count'], (csv) => csv.replace(`${line(csv, ',G,_T,PERSONS')}\n`, '')],
    ['a measure that nobody declared', ['cell-incomplete', 'measure-not-allowed'], (csv) => csv.replace('_T,F,PERSONS', '_T,F,MAXIMUM')],
    ['more decimals than stated', ['number'], (csv) => csv.replace(',8888.89,', ',8888.8889,')],
    ['another period', ['period-not-allowed'], (csv) => csv.replaceAll(',2024-03,', ',2024-04,')],
    ['another structure', ['structure'], (csv) => csv.replaceAll('TWINSTAT:', 'OTHER:')],
  ];
  for (const [name, codes, edit] of edits) {
    it(`refuses ${name}`, async () => {
      const dir = await packageOf();
      const before = await readFile(join(dir, 'wages.csv'), 'utf8');
      await rewrite(dir, edit);
      expect(await readFile(join(dir, 'wages.csv'), 'utf8')).not.toBe(before);
      expect(await codesOf(dir)).toEqual([...codes].sort());
      await expect(checkPackage(bench.session, dir, content)).rejects.toMatchObject({ code: 'release-scan', exitCode: 4 });
    });
  }

  it('refuses columns, tables and measures outside the allow-list', async () => {
    const table = wages('2024-03');
    const wide = { ...table, dimensions: [...table.dimensions, { name: 'employer_id', codes: Array(table.size).fill('x') as string[] }] };
    expect(await codesOf(await packageOf([wide]))).toEqual(['column-not-allowed']);
    const none = contentOf(['2024-03'], { policy: { ...content.policy, tables: {} } });
    expect(await codesOf(await packageOf([table], none), none)).toEqual(['table-not-allowed']);
    const fewer = contentOf(['2024-03'], {
      policy: { ...content.policy, tables: { wages: { ...DECLARED, measures: ['persons', 'total_pay'] } } },
    });
    expect(await codesOf(await packageOf([table], fewer), fewer)).toEqual(['measure-not-allowed']);
  });

  it('refuses a file more, a file less, a link and a folder', async () => {
    const more = await packageOf();
    await writeFile(join(more, 'notes.txt'), 'x');
    expect(await codesOf(more)).toEqual(['file-not-allowed']);
    const linked = await packageOf();
    await symlink(join(linked, 'wages.csv'), join(linked, 'other.csv'));
    await expect(scanPackage(bench.session, linked, content)).rejects.toMatchObject({ code: 'release-folder' });
    const nested = await packageOf();
    await mkdir(join(nested, 'internal'));
    await expect(scanPackage(bench.session, nested, content)).rejects.toMatchObject({ code: 'release-folder' });
    await symlink(nested, join(bench.root, 'package-link'));
    await expect(scanPackage(bench.session, join(bench.root, 'package-link'), content)).rejects.toMatchObject({ code: 'release-folder' });
  });

  it('refuses a Parquet file that differs from the CSV in a value, a type, or hidden metadata', async () => {
    const copy = async (select: (csv: string) => ReturnType<typeof sql>, options: ReturnType<typeof sql>) => {
      const dir = await packageOf();
      const csv = join(dir, 'wages.csv');
      await bench.session.run(sql`COPY (${select(csv)}) TO ${join(dir, 'wages.parquet')} (FORMAT parquet${options})`);
      await reseal(dir);
      return codesOf(dir);
    };
    const all = (csv: string) => sql`SELECT * FROM ${readCsvSql(csv, WAGES_SPEC)}`;
    expect(await copy(all, sql``)).toEqual([]);
    expect(
      await copy((csv) => sql`SELECT * REPLACE (coalesce(OBS_VALUE, 44) AS OBS_VALUE) FROM ${readCsvSql(csv, WAGES_SPEC)}`, sql``),
    ).toEqual(['parquet-differs']);
    expect(await copy((csv) => sql`${all(csv)} LIMIT 20`, sql``)).toEqual(['parquet-differs']);
    expect(await copy((csv) => sql`${all(csv)} ORDER BY MEASURE, SEX, INDUSTRY`, sql``)).toEqual(['parquet-differs']);
    expect(await copy((csv) => sql`${all(csv)} UNION ALL ${all(csv)}`, sql``)).toEqual(['parquet-differs']);
    expect(await copy((csv) => sql`SELECT *, 44 AS n FROM ${readCsvSql(csv, WAGES_SPEC)}`, sql``)).toEqual(['parquet-columns']);
    expect(await copy(all, sql`, KV_METADATA {note: 'C,M=44'}`)).toEqual(['parquet-metadata']);
  });

  it('refuses a word or a byte in any other file that does not follow from the CSV and the manifest', async () => {
    const first = await packageOf();
    const files = derivedFiles(PublicManifest.parse(JSON.parse(await readFile(join(first, 'manifest.json'), 'utf8'))));
    expect(files.map(({ path }) => path)).toEqual(['wages.arrow', 'wages.xlsx', 'structure.xml', 'report.html']);
    for (const { path } of files) {
      const dir = await packageOf();
      await appendFile(join(dir, path), ' ');
      await reseal(dir);
      const { findings } = await scanPackage(bench.session, dir, content);
      expect(findings).toEqual([{ code: 'file-differs', file: path, count: 1 }]);
    }
  });

  it('refuses a manifest with another hash, a time, an identifier, or exact row counts beside the rounded ones', async () => {
    const changed: [Record<string, unknown>, string[]][] = [
      [{ created: '2024-06-01T00:00:00Z' }, ['manifest-invalid']],
      [{ report_hash: 'a'.repeat(64) }, ['manifest-invalid']],
      [{ method: 'round' }, ['manifest-differs']],
      [{ tables: [{ ...WAGES_SPEC, name: 'wages', structure: 'TWINSTAT:EMPLOYMENT_EARNINGS__WAGES(1.0.0)', rows: 28 }] }, ['row-count']],
      [{ title: { en: 'of 123456782', he: 'ש' } }, ['manifest-differs', 'national-id']],
    ];
    for (const [change, codes] of changed) {
      const dir = await packageOf();
      await reseal(dir, change);
      expect(await codesOf(dir)).toEqual(codes);
    }
    const dir = await packageOf();
    await writeFile(join(dir, 'manifest.json'), '{"version":');
    expect(await codesOf(dir)).toEqual(['manifest-invalid']);
  });

  it('never repeats a value in its message', async () => {
    const dir = await packageOf();
    await rewrite(dir, (csv) => csv.replaceAll(',G,F,', ',123456782,F,'));
    const error: unknown = await checkPackage(bench.session, dir, content).catch((reason: unknown) => reason);
    expect(String(error)).toContain('national-id in wages.csv line');
    expect(String(error)).not.toContain('123456782');
  });
});
