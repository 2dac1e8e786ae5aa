import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { canonicalJson } from '../engine/canonical-json.ts';
import { DefinitionError, EngineError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';
import { derivedFiles, packagePaths, writeDerived } from './derived-files.ts';
import { AGENCY, describeTable } from './describe-table.ts';
import { type About, manifestOf, type PublicManifest, type ReleaseContent, roundRows } from './public-manifest.ts';
import { type RecordsFile, readRecordsSql, recordsName, writeRecords } from './public-records.ts';
import type { PublicTable } from './public-table.ts';
import type { PackageFile } from './release.ts';
import { readCsvSql, releasedOrder } from './released-csv.ts';
import { sdmxLines, structureId } from './sdmx-csv.ts';

/**
 * Writes the public package into an empty folder: `<table>.csv` (SDMX-CSV 2.0), `<table>.parquet` (v1 pages, snappy; VARCHAR, DOUBLE,
 * BIGINT), the same of files of records, the files that follow from these (`derivedFiles`) and `manifest.json`. The same tables give the same bytes. The folder must
 * be one that the session may use.
 */
export async function writePackage(options: {
  readonly session: Session;
  readonly dir: string;
  readonly content: ReleaseContent;
  readonly tables: readonly PublicTable[];
  readonly records?: readonly RecordsFile[] | undefined;
  readonly about?: About | undefined;
}): Promise<PackageFile[]> {
  const { session, dir, content, tables, records = [], about } = options;
  await requireEmptyFolder(dir);
  const described: PublicManifest['tables'] = [];
  for (const [name, periods] of byName(tables)) {
    const csv = joinPath(dir, `${name}.csv`);
    const rows = await writeLines(csv, sdmxLines(periods, structureId(AGENCY, content.pipeline, name)));
    const spec = describeTable(content.pipeline, name, periods, rows);
    await writeParquet(session, csv, joinPath(dir, `${name}.parquet`), spec);
    described.push(spec);
  }
  const microdata: NonNullable<PublicManifest['microdata']> = [];
  for (const { file, ...facts } of records) {
    const columns = await writeRecords(session, dir, { ...facts, file });
    const csv = joinPath(dir, `${recordsName(facts)}.csv`);
    const { n } = await session.row<{ n: bigint }>(sql`SELECT count(*) AS n FROM ${readRecordsSql(csv, columns)}`);
    microdata.push({ ...facts, columns, rows: roundRows(Number(n)) });
  }
  const { files: _none, ...manifestSoFar } = manifestOf(content, described, [], about, microdata);
  const source = { session, dir, manifest: manifestSoFar };
  for (const file of derivedFiles(manifestSoFar)) await writeDerived(source, file);
  const files = await hashFiles(dir, packagePaths(manifestSoFar));
  const manifest = manifestOf(content, described, files, about, microdata);
  await writeFile(joinPath(dir, 'manifest.json'), `${canonicalJson(manifest)}\n`, { mode: 0o600, flag: 'wx' });
  return [...files, ...(await hashFiles(dir, ['manifest.json']))];
}

/** Names in a package folder; refuses links and anything that is not a plain file. */
export async function listPackage(dir: string): Promise<string[]> {
  if (!(await lstat(dir)).isDirectory())
    throw new EngineError('release-folder', 'the package is not a folder of its own (a link, or a file)');
  const entries = await readdir(dir, { withFileTypes: true });
  if (entries.some((entry) => !entry.isFile()))
    throw new EngineError('release-folder', 'the package holds a link or a folder; it may hold plain files only');
  return entries.map((entry) => entry.name).sort();
}

/** SHA-256 of files of a folder, in the order given. */
export async function hashFiles(dir: string, paths: readonly string[]): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  for (const path of paths) {
    const hash = createHash('sha256');
    for await (const piece of createReadStream(joinPath(dir, path))) hash.update(piece as Buffer);
    files.push({ path, sha256: hash.digest('hex') });
  }
  return files;
}

async function writeParquet(session: Session, csv: string, target: string, spec: PublicManifest['tables'][number]): Promise<void> {
  await session.run(sql`COPY (SELECT * FROM ${readCsvSql(csv, spec)} ORDER BY ${releasedOrder(spec)}) TO ${target}
    (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v1)`);
}

async function writeLines(path: string, lines: Iterable<string>): Promise<number> {
  const file: FileHandle = await open(path, 'wx', 0o600);
  try {
    let rows = -1;
    let batch: string[] = [];
    for (const line of lines) {
      rows += 1;
      batch.push(line);
      if (batch.length < 8192) continue;
      await file.writeFile(`${batch.join('\n')}\n`);
      batch = [];
    }
    if (batch.length > 0) await file.writeFile(`${batch.join('\n')}\n`);
    return rows;
  } finally {
    await file.close();
  }
}

function byName(tables: readonly PublicTable[]): [string, PublicTable[]][] {
  const groups = new Map<string, PublicTable[]>();
  for (const table of tables) groups.set(table.name, [...(groups.get(table.name) ?? []), table]);
  return [...groups].sort(([left], [right]) => (left < right ? -1 : 1));
}

async function requireEmptyFolder(dir: string): Promise<void> {
  if (/[*?[\]{}]/.test(dir))
    throw new DefinitionError('release-folder', 'the folder of a package must not have * ? [ ] { or } in its path');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if ((await listPackage(dir)).length > 0)
    throw new EngineError('release-folder', 'the folder of a new package is not empty; give an empty one');
}
