import { EngineError } from './errors.ts';

/** States of a dataset, in the order of the process; `vault` holds clear data that never leaves ingest. */
export const STATES = ['received', 'admitted', 'integrated', 'tabulated', 'released', 'vault'] as const;
export type State = (typeof STATES)[number];

/** A dataset in a state, as commands and definitions name it: `employer_filings@admitted`. */
export type Ref = `${string}@${State}`;

/** Folders of a data root, relative to it; all of mode 0700. */
export const FOLDERS = [
  'received',
  'admitted',
  'integrated',
  'tabulated',
  'released',
  'runs',
  'keys',
  'audit',
  '_vault',
  '_vault/tmp',
  '_staging',
  '_tmp',
  '_lock',
] as const;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** The dataset and the state of a reference; refuses names that are not safe as a folder. */
export function parseRef(ref: string): { dataset: string; state: State } {
  const at = ref.lastIndexOf('@');
  const dataset = ref.slice(0, at);
  const state = STATES.find((name) => name === ref.slice(at + 1));
  if (at < 1 || state === undefined || !NAME.test(dataset) || dataset === 'tmp') {
    throw new EngineError('store-ref', `${JSON.stringify(ref)} is not dataset@state; a state is one of ${STATES.join(', ')}`, {
      exitCode: 2,
    });
  }
  return { dataset, state };
}

/** Folder of a dataset's files. */
export function folderOf(ref: string): string {
  const { dataset, state } = parseRef(ref);
  return `${state === 'vault' ? '_vault' : state}/${dataset}`;
}

/** Folder of a dataset's manifests. That of a release lies outside `released/`, which holds nothing but what may be copied out. */
export function manifestFolderOf(ref: string): string {
  const { dataset, state } = parseRef(ref);
  return state === 'released' ? `tabulated/_released/${dataset}` : folderOf(ref);
}

/** Path of the manifest of one snapshot. */
export function manifestPathOf(ref: string, snapshot: string): string {
  return `${manifestFolderOf(ref)}/${snapshot}.json`;
}

/**
 * Whether a path of a manifest may be used: relative, with `/`, no empty part, `.`, `..`, control character or backslash, and none of
 * the characters that DuckDB reads as a pattern.
 */
export function isSafePath(path: string): boolean {
  if (path.length > 1024 || /[\p{Cc}\\*?[\]{}]/u.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.length <= 255);
}
