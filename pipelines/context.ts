import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../engine/store.ts';
import type { Workspace } from '../engine/workspace.ts';

export type Clock = () => Date;

/** What long work tells the person who waits; silent in tests. */
export interface Progress {
  /** One step of `total`, in the unit given (rows, bytes, steps). */
  update(stage: string, done: number, total: number | undefined, unit: 'rows' | 'bytes' | 'steps'): void;
  note(text: string): void;
  end(): void;
}

export const silent: Progress = { update: () => {}, note: () => {}, end: () => {} };

/** Effects as arguments: everything that a run needs from outside. */
export interface Context {
  /** Folder with workspace.yaml, sources/ and pipelines/. */
  readonly directory: string;
  readonly workspace: Workspace;
  readonly store: Store;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly threads: number;
  readonly memory: string;
  /** File of the 32-byte master key. */
  readonly keyFile: string;
  /** Aborted when the person who waits gives up; its reason is the error to end with. */
  readonly signal?: AbortSignal | undefined;
}

/** Where the engine's own error texts go: into the vault, because they may quote records. */
export function rawErrorSink(store: Store): (text: string) => void {
  return (text) => appendFileSync(join(store.root, '_vault', 'engine-errors.log'), `${text}\n`, { mode: 0o600 });
}
