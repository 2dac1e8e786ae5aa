import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { textTable } from '../../cli/text-table.ts';
import { exists } from '../../engine/file-hash.ts';
import { startCommand } from '../command-process.ts';
import { differences, type ReachableState, reachableState } from '../reachable.ts';

/**
 * Kills the built demo (SIGKILL) at seeded random moments of every stage, runs it again to its end, and compares what is reachable from
 * CURRENT with an undisturbed run, byte for byte; every fourth demo is killed twice. Run by `npm run test:kill -- --kills 40 --seed 1`.
 */
const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    persons: { type: 'string', default: '3000' },
    months: { type: 'string', default: '8' },
  },
});

const STAGES = ['start', 'generate', 'ingest', 'run', 'release', 'page'] as const;
type Stage = (typeof STAGES)[number];
type Trial = {
  readonly stage: Stage;
  readonly isDouble: boolean;
  killed: number;
  traces: number;
  leftovers: number;
  readonly problems: string[];
};

const folder = mkdtempSync(join(tmpdir(), 'twinstat-kill-'));
const random = randomNumbers(Number(options.seed));

function command(name: string, root: string, ...more: string[]) {
  return startCommand([name, ...more, '--root', join(folder, root)], { cwd: folder });
}

function startDemo(root: string) {
  return command('demo', root, '--persons', options.persons, '--months', options.months);
}

/** Milliseconds that an undisturbed demo spends in each stage; a stage has ended when its note is on stderr. */
async function undisturbed(root: string): Promise<Record<Stage, number>> {
  const running = startDemo(root);
  const ends: Partial<Record<Stage, number>> = {};
  const began = Date.now();
  running.child.stderr?.on('data', () => {
    for (const stage of STAGES.slice(1)) if (running.output().includes(`${stage.padEnd(9)} `)) ends[stage] ??= Date.now();
  });
  const isOpen = watch(join(folder, root, 'CURRENT'), () => {
    ends.start ??= Date.now();
  });
  const code = await running.ended;
  clearInterval(isOpen);
  if (code !== 0) throw new Error(`the undisturbed demo ended with ${code}:\n${running.output()}`);
  let before = began;
  const spent = STAGES.map((stage) => {
    const end = ends[stage] ?? before;
    const length = end - before;
    before = end;
    return [stage, length] as const;
  });
  return Object.fromEntries(spent) as Record<Stage, number>;
}

function watch(path: string, onThere: () => void): NodeJS.Timeout {
  return setInterval(() => void exists(path).then((isThere) => isThere && onThere()), 5);
}

/** Kills a demo at a random moment of a stage; false if it had ended before. */
async function killIn(root: string, stage: Stage, lengths: Record<Stage, number>): Promise<boolean> {
  const running = startDemo(root);
  const previous = STAGES[STAGES.indexOf(stage) - 1];
  const hasBegun = async (): Promise<boolean> => {
    if (previous === undefined) return true;
    return previous === 'start' ? exists(join(folder, root, 'CURRENT')) : running.output().includes(`${previous.padEnd(9)} `);
  };
  while (running.child.exitCode === null && !(await hasBegun())) await sleep(2);
  await Promise.race([sleep(random() * lengths[stage]), running.ended]);
  running.child.kill('SIGKILL');
  return (await running.ended) === 'SIGKILL';
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Exit code of `verify` after a kill: 0 or 7; 2 only while there is no data root yet. */
async function verifyAfterKill(root: string, trial: Trial): Promise<void> {
  const running = command('verify', root);
  const code = await running.ended;
  if (code === 7) trial.traces += 1;
  const isSound = code === 0 || code === 7 || (code === 2 && !(await exists(join(folder, root, 'CURRENT'))));
  if (!isSound) trial.problems.push(`verify after the kill: ${code}: ${running.output().slice(0, 500)}`);
}

async function run(root: string, number: number, lengths: Record<Stage, number>, expected: ReachableState, view: string): Promise<Trial> {
  const trial: Trial = {
    stage: STAGES[number % STAGES.length] ?? 'start',
    isDouble: number % 4 === 3,
    killed: 0,
    traces: 0,
    leftovers: 0,
    problems: [],
  };
  const stages = trial.isDouble ? [trial.stage, STAGES[Math.floor(random() * STAGES.length)] ?? 'start'] : [trial.stage];
  for (const stage of stages) {
    if (await killIn(root, stage, lengths)) trial.killed += 1;
    await verifyAfterKill(root, trial);
  }
  const rest = startDemo(root);
  const code = await rest.ended;
  if (code !== 0) trial.problems.push(`the rerun ended with ${code}: ${rest.output().slice(0, 500)}`);
  const sound = command('verify', root);
  if ((await sound.ended) !== 0) trial.problems.push(`verify after the rerun: ${sound.output().slice(0, 500)}`);
  if (code === 0) {
    for (const path of differences(expected, await reachableState(join(folder, root)))) trial.problems.push(`differs: ${path}`);
    if ((await viewOf(root)) !== view) trial.problems.push('view differs');
  }
  trial.leftovers = listDrafts(root).length;
  return trial;
}

async function viewOf(root: string): Promise<string> {
  const running = command('view', root);
  await running.ended;
  return running.output();
}

/** Drafts of reports and of demo keys (`runs/`, `keys/`, the generator's list) that a kill left: inert, nothing reads them. */
function listDrafts(root: string): string[] {
  return readdirSync(join(folder, root), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));
}

/** mulberry32: the same seed gives the same moments. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function summary(trials: readonly Trial[]): string {
  const rows = STAGES.map((stage) => {
    const own = trials.filter((trial) => trial.stage === stage);
    const sum = (pick: (trial: Trial) => number): number => own.reduce((total, trial) => total + pick(trial), 0);
    return [
      stage,
      own.length,
      own.filter((trial) => trial.isDouble).length,
      sum((trial) => trial.killed),
      sum((trial) => trial.traces),
      sum((trial) => trial.leftovers),
      sum((trial) => trial.problems.length),
    ];
  });
  return textTable(['first kill in', 'demos', 'killed twice', 'kills', 'traces (7)', 'inert drafts', 'differences'], rows);
}

try {
  const lengths = await undisturbed('undisturbed');
  const expected = await reachableState(join(folder, 'undisturbed'));
  const view = await viewOf('undisturbed');
  process.stdout.write(`undisturbed: ${Object.keys(expected).length} files; ms by stage: ${JSON.stringify(lengths)}\n`);
  const trials: Trial[] = [];
  for (let number = 0; number < Number(options.kills); number += 1) {
    const trial = await run(`killed-${number}`, number, lengths, expected, view);
    trials.push(trial);
    for (const problem of trial.problems) process.stdout.write(`demo ${number}, killed in ${trial.stage}: ${problem}\n`);
    rmSync(join(folder, `killed-${number}`), { recursive: true, force: true });
  }
  process.stdout.write(`${summary(trials)}\n`);
  if (trials.some((trial) => trial.problems.length > 0)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
