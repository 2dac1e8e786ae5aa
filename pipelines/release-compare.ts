import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { jointlyDisclosed } from '../anonymize/joint-attack.ts';
import { type CodeDimension, flatDimension, hierarchicalDimension } from '../anonymize/protect/code-dimension.ts';
import { DefinitionError } from '../engine/errors.ts';
import { Session } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import { TOTAL_CODE } from '../transforms/tabulate/hierarchy.ts';
import { type InternalTable, type IntervalRequest, internalCells, narrowCells, readInternal } from './compare-intervals.ts';
import { existingFile, openFlatFile } from './flat-file.ts';
import { type LoadedDimension, type LoadedProtect, loadProtect } from './protect/load-protect.ts';

export interface CompareRequest {
  /** Folders of `twinstat protect`, or their public tables. */
  readonly tables: readonly string[];
  /** table.yaml with the hierarchies of all dimensions; without it they are flat. */
  readonly definition?: string | undefined;
  /** Attack intervals too: then `tables` are folders, whose true values are read. */
  readonly intervals?: IntervalRequest | undefined;
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
  /** Other unsafe cells that the tables together leave less room than asked; absent where intervals are not attacked. */
  readonly narrow?: readonly (readonly string[])[];
}

const NOT_DIMENSIONS = ['OBS_VALUE', 'OBS_STATUS', 'CONF_STATUS', 'STRUCTURE', 'STRUCTURE_ID', 'ACTION'];

/** Attacks protected tables together, by what they publish. Errors: `file-*`, `compare-*`, those of table.yaml. */
export async function compareReleases({ tables, definition, intervals, cwd, signal }: CompareRequest): Promise<CompareReport> {
  const paths = await Promise.all(tables.map((table) => publicTable(resolve(cwd, table), table)));
  const internal = await Promise.all(intervals === undefined ? [] : tables.map((table) => internalCells(resolve(cwd, table), table)));
  const loaded = definition === undefined ? undefined : await loadProtect(resolve(cwd, definition), true);
  const spill = await mkdtemp(join(tmpdir(), 'twinstat-compare-'));
  const session = await Session.open({
    temporaryDirectory: spill,
    allowedDirectories: [...paths, ...internal].map((path) => `${dirname(path)}/`),
    threads: 1,
    memoryLimit: '1GB',
    signal,
  });
  try {
    const read: ReadTable[] = [];
    for (const [at, path] of paths.entries()) read.push(await readTable(session, path, tables[at] ?? '', `t${at}`));
    const dimensions = dimensionsOf(loaded, read);
    const shown = read.map((table) => ({
      codes: table.rows.map((row) =>
        dimensions.map(({ name, codes }) => (table.names.includes(name) ? (row[name] ?? '') : (codes[0] ?? ''))),
      ),
      isShown: table.rows.map((row) => row['CONF_STATUS'] === 'F'),
      values: table.rows.map((row) => row['OBS_VALUE']),
    }));
    const exposed = jointlyDisclosed(dimensions, shown);
    const truth: InternalTable[] = [];
    for (const [at, path] of internal.entries()) truth.push(await readInternal(session, path, tables[at] ?? '', `i${at}`));
    const inside = dimensionsOf(loaded, truth);
    // The true cells have no column for what is the same in the whole public file, such as its period.
    const narrow =
      intervals === undefined
        ? undefined
        : (await narrowCells(inside, truth, intervals, loaded?.definition)).map((cell) =>
            dimensions.map(({ name, codes }) => cell[inside.findIndex((each) => each.name === name)] ?? codes[0] ?? ''),
          );
    const isKnown = (cell: readonly string[]): boolean =>
      exposed.some((each) => dimensions.every(({ name }, d) => each[d] === cell[d] || !inside.some((own) => own.name === name)));
    return {
      dimensions: dimensions.map(({ name }) => name),
      cells: shown.reduce((sum, { codes }) => sum + codes.length, 0),
      differing: differing(shown),
      exposed,
      ...(narrow && { narrow: narrow.filter((cell) => !isKnown(cell)) }),
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

function dimensionsOf(loaded: LoadedProtect | undefined, tables: readonly ReadTable[]): CodeDimension[] {
  return [...new Set(tables.flatMap(({ names }) => names))].map((name) => dimensionOf(name, loaded?.dimensions ?? [], tables));
}

function dimensionOf(name: string, loaded: readonly LoadedDimension[], tables: readonly ReadTable[]): CodeDimension {
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
