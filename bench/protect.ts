// npm run bench:protect -- [--runs N] [--json]: what the protection of tables takes, in CPU seconds of a process that has started and read.
import { parseArgs } from 'node:util';
import { FREE } from '../anonymize/pattern.ts';
import { protect } from '../anonymize/protect/protect.ts';
import { ProtectAudit } from '../anonymize/protect/protect-audit.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { textTable } from '../cli/text-table.ts';
import { type ProtectSize, protectBenchTable, protectInput } from './protect-data.ts';

const COUNTS: readonly ProtectSize[] = [
  { places: 30, industries: 10, sizes: 4 },
  { places: 66, industries: 30, sizes: 5 },
  { places: 120, industries: 50, sizes: 5 },
  { places: 200, industries: 92, sizes: 5 },
];
const AUDITED: ProtectSize = { places: 66, industries: 30, sizes: 5 };

const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } } });
const solver = await loadSolver();
const results: { what: string; cells: number; primary: number; secondary: number; cpu: number }[] = [];

function measure(what: string, size: ProtectSize, kind: 'counts' | 'turnover', work: 'suppress' | 'audit' | 'whole'): void {
  const input = protectInput(size, kind);
  const seconds: number[] = [];
  let summary = { cells: 0, primary: 0, secondary: 0 };
  for (let run = 0; run < Number(values.runs); run++) {
    const prepared = work === 'audit' ? protectBenchTable(input) : undefined;
    const pattern = prepared && protect(prepared, { solver, audit: false });
    const before = process.cpuUsage();
    if (prepared !== undefined && pattern !== undefined) {
      const suppressed = Uint8Array.from(pattern.status, (status) => (status === FREE ? 0 : 1));
      const primary = Uint8Array.from(pattern.status, (status) => (status === 1 ? 1 : 0));
      new ProtectAudit(prepared, { solver, audit: true }).failing(suppressed, primary);
      summary = pattern.summary;
    } else summary = protect(protectBenchTable(input), { solver, audit: work === 'whole' }).summary;
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  const cpu = seconds.sort((a, b) => a - b)[seconds.length >> 1] ?? Number.NaN;
  const { cells, primary, secondary } = summary;
  results.push({ what, cells, primary, secondary, cpu: Math.round(cpu * 100) / 100 });
  process.stderr.write(`${what}: ${cpu.toFixed(2)} s\n`);
}

for (const size of COUNTS) measure('counts, singletons protected', size, 'counts', 'suppress');
measure('turnover by enterprise', AUDITED, 'turnover', 'suppress');
measure('one audit of counts', AUDITED, 'counts', 'audit');
measure('one audit of turnover', AUDITED, 'turnover', 'audit');
measure('counts, with audit and repair', AUDITED, 'counts', 'whole');
process.stdout.write(
  values.json
    ? `${JSON.stringify(results, null, 2)}\n`
    : textTable(
        ['what', 'cells', 'unsafe', 'secondary', 'CPU s'],
        results.map(({ what, cells, primary, secondary, cpu }) => [what, cells, primary, secondary, cpu]),
      ),
);
