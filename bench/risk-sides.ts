import { dirname, join as path } from 'node:path';
import { approximateRisk } from '../anonymize/risk/individual-risk.ts';
import { Session } from '../engine/session.ts';
import { id, join, literal, sql } from '../engine/sql.ts';
import { silent } from '../pipelines/context.ts';
import { riskFile } from '../pipelines/risk/risk-file.ts';
import type { RiskRequest } from '../pipelines/risk/risk-request.ts';
import { RISK_KEYS } from './risk-data.ts';
import type { Findings } from './side-bench.ts';

/** One run of one side: the file of records, how many keys it takes, the folder for what it writes, and the memory that DuckDB may use. */
export interface RiskTask {
  readonly file: string;
  readonly keys: number;
  readonly memory: string;
}

const THREADS = 2;

function request({ file, keys, memory }: RiskTask): RiskRequest {
  return {
    file,
    keys: RISK_KEYS.slice(0, keys),
    sensitive: [],
    k: [2, 3, 5],
    missing: 'wildcard',
    alpha: 1,
    formula: 'approximate',
    threads: THREADS,
    memory,
    cwd: dirname(file),
    progress: silent,
    signal: undefined,
  };
}

/** `twinstat risk --weight w --records OUT`. */
export async function recordsByCells(task: RiskTask): Promise<Findings> {
  const records = path(dirname(task.file), 'records-cells.parquet');
  await riskFile({ ...request(task), weight: 'w', records });
  return sums(records);
}

/** The same by window functions over the records, as one would write it. */
export async function recordsByWindows(task: RiskTask): Promise<Findings> {
  const out = path(dirname(task.file), 'records-windows.parquet');
  const keys = join(RISK_KEYS.slice(0, task.keys).map((key) => id(key)));
  await inSession(task, async (session) => {
    await session.run(sql`COPY (
      SELECT record, fk, fw AS fk_weighted, ${approximateRisk(sql`fk`, sql`fw`)} AS risk FROM (
        SELECT record, count(*) OVER (PARTITION BY ${keys})::DOUBLE AS fk, sum(w) OVER (PARTITION BY ${keys}) AS fw
        FROM (SELECT *, row_number() OVER () AS record FROM read_parquet(${literal(task.file)}))) ORDER BY record
      ) TO ${literal(out)} (FORMAT parquet)`);
  });
  return sums(out);
}

/** `twinstat risk`: violations for k = 2, 3 and 5. */
export async function violationsByCells(task: RiskTask): Promise<Findings> {
  return (await riskFile(request(task))).violations;
}

/** The same by one GROUP BY and HAVING for each k. */
export async function violationsByGroups(task: RiskTask): Promise<Findings> {
  const keys = join(RISK_KEYS.slice(0, task.keys).map((key) => id(key)));
  const found: Record<string, number> = {};
  await inSession(task, async (session) => {
    for (const k of [2, 3, 5]) {
      const { below } = await session.row<{ below: number }>(sql`SELECT coalesce(sum(n), 0)::DOUBLE AS below FROM (
        SELECT count(*) AS n FROM read_parquet(${literal(task.file)}) GROUP BY ${keys} HAVING count(*) < ${literal(k)})`);
      found[k] = below;
    }
  });
  return found;
}

/** `twinstat risk --suda`. */
export async function sudaByCounters(task: RiskTask): Promise<Findings> {
  const { suda } = await riskFile({ ...request(task), suda: 'elliot' });
  return { total: suda?.total ?? Number.NaN, positive: suda?.positive ?? Number.NaN, max: suda?.max ?? Number.NaN };
}

/** The definition of SUDA, one record and one subset at a time. */
export async function sudaByRecords(task: RiskTask): Promise<Findings> {
  const keys = RISK_KEYS.slice(0, task.keys);
  let records: unknown[][] = [];
  await inSession(task, async (session) => {
    records = Object.values(
      await session.columns(sql`SELECT ${join(keys.map((key) => id(key)))} FROM read_parquet(${literal(task.file)})`),
    );
  });
  const rows = records[0]?.length ?? 0;
  const isUnique: Uint8Array[] = [];
  for (let mask = 1; mask < 1 << keys.length; mask++) {
    const members = keys.map((_, key) => key).filter((key) => (mask & (1 << key)) !== 0);
    const texts = Array.from({ length: rows }, (_, row) => members.map((key) => records[key]?.[row]).join('|'));
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    isUnique[mask] = Uint8Array.from(texts, (text) => (counts.get(text) === 1 ? 1 : 0));
  }
  const scores = Array.from({ length: rows }, (_, row) => {
    let score = 0;
    for (let mask = 1; mask < 1 << keys.length; mask++) {
      if (isUnique[mask]?.[row] !== 1) continue;
      const members = keys.map((_, key) => key).filter((key) => (mask & (1 << key)) !== 0);
      if (members.some((key) => isUnique[mask ^ (1 << key)]?.[row] === 1)) continue;
      score += factorial(keys.length - members.length);
    }
    return score;
  });
  return {
    total: scores.reduce((sum, score) => sum + score, 0),
    positive: scores.filter((score) => score > 0).length,
    max: scores.reduce((most, score) => Math.max(most, score), 0),
  };
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

async function sums(file: string): Promise<Findings> {
  let found: Findings = {};
  await inSession({ file, keys: 0, memory: '1GB' }, async (session) => {
    found =
      await session.row<Findings>(sql`SELECT count(*)::DOUBLE AS records, sum(fk) AS fk, sum(fk_weighted) AS weighted, sum(risk) AS risk,
      sum(risk * (record % 1000)) AS placed FROM read_parquet(${literal(file)})`);
  });
  return found;
}

async function inSession({ file, memory }: RiskTask, work: (session: Session) => Promise<void>): Promise<void> {
  const session = await Session.open({
    temporaryDirectory: path(dirname(file), 'spill'),
    allowedDirectories: [`${dirname(file)}/`],
    threads: THREADS,
    memoryLimit: memory,
    onRawError: (text) => process.stderr.write(`${text}\n`),
  });
  await work(session).finally(() => session.close());
}
