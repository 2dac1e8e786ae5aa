import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Current } from './current.ts';
import { EngineError } from './errors.ts';
import { exists, guard, listFiles } from './file-hash.ts';
import { folderOf, manifestFolderOf, parseRef, STATES } from './layout.ts';
import { readManifest } from './manifest.ts';

/** A manifest file of a data root; `current` if CURRENT names it, else an older snapshot that readers may still hold. */
export interface StoredManifest {
  readonly ref: string;
  readonly path: string;
  readonly snapshot: string;
  readonly modified: Date;
  readonly current: boolean;
}

/** Every manifest file of a data root, the folders that hold parts, and manifests that were never finished. */
export async function listManifests(
  root: string,
  current: Current,
): Promise<{ manifests: StoredManifest[]; partFolders: string[]; drafts: string[] }> {
  const manifests: StoredManifest[] = [];
  const drafts: string[] = [];
  const partFolders: string[] = [];
  for (const ref of await listRefs(root)) {
    const folder = manifestFolderOf(ref);
    for (const name of await namesIn(join(root, folder))) {
      const snapshot = /^([0-9a-f]{16})\.json$/.exec(name)?.[1];
      if (/\.json\.[0-9a-f]{8}\.tmp$/.test(name)) drafts.push(`${folder}/${name}`);
      if (snapshot === undefined) continue;
      const modified = (await guard(`${folder}/${name}`, () => lstat(join(root, folder, name)))).mtime;
      manifests.push({ ref, path: `${folder}/${name}`, snapshot, modified, current: current.datasets[ref]?.snapshot === snapshot });
    }
    if (await exists(join(root, folderOf(ref), 'parts'))) partFolders.push(`${folderOf(ref)}/parts`);
  }
  return { manifests, partFolders, drafts };
}

/**
 * Deletes snapshots that CURRENT has not named for longer than the retention, and parts that no manifest names any more; then parts that
 * an interrupted run left. Deletes nothing when a manifest cannot be read. Returns the deleted paths.
 */
export async function sweep(root: string, current: Current, olderThan: Date, onDelete?: () => void): Promise<string[]> {
  const { manifests, partFolders, drafts } = await listManifests(root, current);
  const isDoomed = (stored: StoredManifest): boolean => !stored.current && stored.modified < olderThan;
  const used = new Set<string>();
  const unused = new Set<string>();
  if (Object.keys(current.datasets).length !== manifests.filter((stored) => stored.current).length) return [];
  try {
    for (const stored of manifests) {
      const manifest = await readManifest(
        root,
        stored.ref,
        stored.snapshot,
        stored.current ? current.datasets[stored.ref]?.manifest : undefined,
      );
      for (const part of manifest.parts) (isDoomed(stored) ? unused : used).add(part.path);
    }
  } catch (error) {
    if (error instanceof EngineError && error.code === 'store-damaged') return [];
    throw error;
  }
  for (const folder of partFolders) {
    for (const name of await namesIn(join(root, folder))) unused.add(`${folder}/${name}`);
  }
  const files = [...unused].filter((path) => !used.has(path) && !path.startsWith('released/'));
  const paths = [...drafts, ...files, ...manifests.filter(isDoomed).map((stored) => stored.path)];
  for (const path of paths) {
    onDelete?.();
    await guard(path, () => rm(join(root, path), { force: true, recursive: true }));
    await removeEmptyFolders(root, path);
  }
  return paths;
}

/** Files of a dataset that no manifest of it accounts for, by folder: what a hand or an interrupted run left. */
export async function listUnlisted(root: string, ref: string, listed: ReadonlySet<string>): Promise<string[]> {
  const folder = folderOf(ref);
  const files = (await listFiles(join(root, folder))).map((path) => `${folder}/${path}`);
  return files.filter((path) => !listed.has(path) && !(manifestFolderOf(ref) === folder && /\/[0-9a-f]{16}\.json$/.test(path)));
}

/** dataset@state of every dataset that has a folder, whether CURRENT names it or not. */
export async function listRefs(root: string): Promise<string[]> {
  const refs = new Set<string>();
  for (const state of STATES) {
    const folders = state === 'released' ? ['released', 'tabulated/_released'] : [state === 'vault' ? '_vault' : state];
    for (const folder of folders) {
      for (const name of await namesIn(join(root, folder))) {
        if (!isRef(`${name}@${state}`) || !(await lstat(join(root, folder, name))).isDirectory()) continue;
        refs.add(`${name}@${state}`);
      }
    }
  }
  return [...refs].sort();
}

/** Removes the folders above a deleted file that have become empty, the folder of the dataset included. */
export async function removeEmptyFolders(root: string, path: string): Promise<void> {
  const parts = path.split('/').slice(0, -1);
  for (; parts.length > 1; parts.pop()) {
    try {
      await rmdir(join(root, ...parts));
    } catch {
      return;
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await exists(folder)) ? (await guard(folder, () => readdir(folder))).sort() : [];
}

function isRef(ref: string): boolean {
  try {
    parseRef(ref);
    return true;
  } catch {
    return false;
  }
}
