import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join as joinPath, resolve } from 'node:path';
import { type AttackerRisks, attackerRisks } from '../../anonymize/risk/attacker-models.ts';
import { buildRisks, type CellRisks } from '../../anonymize/risk/cell-risks.ts';
import { buildCellTable, type CellTable, keyValue } from '../../anonymize/risk/cell-table.ts';
import { type Diversity, diversity } from '../../anonymize/risk/diversity.ts';
import { buildFrequencies } from '../../anonymize/risk/frequencies.ts';
import { type HouseholdRisk, householdRisk } from '../../anonymize/risk/household-risk.ts';
import type { LogLinearRisk } from '../../anonymize/risk/log-linear.ts';
import { type PopulationUniqueness, populationUniqueness } from '../../anonymize/risk/population-uniqueness.ts';
import { numberCells } from '../../anonymize/risk/record-cells.ts';
import { type RiskDistribution, riskDistribution } from '../../anonymize/risk/risk-distribution.ts';
import { type RiskMeasures, riskMeasures } from '../../anonymize/risk/risk-measures.ts';
import { type RiskThreshold, riskThreshold } from '../../anonymize/risk/risk-threshold.ts';
import { type RiskiestCombination, riskiestCombinations } from '../../anonymize/risk/riskiest-combinations.ts';
import { type RiskyCombination, riskyCombinations } from '../../anonymize/risk/risky-combinations.ts';
import { type WildcardCapacity, wildcardCapacity } from '../../anonymize/risk/wildcard-capacity.ts';
import { DeliveryError } from '../../engine/errors.ts';
import { Session } from '../../engine/session.ts';
import { id, join, type Sql, sql } from '../../engine/sql.ts';
import { existingFile, type FlatFile, headerLines, openFlatFile } from '../flat-file.ts';
import { keyVariables } from './key-variables.ts';
import { logLinearCells } from './log-linear-cells.ts';
import { matchedRisks, matchRecords, placedRisks, writeRecords } from './record-risks.ts';
import { checkRequest, type RiskRequest } from './risk-request.ts';
import { type SudaReport, sudaRecords } from './suda-records.ts';
import { readValueNodes } from './value-nodes.ts';
import { writeRiskReport } from './write-risk-report.ts';

export interface RiskReport extends RiskMeasures, AttackerRisks {
  readonly file: string;
  readonly keys: readonly string[];
  readonly records: number;
  readonly cells: number;
  readonly missing: { readonly policy: RiskRequest['missing']; readonly alpha: number; readonly records: number };
  /** The same counts with incomplete records counting fully (alpha 1) and not at all (alpha 0); absent where nothing is missing. */
  readonly wildcards?: Readonly<Record<'alpha_1' | 'alpha_0', Pick<RiskMeasures, 'unique' | 'violations'>>>;
  /** How far incomplete records can fill up small combinations when each counts for one only, by k; absent where too many fit. */
  readonly wildcard_capacity?: Readonly<Record<string, WildcardCapacity>>;
  readonly formula: RiskRequest['formula'];
  /** Which risk of a record the global risk asked for allows. */
  readonly risk_threshold?: RiskThreshold;
  readonly household?: HouseholdRisk;
  readonly suda?: SudaReport;
  /** Every subset of the keys up to the size asked for, its rare combinations counted. */
  readonly combinations?: readonly RiskyCombination[];
  /** The rarest combinations of these subsets, as codes; never for publication. */
  readonly riskiest_combinations?: readonly RiskiestCombination[];
  /** Estimated from the cells as they are, where the file is a sample: by weights or by a sampling fraction. */
  readonly population_uniqueness?: PopulationUniqueness;
  /** Of the complete records, by a log-linear model of the keys. */
  readonly log_linear?: LogLinearRisk;
  /** By sensitive variable. */
  readonly sensitive?: Readonly<Record<string, Diversity>>;
  readonly distribution: RiskDistribution;
  readonly seconds: number;
}

/**
 * Measures the disclosure risk of a file of records. Cost: one pass over the records for the cells, then work on cells; with a household
 * or an output by record, one join back. Errors: `risk-request`, `risk-weight`, `file-*`.
 */
export async function riskFile(request: RiskRequest): Promise<RiskReport> {
  const began = performance.now();
  checkRequest(request);
  const path = await existingFile(resolve(request.cwd, request.file), request.file);
  const register =
    request.population === undefined ? undefined : await existingFile(resolve(request.cwd, request.population), request.population);
  const out = request.records === undefined ? undefined : resolve(request.cwd, request.records);
  const spill = await mkdtemp(joinPath(tmpdir(), 'twinstat-risk-'));
  const session = await Session.open({
    temporaryDirectory: spill,
    allowedDirectories: [path, register, out].flatMap((each) => (each === undefined ? [] : [`${dirname(each)}/`])).concat(`${spill}/`),
    threads: request.threads,
    memoryLimit: request.memory,
    signal: request.signal,
  });
  try {
    request.progress.note(`reading ${request.file}`);
    const file = await openFlatFile(session, path, request.file);
    if (register !== undefined) await openRegister(session, register, request);
    const keys = await keysOf(session, file, request.keys);
    const weight = request.weight === undefined ? undefined : await checkedWeight(session, path, request, file.column(request.weight));
    const household = request.household === undefined ? undefined : file.column(request.household);
    const isPlaced = out !== undefined && household === undefined && request.suda === undefined;
    const placed = isPlaced ? await numberCells(session, file.relation, keys, weight) : undefined;
    const table = placed?.table ?? (await buildCellTable(session, id(file.relation), keys, weight));
    request.progress.note(`${table.cells} cells from ${table.records} records`);
    let risks: CellRisks = { formula: undefined };
    const judge = async (alpha: number): Promise<RiskMeasures> => {
      await buildFrequencies(session, table, { policy: request.missing, alpha });
      risks = await buildRisks(session, table.isWeighted, request.formula);
      return riskMeasures(session, request.k);
    };
    const isWild = request.missing === 'wildcard' && table.incomplete > 0;
    const counts = async (alpha: number): Promise<Pick<RiskMeasures, 'unique' | 'violations'>> => {
      const { unique, violations } = await judge(alpha);
      return { unique, violations };
    };
    const wildcards = isWild ? { alpha_1: await counts(1), alpha_0: await counts(0) } : undefined;
    const capacity = isWild ? await wildcardCapacity(session, table.keys.length, request.k) : undefined;
    const measures = await judge(request.alpha);
    const threshold = request.maxGlobalRisk === undefined ? undefined : await riskThreshold(session, request.maxGlobalRisk);
    const distribution = await riskDistribution(session);
    const special = request.suda === undefined ? undefined : await sudaRecords(session, file.relation, keys, request.suda);
    const risky =
      request.combinations === undefined
        ? undefined
        : riskyCombinations(await keyVariables(session, file.relation, keys), request.combinations, request.k);
    const riskiest = risky && (await riskiestOf(session, table, risky, Math.max(...request.k)));
    const sensitive: [string, Diversity][] = [];
    for (const variable of await keysOf(session, file, request.sensitive)) {
      const nodes = await readValueNodes(session, request, file.relation, variable);
      sensitive.push([variable.name, await diversity(session, file.relation, keys, variable.value, weight, nodes)]);
    }
    const modelled =
      request.logLinear === undefined
        ? undefined
        : await logLinearCells(session, request.keys, request.logLinear, request.samplingFraction);
    const uniqueness = await uniquenessOf(session, table, request.samplingFraction);
    const attackers = await attackerRisks(session, table, register !== undefined);
    if (household !== undefined || (out !== undefined && placed === undefined)) await matchRecords(session, file.relation, keys, household);
    const households = household === undefined ? undefined : await householdRisk(session);
    if (out !== undefined) {
      const has = { hasHousehold: households !== undefined, hasSuda: special !== undefined };
      await writeRecords(session, out, placed === undefined ? matchedRisks(has) : await placedRisks(session, placed, risks));
    }
    const report: RiskReport = {
      file: basename(request.file),
      keys: request.keys,
      records: table.records,
      cells: table.cells,
      missing: { policy: request.missing, alpha: request.alpha, records: table.incomplete },
      ...(wildcards && { wildcards }),
      ...(capacity && { wildcard_capacity: capacity }),
      formula: request.formula,
      ...measures,
      ...attackers,
      ...(threshold && { risk_threshold: threshold }),
      ...(households && { household: households }),
      ...(special && { suda: special }),
      ...(risky && { combinations: risky }),
      ...(modelled && { log_linear: modelled }),
      ...(riskiest && { riskiest_combinations: riskiest }),
      ...(uniqueness && { population_uniqueness: uniqueness }),
      ...(sensitive.length > 0 && { sensitive: Object.fromEntries(sensitive) }),
      distribution,
      seconds: Math.round((performance.now() - began) / 10) / 100,
    };
    if (request.report !== undefined) await writeRiskReport(resolve(request.cwd, request.report), report);
    return report;
  } finally {
    session.close();
    request.progress.end();
    await rm(spill, { recursive: true, force: true });
  }
}

async function uniquenessOf(
  session: Session,
  { isWeighted, records }: CellTable,
  fraction: number | undefined,
): Promise<PopulationUniqueness | undefined> {
  if (records === 0 || (fraction === undefined && !isWeighted)) return undefined;
  const { weights } = await session.row<{ weights: number }>(sql`SELECT sum(w) AS weights FROM cells`);
  const sizes = await session.numbers(sql`SELECT n AS size, count(*)::DOUBLE AS count FROM cells GROUP BY n ORDER BY n`);
  const population = Math.max(records, fraction === undefined ? weights : records / fraction);
  return populationUniqueness(sizes as { size: Float64Array; count: Float64Array }, population);
}

/** Of the subsets that have rare combinations, in their order. */
function riskiestOf(
  session: Session,
  { keys }: CellTable,
  risky: readonly RiskyCombination[],
  below: number,
): Promise<RiskiestCombination[]> {
  const subsets = risky.filter(({ violations }) => (violations[below] ?? 0) > 0).map((each) => each.keys.map((name) => keys.indexOf(name)));
  return riskiestCombinations(session, sql`SELECT ${join(keys.map((_, key) => id(`k${key}`)))}, n FROM cells`, keys, subsets, below);
}

async function keysOf(session: Session, file: FlatFile, names: readonly string[]): Promise<{ name: string; value: Sql }[]> {
  const types = new Map((await session.describe(sql`SELECT * FROM ${id(file.relation)}`)).map(({ name, type }) => [name, type]));
  return names.map((name) => ({ name, value: keyValue(file.column(name), types.get(name) ?? '') }));
}

/** `population`: the key variables of the register as text. */
async function openRegister(session: Session, path: string, { population, keys }: RiskRequest): Promise<void> {
  const register = await openFlatFile(session, path, population ?? '', 'register');
  const columns = keys.map((key, at) => sql`nullif(${register.column(key)}::VARCHAR, '') AS ${id(`k${at}`)}`);
  await session.run(sql`CREATE TEMP VIEW population AS SELECT ${join(columns)} FROM register`);
}

async function checkedWeight(session: Session, path: string, { file, weight }: RiskRequest, column: Sql): Promise<Sql> {
  const value = sql`try_cast(${column} AS DOUBLE)`;
  const wrong = sql`${value} IS NULL OR NOT ${value} > 0 OR isinf(${value})`;
  const { bad } = await session.row<{ bad: bigint }>(sql`SELECT count(*) AS bad FROM file WHERE ${wrong}`);
  if (bad === 0n) return value;
  const first = await session.row<{ line: bigint }>(
    sql`SELECT min(line) AS line FROM (SELECT *, row_number() OVER () AS line FROM file) AS numbered WHERE ${wrong}`,
  );
  const line = Number(first.line) + headerLines(path);
  throw new DeliveryError(
    'risk-weight',
    `column ${weight} of ${file} must hold weights above 0; ${bad} records do not, the first in ${headerLines(path) === 1 ? 'line' : 'record'} ${line}`,
    { at: { file, line }, rule: weight },
  );
}
