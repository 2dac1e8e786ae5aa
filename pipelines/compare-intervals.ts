import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { narrowTogether, type ProtectedCells } from '../anonymize/joint-intervals.ts';
import type { CodeDimension } from '../anonymize/protect/code-dimension.ts';
import type { ProtectDefinition } from '../anonymize/protect/protect-definition.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { DefinitionError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import { openFlatFile } from './flat-file.ts';

/** What is asked around an unsafe cell: per cent below and above, or what table.yaml says. */
export type IntervalRequest = { readonly lower: number; readonly upper: number } | 'table';

/** The true cells of a folder of `twinstat protect`. */
export interface InternalTable {
  readonly names: readonly string[];
  readonly rows: readonly Readonly<Record<string, string | null>>[];
}

/** Path of the internal cells of a folder. Error: `compare-internal`. */
export async function internalCells(path: string, name: string): Promise<string> {
  const file = resolve(path, 'internal', 'cells.csv');
  if ((await stat(file).catch(() => undefined))?.isFile() === true) return file;
  throw new DefinitionError(
    'compare-internal',
    `--intervals measures from true values, which ${name} does not hold: name the folders that twinstat protect wrote, not their public tables`,
  );
}

export async function readInternal(session: Session, path: string, name: string, relation: string): Promise<InternalTable> {
  const { columns, column } = await openFlatFile(session, path, name, relation);
  for (const needed of ['n', 'value', 'published', 'status']) column(needed);
  return {
    names: columns.slice(0, columns.indexOf('n')),
    rows: await session.rows<Record<string, string | null>>(sql`SELECT * FROM ${id(relation)}`),
  };
}

/** Unsafe cells whose interval is too narrow when all tables are known. Errors: `compare-changed`, those of `narrowTogether`. */
export async function narrowCells(
  dimensions: readonly CodeDimension[],
  tables: readonly InternalTable[],
  asked: IntervalRequest,
  definition: ProtectDefinition | undefined,
): Promise<string[][]> {
  const isCount = tables.every(({ rows }) => rows.every((row) => Number(row['value']) === Number(row['n'])));
  const intervals = asked === 'table' ? definition?.intervals : asked;
  const cells = tables.map((table) => protectedCells(dimensions, table));
  return narrowTogether(await loadSolver(), dimensions, cells, { intervals, isCount });
}

function protectedCells(dimensions: readonly CodeDimension[], { names, rows }: InternalTable): ProtectedCells {
  const isChanged = rows.some((row) => isShown(row) && Number(row['published']) !== Number(row['value']));
  if (isChanged)
    throw new DefinitionError('compare-changed', 'a table shows values that noise or rounding changed; intervals are those of suppression');
  return {
    has: dimensions.flatMap(({ name }, d) => (names.includes(name) ? [d] : [])),
    codes: rows.map((row) => dimensions.map(({ name, codes }) => (names.includes(name) ? (row[name] ?? '') : (codes[0] ?? '')))),
    values: rows.map((row) => Number(row['value'])),
    isShown: rows.map(isShown),
    isUnsafe: rows.map((row) => row['status'] === 'primary'),
  };
}

function isShown(row: Readonly<Record<string, string | null>>): boolean {
  return (row['published'] ?? '') !== '';
}
