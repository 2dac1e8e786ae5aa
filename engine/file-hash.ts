import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError } from './errors.ts';

export interface FileHash {
  /** 64 hex digits. */
  readonly sha256: string;
  readonly bytes: number;
}

const CHUNK = 1 << 20;
const DISK_ERRORS = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** SHA-256 and size of a file, read in pieces of 1 MiB. A symbolic link or anything but a regular file is refused. */
export async function hashFile(path: string, onBytes?: (bytes: number) => void): Promise<FileHash> {
  return withFile(path, constants.O_RDONLY | constants.O_NOFOLLOW, (handle) => hashHandle(handle, path, onBytes));
}

/** Makes a finished file durable and private: mode 0600, fsync, then its hash. */
export async function sealFile(path: string): Promise<FileHash> {
  return withFile(path, constants.O_RDWR | constants.O_NOFOLLOW, async (handle) => {
    await handle.chmod(0o600);
    await handle.sync();
    return hashHandle(handle, path);
  });
}

/** fsync of a folder, so that renames inside it survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await withFile(path, constants.O_RDONLY, (handle) => handle.sync());
}

/** Makes a folder (mode 0700) and its missing parents; each new entry is made durable. */
export async function makeFolder(path: string): Promise<void> {
  const first = await guard(path, () => mkdir(path, { recursive: true, mode: 0o700 }));
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

/** Replaces a file in one step: temporary name beside it, fsync, rename, fsync of the folder. Mode 0600. */
export async function writeDurably(path: string, data: string | Uint8Array, beforeRename?: () => void): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await withFile(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, async (handle) => {
      await handle.writeFile(data);
      await handle.sync();
    });
    beforeRename?.();
    await guard(path, () => rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Renames within one file system; the caller syncs the folders. */
export async function move(from: string, to: string): Promise<void> {
  await guard(to, () => rename(from, to));
}

/** Paths of everything below a folder except folders, sorted; relative, with `/`. Links are named, never followed. */
export async function listFiles(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw ioError(error, below === '' ? folder : below);
  });
  const found: string[] = [];
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await listFiles(folder, path)));
    else found.push(path);
  }
  return found.sort();
}

/** Whether something with that name is there, a broken link included. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** A failed file operation as an error that names the path and says who can help: disk (exit 6) or rights (exit 5). */
export function ioError(error: unknown, path: string): EngineError {
  if (error instanceof EngineError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
  if (DISK_ERRORS.has(code)) {
    const message = `${path}: the disk is full or failing (${code}); the last good state stands; make room and run the command again`;
    return new EngineError('store-disk', message, { cause: error, exitCode: 6, facts: { code, path } });
  }
  return new EngineError('store-io', `${path}: cannot be read or written (${code}); check that it exists and who owns it`, {
    cause: error,
    facts: { code, path },
  });
}

/** What Node threw because the disk is full or failing, as an `ioError` (exit 6); undefined for anything else. */
export function diskError(error: unknown, place = 'a file'): EngineError | undefined {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && DISK_ERRORS.has(code) ? ioError(error, path ?? place) : undefined;
}

/** Runs a file operation; its failure becomes an `ioError` that names the path. */
export async function guard<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw ioError(error, path);
  }
}

async function withFile<T>(path: string, flags: number, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  return guard(path, async () => {
    const handle = await open(path, flags, 0o600);
    try {
      return await use(handle);
    } finally {
      await handle.close();
    }
  });
}

async function hashHandle(handle: FileHandle, path: string, onBytes?: (bytes: number) => void): Promise<FileHash> {
  if (!(await handle.stat()).isFile()) throw new EngineError('store-path', `${path}: not a regular file`);
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, bytes);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes };
    hash.update(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
    onBytes?.(bytesRead);
  }
}
