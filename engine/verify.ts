import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type AuditEntry, readChain } from './audit-chain.ts';
import { type Anchor, listReads, verifyAuditLog } from './audit-verify.ts';
import { type Current, readCurrent } from './current.ts';
import { EngineError } from './errors.ts';
import { exists, hashFile } from './file-hash.ts';
import { manifestFolderOf } from './layout.ts';
import { lockHolder } from './lock.ts';
import { type Manifest, type Part, readManifest } from './manifest.ts';
import { checkCurrent, findOpenIntents, listJournalled, listLeftovers } from './recovery.ts';
import { listManifests, listRefs, listUnlisted } from './sweep.ts';

export interface VerifyProblem {
  /** `damage`: the data cannot be trusted. `trace`: an interrupted run; the next run tidies it up. */
  readonly kind: 'damage' | 'trace';
  readonly path: string;
  readonly message: string;
}

export interface VerifyProgress {
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface VerifyReport {
  /** 0 sound, 7 traces of an interrupted run, 5 damage. */
  readonly exitCode: 0 | 5 | 7;
  /** Files whose bytes were compared with a manifest. */
  readonly files: number;
  readonly bytes: number;
  /** Entries of the audit log. */
  readonly entries: number;
  /** PID of a process that writes meanwhile: traces are then not judged. */
  readonly writer?: number;
  readonly problems: readonly VerifyProblem[];
}

/** Checks a data root: modes and links, CURRENT, every manifest and part by SHA-256, files that nobody lists, the audit log. */
export async function verifyStore(
  root: string,
  onProgress?: (progress: VerifyProgress) => void,
  anchors: readonly Anchor[] = [],
): Promise<VerifyReport> {
  for (let attempts = 3; ; attempts -= 1) {
    const before = await readSequence(root);
    const report = await verifyOnce(root, onProgress, anchors);
    // A run that commits meanwhile makes an older view look wrong: look again.
    if (report.exitCode === 0 || attempts === 1 || (await readSequence(root)) === before) return report;
  }
}

async function readSequence(root: string): Promise<number> {
  return readCurrent(resolve(root)).then(
    (current) => current.sequence,
    () => -1,
  );
}

async function verifyOnce(
  root: string,
  onProgress: ((progress: VerifyProgress) => void) | undefined,
  anchors: readonly Anchor[],
): Promise<VerifyReport> {
  const path = resolve(root);
  const problems: VerifyProblem[] = [];
  const writer = await attempt(problems, '_lock', () => lockHolder(join(path, '_lock')));
  await checkModes(path, '', problems);
  const current = await attempt(problems, 'CURRENT', () => readCurrent(path));
  const committed = new Map<string, string>();
  const entries = await checkAudit(path, current, anchors, committed, problems);
  const sum = { files: 0, bytes: 0 };
  if (current !== undefined) {
    const { parts, listed } = await checkManifests(path, current, committed, problems);
    await checkParts(path, parts, problems, sum, onProgress);
    await checkUnlisted(path, current, listed, problems);
  }
  if (writer === undefined) await checkLeftovers(path, problems);
  const counted = writer === undefined ? problems : problems.filter((problem) => problem.kind === 'damage');
  const exitCode = counted.some((problem) => problem.kind === 'damage') ? 5 : counted.length > 0 ? 7 : 0;
  return { exitCode, ...sum, entries, ...(writer !== undefined && { writer }), problems: counted };
}

/** Part and whether CURRENT needs it. */
type KnownPart = readonly [Part, boolean];

async function checkManifests(root: string, current: Current, committed: ReadonlyMap<string, string>, problems: VerifyProblem[]) {
  const parts = new Map<string, KnownPart>();
  const listed = new Map<string, Set<string>>();
  const use = (ref: string, manifest: Manifest | undefined, isCurrent: boolean): void => {
    for (const part of manifest?.parts ?? []) {
      listed.set(ref, (listed.get(ref) ?? new Set()).add(part.path));
      if (isCurrent || !parts.has(part.path)) parts.set(part.path, [part, isCurrent]);
    }
  };
  const { manifests, drafts } = await listManifests(root, current);
  for (const { ref, snapshot, path, current: isCurrent } of manifests) {
    if (isCurrent) continue;
    const manifest = await attempt(problems, path, () => readManifest(root, ref, snapshot, committed.get(path)));
    if (!ref.endsWith('@released')) use(ref, manifest, false);
  }
  for (const [ref, { snapshot, manifest }] of Object.entries(current.datasets)) {
    use(ref, await attempt(problems, `${manifestFolderOf(ref)}/${snapshot}.json`, () => readManifest(root, ref, snapshot, manifest)), true);
  }
  for (const path of drafts) problems.push({ kind: 'trace', path, message: 'a manifest that was never finished' });
  return { parts: [...parts.values()], listed };
}

async function checkParts(
  root: string,
  parts: readonly KnownPart[],
  problems: VerifyProblem[],
  sum: { files: number; bytes: number },
  onProgress?: (progress: VerifyProgress) => void,
): Promise<void> {
  const totalBytes = parts.reduce((total, [part]) => total + part.bytes, 0);
  for (const [part, isCurrent] of parts) {
    const file = await lstat(join(root, part.path)).catch(() => undefined);
    if (file === undefined) {
      problems.push({ kind: isCurrent ? 'damage' : 'trace', path: part.path, message: 'the file is missing' });
      continue;
    }
    if (!file.isFile()) continue;
    const hash = await attempt(problems, part.path, () =>
      hashFile(join(root, part.path), (bytes) => {
        sum.bytes += bytes;
        onProgress?.({ bytes: sum.bytes, totalBytes });
      }),
    );
    sum.files += 1;
    if (hash !== undefined && (hash.sha256 !== part.sha256 || hash.bytes !== part.bytes)) {
      problems.push({ kind: 'damage', path: part.path, message: 'its bytes are not those of the manifest' });
    }
  }
}

async function checkUnlisted(
  root: string,
  current: Current,
  listed: ReadonlyMap<string, ReadonlySet<string>>,
  problems: VerifyProblem[],
): Promise<void> {
  const journal = await attempt(problems, '_staging', () => listJournalled(root));
  const isJournalled = (path: string): boolean =>
    journal?.place.includes(path) === true || journal?.removeFolders.some((folder) => path.startsWith(`${folder}/`)) === true;
  for (const ref of await listRefs(root)) {
    for (const path of await listUnlisted(root, ref, listed.get(ref) ?? new Set())) {
      if (/\.json\.[0-9a-f]{8}\.tmp$/.test(path)) continue;
      const isForeign = ref.endsWith('@released') && !isJournalled(path);
      const message = isForeign ? 'no release lists this file: it was put there by hand' : 'no manifest lists this file';
      problems.push({ kind: isForeign ? 'damage' : 'trace', path, message });
    }
  }
  for (const name of (await exists(join(root, 'released'))) ? await readdir(join(root, 'released')) : []) {
    const isListed = `${name}@released` in current.datasets;
    if (isListed || (await listRefs(root)).includes(`${name}@released`)) continue;
    problems.push({ kind: 'damage', path: `released/${name}`, message: 'no release lists this: it was put there by hand' });
  }
}

async function checkAudit(
  root: string,
  current: Current | undefined,
  anchors: readonly Anchor[],
  committed: Map<string, string>,
  problems: VerifyProblem[],
): Promise<number> {
  const audit = join(root, 'audit');
  const later: AuditEntry[] = [];
  const report = await verifyAuditLog(audit, anchors, (entry) => {
    if (current !== undefined && entry.n > current.audit.n) later.push(entry);
    const manifests = entry.event === 'intent' ? entry.facts?.['manifests'] : undefined;
    for (const [name, hash] of Object.entries(manifests ?? {})) committed.set(name, String(hash));
  });
  const path = 'audit/log.jsonl';
  problems.push(...report.problems.map((message) => ({ kind: 'damage' as const, path, message })));
  problems.push(...report.traces.map((message) => ({ kind: 'trace' as const, path, message })));
  for (const file of await listReads(audit)) {
    await attempt(problems, `audit/${file}`, async () => {
      for await (const _ of readChain(join(audit, file)));
    });
  }
  if (current === undefined || report.problems.length > 0) return report.entries;
  await attempt(problems, 'CURRENT', () => checkCurrent(root, current, later));
  for (const intent of (await attempt(problems, path, () => findOpenIntents(audit, current, later))) ?? []) {
    problems.push({ kind: 'trace', path, message: `the commit of run ${intent.object} was interrupted` });
  }
  return report.entries;
}

async function checkLeftovers(root: string, problems: VerifyProblem[]): Promise<void> {
  for (const path of (await attempt(problems, '_staging', () => listLeftovers(root))) ?? []) {
    problems.push({ kind: 'trace', path, message: 'left by an interrupted run' });
  }
}

const NOT_WALKED = new Set(['_lock', '_staging', '_tmp', '_vault/tmp']);

/** Everything in the root is private and no link; the folders of the lock and of unfinished files are looked at, not into. */
async function checkModes(root: string, below: string, problems: VerifyProblem[]): Promise<void> {
  const file = await lstat(join(root, below)).catch(() => undefined);
  if (file === undefined) return;
  const path = below === '' ? '.' : below;
  if (file.isSymbolicLink()) problems.push({ kind: 'damage', path, message: 'a symbolic link' });
  else if (process.platform !== 'win32' && (file.mode & 0o077) !== 0) {
    problems.push({ kind: 'damage', path, message: `open to group or others (mode ${(file.mode & 0o777).toString(8)})` });
  } else if (process.platform !== 'win32' && file.uid !== process.getuid?.())
    problems.push({ kind: 'damage', path, message: 'belongs to another user' });
  if (!file.isDirectory() || NOT_WALKED.has(below)) return;
  for (const name of await readdir(join(root, below))) await checkModes(root, below === '' ? name : `${below}/${name}`, problems);
}

async function attempt<T>(problems: VerifyProblem[], path: string, check: () => Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    problems.push({ kind: 'damage', path: String(error.facts['path'] ?? path), message: error.message });
    return undefined;
  }
}
