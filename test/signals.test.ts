import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { withSignals } from '../cli/signals.ts';
import { Store } from '../engine/store.ts';
import { type CommandProcess, startCommand } from './command-process.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const STAGING = ['_staging', '_tmp', '_vault/tmp'];
const ARGS = ['--persons', '1500', '--months', '4', '--root', 'root'];

async function until(condition: () => boolean, running: CommandProcess): Promise<void> {
  while (!condition()) {
    if (running.child.exitCode !== null) throw new Error(`the command ended before it was to be stopped:\n${running.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Starts the demo, sends a signal as soon as `isThere`, and gives the exit code. */
async function stopDemo(signal: NodeJS.Signals, isThere: (output: string) => boolean): Promise<number | string | null> {
  const running = startCommand(['demo', ...ARGS], { cwd: folder });
  await until(() => isThere(running.output()), running);
  running.child.kill(signal);
  const code = await running.ended;
  expect(running.output()).toContain(`ended by ${signal}`);
  expect(running.output()).not.toContain('bug of ours');
  return code;
}

const left = (): string[] => STAGING.flatMap((name) => readdirSync(join(folder, 'root', name)));

describe('signals', { timeout: 240_000 }, () => {
  it('SIGINT and SIGTERM end the demo with 130 and 143; staging is gone, the root sound, and the next run goes on', async () => {
    expect(await stopDemo('SIGINT', () => existsSync(join(folder, 'root/_vault/_demo-1500-1/truth/jobs.parquet')))).toBe(130);
    expect(left()).toEqual([]);
    expect(await stopDemo('SIGTERM', (output) => output.includes('generate '))).toBe(143);
    expect(left()).toEqual([]);
    expect(await stopDemo('SIGTERM', (output) => output.includes('ingest '))).toBe(143);
    expect(left()).toEqual([]);
    expect((await runCommand(['verify', '--root', 'root'], { cwd: folder })).code).toBe(0);
    const rest = await startCommand(['demo', ...ARGS], { cwd: folder }).ended;
    expect(rest).toBe(0);
    expect((await runCommand(['verify', '--root', 'root'], { cwd: folder })).code).toBe(0);
  });

  it('an aborted signal interrupts the statement under way and lets no run begin', async () => {
    const controller = new AbortController();
    const reason = new Error('stop');
    const store = await Store.open(join(folder, 'other'), { clock: () => new Date(), create: true, signal: controller.signal });
    const { Session } = await import('../engine/session.ts');
    const { sql } = await import('../engine/sql.ts');
    const session = await Session.open({
      temporaryDirectory: join(folder, 'spill'),
      allowedDirectories: [`${folder}/`],
      signal: controller.signal,
    });
    const endless = session.run(sql`CREATE TABLE t AS SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b`);
    setTimeout(() => controller.abort(reason), 100);
    await expect(endless).rejects.toBe(reason);
    await expect(session.run(sql`SELECT 1`)).rejects.toBe(reason);
    session.close();
    await expect(store.begin('late')).rejects.toBe(reason);
  });

  it('a pool of workers that is given up leaves no thread that would keep the process alive', async () => {
    const child = fileURLToPath(new URL('pool-child.ts', import.meta.url));
    const run = promisify(execFile);
    const end = async (how: string): Promise<string> => (await run(process.execPath, ['--import', 'tsx', child, how])).stdout;
    expect(await end('abort')).toBe('aborted; aborted; aborted\n');
    expect(await end('close')).toMatch(/a worker thread ended.*; the work was given up\n$/);
  });

  it('a second signal ends the process at once; no listener stays when the work has ended', async () => {
    const before = process.listenerCount('SIGTERM');
    const codes: number[] = [];
    let stop: (code: number) => void = () => undefined;
    const stopped = withSignals(
      { stdout: () => undefined, stderr: () => undefined, env: {}, cwd: folder, isTerminal: false, clock: () => new Date() },
      (io) => {
        expect(io.signal?.aborted).toBe(false);
        return new Promise((resolve) => {
          stop = resolve;
        });
      },
      ((code: number) => codes.push(code)) as unknown as (code: number) => never,
    );
    process.emit('SIGTERM', 'SIGTERM');
    process.emit('SIGTERM', 'SIGTERM');
    expect(codes).toEqual([143]);
    stop(0);
    expect(await stopped).toBe(143);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
