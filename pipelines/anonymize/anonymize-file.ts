import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Recoding } from '../../anonymize/recode/lattice-search.ts';
import { resultFolder } from '../result-folder.ts';
import { type AnonymizeReport, type AnonymizeRequest, anonymizeRecords, withFile } from './anonymize-records.ts';
import { wholeFrontier } from './choose-levels.ts';

/** Folders that a folder of results holds: nothing else is ever replaced. */
const OURS = ['internal', 'public'];

/**
 * `twinstat anonymize`: makes `out/internal/` and `out/public/`, and only when the audit has proven the result puts them in their place, so that a
 * killed run leaves the earlier ones. Errors: those of `anonymizeRecords`, `result-folder`.
 */
export async function anonymizeFile(request: AnonymizeRequest & { readonly out: string }): Promise<AnonymizeReport> {
  const out = resolve(request.cwd, request.out);
  const folder = await resultFolder(out, request.out, OURS);
  try {
    const report = await anonymizeRecords(request, folder.staging);
    await folder.publish();
    return report;
  } finally {
    request.progress.end();
    await folder.discard();
    await rm(request.spill, { recursive: true, force: true });
  }
}

/** The best levels for every k, limit and metric; writes nothing. */
export async function frontierOf(request: AnonymizeRequest): Promise<{ keys: readonly string[]; recodings: readonly Recoding[] }> {
  try {
    return await withFile(request, [], async (_session, _file, { keys, policy }, read) => ({
      keys,
      recodings: wholeFrontier(read, policy, request.progress),
    }));
  } finally {
    request.progress.end();
    await rm(request.spill, { recursive: true, force: true });
  }
}
