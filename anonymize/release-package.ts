import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { canonicalJson } from '../engine/canonical-json.ts';
import { DefinitionError, EngineError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { manifestOf, type PublicManifest, type ReleaseContent, roundRows } from './public-manifest.ts';
import type { PublicTable } from './public-table.ts';
import type { PackageFile } from './release.ts';
import { columnsOf, componentId, NUMERIC_COLUMNS, sdmxLines, structureId } from './sdmx-csv.ts';

/** Who maintains the data structures that STRUCTURE_ID names. */
const AGENCY = 'TWINSTAT';

/**
 * Writes the public package into an empty folder: `<table>.csv` (SDMX-CSV 2.0), `<table>.parquet` (v1 pages, snappy; VARCHAR, DOUBLE,
 * BIGINT) and `manifest.json`. The same tables give the same bytes. The folder must be one that the session may use.
 */
export async function writePackage(options: {
  readonly session: Session;
  readonly dir: string;
  readonly content: ReleaseContent;
  readonly tables: readonly PublicTable[];
}): Promise<PackageFile[]> {
  const { session, dir, content, tables } = options;
  await requireEmptyFolder(dir);
  const described: PublicManifest['tables'] = [];
  for (const [name, periods] of byName(tables)) {
    const structure = structureId(AGENCY, content.pipeline, name);
    const csv = joinPath(dir, `${name}.csv`);
    const rows = await writeLines(csv, sdmxLines(periods, structure));
    const spec = describeTable(name, periods, structure, rows);
    await writeParquet(session, csv, joinPath(dir, `${name}.parquet`), spec);
    described.push(spec);
  }
  const paths = described.flatMap(({ name }) => [`${name}.csv`, `${name}.parquet`]);
  const files = await hashFiles(dir, paths);
  const manifest = manifestOf(content, described, files);
  await writeFile(joinPath(dir, 'manifest.json'), `${canonicalJson(manifest)}\n`, { mode: 0o600, flag: 'wx' });
  return [...files, ...(await hashFiles(dir, ['manifest.json']))];
}

/** Relation of a released CSV: `OBS_VALUE` is BIGINT where no measure has decimals. */
export function readCsvSql(path: string, spec: Pick<PublicManifest['tables'][number], 'dimensions' | 'measures'>): Sql {
  const types = columnTypes(spec).map(([name, type]) => sql`${literal(name)}: ${literal(type)}`);
  return sql`read_csv(${path}, columns = {${join(types)}}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false, strict_mode = true)`;
}

/** Names and DuckDB types of the columns of a released table. */
export function columnTypes(spec: Pick<PublicManifest['tables'][number], 'dimensions' | 'measures'>): [string, string][] {
  const value = spec.measures.some(({ decimals }) => decimals > 0) ? 'DOUBLE' : 'BIGINT';
  return columnsOf(spec.dimensions).map((name) => [
    name,
    name === 'OBS_VALUE' ? value : NUMERIC_COLUMNS.includes(name) ? 'BIGINT' : 'VARCHAR',
  ]);
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
  const order = join(['TIME_PERIOD', ...spec.dimensions, 'MEASURE'].map((name) => id(name)));
  await session.run(sql`COPY (SELECT * FROM ${readCsvSql(csv, spec)} ORDER BY ${order}) TO ${target}
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

function describeTable(name: string, periods: readonly PublicTable[], structure: string, rows: number): PublicManifest['tables'][number] {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw new DefinitionError('release-name', 'the name of a released table: small letters, digits and _');
  const specs = periods.map((table) => ({
    dimensions: table.dimensions.map((dimension) => componentId(dimension.name)),
    measures: table.measures.map((measure) => ({ name: componentId(measure.name), unit: measure.unit, decimals: measure.decimals })),
  }));
  const [first] = specs;
  if (first === undefined || specs.some((spec) => canonicalJson(spec) !== canonicalJson(first))) {
    throw new DefinitionError('release-table-shape', `table ${name}: its periods differ in dimensions or measures; release them apart`);
  }
  if (
    new Set([...first.dimensions, ...first.measures.map((measure) => measure.name)]).size !==
    first.dimensions.length + first.measures.length
  ) {
    throw new DefinitionError('release-name', `table ${name}: two dimensions or measures have the same name in capitals`);
  }
  const title = periods[0]?.title;
  return { name, ...(title && { title: { ...title } }), structure, ...first, rows: roundRows(rows) };
}

async function requireEmptyFolder(dir: string): Promise<void> {
  if (/[*?[\]{}]/.test(dir))
    throw new DefinitionError('release-folder', 'the folder of a package must not have * ? [ ] { or } in its path');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if ((await listPackage(dir)).length > 0)
    throw new EngineError('release-folder', 'the folder of a new package is not empty; give an empty one');
}
