import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { DefinitionError } from '../engine/errors.ts';
import { looksLikeKey } from '../engine/keys.ts';
import { Store } from '../engine/store.ts';
import { findWorkspace, loadWorkspace } from '../engine/workspace.ts';
import type { Context } from '../pipelines/context.ts';
import { keptDemoApprovers } from '../pipelines/demo-people.ts';
import type { Io } from './io.ts';
import { progressBar } from './progress-bar.ts';

/** Options that every command which touches a data root has. */
export interface RootOptions {
  readonly workspace?: string;
  readonly root?: string;
  readonly threads?: string;
  readonly memory?: string;
  readonly keyFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const jsonOption = (): Option => new Option('--json', 'result for machines on stdout');
export const workspaceOption = (): Option =>
  new Option('--workspace <dir>', 'folder of workspace.yaml (default: this folder or one above, else the built-in example)');
export const rootOption = (): Option => new Option('--root <dir>', 'data root (default: TWINSTAT_HOME, else data_root of workspace.yaml)');
export const quietOption = (): Option => new Option('--quiet', 'no progress and no notes on stderr');
export const threadsOption = (): Option => new Option('--threads <n>', 'threads of the engine (results do not depend on it)');
export const memoryOption = (): Option =>
  new Option('--memory <size>', 'memory limit of the engine, such as 2GB; beyond it, it spills to disk');
export const keyOption = (): Option =>
  new Option('--key-file <file>', 'master key of the pseudonyms (default: TWINSTAT_KEY_FILE, else keys/ of the data root)');

/** The options of a command that computes: engine, workspace and data root, progress, JSON. */
export function withRunOptions(command: Command): Command {
  return withVerboseOptions(command.addOption(threadsOption()).addOption(memoryOption()));
}

/** The options of a command that shows its progress on a data root. */
export function withVerboseOptions(command: Command): Command {
  return command.addOption(workspaceOption()).addOption(rootOption()).addOption(quietOption()).addOption(jsonOption());
}

/** The folder of our own definitions: the worked example that the demo runs on. */
export function builtInWorkspace(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}

export async function workspaceFolder(io: Io, options: RootOptions): Promise<string> {
  if (options.workspace !== undefined) return resolve(io.cwd, options.workspace);
  return findWorkspace(io.cwd).catch(() => builtInWorkspace());
}

/** Opens workspace and data root for a command. */
export async function openContext(io: Io, options: RootOptions, settings: { readonly create?: boolean } = {}): Promise<Context> {
  const directory = await workspaceFolder(io, options);
  const { value: workspace } = await loadWorkspace(directory, io.env);
  const base = directory === builtInWorkspace() ? io.cwd : directory;
  const root = resolve(base, options.root ?? io.env['TWINSTAT_HOME'] ?? workspace.data_root);
  const store = await Store.open(root, { clock: io.clock, create: settings.create === true, signal: io.signal });
  const demo = workspace.approvers.length === 0 ? keptDemoApprovers(root) : [];
  return {
    directory,
    workspace: demo.length === 0 ? workspace : { ...workspace, approvers: demo, demo: true },
    store,
    clock: io.clock,
    progress: progressBar(io, { quiet: options.quiet }),
    threads: positive(options.threads, '--threads') ?? workspace.limits.threads,
    memory: memorySize(options.memory) ?? workspace.limits.memory,
    keyFile: keyFile(io, options, root),
    signal: io.signal,
  };
}

/** The key file that an option or TWINSTAT_KEY_FILE names; what looks like a key itself stays as it is, to be refused. */
export function namedKeyFile(io: Io, option: string | undefined): string | undefined {
  const named = option ?? io.env['TWINSTAT_KEY_FILE'];
  return named === undefined || looksLikeKey(named) ? named : resolve(io.cwd, named);
}

function keyFile(io: Io, options: RootOptions, root: string): string {
  const named = namedKeyFile(io, options.keyFile);
  if (named !== undefined) return named;
  const demo = join(root, 'keys', 'demo-master.key');
  return existsSync(demo) ? demo : join(root, 'keys', 'master.key');
}

/** A positive whole number of an option. */
export function positive(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new DefinitionError('usage-number', `${name} must be a whole number from 1`);
  return value;
}

export function memorySize(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$/.test(text))
    throw new DefinitionError('usage-memory', '--memory must be a size such as 500MB or 2GB');
  return text;
}
