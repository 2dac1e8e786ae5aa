import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { hashFile } from '../../engine/file-hash.ts';
import { packageVersion } from '../../engine/version.ts';
import type { AnonymizeReport, AnonymizeRequest } from './anonymize-records.ts';

/** Name and SHA-256 of a file. */
type Hashed = readonly [name: string, sha256: string];

export interface FileHashes {
  readonly file: Hashed;
  readonly policy: Hashed;
  readonly results: readonly Hashed[];
}

/** Hashes of the file, of its policy, and of what the folder holds under these paths. */
export async function hashFiles(request: AnonymizeRequest, folder: string, names: readonly string[]): Promise<FileHashes> {
  const hash = async (path: string): Promise<Hashed> => [basename(path), (await hashFile(path)).sha256];
  const [file, policy] = await Promise.all([hash(resolve(request.cwd, request.file)), hash(resolve(request.cwd, request.policy))]);
  return {
    file,
    policy,
    results: await Promise.all(names.map(async (name): Promise<Hashed> => [name, (await hashFile(join(folder, name))).sha256])),
  };
}

/** `policy.lock.yaml`: what the result follows from, and the hashes of all that went in and came out. */
export async function writePolicyLock(
  folder: string,
  { file, policy, results }: FileHashes,
  { levels, partitions, suppressed_records, suppressed_cells, actions, swap }: AnonymizeReport,
): Promise<void> {
  const named = ([name, sha256]: Hashed): object => ({ name, sha256 });
  const lock = {
    twinstat: packageVersion(),
    file: named(file),
    policy: named(policy),
    levels,
    ...(partitions !== undefined && { partitions }),
    suppressed_records,
    suppressed_cells,
    actions,
    ...(swap !== undefined && { swap }),
    results: Object.fromEntries(results),
  };
  await writeFile(join(folder, 'policy.lock.yaml'), stringify(lock));
}
