import { join } from 'node:path';
import { Store } from '../engine/store.ts';
import { loadWorkspace } from '../engine/workspace.ts';
import { type Clock, type Context, type Progress, silent } from './context.ts';

export interface OpenOptions {
  /** Folder of workspace.yaml. */
  readonly directory: string;
  /** Data root; by default that of workspace.yaml. */
  readonly root?: string;
  /** Makes the data root if there is none. */
  readonly create?: boolean;
  /** File of the master key of the pseudonyms; by default `keys/master.key` of the data root. */
  readonly keyFile?: string;
  readonly clock?: Clock;
  readonly progress?: Progress;
  readonly threads?: number;
  /** Such as `2GB`. */
  readonly memory?: string;
}

/** A workspace and its data root, open for a script. DefinitionError for a wrong workspace.yaml; EngineError for an unsafe data root. */
export async function openContext(options: OpenOptions): Promise<Context> {
  const { value: workspace, directory, dataRoot } = await loadWorkspace(options.directory);
  const clock = options.clock ?? (() => new Date());
  const store = await Store.open(options.root ?? dataRoot, { clock, create: options.create === true });
  return {
    directory,
    workspace,
    store,
    clock,
    progress: options.progress ?? silent,
    threads: options.threads ?? workspace.limits.threads,
    memory: options.memory ?? workspace.limits.memory,
    keyFile: options.keyFile ?? join(store.root, 'keys', 'master.key'),
  };
}
