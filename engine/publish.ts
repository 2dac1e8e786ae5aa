import { lstat, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AuditEvent, AuditLog } from './audit-log.ts';
import { hashJson, sha256 } from './canonical-json.ts';
import { type Current, writeCurrent } from './current.ts';
import { exists, guard, hashFile, listFiles, makeFolder, move, syncFolder, writeDurably } from './file-hash.ts';
import { folderOf, manifestPathOf, type Ref } from './layout.ts';
import { formatManifest, type Manifest, readManifest } from './manifest.ts';
import { JOURNAL, type Journal } from './recovery.ts';
import { listManifests } from './sweep.ts';

/** Steps of a run, in order; a process may die after any of them. */
export const PHASES = [
  'begun',
  'part-placed',
  'file-staged',
  'journal',
  'manifest-placed',
  'synced',
  'audit-appended',
  'intent',
  'file-placed',
  'files-synced',
  'current-written',
  'current-renamed',
  'committed',
  'sweeping',
  'swept',
] as const;
export type Phase = (typeof PHASES)[number];

/** What a commit changes, and what it needs for it. */
export interface Changes {
  readonly root: string;
  readonly id: string;
  readonly command: string;
  readonly clock: () => Date;
  readonly log: AuditLog;
  /** Staging folder of the run. */
  readonly staging: string;
  readonly before: Current;
  /** CURRENT as it shall be; sequence and audit still those of before. */
  readonly next: Current;
  /** New manifests; null takes a dataset away. */
  readonly puts: ReadonlyMap<Ref, Manifest | null>;
  /** Final path -> where the file waits. */
  readonly waiting: ReadonlyMap<string, string>;
  /** Folders of parts that were placed already, to be synced. */
  readonly dirty: ReadonlySet<string>;
  readonly events: readonly AuditEvent[];
  readonly phase: (phase: Phase) => void;
  readonly onCommit: (current: Current) => void;
}

/**
 * Makes the changes of a run visible, all at once: journal, manifests, fsync, audit intent, files with names of their own, the rename of
 * CURRENT, audit commit. Whatever fails before that rename is undone by `recover`.
 */
export async function publish(changes: Changes): Promise<void> {
  const { root, before, next, puts, log, phase } = changes;
  const news = [...puts].flatMap(([ref, manifest]) =>
    manifest !== null && next.datasets[ref]?.manifest !== before.datasets[ref]?.manifest ? [[ref, manifest] as const] : [],
  );
  const files = await listNewFiles(changes, news);
  const gone = [...puts].filter(([ref, manifest]) => manifest === null && ref.endsWith('@released') && ref in before.datasets);
  const journal: Journal = { place: files, removeFolders: gone.map(([ref]) => folderOf(ref)) };
  await writeDurably(join(changes.staging, JOURNAL), JSON.stringify(journal));
  phase('journal');
  const replaced: AuditEvent[] = [];
  const manifests: Record<string, string> = {};
  for (const [ref, manifest] of news) {
    replaced.push(...(await placeManifest(changes, ref, manifest)));
    manifests[manifestPathOf(ref, manifest.snapshot)] = sha256(formatManifest(manifest));
  }
  await touchSuperseded(changes);
  for (const folder of changes.dirty) await syncFolder(join(root, folder));
  phase('synced');
  const sequence = before.sequence + 1;
  const facts = { sequence, datasets: hashJson(next.datasets), manifests, command: changes.command };
  const head = await log.append([...changes.events, ...replaced, { event: 'intent', object: changes.id, facts }]);
  phase('intent');
  await placeFiles(changes, files);
  phase('files-synced');
  const current: Current = { version: 1, sequence, datasets: next.datasets, audit: head };
  await writeCurrent(root, current, () => phase('current-written'));
  changes.onCommit(current);
  phase('current-renamed');
  await log.append([{ event: 'commit', object: changes.id, facts: { sequence } }]);
  phase('committed');
  for (const folder of journal.removeFolders) await guard(folder, () => rm(join(root, folder), { recursive: true, force: true }));
}

/** Waiting files of datasets that change, less those that are in their place already. */
async function listNewFiles({ root, waiting }: Changes, news: readonly (readonly [Ref, Manifest])[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of waiting.keys()) {
    const part = news.flatMap(([, manifest]) => manifest.parts).find((known) => known.path === path);
    if (part !== undefined && !(await isWhole(join(root, path), part))) files.push(path);
  }
  return files;
}

async function placeManifest({ root, phase }: Changes, ref: Ref, manifest: Manifest): Promise<AuditEvent[]> {
  const path = manifestPathOf(ref, manifest.snapshot);
  const target = join(root, path);
  const text = formatManifest(manifest);
  const found = (await exists(target)) ? (await hashFile(target)).sha256 : undefined;
  if (found === sha256(text)) return [];
  await makeFolder(dirname(target));
  await writeDurably(target, text);
  phase('manifest-placed');
  return found === undefined ? [] : [{ event: 'manifest-replaced', object: path, facts: { found } }];
}

/** The age of a snapshot counts from when CURRENT leaves it. */
async function touchSuperseded({ root, before, next, clock }: Changes): Promise<void> {
  const now = clock();
  for (const [ref, { snapshot }] of Object.entries(before.datasets)) {
    if (next.datasets[ref]?.snapshot === snapshot) continue;
    const path = manifestPathOf(ref, snapshot);
    if (await exists(join(root, path))) await guard(path, () => utimes(join(root, path), now, now));
  }
}

async function placeFiles(changes: Changes, files: readonly string[]): Promise<void> {
  const { root, staging, waiting, phase } = changes;
  const folders = new Set<string>();
  const place = async (path: string): Promise<void> => {
    await dropSnapshotsOf(changes, path);
    await makeFolder(dirname(join(root, path)));
    await move(waiting.get(path) ?? '', join(root, path));
    folders.add(dirname(path));
    phase('file-placed');
  };
  const releases = new Set(files.filter((path) => path.startsWith('released/')).map((path) => path.split('/').slice(0, 2).join('/')));
  const whole: string[] = [];
  for (const release of releases) if (!(await exists(join(root, release)))) whole.push(release);
  for (const path of files) if (!whole.some((release) => path.startsWith(`${release}/`))) await place(path);
  for (const release of whole) {
    const staged = join(staging, 'files', release);
    for (const folder of new Set((await listFiles(staged)).map((path) => dirname(join(staged, path))))) await syncFolder(folder);
    await move(staged, join(root, release));
    folders.add(dirname(release));
    phase('file-placed');
  }
  for (const folder of folders) await syncFolder(join(root, folder));
}

/** Older snapshots that name other bytes under this path cannot be read any more. */
async function dropSnapshotsOf({ root, before, puts }: Changes, path: string): Promise<void> {
  if (!(await exists(join(root, path)))) return;
  for (const { ref, snapshot, path: manifestPath, current } of (await listManifests(root, before)).manifests) {
    if (current || puts.get(ref as Ref)?.snapshot === snapshot) continue;
    const manifest = await readManifest(root, ref, snapshot).catch(() => undefined);
    if (manifest?.parts.some((part) => part.path === path)) await guard(manifestPath, () => rm(join(root, manifestPath)));
  }
}

/** Whether a file is there and holds the bytes of a part. */
export async function isWhole(path: string, part: { sha256: string; bytes: number }): Promise<boolean> {
  const file = await lstat(path).catch(() => undefined);
  return file?.isFile() === true && file.size === part.bytes && (await hashFile(path)).sha256 === part.sha256;
}
