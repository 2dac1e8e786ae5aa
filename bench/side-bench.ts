import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { textTable } from '../cli/text-table.ts';
import { Session } from '../engine/session.ts';
import { peakMemory } from './peak-memory.ts';

/** Numbers by name; what a side finds, the last side of its case must find too. */
export type Findings = Readonly<Record<string, number>>;

/** Prepares, which is not measured, and gives the work. */
export type Side<Task> = (task: Task) => Promise<() => Findings | Promise<Findings>>;

export interface SideCase<Task> {
  readonly name: string;
  /** Ours first; the last one is the reference. */
  readonly sides: readonly string[];
  /** Runs of the reference, where it is slow; else as many as of the others. */
  readonly referenceRuns?: number;
  /** Makes the data in a folder; undefined where there are none. */
  readonly task: (session: Session, folder: string, scale: number) => Promise<Task | undefined>;
}

interface Run {
  readonly cpu: number;
  readonly wall: number;
  readonly rss: number;
  readonly found: Findings;
}

const OPTIONS = {
  case: { type: 'string', multiple: true },
  scale: { type: 'string', default: '1' },
  runs: { type: 'string', default: '3' },
  data: { type: 'string', default: tmpdir() },
  json: { type: 'boolean', default: false },
  child: { type: 'string' },
} as const;

/**
 * Runs a script's cases, `[--case NAME ...] [--scale SHARE] [--runs N] [--json] [--data FOLDER]`: sides in turn, each run in a process of its own
 * (the script again), medians of CPU and wall time and of the largest memory. Throws where a side finds something else than its reference.
 */
export async function sideBench<Task>(
  script: string,
  sides: Readonly<Record<string, Side<Task>>>,
  cases: readonly SideCase<Task>[],
): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.child !== undefined) {
    const { side, task } = JSON.parse(values.child) as { side: string; task: Task };
    return child(sides[side] as Side<Task>, task);
  }
  const data = join(resolve(values.data), 'twinstat-bench');
  await mkdir(data, { recursive: true, mode: 0o700 });
  const results: { case: string; side: string; cpu: number; wall: number; rss: number; cpuRatio: number }[] = [];
  for (const each of cases.filter(({ name }) => values.case?.includes(name) ?? true)) {
    const session = await Session.open({ temporaryDirectory: join(data, 'spill'), allowedDirectories: [`${data}/`], memoryLimit: '1GB' });
    const task = await each.task(session, data, Number(values.scale)).finally(() => session.close());
    if (task === undefined) {
      process.stderr.write(`${each.name}: not run, its data are not here\n`);
      continue;
    }
    const runs = new Map(each.sides.map((side): [string, Run[]] => [side, []]));
    const reference = runs.get(each.sides.at(-1) as string) as Run[];
    for (let round = 0; round < Number(values.runs); round++)
      for (const [side, of] of runs)
        if (of !== reference || round < (each.referenceRuns ?? Number.POSITIVE_INFINITY)) of.push(run(script, side, task));
    for (const of of runs.values()) for (const { found } of of) requireEqual(each.name, found, reference[0]?.found ?? {});
    const ours = median(runs.get(each.sides[0] as string) as Run[], 'cpu');
    for (const [side, of] of runs) {
      const cpu = median(of, 'cpu');
      results.push({ case: each.name, side, cpu, wall: median(of, 'wall'), rss: median(of, 'rss'), cpuRatio: cpu / ours });
    }
  }
  const rows = results.map((each) => [
    each.case,
    each.side,
    each.cpu.toFixed(2),
    each.wall.toFixed(2),
    Math.round(each.rss),
    each.cpuRatio.toFixed(2),
  ]);
  process.stdout.write(
    values.json ? `${JSON.stringify(results, null, 2)}\n` : textTable(['case', 'side', 'CPU s', 'wall s', 'MB', 'CPU ratio'], rows),
  );
}

async function child<Task>(side: Side<Task>, task: Task): Promise<void> {
  const work = await side(task);
  const [before, start] = [process.cpuUsage(), performance.now()];
  const found = await work();
  const { user, system } = process.cpuUsage(before);
  const result: Run = { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1e3, rss: peakMemory(), found };
  process.stdout.write(JSON.stringify(result));
}

function run(script: string, side: string, task: unknown): Run {
  const order = JSON.stringify({ side, task });
  const { stdout, status, signal } = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(script), '--child', order], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${side} ended with ${status ?? signal}`);
  const found = JSON.parse(stdout) as Run;
  process.stderr.write(`${side}: ${found.cpu.toFixed(2)} s CPU, ${found.wall.toFixed(2)} s, ${found.rss.toFixed(0)} MB\n`);
  return found;
}

function requireEqual(name: string, found: Findings, reference: Findings): void {
  for (const [what, value] of Object.entries(found))
    if (!(Math.abs((reference[what] ?? Number.NaN) - value) <= 1e-9 * Math.abs(value)))
      throw new Error(`${name}: the sides differ in ${what}: ${value} and ${reference[what]}`);
}

function median(runs: readonly Run[], kind: 'cpu' | 'wall' | 'rss'): number {
  return runs.map((each) => each[kind]).sort((a, b) => a - b)[runs.length >> 1] ?? Number.NaN;
}
