import { randomBytes } from 'node:crypto';
import { chmod, link, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from './errors.ts';
import { exists, guard, ioError } from './file-hash.ts';

/** The right to write to a data root. Ends with `release`, or with the process, however it dies. */
export interface Lock {
  release(): void;
}

const FILE = 'writer.lock';
const RETRY_MS = 50;
const heldHere = new Set<string>();

/**
 * Takes the writer's lock of a `_lock` folder. It is DuckDB's own lock on a small file (fcntl: the kernel frees it when the process dies),
 * so nothing else may open that file: closing any handle on it would drop the lock. Busy: EngineError `store-busy`, exit 75, with the PID.
 */
export async function acquireLock(folder: string, waitMs = 300): Promise<Lock> {
  const file = join(resolve(folder), FILE);
  if (heldHere.has(file)) throw busy(process.pid);
  heldHere.add(file);
  try {
    if (!(await exists(file))) await createLockFile(file);
    const instance = await openPatiently(file, waitMs);
    return {
      release: () => {
        if (heldHere.delete(file)) instance.closeSync();
      },
    };
  } catch (error) {
    heldHere.delete(file);
    throw error;
  }
}

/** PID of the process that writes at this moment (0 if unknown), or undefined. */
export async function lockHolder(folder: string): Promise<number | undefined> {
  try {
    (await acquireLock(folder, 0)).release();
    return undefined;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'store-busy') return Number(error.facts['pid'] ?? 0);
    throw error;
  }
}

async function openPatiently(file: string, waitMs: number) {
  for (let left = waitMs; ; left -= RETRY_MS) {
    try {
      return await openDatabase(file);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'store-busy' || left <= 0) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** The file gets its name only when it is whole, so that a kill in between leaves no broken lock. */
async function createLockFile(file: string): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.new`;
  try {
    (await openDatabase(draft)).closeSync();
    await guard(draft, () => chmod(draft, 0o600));
    await guard(draft, () => link(draft, file)).catch(async (error: unknown) => {
      if (!(await exists(file))) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

async function openDatabase(file: string) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  try {
    return await DuckDBInstance.create(file, { threads: '1', memory_limit: '64MB' });
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    if (/could not set lock|conflicting lock/i.test(text)) throw busy(Number(/PID (\d+)/.exec(text)?.[1] ?? 0));
    if (/no space|could not write|fsync/i.test(text)) throw ioError({ code: 'ENOSPC' }, `_lock/${FILE}`);
    const message = `_lock/${FILE}: cannot be opened; if no other twinstat runs on this data root, delete the file and try again`;
    throw new EngineError('store-lock', message, { cause: error });
  }
}

function busy(pid: number): EngineError {
  const who = pid === 0 ? 'another process' : `process ${pid}`;
  return new EngineError('store-busy', `${who} is writing to this data root; wait until it has ended and run the command again`, {
    exitCode: 75,
    facts: { pid },
  });
}
