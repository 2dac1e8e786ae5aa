import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import { holdLock, startCommand } from './command-process.ts';
import { releasedAtOnce } from './released-at-once.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const NOW = '2025-06-01T00:00:00Z';
const ID = /\d{8}T\d{9}Z-[0-9a-f]{6}|\d{4}-\d\d-\d\dT\d\d:\d\d/;

const scratch = scratchFolder();
const workspace = joinPath(scratch, 'institute');
const root = joinPath(workspace, 'data-root');
const input = joinPath(scratch, 'deliveries');
let filings = '';
let release = '';

/** As a person in the workspace would type it. */
function twinstat(...args: string[]): Promise<CommandResult> {
  return runCommand(args, { cwd: workspace, now: NOW });
}

async function json(...args: string[]) {
  const result = await twinstat(...args, '--json');
  return { ...result, value: JSON.parse(result.stdout) };
}

function keyOf(person: string): string[] {
  return ['--as', `Demo ${person}`, '--key', joinPath(root, 'keys', `demo-demo-${person.toLowerCase().replaceAll(' ', '-')}.pem`)];
}

function current(): string {
  return readFileSync(joinPath(root, 'CURRENT'), 'utf8');
}

function write(name: string, bytes: string | Uint8Array): string {
  const file = joinPath(scratch, name);
  writeFileSync(file, bytes);
  return file;
}

/** Sales of `retailers` chains over three months; few enough to read. */
function scannerFile(month: string, retailers: number): string {
  const lines = ['time,outlet_id,retailer_id,product_code,description,price,quantity'];
  for (let retailer = 1; retailer <= retailers; retailer++) {
    for (let product = 0; product < 5; product++)
      lines.push(`${month}-01,S${retailer},R${retailer},729000000000${product},milk,${5 + product}.5,10`);
  }
  return `${lines.join('\n')}\n`;
}

beforeAll(async () => {
  await runCommand(['init', workspace], { cwd: scratch, now: NOW });
  releasedAtOnce(workspace);
  await runCommand(['generate', '--out', input, '--persons', '1200', '--months', '2'], { cwd: scratch, now: NOW });
  for (const source of ['retail_scanner', 'smart_meter']) rmSync(joinPath(input, source), { recursive: true });
  for (const month of ['2024-01', '2024-02', '2024-03']) {
    mkdirSync(joinPath(input, 'retail_scanner', month), { recursive: true });
    writeFileSync(joinPath(input, 'retail_scanner', month, 'sales.csv'), scannerFile(month, 2));
  }
  filings = readFileSync(joinPath(input, 'employer_filings/2024-01/employer_filings.csv'), 'utf8');
}, 60_000);

describe('ingest', () => {
  it('takes deliveries in and accounts for every record; again it is a no-op', async () => {
    const before = await twinstat('explain', 'employment_earnings');
    expect(before.code).toBe(0);
    expect(before.stdout).toContain('input not ingested');
    const { code, value } = await json('ingest', '--from', input);
    expect(code).toBe(0);
    expect(value.deliveries.length).toBe(11);
    for (const { input: records, accepted, rejected } of value.deliveries) expect(accepted + rejected).toBe(records);
    const bytes = current();
    const again = await json('ingest', '--from', input);
    expect(again.value.deliveries.map((each: { outcome: string }) => each.outcome)).toEqual(Array(11).fill('unchanged'));
    expect(current()).toBe(bytes);
  });

  it('refuses a malformed delivery with file, line, column and rule, no value, and publishes nothing', async () => {
    const [header = '', ...lines] = filings.trimEnd().split('\n');
    const [record = ''] = lines;
    const [, , employer = '', person = '', , family = '', given = ''] = record.split(',');
    const text = (...rows: string[]): string => `${[header, ...lines.slice(0, 3), ...rows].join('\n')}\n`;
    const cases: Record<string, { bytes: string | Uint8Array; rule: string; line?: number; column?: number }> = {
      'wrong-header': { bytes: text().replace('gross_ils', family), rule: 'header', line: 1 },
      'no-header': { bytes: `${lines.join('\n')}\n`, rule: 'header', line: 1 },
      'windows-1255': { bytes: encodeWindows1255(text()), rule: 'encoding', line: 2, column: record.indexOf(family) + 1 },
      'unterminated-quote': { bytes: text(record.replace(family, `"${family}`)), rule: 'unterminated-quote', line: 5 },
      'line-of-100-MB': {
        bytes: Buffer.concat([Buffer.from(text().trimEnd()), Buffer.alloc(100_000_000, family)]),
        rule: 'line-too-long',
        line: 4,
      },
      'truncated-gzip': { bytes: gzipSync(filings).subarray(0, -20), rule: 'truncated' },
      NUL: {
        bytes: text(record.replace(given, `${given}\0`)),
        rule: 'control-character',
        line: 5,
        column: record.indexOf(given) + given.length + 1,
      },
      'too-many-rejects': { bytes: text(record.replace('regular', family)), rule: 'reject-limit' },
      empty: { bytes: '', rule: 'empty' },
    };
    const bytes = current();
    for (const [name, { bytes: content, rule, line, column }] of Object.entries(cases)) {
      const file = write(`${name}.csv`, content);
      const { code, value, stdout, stderr } = await json('ingest', 'employer_filings', file, '--delivery', '2024-05');
      expect(code, name).toBe(3);
      const [{ outcome, error }] = value.deliveries;
      expect({ outcome, rule: error.rule, at: error.at }, name).toMatchObject({
        outcome: 'refused',
        rule,
        at: { file: `${name}.csv`, ...(line && { line }), ...(column && { column }) },
      });
      expect(stderr, name).toContain(line === undefined ? `${name}.csv: ` : `${name}.csv:${line}`);
      for (const quoted of [person, family, given, employer]) expect(stdout + stderr, name).not.toContain(quoted);
      expect(current(), name).toBe(bytes);
      rmSync(file);
    }
    expect(readdirSync(joinPath(root, 'received/employer_filings')).filter((name) => !name.endsWith('.json'))).toEqual([
      '2024-01',
      '2024-02',
    ]);
    for (const folder of ['_staging', '_vault/tmp', '_tmp']) expect(readdirSync(joinPath(root, folder)), folder).toEqual([]);
  });

  it('refuses a file that is not there, a name that the engine would read as a pattern, and records that came before', async () => {
    const twice = write('again.csv', filings);
    const pattern = write('march[1].csv', filings);
    for (const [file, rule] of [
      ['nowhere.csv', 'not-found'],
      [scratch, 'not-found'],
      [pattern, 'name'],
      [twice, 'repeated'],
    ]) {
      const { code, value } = await json('ingest', 'employer_filings', file ?? '', '--delivery', '2024-06');
      expect([code, value.deliveries[0].error.rule]).toEqual([3, rule]);
    }
  });

  it('holds a wrong key file back: mode, link, missing, a key instead of its path', async () => {
    const key = joinPath(scratch, 'site.key');
    writeFileSync(key, Buffer.alloc(32, 5));
    const march = write('march.csv', filings.replaceAll('2024-01', '2024-03'));
    const ingest = ['ingest', 'employer_filings', march, '--delivery', '2024-03', '--root', root];
    for (const mode of [0o640, 0o604, 0o666]) {
      chmodSync(key, mode);
      expect((await twinstat(...ingest, '--key-file', key)).code).toBe(5);
      expect((await runCommand(ingest, { cwd: workspace, now: NOW, env: { TWINSTAT_KEY_FILE: key } })).code).toBe(5);
    }
    const missing = await json(...ingest, '--key-file', 'none.key');
    expect([missing.code, missing.value.error.code]).toEqual([5, 'key-missing']);
    const secret = '05'.repeat(32);
    const told = await runCommand([...ingest, '--json'], { cwd: workspace, now: NOW, env: { TWINSTAT_KEY_FILE: secret } });
    expect(told.code).toBe(5);
    expect(told.stdout + told.stderr).not.toContain(secret);
    for (const person of ['Author', 'Approver One']) {
      const [, name = '', , file = ''] = keyOf(person);
      chmodSync(file, 0o644);
      expect((await twinstat('release', 'submit', 'employment_earnings', '--as', name, '--key', file, '--note', 'x')).code).toBe(5);
      chmodSync(file, 0o600);
    }
    rmSync(march);
  });
});

describe('run, explain, lineage, view', () => {
  it('computes what changed and explains it before and after', async () => {
    const before = await json('explain', 'employment_earnings');
    for (const { over, toCompute } of before.value.steps) expect(toCompute).toHaveLength(over === 'all' ? 1 : 2);
    expect(new Set(before.value.steps.map(({ over }: { over: string }) => over))).toEqual(new Set(['all', 'month']));
    const { code, value } = await json('run', 'employment_earnings');
    expect([code, value.changed]).toEqual([0, true]);
    const pay = value.tables.filter(({ table }: { table: string }) => table === 'employees_and_pay');
    expect(pay.map(({ cells, primary }: { cells: number; primary: number }) => cells > primary && primary > 0)).toEqual([true, true]);
    const after = await json('explain', 'employment_earnings');
    expect(after.value.steps.every((step: { toCompute: string[] }) => step.toCompute.length === 0)).toBe(true);
    const again = await json('run', 'employment_earnings');
    expect([again.value.changed, again.value.steps.every((step: { outcome: string }) => step.outcome === 'unchanged')]).toEqual([
      false,
      true,
    ]);
    expect((await twinstat('run', 'consumer_prices')).code).toBe(0);
  });

  it('stops at a quality gate with exit code 3 and publishes nothing', async () => {
    const strict = joinPath(scratch, 'strict');
    cpSync(workspace, strict, { recursive: true, filter: (path) => !path.includes('data-root') });
    const file = joinPath(strict, 'pipelines/employment_earnings/pipeline.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('expr: pay >= 0, severity: warning, at_most: 0.01', 'expr: pay > 100000000, severity: error'),
    );
    const bytes = current();
    const { code, value, stderr } = await json('run', 'employment_earnings', '--workspace', strict, '--root', root);
    expect([code, value.error.code, value.error.rule]).toEqual([3, 'quality-gate', 'pay_not_negative']);
    expect(stderr).toContain('2024-01');
    expect(current()).toBe(bytes);
  });

  it('prints the same bytes for the same state, without run ids and times', async () => {
    const names = [
      '',
      'employer_filings@admitted',
      'employment_earnings.employee@integrated',
      'employment_earnings.employees_and_pay@tabulated',
      'consumer_prices.price_index_published@tabulated',
    ];
    const look = async (): Promise<string[]> =>
      Promise.all(names.map(async (name) => (await twinstat('view', ...(name === '' ? [] : [name]))).stdout));
    const first = await look();
    await twinstat('ingest', '--from', input);
    await twinstat('run', 'employment_earnings');
    const second = await look();
    for (const [index, text] of first.entries()) {
      expect(text.length).toBeGreaterThan(100);
      expect(text).not.toMatch(ID);
      expect(second[index]).toBe(text);
    }
    const { value } = await json('view', 'employment_earnings.employees_and_pay@tabulated', '--period', '2024-02', '--limit', '3');
    expect(value.map((row: { time_period: string }) => row.time_period)).toEqual(['2024-02', '2024-02', '2024-02']);
  });

  it('follows a table down to the deliveries', async () => {
    const { value, stdout } = await json('lineage', 'employment_earnings.employees_and_pay@tabulated');
    expect(value.name).toBe('employment_earnings.employees_and_pay@tabulated');
    for (const source of ['employer_filings', 'population_register', 'business_register']) expect(stdout).toContain(`${source}@received`);
    const text = (await twinstat('lineage', 'consumer_prices.price_index_published@tabulated')).stdout;
    expect(text).toMatch(/^consumer_prices\.price_index_published@tabulated .*\n +retail_scanner@received/s);
  });
});

describe('release, as three people do it', () => {
  it('an unsafe price index is refused: fewer than three retailers', async () => {
    const { code, value } = await json('release', 'submit', 'consumer_prices', ...keyOf('Author'), '--note', 'prices');
    expect([code, value.error.code]).toEqual([4, 'price-index-unsafe']);
    expect((await json('status')).value.releases).toEqual([]);
  });

  it('is submitted by an author alone', async () => {
    for (const [person, as] of [
      ['Approver One', 'Demo Approver One'],
      ['Author', 'Nobody'],
      ['Approver One', 'Demo Author'],
    ] as const) {
      const [, , , file = ''] = keyOf(person);
      const result = await twinstat('release', 'submit', 'employment_earnings', '--as', as, '--key', file, '--note', 'x');
      expect(result.code, as).toBe(4);
    }
    const { code, value } = await json('release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'first release');
    expect([code, value.status, value.periods]).toEqual([0, 'submitted', ['2024-01', '2024-02']]);
    release = value.id;
  });

  it('is approved by two others, once each, never by its author; a new submission voids what was approved', async () => {
    const approve = (...person: string[]) => json('release', 'approve', release, ...person);
    expect((await approve(...keyOf('Author'))).value.error).toMatchObject({ code: 'release-own', exit: 4 });
    expect((await approve(...keyOf('Approver One'))).value.approvals.length).toBe(2);
    expect((await approve(...keyOf('Approver One'))).code).toBe(4);
    expect((await twinstat('release', 'publish', release)).code).toBe(4);
    const other = await json('release', 'submit', 'employment_earnings', ...keyOf('Approver Two'), '--note', 'mine now');
    expect([other.code, (await json('release', 'show', release)).value.approvals.length]).toEqual([4, 2]);
    const changed = await json('release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'second thoughts');
    expect([changed.value.status, changed.value.round, changed.value.approvals.length]).toEqual(['submitted', 2, 1]);
    expect((await json('release', 'return', release, ...keyOf('Approver One'))).value.status).toBe('returned');
    expect((await approve(...keyOf('Approver Two'))).code).toBe(4);
    expect((await json('release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'corrected')).value.round).toBe(3);
    expect((await approve(...keyOf('Approver One'))).value.status).toBe('submitted');
    expect((await approve(...keyOf('Approver Two'))).value.status).toBe('approved');
  });

  it('leaves only after its embargo', async () => {
    const early = await runCommand(['release', 'publish', release, '--json'], { cwd: workspace, now: '2024-02-15T00:00:00Z' });
    expect([early.code, JSON.parse(early.stdout).error.exit]).toEqual([4, 4]);
    expect(JSON.parse(early.stdout).error.message).toMatch(/embargo/i);
    expect(readdirSync(joinPath(root, 'released'))).toEqual([]);
    const { code, value } = await json('release', 'publish', release);
    expect([code, value.status]).toEqual([0, 'released']);
    expect(readdirSync(joinPath(root, 'released', release)).sort()).toEqual([
      'employees_and_pay.arrow',
      'employees_and_pay.csv',
      'employees_and_pay.parquet',
      'employees_and_pay.xlsx',
      'manifest.json',
      'report.html',
      'structure.xml',
    ]);
    expect((await json('release', 'verify', release)).value.files.length).toBe(7);
    expect((await twinstat('release', 'show', release)).stdout).toMatch(/released.*approve: Demo Approver Two/s);
    const view = await twinstat('view', release);
    expect((await twinstat('view', release)).stdout).toBe(view.stdout);
    expect(view.stdout.match(/^# .*/gm)).toEqual(['# employees_and_pay.csv', '# manifest.json', '# structure.xml']);
    expect(view.stdout).not.toMatch(ID);
    expect((await twinstat('lineage', release)).stdout).toContain('employer_filings@received');
    const again = await json('release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'again');
    expect([again.code, again.value.error.code]).toEqual([4, 'release-nothing']);
  });

  it('a changed byte of a released file is found', async () => {
    const file = joinPath(root, 'released', release, 'employees_and_pay.csv');
    const restore = flipByte(file);
    expect((await twinstat('release', 'verify', release)).code).toBe(5);
    expect((await twinstat('view', release)).code).toBe(5);
    restore();
    expect((await twinstat('release', 'verify', release)).code).toBe(0);
  });

  it('every refusal is on record', async () => {
    await twinstat('run', 'employment_earnings');
    const events = (await twinstat('audit-log', 'export')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const refusals = events.filter(({ event }) => event === 'release-refused').map(({ facts }) => facts.code);
    expect(refusals).toEqual(expect.arrayContaining(['price-index-unsafe', 'release-own', 'release-twice', 'release-embargo']));
    const kinds = new Set(events.map(({ event }) => event));
    for (const kind of [
      'delivery-refused',
      'view',
      'status',
      'release-submit',
      'release-approve',
      'release-return',
      'release-publish',
      'commit',
      'abort',
    ])
      expect([...kinds]).toContain(kind);
  });
});

describe('integrity', () => {
  it('verify: 0 sound, 7 traces of an interrupted run, 5 damage', async () => {
    expect((await json('verify')).value).toMatchObject({ exitCode: 0, problems: [] });
    mkdirSync(joinPath(root, '_staging/20250101T000000000Z-abcdef'), { recursive: true, mode: 0o700 });
    const traces = await json('verify');
    expect([traces.code, traces.value.problems[0].kind]).toEqual([7, 'trace']);
    expect((await twinstat('run', 'employment_earnings')).code).toBe(0);
    expect((await twinstat('verify')).code).toBe(0);
  });

  it('a changed byte of an admitted part stops the run that would read it, and verify names it', async () => {
    const folder = joinPath(root, 'admitted/employer_filings/parts');
    const part = readdirSync(folder)[0] ?? '';
    const restore = flipByte(joinPath(folder, part));
    const strict = joinPath(scratch, 'strict/pipelines/employment_earnings/employee.sql');
    writeFileSync(
      strict,
      readFileSync(joinPath(workspace, 'pipelines/employment_earnings/employee.sql'), 'utf8').replace('-- One', '-- Changed: one'),
    );
    const latest = joinPath(root, 'CURRENT');
    const bytes = readFileSync(latest);
    const edited = joinPath(scratch, 'strict/pipelines/employment_earnings/pipeline.yaml');
    writeFileSync(
      edited,
      readFileSync(edited, 'utf8').replace('order: [filing_version, received_at]', 'order: [received_at, filing_version]'),
    );
    const run = await json('run', 'employment_earnings', '--workspace', joinPath(scratch, 'strict'), '--root', root);
    expect([run.code, run.value.error.code]).toEqual([5, 'store-damaged']);
    expect(run.value.error.message).toContain(part);
    expect(readFileSync(latest).equals(bytes)).toBe(true);
    const verify = await json('verify');
    expect([verify.code, verify.value.problems.map(({ path }: { path: string }) => path)]).toEqual([
      5,
      [`admitted/employer_filings/parts/${part}`],
    ]);
    expect((await twinstat('view', 'employer_filings@admitted')).code).toBe(5);
    restore();
    expect((await twinstat('verify')).code).toBe(0);
  });

  it('audit-log: verify, export, anchor; a changed line and a roll-back are noticed', async () => {
    const anchor = write('anchor.json', (await twinstat('audit-log', 'anchor')).stdout);
    expect((await json('audit-log', 'verify', '--anchor', anchor)).value.problems).toEqual([]);
    expect((await json('audit-log', 'anchor')).value.anchor).toBe('twinstat-audit-1');
    const wrong = write('filings.csv', filings);
    const refused = await twinstat('audit-log', 'verify', '--anchor', wrong);
    expect([refused.code, refused.stderr.includes('filing_id')]).toEqual([2, false]);
    const log = joinPath(root, 'audit/log.jsonl');
    const text = readFileSync(log, 'utf8');
    writeFileSync(log, text.replace('"event":"commit"', '"event":"commot"'), { mode: 0o600 });
    expect((await json('audit-log', 'verify')).code).toBe(5);
    expect((await twinstat('verify')).code).toBe(5);
    writeFileSync(log, text, { mode: 0o600 });
    const ahead = { anchor: 'twinstat-audit-1', n: 100_000, hash: 'a'.repeat(64) };
    expect((await twinstat('audit-log', 'verify', '--anchor', write('ahead.json', JSON.stringify(ahead)))).code).toBe(5);
    expect((await twinstat('audit-log', 'verify')).stdout).toMatch(/\d+ entries: sound/);
  });
});

describe('two processes', () => {
  it('reads never wait for a run; a second writer ends with 75 and names the first', async () => {
    const holder = await holdLock(root);
    for (const args of [
      ['status'],
      ['view'],
      ['view', 'employer_filings@admitted', '--limit', '1'],
      ['lineage', release],
      ['explain', 'employment_earnings'],
      ['release', 'show', release],
      ['audit-log', 'verify'],
    ]) {
      expect((await twinstat(...args)).code, args.join(' ')).toBe(0);
    }
    const busy = await json('run', 'employment_earnings');
    expect([busy.code, busy.value.error.facts.pid]).toEqual([75, holder.pid]);
    expect(busy.stderr).toContain(String(holder.pid));
    expect((await twinstat('ingest', '--from', input)).code).toBe(75);
    await holder.kill();
    expect((await twinstat('run', 'employment_earnings')).code).toBe(0);
  });

  it('a process of its own prints what this one prints, and a closed pipe is no error', async () => {
    const args = ['view', '--workspace', workspace];
    const whole = startCommand(args, { cwd: scratch });
    expect(await whole.ended).toBe(0);
    expect(whole.output()).toBe((await twinstat('view')).stdout);
    const cut = startCommand(['view', 'employer_filings@admitted', '--workspace', workspace], { cwd: scratch });
    cut.child.stdout?.once('data', () => cut.child.stdout?.destroy());
    expect(await cut.ended).toBe(0);
    expect(cut.output()).not.toContain('EPIPE');
  });
});

describe('withdraw', () => {
  it('takes the files back and keeps the trace', async () => {
    const { code, value } = await json('release', 'withdraw', release, ...keyOf('Approver Two'));
    expect([code, value.status]).toEqual([0, 'withdrawn']);
    expect(readdirSync(joinPath(root, 'released'))).toEqual([]);
    expect((await json('release', 'show', release)).value.approvals.at(-1).decision).toBe('withdraw');
    expect((await twinstat('release', 'publish', release)).code).toBe(4);
    expect((await twinstat('verify')).code).toBe(0);
  });
});

/** Changes one byte in the middle of a file; gives what puts it back. */
function flipByte(file: string): () => void {
  const kept = `${joinPath(scratch, 'kept')}-${file.length}`;
  copyFileSync(file, kept);
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  return () => copyFileSync(kept, file);
}
