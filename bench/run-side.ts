import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunOrder, Usage } from './run-order.ts';

/** Joins the control group whose list of processes is $1, then becomes the child: all of it counts. */
const JOIN_GROUP = 'echo $$ > "$1"; shift; exec "$@"';

/**
 * Runs one side in a fresh process of the built bench, into an emptied output folder. `group`: the list of processes of a control group that
 * it joins first. Undefined when it was killed (by that group's limit).
 */
export async function runSide(built: string, order: RunOrder, group?: string): Promise<Usage | undefined> {
  await rm(order.output, { recursive: true, force: true });
  await mkdir(join(order.output, 'cells'), { recursive: true });
  await mkdir(join(order.output, 'spill'));
  const node = [process.execPath, join(built, 'bench', 'child.js'), JSON.stringify(order)];
  const [program = '', ...rest] = group === undefined ? node : ['sh', '-c', JOIN_GROUP, 'sh', group, ...node];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject).on('close', (...end) => resolve(end));
  });
  if (signal === 'SIGKILL') return undefined;
  if (code !== 0) throw new Error(`side ${order.side} of case ${order.case} ended with ${code ?? signal}`);
  return JSON.parse(printed) as Usage;
}
