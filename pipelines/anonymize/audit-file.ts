import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMondrian, MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import { loadDefinition } from '../../engine/definitions.ts';
import { Session } from '../../engine/session.ts';
import { id, literal, sql } from '../../engine/sql.ts';
import { existingFile, openFlatFile } from '../flat-file.ts';
import { auditActions } from './audit-actions.ts';
import { leastCombination } from './audit-combinations.ts';
import { leastFrequency } from './audit-frequency.ts';
import { leastHousehold } from './audit-households.ts';
import { sensitiveClaims } from './audit-sensitive.ts';

/** One claim of the policy about the output. */
export interface Claim {
  readonly claim: string;
  readonly holds: boolean;
  readonly found: number;
  readonly required: number;
}

const CLAIMS = {
  own: 'k-anonymity',
  strict: 'k-anonymity',
  capacity: 'k-anonymity with one combination for each incomplete record',
  wildcard: 'k-anonymity with wildcards',
} as const;

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
  const support = namedSharing(path);
  const session = await Session.open({
    temporaryDirectory: request.spill,
    allowedDirectories: [path, ...(support === undefined ? [] : [support])]
      .map((file) => `${dirname(file)}/`)
      .concat(`${request.spill}/`, foldersOf(policy, policyFile)),
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
    const judge = policy.method.suppress.what === 'cells' ? policy.judge : 'own';
    const least = await leastFrequency(session, keys, judge, policy.require.k, support);
    const claims: Claim[] = [
      {
        claim: CLAIMS[judge],
        holds: least === null || least >= policy.require.k,
        found: least ?? 0,
        required: policy.require.k,
      },
    ];
    for (const { size, k } of policy.require.combinations) {
      const rarest = await leastCombination(
        session,
        sql`audited`,
        keys.map((_, at) => id(`a${at}`)),
        size,
      );
      const claim = `combinations of up to ${size} key variables`;
      claims.push({ claim, holds: rarest === null || rarest >= k, found: rarest ?? 0, required: k });
    }
    const left = of('direct_identifier').filter((name) => policy.variables[name]?.action === 'remove' && file.columns.includes(name));
    claims.push({ claim: 'direct identifiers removed', holds: left.length === 0, found: left.length, required: 0 });
    if (policy.household !== undefined && policy.require.household !== undefined) {
      const homes = await leastHousehold(session, file.column(policy.household), keys);
      const required = policy.require.household.k;
      claims.push({ claim: 'k-anonymity of households', holds: homes === null || homes >= required, found: homes ?? 0, required });
    }
    claims.push(...(await sensitiveClaims(session, keys, policy, policyFile)));
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

/** Which class helps which, where `anonymize` wrote it down beside the folder of the file; a hint, nothing is believed of it. */
function namedSharing(path: string): string | undefined {
  const support = resolve(dirname(path), '../internal/support.parquet');
  return existsSync(support) ? support : undefined;
}

/** Folders of the hierarchy files that a policy names. */
function foldersOf({ variables }: MicrodataPolicy, policyFile: string): string[] {
  const files = Object.values(variables).flatMap(({ hierarchy }) => (typeof hierarchy === 'string' ? [hierarchy] : []));
  return [...new Set(files.map((file) => `${dirname(resolve(dirname(policyFile), file))}/`))];
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
