import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { EngineError } from '../../engine/errors.ts';

/** A file of the scratch folder that grows while a delivery is read; owner-only. */
export class SideFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #pending: string[] = [];

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Makes the file anew. */
  static async create(path: string): Promise<SideFile> {
    return new SideFile(path, await guarded(path, () => open(path, 'w', 0o600)));
  }

  /** Keeps a line for the next `flush`. */
  add(line: string): void {
    this.#pending.push(line);
  }

  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const text = this.#pending.join('\n');
    this.#pending = [];
    await this.write(Buffer.from(`${text}\n`));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await guarded(this.path, () => this.#handle.write(bytes, at));
      at += bytesWritten;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']);

/** A full or failing disk is a matter of resources, with the path named. */
async function guarded<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === undefined || !FULL.has(code)) throw cause;
    throw new EngineError('engine-disk', `${path} cannot be written (${code}); free disk space`, { exitCode: 6, cause });
  }
}
