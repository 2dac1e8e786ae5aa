import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Session } from '../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import { type BlockingRule, blockedPairs } from '../transforms/link/blocking.ts';
import { type Comparison, comparePairs, nameComparison } from '../transforms/link/comparison.ts';
import { countPatterns, estimateModel, estimateU } from '../transforms/link/link-model.ts';
import { makeSoundCodes } from '../transforms/link/name-batch.ts';
import { nameMacros } from '../transforms/link/name-macros.ts';
import { scorePairs } from '../transforms/link/score-pairs.ts';

/** Pairs of a labelled set that our linker and the labels agree on, at probability 0.5 and at the threshold that is best for F1. */
export interface OracleResult {
  readonly set: string;
  readonly truePairs: number;
  /** True pairs among those that the blocking rules let through. */
  readonly blocked: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly bestF1: number;
  readonly cpuSeconds: number;
}

interface OracleSet {
  readonly file: string;
  /** One row per record: truth, given, family, birth (text) and the columns of `more`. */
  readonly records: Sql;
  readonly more: readonly Comparison[];
  /** Conditions over l and r that are as good as certain, for lambda. */
  readonly certain: Sql;
  readonly rules: readonly BlockingRule[];
}

const birth: Comparison = {
  name: 'birth',
  levels: 4,
  level: sql`CASE WHEN l.birth IS NULL OR r.birth IS NULL THEN NULL WHEN l.birth = r.birth THEN 3 WHEN damerau_levenshtein(l.birth, r.birth) <= 1 THEN 2 WHEN damerau_levenshtein(l.birth, r.birth) <= 2 THEN 1 ELSE 0 END`,
  assumed: { m: [0.1, 0.1, 0.2, 0.6], u: [0.98, 0.015, 0.003, 0.002] },
};

/** Equal, one or two letters apart, else. */
function codeComparison(name: string): Comparison {
  const [left, right] = [sql`l.${id(name)}`, sql`r.${id(name)}`];
  return {
    name,
    levels: 3,
    level: sql`CASE WHEN ${left} IS NULL OR ${right} IS NULL THEN NULL WHEN ${left} = ${right} THEN 2 WHEN damerau_levenshtein(${left}, ${right}) <= 2 THEN 1 ELSE 0 END`,
    assumed: { m: [0.2, 0.2, 0.6], u: [0.98, 0.01, 0.01] },
  };
}

const equal = (name: string, fixes = [name]): BlockingRule => ({ name, on: sql`l.${id(name)} = r.${id(name)}`, fixes });
const details = sql`l.birth = r.birth AND l.given = r.given AND l.family = r.family`;

const SETS: Readonly<Record<string, OracleSet>> = {
  fake_1000: {
    file: 'splink/data/fake_1000.csv',
    records: sql`SELECT _cluster AS truth, first_name AS given, surname AS family, dob AS birth, lower(city) AS city, lower(email) AS email`,
    more: [codeComparison('city'), codeComparison('email')],
    certain: sql`${details} OR l.email = r.email`,
    rules: [equal('birth'), equal('given'), equal('family'), equal('email')],
  },
  febrl_1: febrl('febrl/dataset1.csv'),
  febrl_2: febrl('febrl/dataset2.csv'),
  RLdata500: {
    file: 'recordlinkage/RLdata500.csv',
    records: sql`SELECT _identity AS truth, fname_c1 AS given, lname_c1 AS family, _by || lpad(bm, 2, '0') || lpad(bd, 2, '0') AS birth`,
    more: [],
    certain: details,
    rules: [equal('birth'), equal('given'), equal('family')],
  },
};

function febrl(file: string): OracleSet {
  return {
    file,
    records: sql`SELECT regexp_extract(rec_id, 'rec-([0-9]+)', 1) AS truth, given_name AS given, surname AS family, date_of_birth AS birth, postcode, soc_sec_id, suburb`,
    more: [codeComparison('postcode'), codeComparison('soc_sec_id'), codeComparison('suburb')],
    certain: sql`${details} OR l.soc_sec_id = r.soc_sec_id`,
    rules: [equal('birth'), equal('given'), equal('family'), equal('soc_sec_id')],
  };
}

export const ORACLE_SETS = Object.keys(SETS);

/** Finds the duplicates of a labelled set with the linker's core. `data`: the folder with the sets; undefined where it lacks this one. */
export async function linkOracle(set: string, data: string): Promise<OracleResult | undefined> {
  const spec = SETS[set];
  if (spec === undefined || !existsSync(joinPath(data, spec.file))) return undefined;
  const temporaryDirectory = await mkdtemp(joinPath(tmpdir(), 'twinstat-oracle-'));
  const session = await Session.open({
    temporaryDirectory,
    allowedDirectories: [`${data}/`, `${temporaryDirectory}/`],
    onRawError: (text) => process.stderr.write(`${text}\n`),
  });
  const before = process.cpuUsage();
  try {
    await loadRecords(session, spec, joinPath(data, spec.file));
    await scoreRecords(session, spec);
    const used = process.cpuUsage(before);
    return { set, ...(await judge(session)), cpuSeconds: (used.user + used.system) / 1e6 };
  } finally {
    session.close();
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
}

async function loadRecords(session: Session, { records, more }: OracleSet, file: string): Promise<void> {
  for (const macro of nameMacros()) await session.run(macro);
  const others = more.map(({ name }) => sql`, nullif(trim(${id(name)}), '') AS ${id(name)}`);
  await session.run(sql`CREATE TEMP TABLE raw_record AS
    SELECT row_number() OVER () AS n, truth, name_text(given) AS given, name_text(family) AS family, nullif(trim(birth), '') AS birth${join(others, ' ')}
    FROM (${records} FROM read_csv(${literal(file)}, header = true, all_varchar = true, normalize_names = true))`);
  await makeSoundCodes(session, 'record_code', sql`SELECT unnest([given, family]) AS name FROM raw_record`);
  await session.run(sql`CREATE TEMP TABLE record AS
    SELECT r.*, coalesce(name_script(given), name_script(family), 'Latn') AS script, g.code AS given_code, f.code AS family_code,
      count(*) OVER (PARTITION BY r.given) / count(*) OVER () AS given_share, count(*) OVER (PARTITION BY r.family) / count(*) OVER () AS family_share
    FROM raw_record AS r LEFT JOIN record_code AS g ON g.name = r.given LEFT JOIN record_code AS f ON f.name = r.family`);
}

async function scoreRecords(session: Session, { more, certain, rules }: OracleSet): Promise<void> {
  const sides = { left: sql`record`, right: sql`record` };
  const comparisons = [birth, nameComparison('given', 'given_share'), nameComparison('family', 'family_share'), ...more];
  await session.run(sql`CREATE TEMP TABLE candidate AS ${blockedPairs(rules, sides.left, sides.right, sql`l.n < r.n`)}`);
  await comparePairs(session, 'compared', 'candidate', sides, comparisons);
  await session.run(sql`CREATE TEMP TABLE some_pair AS SELECT 'random' AS rule, l.n AS l, r.n AS r FROM record AS l JOIN record AS r ON l.n < r.n
    WHERE ((l.n * 7919 + r.n) * 2654435761) % 1000003 < 1000003 * least(1, 100000 / (SELECT count(*) * count(*) / 2 FROM record)) AND NOT coalesce(${certain}, FALSE)`);
  await comparePairs(session, 'some_level', 'some_pair', sides, comparisons);
  const u = estimateU(comparisons, await countPatterns(session, 'some_level', comparisons), new Set());
  const { found, records } = await session.row<{ found: number; records: number }>(
    sql`SELECT (SELECT count(*) FROM record AS l JOIN record AS r ON l.n < r.n WHERE ${certain})::INTEGER AS found, (SELECT count(*) FROM record)::INTEGER AS records`,
  );
  const lambda = Math.max(1, found) / 0.6 / ((records * (records - 1)) / 2);
  const sessions = [];
  for (const { on, fixes } of rules) {
    await session.run(sql`CREATE OR REPLACE TEMP TABLE trained AS
      SELECT c.* FROM compared AS c JOIN record AS l ON l.n = c.l JOIN record AS r ON r.n = c.r WHERE ${on}`);
    sessions.push({ patterns: await countPatterns(session, 'trained', comparisons), fixes });
  }
  await scorePairs(session, 'scored', 'compared', sides, estimateModel(comparisons, u, sessions, lambda));
}

async function judge(session: Session): Promise<Omit<OracleResult, 'set' | 'cpuSeconds'>> {
  const { truePairs } = await session.row<{ truePairs: number }>(
    sql`SELECT (sum(n * (n - 1)) / 2)::INTEGER AS "truePairs" FROM (SELECT count(*) AS n FROM record GROUP BY truth)`,
  );
  const rows = await session.rows<{ probability: number; isTrue: boolean }>(
    sql`SELECT s.probability, l.truth = r.truth AS "isTrue" FROM scored AS s JOIN record AS l ON l.n = s.l JOIN record AS r ON r.n = s.r ORDER BY s.probability DESC, s.l, s.r`,
  );
  const f1 = (right: number, all: number): number => (2 * right) / (truePairs + all);
  const chosen = rows.filter(({ probability }) => probability >= 0.5);
  const right = chosen.filter(({ isTrue }) => isTrue).length;
  let [bestF1, hits] = [0, 0];
  for (const [index, { isTrue }] of rows.entries()) {
    if (isTrue) hits++;
    bestF1 = Math.max(bestF1, f1(hits, index + 1));
  }
  return { truePairs, blocked: hits, precision: right / chosen.length, recall: right / truePairs, f1: f1(right, chosen.length), bestF1 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const data = process.argv[2];
  if (data === undefined) throw new Error('usage: npx tsx bench/link-oracle.ts FOLDER_WITH_THE_SETS');
  for (const set of ORACLE_SETS) process.stdout.write(`${JSON.stringify(await linkOracle(set, data))}\n`);
}
