import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCurrent } from '../engine/current.ts';
import { hashFile } from '../engine/file-hash.ts';
import { manifestPathOf, type Ref } from '../engine/layout.ts';
import { Manifest } from '../engine/manifest.ts';

/** Path below the data root -> SHA-256 of the bytes that are there. */
export type ReachableState = Readonly<Record<string, string>>;

/**
 * Every manifest that CURRENT names and every file that those manifests list, `released/` included, each hashed anew from the disk: what
 * DESIGN calls "byte for byte the same". `only` chooses datasets.
 */
export async function reachableState(root: string, only: (ref: Ref) => boolean = () => true): Promise<ReachableState> {
  const { datasets } = await readCurrent(root);
  const found: Record<string, string> = {};
  for (const [name, { snapshot }] of Object.entries(datasets)) {
    const ref = name as Ref;
    if (!only(ref)) continue;
    const path = manifestPathOf(ref, snapshot);
    found[path] = (await hashFile(join(root, path))).sha256;
    const manifest = Manifest.parse(JSON.parse(await readFile(join(root, path), 'utf8')));
    for (const part of manifest.parts) found[part.path] = (await hashFile(join(root, part.path))).sha256;
  }
  return Object.fromEntries(Object.entries(found).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Paths that only one of two states has, or whose bytes differ. */
export function differences(left: ReachableState, right: ReachableState): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((path) => left[path] !== right[path]).sort();
}
