import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSolver } from '../../anonymize/solver.ts';
import { textTable } from '../../cli/text-table.ts';
import { Session } from '../../engine/session.ts';
import { Store } from '../../engine/store.ts';
import { type LinkedPage, linkedFaults, readLinkedPages, shownKeys } from '../attack/linked-release.ts';
import { attackPages } from '../attack/linked-release-attack.ts';
import { readLinkedTruth } from '../attack/linked-truth.ts';
import { runCommand } from '../run-command.ts';

/**
 * A country whose hires are known, released twice: the months that are mature with the first deliveries, then those that further deliveries
 * make mature. Checks the linked tables of both releases on their CSV files alone and attacks every three months in a row; hires need 14 months,
 * and seven more to leave. Run by `npm run test:linked -- --persons 80000 --months 22 --first 20`.
 */
const { values: options } = parseArgs({
  options: {
    persons: { type: 'string', default: '80000' },
    months: { type: 'string', default: '22' },
    first: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    /** Fewest persons of a number that is shown: with fewer than the shipped 10 more is shown of a country of the same size. */
    minimum: { type: 'string', default: '10' },
    /** Folder that stays, instead of a temporary one; deliveries that are in it are used again. */
    keep: { type: 'string' },
  },
});
const NOW = '2026-01-15T00:00:00Z';
const SOURCES = ['population_register', 'business_register', 'employer_filings'];
const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'twinstat-linked-'));
const workspace = join(folder, 'workspace');

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs a command that must succeed; says how long it took. */
async function twinstat(...args: string[]): Promise<string> {
  const began = Date.now();
  const { code, stdout, stderr } = await runCommand(args, { cwd: workspace, now: NOW });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  say(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${args.slice(0, 2).join(' ')}`);
  return stdout;
}

/** Copies filings of the first `months` deliveries, and the registers. */
function deliver(months: number): string {
  const to = join(folder, `deliveries-${months}`);
  for (const source of SOURCES) {
    const deliveries = readdirSync(join(folder, 'files', source)).sort();
    for (const name of source === 'employer_filings' ? deliveries.slice(0, months) : deliveries)
      cpSync(join(folder, 'files', source, name), join(to, source, name), { recursive: true });
  }
  return to;
}

/** Takes in, runs, and publishes every mature month that is not out yet; the released folder. */
async function release(months: number): Promise<string> {
  await twinstat('ingest', '--from', deliver(months), '--quiet');
  await twinstat('run', 'employment_earnings', '--quiet');
  const key = (person: string): string[] => {
    const name = `demo-demo-${person.toLowerCase().replaceAll(' ', '-')}.pem`;
    return ['--as', `Demo ${person}`, '--key', join(workspace, 'data-root/keys', name)];
  };
  const submitted = await twinstat('release', 'submit', 'employment_earnings', ...key('Author'), '--note', 'linked', '--json');
  const { id } = JSON.parse(submitted) as { id: string };
  for (const person of ['Approver One', 'Approver Two']) await twinstat('release', 'approve', id, ...key(person));
  await twinstat('release', 'publish', id);
  return join(workspace, 'data-root/released', id);
}

/** The minimum of the run in the definition of the workspace. */
function setMinimum(): void {
  const file = join(workspace, 'pipelines/employment_earnings/pipeline.yaml');
  const definition = readFileSync(file, 'utf8');
  const changed = definition
    .replaceAll('person_id: { min: 10 }', `person_id: { min: ${options.minimum} }`)
    .replace('min_frequency: 10', `min_frequency: ${options.minimum}`);
  writeFileSync(file, changed);
}

function sharesOf(pages: readonly LinkedPage[]): string {
  const rows = pages.map((page) => {
    const [all, shown] = [page.cells.index.size, shownKeys(page).length];
    return [page.release + 1, page.table, page.cells.period, all, shown, `${((100 * shown) / all).toFixed(1)} %`];
  });
  return textTable(['release', 'table', 'month', 'keys', 'shown', 'share'], rows);
}

/** Withheld numbers that follow from three months in a row, of all that are out. */
async function attacked(pages: readonly LinkedPage[]): Promise<string[]> {
  const root = join(workspace, 'data-root');
  const session = await Session.open({ temporaryDirectory: join(folder, 'spill'), allowedDirectories: [`${root}/`] });
  const store = await Store.open(root, { clock: () => new Date(NOW) });
  const solver = await loadSolver();
  const months = [...new Set(pages.map(({ cells }) => cells.period))].sort();
  const truths = new Map<string, Awaited<ReturnType<typeof readLinkedTruth>>>();
  for (const month of months) truths.set(month, await readLinkedTruth(session, store, month));
  session.close();
  const found: string[] = [];
  for (const at of months.slice(2).keys()) {
    const began = Date.now();
    const three = months.slice(at, at + 3);
    const { attacked: count, followed, safe } = attackPages(solver, pages, three, truths);
    found.push(...followed);
    say(
      `${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  attack on ${three.join(', ')}: ${count} withheld numbers, ${followed.length} follow, ` +
        `${safe} follow that were open before and are safe in their month`,
    );
  }
  return found;
}

try {
  const began = Date.now();
  const init = await runCommand(['init', workspace], { cwd: folder });
  if (init.code !== 0) throw new Error(init.stderr);
  const size = ['--persons', options.persons, '--months', options.months, '--seed', options.seed];
  const files = join(folder, 'files');
  if (!existsSync(files)) await twinstat('generate', '--out', files, ...size, '--quiet');
  setMinimum();
  const folders = [await release(Number(options.first)), await release(Number(options.months))];
  const pages = readLinkedPages(folders);
  say(`${sharesOf(pages)}\n${((Date.now() - began) / 1000).toFixed(0)} s until here`);
  const faults = linkedFaults(pages, Number(options.minimum));
  for (const [release] of folders.entries())
    for (const table of ['job_flows', 'hires', 'job_creation']) {
      const own = pages.filter((page) => page.release === release && page.table === table);
      if (own.length === 0) faults.push(`${table} is not in release ${release + 1}`);
      else if (own.every((page) => shownKeys(page).length === 0)) faults.push(`nothing of ${table} is shown in release ${release + 1}`);
    }
  faults.push(...(await attacked(pages)));
  for (const fault of faults) say(fault);
  say(`${faults.length} faults, ${((Date.now() - began) / 1000).toFixed(0)} s`);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
