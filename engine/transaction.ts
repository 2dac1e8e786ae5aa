import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { AuditEvent } from './audit-chain.ts';
import type { AuditLog } from './audit-log.ts';
import { collectReads, dropReads } from './audit-verify.ts';
import { hashJson, type JsonObject, sha256 } from './canonical-json.ts';
import type { Current } from './current.ts';
import { EngineError } from './errors.ts';
import { exists, type FileHash, guard, ioError, listFiles, makeFolder, move, sealFile } from './file-hash.ts';
import { folderOf, isSafePath, parseRef, type Ref } from './layout.ts';
import { acquireLock, type Lock } from './lock.ts';
import { formatManifest, type Manifest, makeManifest, type Part } from './manifest.ts';
import { isWhole, type Phase, publish } from './publish.ts';
import { recover } from './recovery.ts';
import { sweep } from './sweep.ts';

export interface PartOptions {
  readonly partition: string | null;
  /** Hash of what made the part. */
  readonly key: string;
  readonly rows: number;
  readonly facts?: JsonObject;
}

/** What a transaction needs of its store. */
export interface TransactionHost {
  readonly root: string;
  partPath(part: Part): Promise<string>;
  manifest(ref: Ref): Promise<Manifest | undefined>;
}

export interface TransactionOptions {
  readonly command: string;
  readonly clock: () => Date;
  readonly actor?: string | undefined;
  readonly retentionMs: number;
  readonly phases?: ((phase: Phase) => void) | undefined;
  readonly onCommit: (current: Current) => void;
}

const HEX_64 = /^[0-9a-f]{64}$/;

/** A run that writes: all of it appears at once by `commit`, or nothing. Ends with `commit` or `abort`; both free the lock. */
export class Transaction {
  /** Name of the run; differs every time, so it must not get into any content. */
  readonly id: string;
  /** State before the run. */
  readonly before: Current;
  readonly #host: TransactionHost;
  readonly #options: TransactionOptions;
  readonly #lock: Lock;
  readonly #log: AuditLog;
  readonly #puts = new Map<Ref, Manifest | null>();
  /** Final path -> where the file waits until the commit. */
  readonly #waiting = new Map<string, string>();
  readonly #dirty = new Set<string>();
  readonly #events: AuditEvent[] = [];
  #isOpen = true;

  private constructor(host: TransactionHost, options: TransactionOptions, lock: Lock, log: AuditLog, before: Current) {
    this.id = `${options.clock().toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
    this.before = before;
    this.#host = host;
    this.#options = options;
    this.#lock = lock;
    this.#log = log;
  }

  /** Takes the lock and repairs what an interrupted run left; see Store.begin. */
  static async begin(host: TransactionHost, options: TransactionOptions): Promise<Transaction> {
    const lock = await acquireLock(join(host.root, '_lock'));
    try {
      const { current, log } = await recover(host.root, { ...options, onAppended: () => options.phases?.('audit-appended') });
      try {
        const transaction = new Transaction(host, options, lock, log, current);
        for (const folder of [transaction.#folder('_staging'), transaction.#folder('_vault/tmp')]) await makeFolder(join(folder, 'files'));
        await log.append([{ event: 'begin', object: transaction.id, facts: { command: options.command } }]);
        options.phases?.('begun');
        return transaction;
      } catch (error) {
        await log.close();
        throw error;
      }
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Path for a new file of this run; its folder is made. `clear` for whatever holds clear identifiers: the path is then under `_vault/tmp`.
   * The file is lost unless it is given to addPart, addFile or addFolder.
   */
  stage(name: string, options: { clear?: boolean } = {}): string {
    this.#mustBeOpen();
    if (!isSafePath(name) || name.startsWith('files/')) throw badPath(name);
    const path = join(this.#folder(options.clear === true ? '_vault/tmp' : '_staging'), name);
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    } catch (error) {
      throw ioError(error, dirname(path));
    }
    return path;
  }

  /** Makes a staged Parquet file a part, `<state>/<dataset>/parts/<sha256>.parquet`; readers see it once a manifest names it. */
  async addPart(ref: Ref, stagedFile: string, options: PartOptions): Promise<Part> {
    this.#mustBeStaged(stagedFile);
    if (parseRef(ref).state === 'released')
      throw new EngineError('store-path', `${ref}: files of a release are added by addFile or addFolder`);
    const hash = await sealFile(stagedFile);
    const folder = `${folderOf(ref)}/parts`;
    const part = makePart(`${folder}/${hash.sha256}.parquet`, hash, options);
    const target = join(this.#host.root, part.path);
    await makeFolder(dirname(target));
    if (await isWhole(target, part)) await guard(stagedFile, () => rm(stagedFile));
    else await move(stagedFile, target);
    this.#dirty.add(folder);
    this.#phase('part-placed');
    return part;
  }

  /** Makes a staged file a part under a name of its own; it gets to its place at the commit. For received, released and vault. */
  async addFile(ref: Ref, stagedFile: string, relativePath: string, options: PartOptions): Promise<Part> {
    this.#mustBeStaged(stagedFile);
    const { state } = parseRef(ref);
    const path = `${folderOf(ref)}/${relativePath}`;
    if (!isSafePath(relativePath) || relativePath.startsWith('parts/')) throw badPath(relativePath);
    if (state !== 'released' && !relativePath.includes('/')) throw badPath(relativePath);
    const hash = await sealFile(stagedFile);
    const part = makePart(path, hash, options);
    await this.#refuseOverwriting(ref, part);
    const waiting = join(this.#folder(state === 'received' || state === 'vault' ? '_vault/tmp' : '_staging'), 'files', path);
    await makeFolder(dirname(waiting));
    await move(stagedFile, waiting);
    this.#waiting.set(path, waiting);
    this.#phase('file-staged');
    return part;
  }

  /** Adds every file of a staged folder to a release; the release's folder appears by one rename. */
  async addFolder(ref: Ref, stagedFolder: string, options: { key: string; rows?: Readonly<Record<string, number>> }): Promise<Part[]> {
    this.#mustBeStaged(stagedFolder);
    const parts: Part[] = [];
    for (const path of await listFiles(stagedFolder)) {
      const rows = options.rows?.[path] ?? 0;
      parts.push(await this.addFile(ref, join(stagedFolder, path), path, { partition: null, key: options.key, rows }));
    }
    return parts;
  }

  /** Sets the snapshot of a dataset. `key` is the SHA-256 of all that determines it (inputs, definitions, code, engine, seed). */
  put(ref: Ref, content: { key: string; parts: readonly Part[]; facts?: JsonObject }): void {
    this.#mustBeOpen();
    if (!HEX_64.test(content.key)) throw new EngineError('store-key', `${ref}: a key is a SHA-256 of 64 hex digits`, { exitCode: 1 });
    this.#puts.set(ref, makeManifest(ref, { key: content.key, parts: content.parts, facts: content.facts ?? {} }));
  }

  /** Takes a dataset out of CURRENT. Its files stay for the retention, a release's folder goes at once. */
  remove(ref: Ref): void {
    this.#mustBeOpen();
    parseRef(ref);
    this.#puts.set(ref, null);
  }

  /** The manifest of a dataset as this run sees it. */
  async manifest(ref: Ref): Promise<Manifest | undefined> {
    const put = this.#puts.get(ref);
    return put === undefined ? this.#host.manifest(ref) : (put ?? undefined);
  }

  /** Absolute path of a part, of this run or of an earlier one; checked as Store.partPath does. */
  async partPath(part: Part): Promise<string> {
    return this.#waiting.get(part.path) ?? this.#host.partPath(part);
  }

  /** Notes an event; it is written with the commit or the abort. */
  audit(event: string, object: string, facts?: JsonObject): void {
    this.#events.push({ event, object, ...(facts && { facts }) });
  }

  /** Writes the noted events now: for what must be on record even if the process dies (use of keys, overrides, refusals). */
  async flushAudit(): Promise<void> {
    this.#mustBeOpen();
    await this.#log.append(this.#events.splice(0));
  }

  /** Publishes everything, or nothing if it throws. `changed` is false when CURRENT already said the same; then its bytes stay. */
  async commit(): Promise<{ changed: boolean }> {
    this.#mustBeOpen();
    try {
      const next = await this.#prepare();
      const reads = await collectReads(join(this.#host.root, 'audit'));
      const events = [...reads.events, ...this.#events.splice(0)];
      if (next === undefined) await this.#log.append([...events, { event: 'unchanged', object: this.id }]);
      else {
        const { root } = this.#host;
        const { command, clock, onCommit } = this.#options;
        const phase = (name: Phase): void => this.#phase(name);
        const staging = this.#folder('_staging');
        const puts = this.#puts;
        const dirty = this.#dirty;
        await publish({
          root,
          id: this.id,
          command,
          clock,
          onCommit,
          phase,
          staging,
          puts,
          dirty,
          waiting: this.#waiting,
          before: this.before,
          next,
          events,
          log: this.#log,
        });
      }
      await dropReads(join(this.#host.root, 'audit'), reads.files);
      await this.#sweep(next ?? this.before);
      await this.#end();
      return { changed: next !== undefined };
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  /** Gives the run up and frees the lock; does nothing after a commit, so it may stand in a `finally`. */
  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    try {
      await this.#log.close();
      const { current, log } = await recover(this.#host.root, this.#options);
      try {
        const isCommitted = current.sequence > this.before.sequence;
        await log.append([...this.#events.splice(0), ...(isCommitted ? [] : [{ event: 'abort', object: this.id }])]);
        if (isCommitted) this.#options.onCommit(current);
        await sweep(this.#host.root, current, new Date(0));
      } finally {
        await log.close();
      }
    } catch (error) {
      // The run has failed for its own reason; what could not be tidied up now is by the next `begin`.
      if (!(error instanceof EngineError)) throw error;
    } finally {
      this.#isOpen = false;
      this.#lock.release();
    }
  }

  /** CURRENT after this run, its sequence and audit still those of before; undefined if nothing changes. */
  async #prepare(): Promise<Current | undefined> {
    const datasets: Record<string, { snapshot: string; manifest: string }> = { ...this.before.datasets };
    for (const [ref, manifest] of [...this.#puts].sort(([left], [right]) => (left < right ? -1 : 1))) {
      if (manifest === null) {
        delete datasets[ref];
        continue;
      }
      await this.#checkParts(ref, manifest);
      const hash = sha256(formatManifest(manifest));
      const old = this.before.datasets[ref];
      if (old?.snapshot === manifest.snapshot && old.manifest !== hash) {
        throw new EngineError(
          'store-key-conflict',
          `${ref}: the same key gave another result than before (snapshot ${old.snapshot}); a step is not deterministic or its key leaves something out`,
        );
      }
      datasets[ref] = { snapshot: manifest.snapshot, manifest: hash };
    }
    return hashJson(datasets) === hashJson(this.before.datasets) ? undefined : { ...this.before, datasets };
  }

  /** Every part of a manifest must be there, with its size, here or waiting; a release must list all files that wait for it. */
  async #checkParts(ref: Ref, manifest: Manifest): Promise<void> {
    for (const part of manifest.parts) {
      const path = this.#waiting.get(part.path) ?? join(this.#host.root, part.path);
      const file = await lstat(path).catch(() => undefined);
      if (file?.isFile() !== true || file.size !== part.bytes)
        throw new EngineError('store-part', `${part.path}: ${ref} lists this part, but it is not there or has another size`);
    }
    const listed = new Set(manifest.parts.map((part) => part.path));
    const folder = `${folderOf(ref)}/`;
    const extra = [...this.#waiting.keys()].find((path) => path.startsWith(folder) && !listed.has(path));
    if (extra !== undefined) throw new EngineError('store-part', `${extra}: the file was added, but ${ref} does not list it`);
    const old = await this.#host.manifest(ref);
    if (manifest.state === 'released' && old !== undefined && !isSameContent(old, manifest)) {
      throw new EngineError('store-immutable', `${ref}: a release never changes; publish the new content under another name`);
    }
    if (manifest.state === 'released' && old === undefined && (await exists(join(this.#host.root, folderOf(ref))))) {
      throw new EngineError(
        'store-immutable',
        `${folderOf(ref)}: something is there that no release of this name put there; remove it first`,
      );
    }
  }

  async #refuseOverwriting(ref: Ref, part: Part): Promise<void> {
    const old = (await this.#host.manifest(ref))?.parts.find((known) => known.path === part.path);
    if (old === undefined || old.sha256 === part.sha256) return;
    throw new EngineError('store-immutable', `${part.path}: is there already with other content; give the new version another folder`, {
      exitCode: 3,
    });
  }

  async #sweep(current: Current): Promise<void> {
    const olderThan = new Date(this.#options.clock().getTime() - this.#options.retentionMs);
    const deleted = await sweep(this.#host.root, current, olderThan, () => this.#phase('sweeping'));
    if (deleted.length > 0) await this.#log.append([{ event: 'sweep', object: this.id, facts: { files: deleted.length } }]);
    this.#phase('swept');
  }

  async #end(): Promise<void> {
    for (const folder of [this.#folder('_staging'), this.#folder('_vault/tmp')])
      await guard(folder, () => rm(folder, { recursive: true, force: true }));
    this.#isOpen = false;
    await this.#log.close();
    this.#lock.release();
  }

  #folder(base: '_staging' | '_vault/tmp'): string {
    return join(this.#host.root, base, this.id);
  }

  #phase(phase: Phase): void {
    this.#options.phases?.(phase);
  }

  #mustBeOpen(): void {
    if (!this.#isOpen) throw new EngineError('store-closed', 'this run has ended; begin a new one', { exitCode: 1 });
  }

  #mustBeStaged(path: string): void {
    this.#mustBeOpen();
    const inside = [this.#folder('_staging'), this.#folder('_vault/tmp')].some(
      (folder) => path.startsWith(folder + sep) && !path.includes(`${sep}..`),
    );
    if (!inside) throw new EngineError('store-path', 'only files of this run (see stage) can be added', { exitCode: 1 });
  }
}

function makePart(path: string, { sha256: hash, bytes }: FileHash, { partition, key, rows, facts }: PartOptions): Part {
  return { path, sha256: hash, bytes, rows, partition, key, ...(facts && { facts }) };
}

function isSameContent(left: Manifest, right: Manifest): boolean {
  const list = (manifest: Manifest): unknown => manifest.parts.map(({ path, sha256: hash }) => ({ path, hash }));
  return hashJson(list(left)) === hashJson(list(right));
}

function badPath(path: string): EngineError {
  return new EngineError(
    'store-path',
    `${JSON.stringify(path)}: not a safe file name (no .., no leading /, none of \\ * ? [ ] { }; a received file lies in the folder of its delivery)`,
    { exitCode: 3 },
  );
}
