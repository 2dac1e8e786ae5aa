import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '../engine/session.ts';
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

/** Runs work in a session that sees tabulated and integrated datasets, and the further folders given; nothing clear. */
export async function withTabulated<T>(context: Context, folders: readonly string[], work: (session: Session) => Promise<T>): Promise<T> {
  const session = await Session.open({
    temporaryDirectory: join(context.store.root, '_tmp', `read-${process.pid}`),
    allowedDirectories: ['tabulated', 'integrated', ...folders].map((folder) => `${join(context.store.root, folder)}/`),
    threads: context.threads,
    memoryLimit: context.memory,
    onRawError: rawErrorSink(context.store),
    signal: context.signal,
  });
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
