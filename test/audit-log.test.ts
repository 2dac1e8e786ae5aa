import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chain } from '../engine/audit-chain.ts';
import { AuditLog } from '../engine/audit-log.ts';
import { Anchor, anchorAuditLog, collectReads, exportAuditLog, verifyAuditLog } from '../engine/audit-verify.ts';
import { canonicalJson, hashJson } from '../engine/canonical-json.ts';
import { NO_HEAD } from '../engine/current.ts';
import { Store } from '../engine/store.ts';

let folder: string;
let count = 0;
let now = new Date('2026-01-01T00:00:00Z');
const options = { clock: () => now, actor: 'tester' };

async function newLog(entries: number): Promise<string> {
  const path = await mkdtemp(join(folder, `audit-${++count}-`));
  const log = await AuditLog.open(path, options);
  for (let n = 1; n <= entries; n += 1) await log.append([{ event: 'view', object: `דוח-${n}`, facts: { n } }]);
  await log.close();
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinstat-audit-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the audit log', () => {
  it('is a chain of hashes that exports as it was written, ordered by number even when the clock goes back', async () => {
    const path = await newLog(2);
    now = new Date('2025-12-31T00:00:00Z');
    const log = await AuditLog.open(path, options);
    expect(log.recent.map((entry) => entry.n)).toEqual([1, 2]);
    await log.append([
      { event: 'export', object: 'a' },
      { event: 'refuse', object: 'b', facts: { rule: 'threshold' } },
    ]);
    await log.close();
    now = new Date('2026-01-01T00:00:00Z');
    const entries = [];
    for await (const entry of exportAuditLog(path)) entries.push(entry);
    expect(entries.map(({ n, event, ts, actor }) => [n, event, ts, actor])).toEqual([
      [1, 'view', '2026-01-01T00:00:00.000Z', 'tester'],
      [2, 'view', '2026-01-01T00:00:00.000Z', 'tester'],
      [3, 'export', '2025-12-31T00:00:00.000Z', 'tester'],
      [4, 'refuse', '2025-12-31T00:00:00.000Z', 'tester'],
    ]);
    for (const [index, { hash, ...body }] of entries.entries()) {
      expect(hash).toBe(hashJson(body));
      expect(body.prev).toBe(entries[index - 1]?.hash ?? '0'.repeat(64));
    }
    expect(JSON.parse(await readFile(join(path, 'HEAD'), 'utf8'))).toMatchObject({ n: 4, hash: entries[3]?.hash });
    expect(await verifyAuditLog(path)).toMatchObject({ entries: 4, problems: [], traces: [] });
  });

  it('shows every change: of a byte, an order, a missing first, middle or last entry, a forged tail, a missing HEAD', async () => {
    const tamper: Record<string, (lines: string[]) => string[]> = {
      'a changed actor': (lines) => lines.map((line) => line.replace('tester', 'nobody')),
      'a changed fact with its hash made anew': (lines) => {
        const { hash: _, ...body } = { ...JSON.parse(lines[1] ?? ''), object: 'other' };
        return [lines[0] ?? '', canonicalJson({ ...body, hash: hashJson(body) }), ...lines.slice(2)];
      },
      'two swapped': ([a = '', b = '', ...rest]) => [b, a, ...rest],
      'the first missing': (lines) => lines.slice(1),
      'one missing': (lines) => lines.toSpliced(2, 1),
      'the last missing': (lines) => lines.slice(0, -1),
      'all missing': () => [],
      'a space added': (lines) => [`${lines[0]} `, ...lines.slice(1)],
    };
    for (const [name, change] of Object.entries(tamper)) {
      const path = await newLog(5);
      const lines = (await readFile(join(path, 'log.jsonl'), 'utf8')).trimEnd().split('\n');
      await writeFile(
        join(path, 'log.jsonl'),
        change(lines)
          .map((line) => `${line}\n`)
          .join(''),
      );
      expect((await verifyAuditLog(path)).problems, name).not.toEqual([]);
      await expect(AuditLog.open(path, options), name).rejects.toMatchObject({ code: 'audit-damaged', exitCode: 5 });
    }
    const path = await newLog(5);
    await rm(join(path, 'HEAD'));
    expect((await verifyAuditLog(path)).problems).not.toEqual([]);
    await expect(AuditLog.open(path, options)).rejects.toMatchObject({ code: 'audit-damaged' });
  });

  it('loses a torn last line and nothing else', async () => {
    const path = await newLog(3);
    const whole = await readFile(join(path, 'log.jsonl'), 'utf8');
    const head = await readFile(join(path, 'HEAD'), 'utf8');
    await writeFile(join(path, 'log.jsonl'), `${whole}{"n":4,"prev":`);
    expect(await verifyAuditLog(path)).toMatchObject({ entries: 3, problems: [], traces: ['audit/log.jsonl ends in an unfinished line'] });
    await (await AuditLog.open(path, options)).close();
    expect(await readFile(join(path, 'log.jsonl'), 'utf8')).toBe(whole);
    // An entry that was written whole, but whose HEAD was not.
    const last = JSON.parse(head);
    const { lines } = chain(last, [{ event: 'commit', object: 'x' }], options.clock, 'tester');
    await writeFile(join(path, 'log.jsonl'), whole + lines);
    expect((await verifyAuditLog(path)).traces).toEqual(['audit/HEAD is behind the log by 1']);
    await (await AuditLog.open(path, options)).close();
    expect(await verifyAuditLog(path)).toMatchObject({ entries: 4, problems: [], traces: [] });
    // The very first entry, whose HEAD was not written: a new log has a HEAD before its first entry.
    const fresh = await newLog(0);
    await writeFile(join(fresh, 'log.jsonl'), chain(NO_HEAD, [{ event: 'begin', object: 'x' }], options.clock, 'tester').lines);
    expect((await AuditLog.open(fresh, options).then(async (log) => [log.head.n, await log.close()]))[0]).toBe(1);
  });

  it('reveals by an anchor that the whole data root was put back', async () => {
    const path = await newLog(3);
    const copies = await Promise.all(['log.jsonl', 'HEAD'].map((name) => readFile(join(path, name))));
    const log = await AuditLog.open(path, options);
    await log.append([{ event: 'publish', object: 'release' }]);
    await log.close();
    const anchor = Anchor.parse(await anchorAuditLog(path));
    expect(await verifyAuditLog(path, [anchor])).toMatchObject({ problems: [] });
    await writeFile(join(path, 'log.jsonl'), copies[0] ?? '');
    await writeFile(join(path, 'HEAD'), copies[1] ?? '');
    expect((await verifyAuditLog(path)).problems).toEqual([]);
    expect((await verifyAuditLog(path, [anchor])).problems).toHaveLength(1);
    const other = await AuditLog.open(path, options);
    await other.append([{ event: 'publish', object: 'another release' }]);
    await other.close();
    expect((await verifyAuditLog(path, [anchor])).problems).toHaveLength(1);
  });

  it('checks 100,000 entries', async () => {
    const path = await newLog(0);
    const events = Array.from({ length: 100_000 }, (_, n) => ({ event: 'view', object: `earnings@tabulated`, facts: { n } }));
    const { lines, head } = chain(NO_HEAD, events, options.clock, 'tester');
    await writeFile(join(path, 'log.jsonl'), lines);
    await writeFile(join(path, 'HEAD'), canonicalJson(head));
    const report = await verifyAuditLog(path);
    expect(report).toEqual({ entries: 100_000, head, problems: [], traces: [] });
  });
});

describe('reads', () => {
  it('are logged without the lock and joined once to the log by the next commit', async () => {
    const root = join(folder, 'root');
    const store = await Store.open(root, { ...options, create: true });
    const run = await store.begin('hold');
    await Promise.all([1, 2, 3].map((n) => store.auditReads([{ event: 'view', object: `table-${n}` }])));
    await store.auditReads([
      { event: 'view', object: 'a' },
      { event: 'export', object: 'b' },
    ]);
    const audit = join(root, 'audit');
    expect((await collectReads(audit)).events).toHaveLength(5);
    expect(await run.commit()).toEqual({ changed: false });
    expect((await readdir(audit)).sort()).toEqual(['HEAD', 'log.jsonl']);
    const entries = [];
    for await (const entry of exportAuditLog(audit)) entries.push(entry);
    expect(
      entries
        .filter((entry) => entry.facts?.['read'] !== undefined)
        .map((entry) => entry.object)
        .sort(),
    ).toEqual(['a', 'b', 'table-1', 'table-2', 'table-3']);

    // A file whose entries are in the log already (the writer died before it could delete it) is not joined again.
    const origin = entries.find((entry) => entry.object === 'a')?.facts?.['read'];
    const read = typeof origin === 'string' ? (origin.split('#')[0] ?? '') : '';
    await writeFile(join(audit, read), chain(NO_HEAD, [{ event: 'view', object: 'a' }], options.clock, 'x').lines, { mode: 0o600 });
    expect(await collectReads(audit)).toEqual({ events: [], files: [read] });
    expect(await store.verify()).toMatchObject({ exitCode: 0 });
  });
});
