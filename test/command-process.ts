import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const CODE = ['cli', 'pipelines', 'sources', 'transforms', 'anonymize', 'engine', 'report'];

const TSX = import.meta.resolve('tsx');

interface ProcessOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandProcess {
  readonly child: ChildProcess;
  /** What it has printed so far, stdout and stderr together. */
  readonly output: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

/** Starts `twinstat` as a process of its own: the built command, or the source where the build is missing or older. */
export function startCommand(args: readonly string[], options: ProcessOptions): CommandProcess {
  const built = joinPath(PROJECT, 'dist/cli/main.js');
  const entry = isFresh(built) ? [built] : ['--import', TSX, joinPath(PROJECT, 'cli/main.ts')];
  return startNode([...entry, ...args], options);
}

/** A process that takes the writer's lock of a data root and keeps it. */
export async function holdLock(root: string): Promise<{ pid: number; kill: () => Promise<unknown> }> {
  const holder = startNode(['--import', TSX, joinPath(PROJECT, 'test/store-child.ts'), 'hold', root], { cwd: PROJECT });
  await Promise.race([once(holder.child.stdout ?? holder.child, 'data'), holder.ended]);
  if (!holder.output().includes('held')) throw new Error(`no lock: ${holder.output()}`);
  const kill = (): Promise<unknown> => {
    holder.child.kill('SIGKILL');
    return holder.ended;
  };
  return { pid: holder.child.pid ?? 0, kill };
}

function startNode(args: readonly string[], options: ProcessOptions): CommandProcess {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env };
  const child = spawn(process.execPath, [...args], { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  return { child, output: () => output, ended: new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code))) };
}

function isFresh(built: string): boolean {
  const made = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = CODE.flatMap((folder) =>
    readdirSync(joinPath(PROJECT, folder), { recursive: true, encoding: 'utf8' }).map((name) => joinPath(PROJECT, folder, name)),
  );
  return files.filter((file) => /\.(ts|sql|yaml)$/.test(file)).every((file) => statSync(file).mtimeMs <= made);
}
