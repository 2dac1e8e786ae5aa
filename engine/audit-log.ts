import { type FileHandle, open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type AuditEntry, type AuditEvent, chain, chainBroken, HEAD_FILE, LOG_FILE, readChain, readHead } from './audit-chain.ts';
import { canonicalJson } from './canonical-json.ts';
import { type AuditHead, NO_HEAD } from './current.ts';
import { exists, guard, ioError, writeDurably } from './file-hash.ts';

export type { AuditEntry, AuditEvent } from './audit-chain.ts';

export interface AuditOptions {
  readonly clock: () => Date;
  /** Who acts; default the account of the operating system. */
  readonly actor?: string | undefined;
  /** Called between the append and the new HEAD: tests die here. */
  readonly onAppended?: (() => void) | undefined;
}

/** The writer's end of a chained log: only the holder of the lock may have one open. */
export class AuditLog {
  readonly #file: FileHandle;
  readonly #folder: string;
  readonly #options: AuditOptions;
  readonly #actor: string;
  /** Entries after the one that was given to `open`. */
  readonly recent: readonly AuditEntry[];
  #head: AuditHead;

  private constructor(file: FileHandle, folder: string, options: AuditOptions, recent: readonly AuditEntry[], head: AuditHead) {
    this.#file = file;
    this.#folder = folder;
    this.#options = options;
    this.#actor = options.actor ?? userInfo().username;
    this.recent = recent;
    this.#head = head;
  }

  /**
   * Opens the log of an `audit` folder, checks the chain from `since` on (CURRENT's head), drops a torn last line and brings HEAD up to
   * date. EngineError `audit-damaged` when the chain is broken or its tail was cut off.
   */
  static async open(folder: string, options: AuditOptions, since: AuditHead = NO_HEAD): Promise<AuditLog> {
    const path = join(folder, LOG_FILE);
    const file = await guard(`audit/${LOG_FILE}`, () => open(path, 'a+', 0o600));
    try {
      const recent: AuditEntry[] = [];
      let head = since;
      for await (const { entry, end } of readChain(path, since)) {
        recent.push(entry);
        head = { n: entry.n, hash: entry.hash, bytes: end };
      }
      const stored = await readHead(folder);
      const known = stored.n === since.n ? since.hash : recent.find((entry) => entry.n === stored.n)?.hash;
      const { size } = await file.stat();
      if (known !== stored.hash || size < head.bytes) throw chainBroken('the last entries are missing');
      if (size > head.bytes) {
        await file.truncate(head.bytes);
        await file.sync();
      }
      const log = new AuditLog(file, folder, options, recent, head);
      if (stored.n !== head.n || !(await exists(join(folder, HEAD_FILE)))) await log.#writeHead();
      return log;
    } catch (error) {
      await file.close();
      throw ioError(error, `audit/${LOG_FILE}`);
    }
  }

  get head(): AuditHead {
    return this.#head;
  }

  /** Adds entries: one write, fsync, then HEAD. When it returns they are durable. */
  async append(events: readonly AuditEvent[]): Promise<AuditHead> {
    if (events.length === 0) return this.#head;
    const { lines, head } = chain(this.#head, events, this.#options.clock, this.#actor);
    await guard(`audit/${LOG_FILE}`, async () => {
      try {
        await this.#file.writeFile(lines);
        await this.#file.sync();
      } catch (error) {
        await this.#file.truncate(this.#head.bytes).catch(() => undefined);
        throw error;
      }
    });
    this.#head = head;
    this.#options.onAppended?.();
    await this.#writeHead();
    return head;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #writeHead(): Promise<void> {
    await writeDurably(join(this.#folder, HEAD_FILE), `${canonicalJson(this.#head)}\n`);
  }
}
