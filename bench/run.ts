// `npm run bench -- --help`: bench/README.md
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Session } from '../engine/session.ts';
import { caseText, circumstances, circumstancesText } from './bench-report.ts';
import { buildBench } from './build-bench.ts';
import { CASES } from './cases.ts';
import { type CaseResult, runCase } from './paired-runs.ts';
import { MONTH_ROWS } from './payroll-data.ts';

const USAGE = `npm run bench -- [--case NAME ...] [--rows N] [--pairs N] [--memory 8GB] [--full] [--json] [--data FOLDER] [--clean]
cases: ${CASES.map(({ name, isLong }) => (isLong === true ? `${name} (with --full)` : name)).join(', ')}
`;
const THREADS = 2;

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    rows: { type: 'string', default: String(MONTH_ROWS) },
    pairs: { type: 'string' },
    memory: { type: 'string', default: '8GB' },
    data: { type: 'string', default: tmpdir() },
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    clean: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Ours alone, so that `--clean` removes nothing else. */
const data = join(resolve(values.data), 'twinstat-bench');
if (values.help) process.stdout.write(USAGE);
else if (values.clean) await rm(data, { recursive: true, force: true });
else process.exitCode = (await bench()) ? 0 : 1;

/** Whether all sides agreed and no one was killed. */
async function bench(): Promise<boolean> {
  const chosen = CASES.filter(({ name, isLong }) => values.case?.includes(name) ?? (isLong !== true || values.full));
  const unknown = values.case?.filter((name) => !CASES.some((each) => each.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`there is no case ${unknown.join(', ')}\n${USAGE}`);
  const long = chosen.filter(({ isLong }) => isLong === true && !values.full);
  if (long.length > 0) throw new Error(`${long.map(({ name }) => name).join(', ')} takes minutes and 1 GB of disk: say --full`);
  const built = await buildBench();
  await mkdir(data, { recursive: true, mode: 0o700 });
  const session = await Session.open({
    temporaryDirectory: join(data, 'spill'),
    allowedDirectories: [`${data}/`],
    threads: THREADS,
    memoryLimit: values.memory,
    onRawError: (text) => process.stderr.write(`${text}\n`),
  });
  const print = (text: string): void => void (values.json || process.stdout.write(text));
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    const where = await circumstances(session, THREADS, values.memory);
    print(circumstancesText(where));
    const pairs = values.pairs === undefined ? undefined : wholeNumber('pairs', values.pairs);
    const rows = wholeNumber('rows', values.rows);
    const results: CaseResult[] = [];
    for (const each of chosen) {
      const result = await runCase({ session, built, data, rows, pairs, threads: THREADS, memory: values.memory, note }, each);
      print(caseText(result));
      results.push(result);
    }
    if (values.json) process.stdout.write(`${JSON.stringify({ ...where, cases: results }, null, 2)}\n`);
    return results.every(({ isEqual, hardLimit }) => isEqual && hardLimit !== 'killed');
  } finally {
    session.close();
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0`);
  return value;
}
