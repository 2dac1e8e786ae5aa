import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { jointlyDisclosed } from '../anonymize/joint-attack.ts';
import { flatDimension, hierarchicalDimension } from '../anonymize/protect/code-dimension.ts';
import { DefinitionError } from '../engine/errors.ts';
import { Session } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import { TOTAL_CODE } from '../transforms/tabulate/hierarchy.ts';
import { existingFile, openFlatFile } from './flat-file.ts';
import { type LoadedDimension, loadProtect } from './protect/load-protect.ts';

export interface CompareRequest {
  /** Folders of `twinstat protect`, or their public tables. */
  readonly tables: readonly string[];
  /** table.yaml with the hierarchies of all dimensions; without it they are flat. */
  readonly definition?: string | undefined;
  readonly cwd: string;
  readonly signal: AbortSignal | undefined;
}

export interface CompareReport {
  readonly dimensions: readonly string[];
  readonly cells: number;
  /** Cells that are shown in several tables with different values: not the same population, and their difference is not attacked. */
  readonly differing: number;
  /** Withheld cells that the tables together give away: codes in the order of `dimensions`. */
  readonly exposed: readonly (readonly string[])[];
}

const NOT_DIMENSIONS = ['OBS_VALUE', 'OBS_STATUS', 'CONF_STATUS', 'STRUCTURE', 'STRUCTURE_ID', 'ACTION'];

/** Attacks protected tables together, by what they publish. Errors: `file-*`, `compare-*`, those of table.yaml. */
export async function compareReleases({ tables, definition, cwd, signal }: CompareRequest): Promise<CompareReport> {
  const paths = await Promise.all(tables.map((table) => publicTable(resolve(cwd, table), table)));
  const loaded = definition === undefined ? [] : (await loadProtect(resolve(cwd, definition), true)).dimensions;
  const spill = await mkdtemp(join(tmpdir(), 'twinstat-compare-'));
  const session = await Session.open({
    temporaryDirectory: spill,
    allowedDirectories: paths.map((path) => `${dirname(path)}/`),
    threads: 1,
    memoryLimit: '1GB',
    signal,
  });
  try {
    const read: ReadTable[] = [];
    for (const [at, path] of paths.entries()) read.push(await readTable(session, path, tables[at] ?? '', `t${at}`));
    const names = [...new Set(read.flatMap((table) => table.names))];
    const dimensions = names.map((name) => dimensionOf(name, loaded, read));
    const shown = read.map((table) => ({
      codes: table.rows.map((row) =>
        dimensions.map(({ name, codes }) => (table.names.includes(name) ? (row[name] ?? '') : (codes[0] ?? ''))),
      ),
      isShown: table.rows.map((row) => row['CONF_STATUS'] === 'F'),
      values: table.rows.map((row) => row['OBS_VALUE']),
    }));
    return {
      dimensions: names,
      cells: shown.reduce((sum, { codes }) => sum + codes.length, 0),
      differing: differing(shown),
      exposed: jointlyDisclosed(dimensions, shown),
    };
  } finally {
    session.close();
    await rm(spill, { recursive: true, force: true });
  }
}

async function publicTable(path: string, name: string): Promise<string> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  return existingFile(isFolder ? resolve(path, 'public', 'table.csv') : path, name);
}

interface ReadTable {
  readonly names: readonly string[];
  readonly rows: readonly Readonly<Record<string, string | null>>[];
}

async function readTable(session: Session, path: string, name: string, relation: string): Promise<ReadTable> {
  const { columns, column } = await openFlatFile(session, path, name, relation);
  column('OBS_VALUE');
  column('CONF_STATUS');
  return {
    names: columns.filter((each) => !NOT_DIMENSIONS.includes(each)),
    rows: await session.rows<Record<string, string | null>>(sql`SELECT * FROM ${id(relation)}`),
  };
}

function dimensionOf(name: string, loaded: readonly LoadedDimension[], tables: readonly ReadTable[]) {
  const known = loaded.find((each) => each.name === name);
  if (known !== undefined && known.hierarchies.length > 0) return hierarchicalDimension(name, known.hierarchies);
  const total = known?.total ?? TOTAL_CODE;
  const codes = new Set(tables.filter(({ names }) => names.includes(name)).flatMap(({ rows }) => rows.map((row) => row[name] ?? '')));
  if (codes.has('')) throw new DefinitionError('compare-code', `a cell has no code in ${name}`);
  return flatDimension(name, [...codes].filter((code) => code !== total).sort(), total);
}

function differing(tables: readonly { codes: readonly string[][]; values: readonly (string | null | undefined)[] }[]): number {
  const seen = new Map<string, string>();
  let count = 0;
  for (const { codes, values } of tables) {
    codes.forEach((cell, at) => {
      const [key, value] = [JSON.stringify(cell), values[at]];
      if (value === null || value === undefined || value === '') return;
      if (seen.has(key) && Number(seen.get(key)) !== Number(value)) count++;
      seen.set(key, value);
    });
  }
  return count;
}
