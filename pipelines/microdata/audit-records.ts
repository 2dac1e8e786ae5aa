import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { recordsName } from '../../anonymize/public-records.ts';
import type { ReleaseRecord } from '../../anonymize/release.ts';
import { DisclosureError } from '../../engine/errors.ts';
import type { Transaction } from '../../engine/transaction.ts';
import { auditFile } from '../anonymize/audit-file.ts';
import { loadPolicy } from '../anonymize/load-policy.ts';
import type { CheckedPipeline } from '../checked-pipeline.ts';
import type { Context } from '../context.ts';
import { policyHash, policyPath } from './released-policy.ts';

/** Proves every claim of the policy once more, on the bytes that are about to leave. Errors: `release-policy-changed`, `release-microdata-audit`. */
export async function auditRecords(
  context: Context,
  { pipeline }: CheckedPipeline,
  { periods, policy, files }: ReleaseRecord,
  folder: string,
  transaction: Transaction,
): Promise<void> {
  for (const [name, approved] of Object.entries(policy.microdata ?? {})) {
    const file = pipeline.microdata[name];
    const path = file && policyPath(context, pipeline, file);
    if (file === undefined || path === undefined || (await policyHash(file, (await loadPolicy(path)).policy, path)) !== approved.policy)
      throw new DisclosureError('release-policy-changed', `${name}: its policy is not the one that was approved; draft the release again`);
    for (const period of periods) {
      const packed = files.find((each) => each.path === `${recordsName({ name, period })}.parquet`);
      if (packed === undefined) continue;
      // A copy, so that no folder of the store is within reach of the audit, and nothing beside the file helps it.
      const copy = transaction.stage(`audited/${packed.path}`);
      await copyFile(join(folder, packed.path), copy);
      const spill = join(dirname(copy), 'spill');
      await mkdir(spill, { recursive: true, mode: 0o700 });
      const { claims, holds } = await auditFile({
        file: copy,
        policy: path,
        spill,
        cwd: dirname(copy),
        threads: context.threads,
        memory: context.memory,
        signal: context.signal,
      });
      if (holds) continue;
      const failed = claims
        .filter((claim) => !claim.holds)
        .map(({ claim, found, required }) => `${claim} (${found}, required ${required})`);
      throw new DisclosureError(
        'release-microdata-audit',
        `the audit of ${packed.path} refutes: ${failed.join('; ')}; draft the release again`,
      );
    }
  }
}
