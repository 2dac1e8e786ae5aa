import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { canonicalJson } from '../engine/canonical-json.ts';
import { DisclosureError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join as joinSql, sql } from '../engine/sql.ts';
import { csvRecords } from './csv-records.ts';
import { derivedFiles, derivedHash, packagePaths } from './derived-files.ts';
import { findIdentifier } from './identifier-patterns.ts';
import type { LedgerPage } from './ledger.ts';
import { manifestOf, PublicManifest, type ReleaseContent } from './public-manifest.ts';
import { hashFiles, listPackage } from './release-package.ts';
import { columnTypes, readCsvSql } from './released-csv.ts';
import { type Finding, ScanFindings } from './scan-findings.ts';
import { scanRecords } from './scan-records.ts';
import { TableScan } from './scan-table.ts';

export interface ScanResult {
  readonly findings: readonly Finding[];
  /** What the final files publish, for the ledger. */
  readonly pages: readonly LedgerPage[];
}

export interface ScanOptions {
  /** The package was written by this process a moment ago: its derived files are not made a second time, but they are at publishing. */
  readonly isJustWritten?: boolean;
}

type TableSpec = PublicManifest['tables'][number];

/**
 * Reads a finished package as the public will and judges the bytes alone: files and columns on the allow-list, identifiers and
 * pseudonyms, thresholds, one flag, no value beside a withheld one, formula cells, order, CSV equal to Parquet, every other file equal to
 * what follows from the CSV and the manifest, manifest.
 */
export async function scanPackage(session: Session, dir: string, content: ReleaseContent, options: ScanOptions = {}): Promise<ScanResult> {
  const findings = new ScanFindings();
  const present = await listPackage(dir);
  const manifest = await readManifest(dir, present, content, findings);
  if (manifest === undefined) return { findings: findings.list(), pages: [] };
  const expected = [...packagePaths(manifest), 'manifest.json'];
  for (const name of present) if (!expected.includes(name)) findings.add('file-not-allowed', 'package');
  for (const name of expected) if (!present.includes(name)) findings.add('file-missing', name);
  const pages: LedgerPage[] = [];
  if (findings.list().length === 0) {
    for (const spec of manifest.tables) {
      pages.push(...(await scanCsv(dir, spec, content, findings)));
      if (!findings.has(`${spec.name}.csv`, 'csv-invalid')) await compareParquet(session, dir, spec, findings);
    }
    for (const spec of manifest.microdata ?? []) await scanRecords(session, dir, spec, content, findings);
    if (options.isJustWritten !== true && findings.list().length === 0) await compareDerived(session, dir, manifest, findings);
  }
  return { findings: findings.list(), pages };
}

/** `scanPackage`, refusing a package with any finding. Gives the pages for the ledger. */
export async function checkPackage(
  session: Session,
  dir: string,
  content: ReleaseContent,
  options: ScanOptions = {},
): Promise<readonly LedgerPage[]> {
  const { findings, pages } = await scanPackage(session, dir, content, options);
  if (findings.length === 0) return pages;
  const lines = findings.map(({ code, file, line, column, count }) => {
    return `${code} in ${file}${line === undefined ? '' : ` line ${line}`}${column === undefined ? '' : ` column ${column}`} (${count})`;
  });
  throw new DisclosureError(
    'release-scan',
    `the scan of the package refuses it: ${lines.join('; ')}; protect or correct the tables and draft the release again`,
    {
      rule: findings[0]?.code,
      facts: { findings: findings.length },
    },
  );
}

async function readManifest(
  dir: string,
  present: readonly string[],
  content: ReleaseContent,
  findings: ScanFindings,
): Promise<PublicManifest | undefined> {
  const file = 'manifest.json';
  if (!present.includes(file)) {
    findings.add('file-missing', file);
    return undefined;
  }
  const text = await readFile(joinPath(dir, file), 'utf8');
  const parsed = PublicManifest.safeParse(parseJson(text));
  if (!parsed.success || text !== `${canonicalJson(parsed.data)}\n`) {
    findings.add('manifest-invalid', file);
    return undefined;
  }
  const manifest = parsed.data;
  const paths = packagePaths(manifest);
  const isComplete = paths.every((path) => present.includes(path));
  const files = isComplete ? await hashFiles(dir, paths) : [];
  if (
    !isComplete ||
    canonicalJson(manifest) !== canonicalJson(manifestOf(content, manifest.tables, files, manifest.about, manifest.microdata))
  )
    findings.add('manifest-differs', file);
  const { files: _files, ...words } = manifest;
  for (const word of strings(words)) checkText(word, file, findings);
  for (const spec of manifest.tables) checkDeclared(spec, content, findings);
  return manifest;
}

function checkDeclared(spec: TableSpec, content: ReleaseContent, findings: ScanFindings): void {
  const declared = content.policy.tables[spec.name];
  if (declared === undefined) {
    findings.add('table-not-allowed', `${spec.name}.csv`);
    return;
  }
  const dimensions = declared.dimensions.map((name) => name.toUpperCase());
  const measures = declared.measures.map((name) => name.toUpperCase());
  for (const name of spec.dimensions)
    if (!dimensions.includes(name)) findings.add('column-not-allowed', `${spec.name}.csv`, undefined, name);
  for (const { name } of spec.measures)
    if (!measures.includes(name)) findings.add('measure-not-allowed', `${spec.name}.csv`, undefined, 'MEASURE');
}

async function scanCsv(dir: string, spec: TableSpec, content: ReleaseContent, findings: ScanFindings): Promise<LedgerPage[]> {
  const file = `${spec.name}.csv`;
  const table = new TableScan(spec, content, findings);
  let line = 0;
  for await (const record of csvRecords(createReadStream(joinPath(dir, file), { encoding: 'utf8', highWaterMark: 1 << 20 }))) {
    line += 1;
    if (record === null || !table.read(record, line)) {
      findings.add('csv-invalid', file, line);
      return [];
    }
  }
  return table.finish(line);
}

async function compareParquet(session: Session, dir: string, spec: TableSpec, findings: ScanFindings): Promise<void> {
  const file = `${spec.name}.parquet`;
  const path = joinPath(dir, file);
  const expected = columnTypes(spec);
  const columns = await session.describe(sql`SELECT * FROM read_parquet(${path})`);
  if (JSON.stringify(columns.map(({ name, type }) => [name, type])) !== JSON.stringify(expected)) {
    findings.add('parquet-columns', file);
    return;
  }
  const extra = await session.row<{ n: bigint }>(sql`SELECT count(*) AS n FROM parquet_kv_metadata(${path})`);
  if (extra.n !== 0n) findings.add('parquet-metadata', file);
  const differs = expected.map(([name]) => sql`${id('csv', name)} IS DISTINCT FROM ${id('parquet', name)}`);
  const different = await session.row<{ n: bigint }>(sql`SELECT count(*) AS n
    FROM ${readCsvSql(joinPath(dir, `${spec.name}.csv`), spec)} AS csv POSITIONAL JOIN read_parquet(${path}) AS parquet
    WHERE ${joinSql(differs, ' OR ')}`);
  if (different.n !== 0n) findings.add('parquet-differs', file, undefined, undefined, Number(different.n));
}

/** Every other file must be, byte for byte, what follows from the CSV files and the manifest: whatever else it says is refused. */
async function compareDerived(session: Session, dir: string, manifest: PublicManifest, findings: ScanFindings): Promise<void> {
  for (const file of derivedFiles(manifest)) {
    const expected = await derivedHash({ session, dir, manifest }, file);
    const [found] = await hashFiles(dir, [file.path]);
    if (found?.sha256 !== expected) findings.add('file-differs', file.path);
  }
}

function checkText(text: string, file: string, findings: ScanFindings): void {
  const kind = findIdentifier(text);
  if (kind !== undefined) findings.add(kind, file);
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...strings(item)]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
