// npm run bench:risk -- [--case NAME ...] [--scale SHARE] [--runs N] [--json] [--data FOLDER]: what `twinstat risk` takes beside what a user
// would write, each run in a process of its own. The sides must find the same.
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { textTable } from '../cli/text-table.ts';
import { Session } from '../engine/session.ts';
import { peakMemory } from './peak-memory.ts';
import { riskRecords } from './risk-data.ts';
import {
  type RiskFindings,
  type RiskTask,
  recordsByCells,
  recordsByWindows,
  sudaByCounters,
  sudaByRecords,
  violationsByCells,
  violationsByGroups,
} from './risk-sides.ts';

const SIDES = { recordsByCells, recordsByWindows, violationsByCells, violationsByGroups, sudaByCounters, sudaByRecords };
type SideName = keyof typeof SIDES;

interface RiskCase {
  readonly name: string;
  readonly rows: number;
  readonly keys: number;
  readonly memory: string;
  /** Ours first. */
  readonly sides: readonly [SideName, SideName];
}

const CASES: readonly RiskCase[] = [
  { name: 'records-1m', rows: 1e6, keys: 5, memory: '2GB', sides: ['recordsByCells', 'recordsByWindows'] },
  { name: 'records-10m', rows: 1e7, keys: 7, memory: '4GB', sides: ['recordsByCells', 'recordsByWindows'] },
  { name: 'violations-100m', rows: 1e8, keys: 5, memory: '700MB', sides: ['violationsByCells', 'violationsByGroups'] },
  { name: 'suda-30k', rows: 3e4, keys: 7, memory: '2GB', sides: ['sudaByCounters', 'sudaByRecords'] },
];

interface Run {
  readonly cpu: number;
  readonly wall: number;
  readonly rss: number;
  readonly found: RiskFindings;
}

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    data: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
    child: { type: 'string' },
  },
});
if (values.child === undefined) await parent();
else await child(JSON.parse(values.child) as { side: SideName; task: RiskTask });

async function child({ side, task }: { side: SideName; task: RiskTask }): Promise<void> {
  const [before, start] = [process.cpuUsage(), performance.now()];
  const found = await SIDES[side](task);
  const { user, system } = process.cpuUsage(before);
  const run: Run = { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1e3, rss: peakMemory(), found };
  process.stdout.write(JSON.stringify(run));
}

async function parent(): Promise<void> {
  const data = join(resolve(values.data), 'twinstat-bench');
  await mkdir(data, { recursive: true, mode: 0o700 });
  const results: { what: string; rows: number; side: string; cpu: number; wall: number; rss: number }[] = [];
  for (const { name, rows, keys, memory, sides } of CASES.filter((each) => values.case?.includes(each.name) ?? true)) {
    const records = Math.round(rows * Number(values.scale));
    const session = await Session.open({ temporaryDirectory: join(data, 'spill'), allowedDirectories: [`${data}/`], memoryLimit: '1GB' });
    const file = await riskRecords(session, data, records).finally(() => session.close());
    const runs = new Map<SideName, Run[]>(sides.map((side) => [side, []]));
    for (let round = 0; round < Number(values.runs); round++)
      for (const side of sides) runs.get(side)?.push(run(side, { file, keys, memory }));
    for (const [side, of] of runs) {
      requireEqual(name, of[0]?.found, runs.get(sides[0])?.[0]?.found);
      const [cpu, wall, rss] = (['cpu', 'wall', 'rss'] as const).map(
        (kind) => of.map((each) => each[kind]).sort((a, b) => a - b)[of.length >> 1],
      );
      results.push({ what: name, rows: records, side, cpu: cpu ?? Number.NaN, wall: wall ?? Number.NaN, rss: rss ?? Number.NaN });
    }
  }
  process.stdout.write(
    values.json
      ? `${JSON.stringify(results, null, 2)}\n`
      : textTable(
          ['case', 'records', 'side', 'CPU s', 'wall s', 'MB'],
          results.map(({ what, rows, side, cpu, wall, rss }) => [what, rows, side, cpu.toFixed(2), wall.toFixed(2), Math.round(rss)]),
        ),
  );
}

function run(side: SideName, task: RiskTask): Run {
  const order = JSON.stringify({ side, task });
  const { stdout, status, signal } = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), '--child', order], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${side} ended with ${status ?? signal}`);
  const found = JSON.parse(stdout) as Run;
  process.stderr.write(`${side}: ${found.cpu.toFixed(2)} s CPU, ${found.wall.toFixed(2)} s, ${found.rss.toFixed(0)} MB\n`);
  return found;
}

function requireEqual(name: string, found: RiskFindings = {}, ours: RiskFindings = {}): void {
  for (const [what, value] of Object.entries(ours))
    if (!(Math.abs((found[what] ?? Number.NaN) - value) <= 1e-9 * Math.abs(value))) throw new Error(`${name}: the sides differ in ${what}`);
}
