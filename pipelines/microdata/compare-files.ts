import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join as joinPath, resolve } from 'node:path';
import { type ColumnChange, columnChanges, type PairColumn } from '../../anonymize/microdata-utility/pair-columns.ts';
import { type Utility, utilityOf } from '../../anonymize/microdata-utility/utility.ts';
import { DefinitionError, DeliveryError } from '../../engine/errors.ts';
import { Session } from '../../engine/session.ts';
import { id, join, type Sql, sql } from '../../engine/sql.ts';
import type { Progress } from '../context.ts';
import { existingFile, headerLines, openFlatFile } from '../flat-file.ts';
import { type ComparedFile, commonColumns, requireColumns } from './compare-columns.ts';

export interface CompareRequest {
  /** CSV or Parquet with the same records in the same order, as the user names them. */
  readonly before: string;
  readonly after: string;
  /** Key variables and numbers; without either, every common column of text is a key and every other one a number. */
  readonly keys: readonly string[] | undefined;
  readonly numeric: readonly string[] | undefined;
  /** Columns of ordered codes, for the loss by column. */
  readonly ordered: readonly string[];
  /** Outcome and predictors; without them the first number on the others. */
  readonly regress: readonly string[] | undefined;
  /** Sampling weight, from the file before. */
  readonly weight: string | undefined;
  readonly cwd: string;
  readonly threads: number;
  readonly memory: string;
  readonly signal: AbortSignal | undefined;
  readonly progress: Progress;
}

export interface Comparison extends Utility {
  readonly before: string;
  readonly after: string;
  readonly records: number;
  readonly keys: readonly string[];
  readonly weight: string | undefined;
  readonly columns: readonly ColumnChange[];
  /** Columns that only one file has. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly seconds: number;
}

/** The records of the two files side by side, in the order of the files. */
const BOTH = sql`before AS b POSITIONAL JOIN after AS a`;
/** Matrices of this many numbers are still quick to make. */
const MOST_NUMBERS = 60;

/**
 * Compares microdata before and after protection. Cost: three passes over the columns named, memory for them as typed columns of the engine.
 * Errors: `file-*`, `compare-records`, `compare-columns`, `compare-number`, `compare-weight`, `compare-empty`.
 */
export async function compareFiles(request: CompareRequest): Promise<Comparison> {
  const began = performance.now();
  const [left, right] = [
    await existingFile(resolve(request.cwd, request.before), request.before),
    await existingFile(resolve(request.cwd, request.after), request.after),
  ];
  const spill = await mkdtemp(joinPath(tmpdir(), 'twinstat-compare-'));
  const session = await Session.open({
    temporaryDirectory: spill,
    allowedDirectories: [`${dirname(left)}/`, `${dirname(right)}/`, `${spill}/`],
    threads: request.threads,
    memoryLimit: request.memory,
    signal: request.signal,
  });
  try {
    request.progress.note(`reading ${request.before} and ${request.after}`);
    const before = { ...(await openFlatFile(session, left, request.before, 'before')), name: request.before };
    const after = { ...(await openFlatFile(session, right, request.after, 'after')), name: request.after };
    const records = await sameRecords(session, before, after);
    const columns = await commonColumns(session, before, after);
    const files = { before, after, columns };
    const isChosen = request.keys !== undefined || request.numeric !== undefined;
    const rest = columns.filter(({ name }) => name !== request.weight);
    const numbers = isChosen ? await requireColumns(session, files, request.numeric ?? [], true) : rest.filter(({ isNumber }) => isNumber);
    const keys = isChosen ? await requireColumns(session, files, request.keys ?? [], false) : rest.filter(({ isNumber }) => !isNumber);
    await requireColumns(session, files, request.ordered, true);
    const numeric = numbers.map(({ name }) => name);
    const regress = regressionOf(request, numeric);
    const weight = request.weight === undefined ? undefined : await checkedWeight(session, before, request.weight);
    await makePair(session, numbers, keys, weight);
    request.progress.note(`${records} records, ${numeric.length} numbers, ${keys.length} keys; measuring`);
    const utility = await utilityOf(session, { numeric, keys: keys.map(({ name }) => name), regress, isWeighted: weight !== undefined });
    return {
      before: basename(request.before),
      after: basename(request.after),
      records,
      keys: keys.map(({ name }) => name),
      weight: request.weight,
      ...utility,
      columns: await columnChanges(session, BOTH, columns, request.ordered),
      removed: before.columns.filter((name) => !after.columns.includes(name)),
      added: after.columns.filter((name) => !before.columns.includes(name)),
      seconds: Math.round((performance.now() - began) / 10) / 100,
    };
  } finally {
    session.close();
    request.progress.end();
    await rm(spill, { recursive: true, force: true });
  }
}

async function sameRecords(session: Session, before: ComparedFile, after: ComparedFile): Promise<number> {
  const counts: number[] = [];
  for (const { relation } of [before, after])
    counts.push(Number((await session.row<{ n: bigint }>(sql`SELECT count(*) AS n FROM ${id(relation)}`)).n));
  const [left = 0, right = 0] = counts;
  if (left !== right)
    throw new DeliveryError(
      'compare-records',
      `${before.name} has ${left} records and ${after.name} ${right}: they are compared record by record, so give files of the same records in the same order`,
      { at: { file: after.name } },
    );
  if (left === 0) throw new DeliveryError('compare-empty', `${before.name} has no records`, { at: { file: before.name } });
  return left;
}

function regressionOf({ regress }: CompareRequest, numeric: readonly string[]): readonly string[] {
  if (numeric.length > MOST_NUMBERS)
    throw new DefinitionError(
      'compare-columns',
      `${numeric.length} columns of numbers are too many; choose up to ${MOST_NUMBERS} with --numeric`,
    );
  const unknown = regress?.find((name) => !numeric.includes(name));
  if (unknown !== undefined)
    throw new DefinitionError('compare-columns', `--regress names ${unknown}, which is not among the numbers (${numeric.join(', ')})`);
  return regress ?? numeric;
}

async function makePair(
  session: Session,
  numbers: readonly PairColumn[],
  keys: readonly PairColumn[],
  weight: Sql | undefined,
): Promise<void> {
  const columns = [
    ...numbers.flatMap(({ before, after }, v) => [sql`${before} AS ${id(`b${v}`)}`, sql`${after} AS ${id(`a${v}`)}`]),
    ...keys.flatMap(({ before, after }, k) => [sql`${before} AS ${id(`kb${k}`)}`, sql`${after} AS ${id(`ka${k}`)}`]),
    sql`${weight ?? sql`1::DOUBLE`} AS w`,
  ];
  await session.run(sql`CREATE TEMP TABLE pair AS SELECT ${join(columns)} FROM ${BOTH}`);
}

async function checkedWeight(session: Session, before: ComparedFile, name: string): Promise<Sql> {
  before.column(name);
  const value = sql`try_cast(${id('b', name)}::VARCHAR AS DOUBLE)`;
  const wrong = sql`${value} IS NULL OR NOT ${value} > 0 OR isinf(${value})`;
  const { bad, first } = await session.row<{ bad: bigint; first: bigint | null }>(
    sql`SELECT count(*) AS bad, min(record) AS first FROM (SELECT *, row_number() OVER () AS record FROM before) AS b WHERE ${wrong}`,
  );
  if (bad === 0n || first === null) return value;
  const line = Number(first) + headerLines(before.name);
  throw new DeliveryError(
    'compare-weight',
    `column ${name} of ${before.name} must hold weights above 0; ${bad} records do not, the first in ${headerLines(before.name) === 1 ? 'line' : 'record'} ${line}`,
    {
      at: { file: before.name, line },
      rule: name,
    },
  );
}
