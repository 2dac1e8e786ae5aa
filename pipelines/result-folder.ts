import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DefinitionError } from '../engine/errors.ts';

/** A folder of results that is made beside its place and takes it when it is complete, so that a killed run leaves the earlier one. */
export interface ResultFolder {
  /** Where the results are made. */
  readonly staging: string;
  /** Puts the new folder in its place. */
  publish(): Promise<void>;
  /** Removes what is not published. */
  discard(): Promise<void>;
}

/**
 * `out`: its place; `name`: what messages call it; `ours`: entries that such a folder may hold, nothing else is ever replaced.
 * Error: `result-folder` where it holds anything else.
 */
export async function resultFolder(out: string, name: string, ours: readonly string[]): Promise<ResultFolder> {
  const earlier = join(dirname(out), `.${basename(out)}.earlier`);
  const staging = join(dirname(out), `.${basename(out)}.partial`);
  if (!(await isThere(out)) && (await isThere(earlier))) await rename(earlier, out);
  await requireOurs(out, name, ours);
  await rm(staging, { recursive: true, force: true });
  return {
    staging,
    publish: async () => {
      await rm(earlier, { recursive: true, force: true });
      await rename(out, earlier).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await rename(staging, out);
      await rm(earlier, { recursive: true, force: true });
    },
    discard: () => rm(staging, { recursive: true, force: true }),
  };
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function requireOurs(out: string, name: string, ours: readonly string[]): Promise<void> {
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new DefinitionError('result-folder', `${name} cannot be used as a folder of results`, { cause: error });
  });
  if (entries.some((entry) => !ours.includes(entry)))
    throw new DefinitionError('result-folder', `${name} holds other files; name a new folder, or one that this command made`);
}
