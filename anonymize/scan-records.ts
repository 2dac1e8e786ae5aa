import { createReadStream } from 'node:fs';
import { join as joinPath } from 'node:path';
import type { Session } from '../engine/session.ts';
import { id, join, sql } from '../engine/sql.ts';
import { csvRecords } from './csv-records.ts';
import { findIdentifier } from './identifier-patterns.ts';
import { type ReleaseContent, roundRows } from './public-manifest.ts';
import { type PublicRecords, readRecordsSql, recordsName } from './public-records.ts';
import type { ScanFindings } from './scan-findings.ts';
import { isFormula } from './sdmx-csv.ts';

/**
 * Judges the bytes of a file of records: columns on the allow-list, no identifier or pseudonym in any text, no formula, Parquet equal to CSV, and
 * every combination of the key variables at least k times, counted again.
 */
export async function scanRecords(
  session: Session,
  dir: string,
  spec: PublicRecords,
  { policy, periods }: ReleaseContent,
  findings: ScanFindings,
): Promise<void> {
  const [csv, parquet] = ['csv', 'parquet'].map((ending) => `${recordsName(spec)}.${ending}`) as [string, string];
  const declared = policy.microdata?.[spec.name];
  const names = spec.columns.map(({ name }) => name);
  if (declared === undefined) return findings.add('table-not-allowed', csv);
  if (!periods.includes(spec.period)) findings.add('period-not-allowed', csv);
  for (const name of names) if (!declared.columns.includes(name)) findings.add('column-not-allowed', csv, undefined, name);
  const keys = spec.columns.filter(({ role }) => role === 'key_variable').map(({ name }) => name);
  if (keys.join() !== declared.keys.join() || spec.k !== declared.k || spec.sample !== declared.sample) findings.add('records-policy', csv);
  const lines = await scanTexts(dir, csv, spec, findings);
  if (findings.has(csv, 'csv-invalid') || findings.has(csv, 'records-policy')) return;
  if (lines < 2) findings.add('table-empty', csv);
  if (spec.rows !== roundRows(lines - 1)) findings.add('row-count', 'manifest.json');
  await compareParquet(session, dir, spec, [csv, parquet], findings);
  const { least } = await session.row<{ least: bigint | null }>(sql`SELECT min(n) AS least
    FROM (SELECT count(*) AS n FROM ${readRecordsSql(joinPath(dir, csv), spec.columns)} GROUP BY ${join(keys.map((key) => id(key)))}) AS classes`);
  if (least !== null && least < BigInt(declared.k)) findings.add('below-k', csv);
}

/** Numbers that are measured may look like an identifier; everything else may not. */
async function scanTexts(dir: string, file: string, spec: PublicRecords, findings: ScanFindings): Promise<number> {
  const judged = spec.columns.map(({ role }) => role !== 'numeric');
  const known = new Map<string, string | undefined>();
  let line = 0;
  for await (const record of csvRecords(createReadStream(joinPath(dir, file), { encoding: 'utf8', highWaterMark: 1 << 20 }))) {
    line += 1;
    if (
      record === null ||
      record.length !== spec.columns.length ||
      (line === 1 && record.some((text, at) => text !== spec.columns[at]?.name))
    ) {
      findings.add('csv-invalid', file, line);
      return line;
    }
    for (const [at, text] of record.entries()) {
      if (judged[at] !== true) continue;
      const isNumber = spec.columns[at]?.type !== 'VARCHAR';
      const key = isNumber ? `n${text}` : text;
      if (!known.has(key)) known.set(key, !isNumber && isFormula(text) ? 'formula-cell' : findIdentifier(text));
      const trouble = known.get(key);
      if (trouble !== undefined) findings.add(trouble, file, line, spec.columns[at]?.name);
    }
  }
  return line;
}

async function compareParquet(
  session: Session,
  dir: string,
  { columns }: PublicRecords,
  [csv, file]: readonly [string, string],
  findings: ScanFindings,
): Promise<void> {
  const path = joinPath(dir, file);
  const found = await session.describe(sql`SELECT * FROM read_parquet(${path})`);
  if (JSON.stringify(found.map(({ name, type }) => [name, type])) !== JSON.stringify(columns.map(({ name, type }) => [name, type]))) {
    findings.add('parquet-columns', file);
    return;
  }
  const extra = await session.row<{ n: bigint }>(sql`SELECT count(*) AS n FROM parquet_kv_metadata(${path})`);
  if (extra.n !== 0n) findings.add('parquet-metadata', file);
  const differs = columns.map(({ name }) => sql`${id('csv', name)} IS DISTINCT FROM ${id('parquet', name)}`);
  const different = await session.row<{ n: bigint }>(sql`SELECT count(*) AS n
    FROM ${readRecordsSql(joinPath(dir, csv), columns)} AS csv POSITIONAL JOIN read_parquet(${path}) AS parquet WHERE ${join(differs, ' OR ')}`);
  if (different.n !== 0n) findings.add('parquet-differs', file, undefined, undefined, Number(different.n));
}
