import { dirname, resolve } from 'node:path';
import { MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import { loadDefinition } from '../../engine/definitions.ts';
import { Session } from '../../engine/session.ts';
import { id, join, literal, sql } from '../../engine/sql.ts';
import { existingFile, openFlatFile } from '../flat-file.ts';

/** One claim of the policy about the output. */
export interface Claim {
  readonly claim: string;
  readonly holds: boolean;
  readonly found: number;
  readonly required: number;
}

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
 * class, direct identifiers that are still there, values that are in no level of their hierarchy.
 */
export async function auditFile(request: AuditRequest): Promise<AuditReport> {
  const path = await existingFile(resolve(request.cwd, request.file), request.file);
  const policyFile = resolve(request.cwd, request.policy);
  const { value: policy } = await loadDefinition(policyFile, MicrodataPolicy);
  const session = await Session.open({
    temporaryDirectory: request.spill,
    allowedDirectories: [`${dirname(path)}/`, `${dirname(policyFile)}/`, `${request.spill}/`],
    threads: request.threads,
    memoryLimit: request.memory,
    signal: request.signal,
  });
  try {
    const file = await openFlatFile(session, path, request.file);
    const of = (role: string): string[] =>
      Object.entries(policy.variables).flatMap(([name, variable]) => (variable.role === role ? [name] : []));
    const keys = of('key_variable').map((name) => file.column(name));
    const { records, least } = await session.row<{ records: number; least: number | null }>(sql`
      SELECT coalesce(sum(n), 0)::DOUBLE AS records, min(n)::DOUBLE AS least FROM (SELECT count(*) AS n FROM file GROUP BY ${join(keys)}) AS classes`);
    const claims: Claim[] = [
      { claim: 'k-anonymity', holds: least === null || least >= policy.require.k, found: least ?? 0, required: policy.require.k },
    ];
    const left = of('direct_identifier').filter((name) => file.columns.includes(name));
    claims.push({ claim: 'direct identifiers removed', holds: left.length === 0, found: left.length, required: 0 });
    for (const [name, { hierarchy }] of Object.entries(policy.variables)) {
      if (typeof hierarchy !== 'string') continue;
      const strange = await valuesOutside(session, name, resolve(dirname(policyFile), hierarchy));
      claims.push({ claim: `${name} within one level of its hierarchy`, holds: strange === 0, found: strange, required: 0 });
    }
    return { records, claims, holds: claims.every(({ holds }) => holds) };
  } finally {
    session.close();
  }
}

/** Records with a value that is not in the level of the hierarchy that has most of them. */
async function valuesOutside(session: Session, name: string, path: string): Promise<number> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE hierarchy AS SELECT level, trim(value) AS value FROM (
    SELECT unnest(range(len(parts))) AS level, unnest(parts) AS value FROM (
      SELECT string_split(line, ';') AS parts FROM read_csv(${literal(path)}, header = false, columns = {'line': 'VARCHAR'}, delim = '\\n', quote = '', escape = '')))`);
  const { most, records } = await session.row<{ most: number; records: number }>(sql`
    SELECT coalesce(max(n), 0)::DOUBLE AS most, (SELECT count(*) FROM file)::DOUBLE AS records FROM (
      SELECT level, count(*) AS n FROM file JOIN (SELECT DISTINCT level, value FROM hierarchy) AS levels ON coalesce(${id(name)}::VARCHAR, '') = levels.value GROUP BY level)`);
  return records - most;
}
