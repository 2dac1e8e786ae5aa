import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join as joinPath } from 'node:path';
import { recordDrawInSql } from '../../anonymize/perturb-microdata/record-draws.ts';
import { type RecordsFile, recordsName } from '../../anonymize/public-records.ts';
import type { ReleaseRecord } from '../../anonymize/release.ts';
import { domainKey, hmacPads, readMasterKey } from '../../engine/keys.ts';
import type { Session } from '../../engine/session.ts';
import { literal, type Sql, sql } from '../../engine/sql.ts';
import type { Transaction } from '../../engine/transaction.ts';
import { type AnonymizeReport, anonymizeRecords } from '../anonymize/anonymize-records.ts';
import { loadPolicy } from '../anonymize/load-policy.ts';
import type { CheckedPipeline } from '../checked-pipeline.ts';
import { type Context, silent } from '../context.ts';
import type { Pipeline } from '../definition.ts';
import { columnsOf } from './records-columns.ts';
import { gatePolicy, policyPath } from './released-policy.ts';
import { type OneFile, sampleRecords } from './sample-records.ts';

/** Anonymised and proven records of a release. */
export interface DraftedRecords {
  readonly files: readonly RecordsFile[];
  /** What the gate holds the files to; undefined without files. */
  readonly policy: ReleaseRecord['policy']['microdata'];
  /** What approvers should know of each file; internal. */
  readonly facts: readonly object[];
  /** Files that stay inside, by the path under which the dossier keeps them. */
  readonly inside: readonly { readonly staged: string; readonly path: string }[];
}

/**
 * Anonymises the records of a pipeline's file for those periods of a release that are its month, by the engine of `twinstat anonymize`. Draws of the sample
 * and the numbers at random come from the master key, each in a domain of its own, so that the same records give the same bytes.
 * Errors: `release-not-computed`, those of `anonymizeRecords` and of the master key.
 */
export async function draftRecords(
  context: Context,
  { session, transaction }: { readonly session: Session; readonly transaction: Transaction },
  { pipeline }: CheckedPipeline,
  periods: readonly string[],
): Promise<DraftedRecords> {
  const files: RecordsFile[] = [];
  const facts: object[] = [];
  const inside: { staged: string; path: string }[] = [];
  const policies: NonNullable<DraftedRecords['policy']> = {};
  for (const [name, file] of Object.entries(pipeline.microdata)) {
    for (const period of periods.filter((each) => Number(each.slice(5)) === file.month)) {
      const staged = recordsName({ name, period });
      const folder = dirname(transaction.stage(`microdata/${staged}/file`));
      await sampleRecords(context, session, pipeline, { name, file, period }, joinPath(folder, 'records.parquet'));
      const report = await anonymize(context, pipeline, { name, file, period }, folder);
      const { policy } = await loadPolicy(policyPath(context, pipeline, file));
      const leaving = await leavingColumns(session, joinPath(folder, 'public/data.parquet'));
      files.push({
        name,
        period,
        title: file.title,
        k: policy.require.k,
        sample: file.sample,
        columns: columnsOf(policy, report, leaving),
        file: joinPath(folder, 'public/data.parquet'),
      });
      policies[name] = await gatePolicy(context, pipeline, { file, policy, columns: leaving });
      facts.push({
        name,
        period,
        k: policy.require.k,
        sample: file.sample,
        suppressed_records: report.suppressed_records,
        claims: report.audit.claims,
      });
      await rm(joinPath(folder, 'records.parquet'));
      for (const each of (await readdir(joinPath(folder, 'internal'))).sort())
        inside.push({ staged: joinPath(folder, 'internal', each), path: `${staged}/${each}` });
    }
  }
  return { files, policy: files.length === 0 ? undefined : policies, facts, inside };
}

async function anonymize(context: Context, pipeline: Pipeline, { name, file, period }: OneFile, folder: string): Promise<AnonymizeReport> {
  const pads = hmacPads(domainKey(await readMasterKey({ path: context.keyFile }), `microdata-numbers|${pipeline.pipeline}.${name}`));
  const spill = joinPath(folder, 'spill');
  await mkdir(spill, { recursive: true, mode: 0o700 });
  try {
    return await anonymizeRecords(
      {
        file: 'records.parquet',
        policy: policyPath(context, pipeline, file),
        threads: context.threads,
        memory: context.memory,
        cwd: folder,
        spill,
        shuffle: (value: Sql) => recordDrawInSql(period, value, pads),
        keyFile: context.keyFile,
        progress: silent,
        signal: context.signal,
      },
      folder,
    );
  } finally {
    await rm(spill, { recursive: true, force: true });
  }
}

async function leavingColumns(session: Session, path: string): Promise<string[]> {
  return (await session.describe(sql`SELECT * FROM read_parquet(${literal(path)})`)).map(({ name }) => name);
}
