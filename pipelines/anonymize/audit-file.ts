import { dirname, resolve } from 'node:path';
import { isMondrian, MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import { loadDefinition } from '../../engine/definitions.ts';
import { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { existingFile, openFlatFile } from '../flat-file.ts';
import { auditActions } from './audit-actions.ts';
import { leastHousehold } from './audit-households.ts';

/** One claim of the policy about the output. */
export interface Claim {
  readonly claim: string;
  readonly holds: boolean;
  readonly found: number;
  readonly required: number;
}

/** Sums of shares that differ by less are equal. */
const ROUNDING = 1e-9;

export interface AuditReport {
  readonly records: number;
  readonly claims: readonly Claim[];
  readonly holds: boolean;
}

export interface AuditRequest {
  readonly file: string;
  readonly policy: string;
  /** Folder that DuckDB may spill to. */
  readonly spill: string;
  readonly cwd: string;
  readonly threads: number;
  readonly memory: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Proves every claim of policy.yaml on a file by plain SQL that shares nothing with the methods but the schema of the policy: the smallest
 * class, direct identifiers that are still there, values that are in no level of their hierarchy, what actions on single variables promise.
 */
export async function auditFile(request: AuditRequest): Promise<AuditReport> {
  const path = await existingFile(resolve(request.cwd, request.file), request.file);
  const policyFile = resolve(request.cwd, request.policy);
  const { value: policy } = await loadDefinition(policyFile, MicrodataPolicy);
  const session = await Session.open({
    temporaryDirectory: request.spill,
    allowedDirectories: [`${dirname(path)}/`, `${request.spill}/`, ...foldersOf(policy, policyFile)],
    threads: request.threads,
    memoryLimit: request.memory,
    signal: request.signal,
  });
  try {
    const file = await openFlatFile(session, path, request.file);
    const of = (role: string): string[] =>
      Object.entries(policy.variables).flatMap(([name, variable]) => (variable.role === role ? [name] : []));
    const keys = of('key_variable').map((name) => file.column(name));
    const { records } = await session.row<{ records: number }>(sql`SELECT count(*)::DOUBLE AS records FROM file`);
    const least = await leastFrequency(session, keys, policy);
    const claims: Claim[] = [
      {
        claim: policy.judge === 'wildcard' ? 'k-anonymity with wildcards' : 'k-anonymity',
        holds: least === null || least >= policy.require.k,
        found: least ?? 0,
        required: policy.require.k,
      },
    ];
    const left = of('direct_identifier').filter((name) => policy.variables[name]?.action === 'remove' && file.columns.includes(name));
    claims.push({ claim: 'direct identifiers removed', holds: left.length === 0, found: left.length, required: 0 });
    if (policy.household !== undefined && policy.require.household !== undefined) {
      const homes = await leastHousehold(session, file.column(policy.household), keys);
      const required = policy.require.household.k;
      claims.push({ claim: 'k-anonymity of households', holds: homes === null || homes >= required, found: homes ?? 0, required });
    }
    claims.push(...(await sensitiveClaims(session, keys, policy)));
    for (const [name, { hierarchy }] of Object.entries(policy.variables)) {
      if (typeof hierarchy !== 'string') continue;
      const isByRecord = isMondrian(policy.method.recode);
      await readHierarchy(session, resolve(dirname(policyFile), hierarchy));
      const strange = isByRecord ? await valuesUnknown(session, name) : await valuesOutside(session, name);
      const where = isByRecord ? 'in sets of values of its hierarchy' : 'within one level of its hierarchy';
      claims.push({ claim: `${name} ${where}`, holds: strange === 0, found: strange, required: 0 });
    }
    claims.push(...(await auditActions(session, file, policy)));
    return { records, claims, holds: claims.every(({ holds }) => holds) };
  } finally {
    session.close();
  }
}

/** Folders of the hierarchy files that a policy names. */
function foldersOf({ variables }: MicrodataPolicy, policyFile: string): string[] {
  const files = Object.values(variables).flatMap(({ hierarchy }) => (typeof hierarchy === 'string' ? [hierarchy] : []));
  return [...new Set(files.map((file) => `${dirname(resolve(dirname(policyFile), file))}/`))];
}

/**
 * The fewest records that any record cannot be told from. `strict`: an incomplete record is covered by equal ones and by complete ones
 * that fit it, and covers no other; `wildcard`: two records fit where no key has two different values. Without suppressed cells a missing
 * value is a value. Cost: one aggregation for each pattern of missing keys (`strict`), every pair of classes (`wildcard`).
 */
async function leastFrequency(session: Session, keys: readonly Sql[], { method, judge }: MicrodataPolicy): Promise<number | null> {
  const names = keys.map((_, key) => id(`a${key}`));
  const values = keys.map((key, at) => sql`nullif(${key}::VARCHAR, '') AS ${id(`a${at}`)}`);
  const bits = names.map((name, at) => sql`CASE WHEN ${name} IS NULL THEN ${literal(2 ** at)} ELSE 0 END`);
  await session.run(sql`CREATE TEMP TABLE audited AS SELECT *, (${join(bits, ' + ')})::BIGINT AS gaps FROM (
    SELECT ${join(names)}, count(*)::DOUBLE AS n FROM (SELECT ${join(values)} FROM file) AS taken GROUP BY ${join(names)}) AS classes`);
  const least = async (found: Sql): Promise<number | null> =>
    (await session.row<{ least: number | null }>(sql`SELECT min(n) AS least FROM (${found}) AS found`)).least;
  if (method.suppress.what === 'records') return least(sql`SELECT n FROM audited`);
  if (judge === 'wildcard') {
    const fit = names.map((name) => sql`(one.${name} IS NULL OR other.${name} IS NULL OR one.${name} = other.${name})`);
    return least(
      sql`SELECT sum(other.n) AS n FROM (SELECT row_number() OVER () AS class, * FROM audited) AS one JOIN audited AS other ON ${join(fit, ' AND ')} GROUP BY one.class`,
    );
  }
  const patterns = await session.rows<{ gaps: bigint }>(sql`SELECT DISTINCT gaps FROM audited`);
  const found: number[] = [];
  for (const { gaps } of patterns) {
    const seen = names.filter((_, at) => (gaps & (1n << BigInt(at))) === 0n);
    const mine = sql`SELECT * FROM audited WHERE gaps = ${literal(gaps)}`;
    const full =
      seen.length === 0
        ? sql`SELECT sum(n) AS m FROM audited WHERE gaps = 0`
        : sql`SELECT ${join(seen)}, sum(n) AS m FROM audited WHERE gaps = 0 GROUP BY ${join(seen)}`;
    const covered = seen.length === 0 ? sql`CROSS JOIN (${full}) AS complete` : sql`LEFT JOIN (${full}) AS complete USING (${join(seen)})`;
    const lowest = await least(
      gaps === 0n ? sql`SELECT n FROM audited WHERE gaps = 0` : sql`SELECT mine.n + coalesce(m, 0) AS n FROM (${mine}) AS mine ${covered}`,
    );
    if (lowest !== null) found.push(lowest);
  }
  return found.length === 0 ? null : Math.min(...found);
}

/** l-diversity and t-closeness: by SQL over the classes of the output and their distance to its own distribution. */
async function sensitiveClaims(session: Session, keys: readonly Sql[], { require, variables }: MicrodataPolicy): Promise<Claim[]> {
  const claims: Claim[] = [];
  const names = [...new Set([...require.l_diversity, ...require.t_closeness].map(({ variable }) => variable))].filter((name) =>
    Object.hasOwn(variables, name),
  );
  for (const name of names) {
    const found = await session.row<{ distinct: number | null; entropy: number | null; t: number | null }>(sql`
      WITH counted AS (SELECT dense_rank() OVER (ORDER BY ${join(keys)}) AS class, nullif(${id(name)}::VARCHAR, '') AS s FROM file),
        everywhere AS (SELECT s, count(*) / sum(count(*)) OVER () AS p FROM counted WHERE s IS NOT NULL GROUP BY s),
        classes AS (SELECT class, count(s) AS observed FROM counted GROUP BY class),
        cells AS (SELECT class, s, count(*) AS n FROM counted WHERE s IS NOT NULL GROUP BY class, s),
        full_cells AS (SELECT class, observed, p, coalesce(n, 0) / greatest(observed, 1) AS q FROM classes CROSS JOIN everywhere LEFT JOIN cells USING (class, s))
      SELECT min(different)::DOUBLE AS "distinct", min(entropy) AS entropy, max(t) FILTER (observed > 0) AS t FROM (
        SELECT class, any_value(observed) AS observed, count(*) FILTER (q > 0) AS different, sum(abs(q - p)) / 2 AS t,
          CASE WHEN any_value(observed) = 0 THEN 0 ELSE exp(-sum(CASE WHEN q > 0 THEN q * ln(q) ELSE 0 END)) END AS entropy
        FROM full_cells GROUP BY class) AS measured`);
    for (const { kind, l } of require.l_diversity.filter(({ variable }) => variable === name)) {
      const least = kind === 'distinct' ? found.distinct : found.entropy;
      claims.push({
        claim: `${kind} l-diversity of ${name}`,
        holds: least === null || least >= l - ROUNDING,
        found: least ?? 0,
        required: l,
      });
    }
    for (const { t } of require.t_closeness.filter(({ variable }) => variable === name))
      claims.push({
        claim: `t-closeness of ${name}`,
        holds: found.t === null || found.t <= t + ROUNDING,
        found: found.t ?? 0,
        required: t,
      });
  }
  return claims;
}

async function readHierarchy(session: Session, path: string): Promise<void> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE hierarchy AS SELECT level, trim(value) AS value FROM (
    SELECT unnest(range(len(parts))) AS level, unnest(parts) AS value FROM (
      SELECT string_split(line, ';') AS parts FROM read_csv(${literal(path)}, header = false, columns = {'line': 'VARCHAR'}, delim = '\\n', quote = '', escape = '')))`);
}

/** Records with a value, or with one in a set `{a;b}`, that is in no level of the hierarchy. */
async function valuesUnknown(session: Session, name: string): Promise<number> {
  const value = sql`${id(name)}::VARCHAR`;
  const members = sql`CASE WHEN starts_with(${value}, '{') THEN string_split(substr(${value}, 2, length(${value}) - 2), ';') ELSE [${value}] END`;
  const { unknown } = await session.row<{ unknown: number }>(sql`
    SELECT count(DISTINCT record)::DOUBLE AS unknown FROM (
      SELECT record, unnest(members) AS member FROM (
        SELECT row_number() OVER () AS record, ${members} AS members FROM file WHERE coalesce(${value}, '') <> '') AS sets) AS each
    WHERE member <> 'missing' AND member NOT IN (SELECT value FROM hierarchy WHERE value IS NOT NULL)`);
  return unknown;
}

/** Records with a value that is not in the level of the hierarchy that has most of them. */
async function valuesOutside(session: Session, name: string): Promise<number> {
  const { most, records } = await session.row<{ most: number; records: number }>(sql`
    SELECT coalesce(max(n), 0)::DOUBLE AS most, (SELECT count(*) FROM file WHERE coalesce(${id(name)}::VARCHAR, '') <> '')::DOUBLE AS records FROM (
      SELECT level, count(*) AS n FROM file JOIN (SELECT DISTINCT level, value FROM hierarchy) AS levels ON ${id(name)}::VARCHAR = levels.value GROUP BY level)`);
  return records - most;
}
