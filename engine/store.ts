import { lstat, readdir, realpath, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type AuditEvent, readHead } from './audit-chain.ts';
import { appendReads } from './audit-verify.ts';
import { type Current, EMPTY_CURRENT, readCurrent, writeCurrent } from './current.ts';
import { EngineError } from './errors.ts';
import { exists, guard, hashFile, makeFolder } from './file-hash.ts';
import { FOLDERS, isSafePath, type Ref } from './layout.ts';
import { acquireLock } from './lock.ts';
import { damaged, type Manifest, type Part, readManifest } from './manifest.ts';
import type { Phase } from './publish.ts';
import { Transaction } from './transaction.ts';
import { type VerifyProgress, type VerifyReport, verifyStore } from './verify.ts';

export type { Current } from './current.ts';
export type { Ref } from './layout.ts';
export { Manifest, Part } from './manifest.ts';
export type { Phase } from './publish.ts';
export type { Transaction } from './transaction.ts';

export interface StoreOptions {
  readonly clock: () => Date;
  /** Makes the data root if there is none. */
  readonly create?: boolean;
  /** Who acts, for the audit log; default the account of the operating system. */
  readonly actor?: string;
  /** How long snapshots stay readable after CURRENT has left them; default 7 days. */
  readonly retentionMs?: number;
  /** No run begins any more once it is aborted: `begin` throws its reason. A run under way ends by itself. */
  readonly signal?: AbortSignal | undefined;
  /** Called at every step of a commit; a test dies in it. */
  readonly phases?: (phase: Phase) => void;
}

const DAY_MS = 86_400_000;
const NETWORK_FILE_SYSTEMS = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

/**
 * A data root: immutable parts, one manifest per snapshot, and CURRENT. A reader sees the state at the time of its first `current()`
 * until `refresh()`; a writer changes it by a Transaction, all or nothing.
 */
export class Store {
  readonly root: string;
  readonly #options: StoreOptions;
  readonly #verified = new Map<string, string>();
  #current: Current | undefined;

  private constructor(root: string, options: StoreOptions) {
    this.root = root;
    this.#options = options;
  }

  /** Opens a data root. EngineError: `store-missing` (exit 2), `store-insecure` (modes, owner, links, network file system). */
  static async open(root: string, options: StoreOptions): Promise<Store> {
    const path = resolve(root);
    if (!(await exists(path))) {
      if (options.create !== true) throw missing(root);
      await makeFolder(path);
    }
    await checkFolder(path, root);
    await checkFileSystem(path, root);
    if (!(await exists(join(path, 'CURRENT')))) await create(path, options.create === true);
    for (const folder of FOLDERS) {
      if (!(await exists(join(path, folder)))) await makeFolder(join(path, folder));
      await checkFolder(join(path, folder), folder);
    }
    return new Store(await realpath(path), options);
  }

  /** The state that this store shows; read once. */
  async current(): Promise<Current> {
    this.#current ??= await readCurrent(this.root);
    return this.#current;
  }

  /** Looks at CURRENT again. */
  async refresh(): Promise<Current> {
    this.#current = undefined;
    return this.current();
  }

  /** The manifest of a dataset, checked against CURRENT; undefined if there is no such dataset. */
  async manifest(ref: Ref): Promise<Manifest | undefined> {
    const entry = (await this.current()).datasets[ref];
    return entry && readManifest(this.root, ref, entry.snapshot, entry.manifest);
  }

  /** Absolute path of a part whose size was compared now and whose SHA-256 at first use. EngineError `store-damaged` names the file. */
  async partPath(part: Part): Promise<string> {
    if (!isSafePath(part.path)) throw new EngineError('store-path', `${JSON.stringify(part.path)} is not a path inside the data root`);
    const path = join(this.root, part.path);
    const file = await lstat(path).catch(() => undefined);
    if (file === undefined) throw damaged(part.path, 'the file is missing');
    if (!file.isFile() || (await realpath(path)) !== path) throw damaged(part.path, 'a link, not a file');
    if (file.size !== part.bytes) throw damaged(part.path, `${file.size} bytes, the manifest says ${part.bytes}`);
    const stamp = `${part.sha256} ${file.ino} ${file.mtimeMs} ${file.ctimeMs}`;
    if (this.#verified.get(path) !== stamp) {
      if ((await hashFile(path)).sha256 !== part.sha256) throw damaged(part.path, 'its bytes were changed');
      this.#verified.set(path, stamp);
    }
    return path;
  }

  /** Takes the lock, repairs what an interrupted run left, and starts a run. Busy: EngineError `store-busy`, exit 75. */
  async begin(command: string): Promise<Transaction> {
    const { clock, actor, phases, retentionMs = 7 * DAY_MS, signal } = this.#options;
    signal?.throwIfAborted();
    const transaction = await Transaction.begin(this, {
      command,
      clock,
      actor,
      phases,
      retentionMs,
      onCommit: (current) => {
        this.#current = current;
      },
    });
    this.#current = transaction.before;
    return transaction;
  }

  /** Logs views and other reads without waiting for a run. */
  async auditReads(events: readonly AuditEvent[]): Promise<void> {
    await appendReads(join(this.root, 'audit'), events, this.#options);
  }

  /** Checks every file: 0 sound, 7 traces of an interrupted run, 5 damage. */
  verify(onProgress?: (progress: VerifyProgress) => void): Promise<VerifyReport> {
    return verifyStore(this.root, onProgress);
  }
}

async function create(root: string, allowed: boolean): Promise<void> {
  const isUsed = await readHead(join(root, 'audit')).then(
    (head) => head.n > 0,
    () => true,
  );
  if (isUsed) throw damaged('CURRENT', 'the file is missing, although runs were committed here');
  const ours = new Set<string>(FOLDERS);
  const foreign = (await guard(root, () => readdir(root))).filter((name) => !ours.has(name) && !name.startsWith('CURRENT.'));
  if (!allowed || foreign.length > 0) {
    throw new EngineError(
      'store-missing',
      'this folder is not a data root (it has no CURRENT); give an empty or a new folder to `twinstat init`',
      { exitCode: 2 },
    );
  }
  for (const folder of FOLDERS) await makeFolder(join(root, folder));
  const lock = await acquireLock(join(root, '_lock'));
  try {
    if (!(await exists(join(root, 'CURRENT')))) await writeCurrent(root, EMPTY_CURRENT);
  } finally {
    lock.release();
  }
}

/** Refuses a folder that is a link, belongs to somebody else, or that group or others may enter. */
async function checkFolder(path: string, name: string): Promise<void> {
  const folder = await guard(name, () => lstat(path));
  if (folder.isSymbolicLink() || !folder.isDirectory()) throw insecure(name, 'not a folder but a link or a file');
  if (process.platform === 'win32') return;
  if (folder.uid !== process.getuid?.()) throw insecure(name, 'belongs to another user');
  if ((folder.mode & 0o077) !== 0) throw insecure(name, `open to group or others (mode ${(folder.mode & 0o777).toString(8)}, must be 700)`);
}

async function checkFileSystem(path: string, name: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const { type } = await guard(name, () => statfs(path));
  if (NETWORK_FILE_SYSTEMS.has(type)) throw insecure(name, 'on a network file system, where locks and renames cannot be relied on');
}

function insecure(name: string, what: string): EngineError {
  return new EngineError('store-insecure', `${name}: ${what}; a data root is a local folder of the account that runs twinstat, mode 700`);
}

function missing(root: string): EngineError {
  return new EngineError('store-missing', `${root}: no data root here; \`twinstat init\` makes one`, { exitCode: 2 });
}
