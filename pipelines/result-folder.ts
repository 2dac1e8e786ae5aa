import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DefinitionError, EngineError } from '../engine/errors.ts';
import { acquireLock, type Lock } from '../engine/lock.ts';

/** A folder of results that is made beside its place and takes it when it is complete, so that a killed run leaves the earlier one. */
export interface ResultFolder {
  /** Where the results are made; empty. */
  readonly staging: string;
  /** Puts the new folder in its place. */
  publish(): Promise<void>;
  /** Removes what is left of the work and lets the next run in. */
  discard(): Promise<void>;
}

/**
 * `out`: its place; `name`: what messages call it; `ours`: entries that such a folder may hold, nothing else is ever replaced. One run at a
 * time makes a folder; the kernel frees the right when a process dies. Errors: `result-busy` (exit code 75) while another run makes the
 * same folder, `result-folder` where it holds anything else.
 */
export async function resultFolder(out: string, name: string, ours: readonly string[]): Promise<ResultFolder> {
  const earlier = join(dirname(out), `.${basename(out)}.earlier`);
  const work = join(dirname(out), `.${basename(out)}.partial`);
  const staging = join(work, 'result');
  await mkdir(work, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(name, error);
  });
  const lock = await lockFor(work, name);
  const discard = async (): Promise<void> => {
    await rm(work, { recursive: true, force: true });
    lock.release();
  };
  try {
    if (!(await isThere(out)) && (await isThere(earlier))) await rename(earlier, out);
    await requireOurs(out, name, ours);
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging, { mode: 0o700 });
  } catch (error) {
    await discard();
    throw error;
  }
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
    discard,
  };
}

async function lockFor(work: string, name: string): Promise<Lock> {
  try {
    return await acquireLock(work);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'store-busy') throw error;
    const message = `another run is writing to ${name}; wait until it has ended and run the command again, or name another folder`;
    throw new EngineError('result-busy', message, { exitCode: 75, facts: error.facts });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function requireOurs(out: string, name: string, ours: readonly string[]): Promise<void> {
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw unusable(name, error);
  });
  if (entries.some((entry) => !ours.includes(entry)))
    throw new DefinitionError('result-folder', `${name} holds other files; name a new folder, or one that this command made`);
}

function unusable(name: string, cause: unknown): DefinitionError {
  return new DefinitionError('result-folder', `${name} cannot be used as a folder of results; name a new folder`, { cause });
}
