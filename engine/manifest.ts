import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson, type JsonObject, sha256 } from './canonical-json.ts';
import { EngineError } from './errors.ts';
import { guard } from './file-hash.ts';
import { folderOf, isSafePath, manifestPathOf, type Ref, STATES, type State } from './layout.ts';

/** One immutable file of a dataset. */
export interface Part {
  /** Relative to the data root. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
  readonly partition: string | null;
  /** Hash of what made it: inputs, definitions, engine, settings. */
  readonly key: string;
  readonly facts?: JsonObject;
}

/** A snapshot of a dataset in a state: which parts it has and what made it. Holds no time, host or history. */
export interface Manifest {
  readonly version: 1;
  readonly dataset: string;
  readonly state: State;
  /** First 16 hex digits of the key. */
  readonly snapshot: string;
  readonly key: string;
  readonly parts: readonly Part[];
  readonly facts: JsonObject;
}

const HASH = z.string().regex(/^[0-9a-f]{64}$/);
const FACTS = z.record(z.string(), z.json());

export const Part: z.ZodType<Part> = z.strictObject({
  path: z.string().refine(isSafePath, 'not a safe relative path'),
  sha256: HASH,
  bytes: z.int().min(0),
  rows: z.int().min(0),
  partition: z.string().nullable(),
  key: z.string().min(1).max(256),
  facts: z.exactOptional(FACTS),
});

export const Manifest: z.ZodType<Manifest> = z.strictObject({
  version: z.literal(1),
  dataset: z.string(),
  state: z.enum(STATES),
  snapshot: z.string().regex(/^[0-9a-f]{16}$/),
  key: HASH,
  parts: z.array(Part),
  facts: FACTS,
});

/** The manifest of a dataset; parts are ordered by partition and path, so that the same state has the same bytes. */
export function makeManifest(ref: Ref, content: { key: string; parts: readonly Part[]; facts: JsonObject }): Manifest {
  const at = ref.lastIndexOf('@');
  const parts = content.parts.toSorted((a, b) => compare(a.partition ?? '', b.partition ?? '') || compare(a.path, b.path));
  const manifest = {
    version: 1,
    dataset: ref.slice(0, at),
    state: ref.slice(at + 1),
    snapshot: content.key.slice(0, 16),
    key: content.key,
    parts,
    facts: content.facts,
  };
  return checkManifest(ref, manifest, `manifest of ${ref}`);
}

/** Bytes of a manifest file. */
export function formatManifest(manifest: Manifest): string {
  return `${canonicalJson(manifest)}\n`;
}

/** Reads the manifest of a snapshot. `hash` is what CURRENT or the audit log says about it; without it only the form is checked. */
export async function readManifest(root: string, ref: string, snapshot: string, hash?: string): Promise<Manifest> {
  const path = manifestPathOf(ref, snapshot);
  const bytes = await guard(path, () => readFile(join(root, path)));
  if (hash !== undefined && sha256(bytes) !== hash) throw damaged(path, 'the manifest is not the one that was committed');
  const manifest = checkManifest(ref, parseJson(bytes.toString('utf8'), path), path);
  if (manifest.snapshot !== snapshot) throw damaged(path, 'the manifest is of another snapshot');
  return manifest;
}

/** A store file that is not what it must be; exit 5. */
export function damaged(path: string, what: string): EngineError {
  return new EngineError('store-damaged', `${path}: ${what}; restore it from a copy, or remake it, and run \`twinstat verify\``, {
    facts: { path },
  });
}

export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(path, 'not JSON');
  }
}

function checkManifest(ref: string, value: unknown, path: string): Manifest {
  const version = (value as { version?: unknown } | null)?.version;
  if (version !== 1) throw damaged(path, 'a manifest of a version that this release does not know');
  const result = Manifest.safeParse(value);
  if (!result.success) throw damaged(path, `not a manifest (${result.error.issues.map((issue) => issue.path.join('.')).join(', ')})`);
  const manifest = result.data;
  if (`${manifest.dataset}@${manifest.state}` !== ref || manifest.snapshot !== manifest.key.slice(0, 16))
    throw damaged(path, `not the manifest of ${ref}`);
  const folder = `${folderOf(ref)}/`;
  // Two partitions of the same rows, such as two months without any, are one file.
  const places = new Set(manifest.parts.map((part) => JSON.stringify([part.partition, part.path])));
  if (places.size !== manifest.parts.length) throw damaged(path, 'a part is listed twice');
  const hashes = new Map(manifest.parts.map((part) => [part.path, part.sha256]));
  if (manifest.parts.some((part) => hashes.get(part.path) !== part.sha256)) throw damaged(path, 'a part is listed with two hashes');
  if (manifest.parts.some((part) => !part.path.startsWith(folder))) throw damaged(path, `a part lies outside ${folder}`);
  return manifest;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
