import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, hashJson } from '../engine/canonical-json.ts';
import { listFiles } from '../engine/file-hash.ts';
import { isSafePath, type Ref } from '../engine/layout.ts';
import { lockHolder } from '../engine/lock.ts';
import type { Part } from '../engine/manifest.ts';
import { PHASES } from '../engine/publish.ts';
import { Store } from '../engine/store.ts';
import { hashState, writeMonths } from './store-workload.ts';

const CHILD = fileURLToPath(new URL('./store-child.ts', import.meta.url));
const BEFORE = ['2026-01'];
const AFTER = ['2026-01', '2026-02'];
let folder: string;
let base: string;
let count = 0;
let now = new Date('2026-02-01T00:00:00Z');
const clock = (): Date => now;

const newRoot = (): string => join(folder, `root-${++count}`);
const openStore = (root: string): Promise<Store> => Store.open(root, { clock, create: true, actor: 'tester' });

async function copyOfBase(): Promise<string> {
  const root = newRoot();
  await cp(base, root, { recursive: true, preserveTimestamps: true });
  await chmod(root, 0o700);
  return root;
}

function startChild(...args: string[]): { process: ChildProcess; firstLine: Promise<string>; ended: Promise<number | string | null> } {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | string | null>((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  const firstLine = new Promise<string>((resolve) => child.stdout.on('data', (data: Buffer) => resolve(data.toString().trim())));
  return { process: child, firstLine, ended };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinstat-store-'));
  base = newRoot();
  now = new Date('2026-01-01T00:00:00Z');
  await writeMonths(await openStore(base), ['2025-12']);
  now = new Date('2026-01-10T00:00:00Z');
  await writeMonths(await openStore(base), BEFORE);
  now = new Date('2026-02-01T00:00:00Z');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('canonical JSON', () => {
  it('has one text for one value and refuses what JSON would change', () => {
    expect(canonicalJson({ b: [1, -0, 'é\u2028'], a: undefined, A: { '10': 1, '9': null } })).toBe(
      '{"A":{"10":1,"9":null},"b":[1,0,"é\u2028"]}',
    );
    expect(hashJson({ a: 1, b: 2 })).toBe(hashJson({ b: 2, a: 1 }));
    for (const value of [Number.NaN, 1n, new Date(), undefined, [undefined], new Map()])
      expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe('a commit', () => {
  it('publishes all, is private whatever the umask, and is a no-op the second time', async () => {
    const root = newRoot();
    const umask = process.umask(0o000);
    try {
      const store = await openStore(root);
      expect(await writeMonths(store, AFTER)).toEqual({ changed: true });
    } finally {
      process.umask(umask);
    }
    const current = await readFile(join(root, 'CURRENT'));
    expect(await writeMonths(await openStore(root), AFTER)).toEqual({ changed: false });
    expect(await readFile(join(root, 'CURRENT'))).toEqual(current);
    expect(await listFiles(join(root, 'released'))).toEqual(['earnings-2026-02/README.txt', 'earnings-2026-02/data/earnings.csv']);
    expect(await readdir(join(root, '_staging'))).toEqual([]);
    expect(await readdir(join(root, '_vault/tmp'))).toEqual([]);
    for (const path of await listFiles(root)) expect([path, (await lstat(join(root, path))).mode & 0o777]).toEqual([path, 0o600]);
    expect(await (await openStore(root)).verify()).toMatchObject({ exitCode: 0, problems: [] });
  });

  it('gives the same bytes whether months came one by one or at once', async () => {
    const [stepwise, atOnce] = [await copyOfBase(), newRoot()];
    await writeMonths(await openStore(stepwise), AFTER);
    await writeMonths(await openStore(atOnce), AFTER);
    expect(await hashState(stepwise)).toBe(await hashState(atOnce));
    expect(await hashState(stepwise)).not.toBe(await hashState(base));
  });

  it('shows a reader one snapshot until it refreshes, and keeps old snapshots for the retention only', async () => {
    const root = await copyOfBase();
    const reader = await openStore(root);
    const before = await reader.manifest('job@integrated');
    const run = await (await openStore(root)).begin('replace');
    const staged = run.stage('x.parquet');
    await writeFile(staged, 'other');
    const part = await run.addPart('job@integrated', staged, { partition: null, key: 'k', rows: 1 });
    run.put('job@integrated', { key: hashJson('other'), parts: [part] });
    expect(await readFile(await run.partPath(part), 'utf8')).toBe('other');
    await run.commit();
    expect(await reader.manifest('job@integrated')).toEqual(before);
    for (const old of before?.parts ?? []) await reader.partPath(old);
    await reader.refresh();
    expect((await reader.manifest('job@integrated'))?.parts).toEqual([part]);

    const start = now;
    now = new Date(start.getTime() + 8 * 86_400_000);
    await (await (await openStore(root)).begin('sweep')).commit();
    now = start;
    expect(await listFiles(join(root, 'integrated/job/parts'))).toEqual([part.path.split('/').at(-1)]);
    expect(await (await openStore(root)).verify()).toMatchObject({ exitCode: 0 });
  });

  it('keeps two months of the same rows as one file, and both stay when the store is swept', async () => {
    const root = await copyOfBase();
    const run = await (await openStore(root)).begin('twins');
    const parts: Part[] = [];
    for (const partition of AFTER) {
      const staged = run.stage(`${partition}.parquet`);
      await writeFile(staged, 'no rows');
      parts.push(await run.addPart('job@integrated', staged, { partition, key: 'k', rows: 0 }));
    }
    run.put('job@integrated', { key: hashJson('twins'), parts });
    await run.commit();
    await (await (await openStore(root)).begin('sweep')).commit();
    const store = await openStore(root);
    expect((await store.manifest('job@integrated'))?.parts).toEqual(parts);
    for (const part of parts) expect(await readFile(await store.partPath(part), 'utf8')).toBe('no rows');
    expect(await store.verify()).toMatchObject({ exitCode: 0 });
    const twice = await store.begin('twice');
    expect(() => twice.put('job@integrated', { key: hashJson('twice'), parts: [...parts, ...parts] })).toThrow('listed twice');
    await twice.abort();
  });

  it('leaves nothing behind when it is aborted or fails, and repairs a part that was damaged when it is made again', async () => {
    const root = await copyOfBase();
    const hash = await hashState(root);
    const run = await (await openStore(root)).begin('give up');
    const staged = run.stage('x.parquet');
    await writeFile(staged, 'given up');
    await run.addPart('job@integrated', staged, { partition: null, key: 'k', rows: 1 });
    await run.abort();
    await run.abort();
    await expect(run.commit()).rejects.toMatchObject({ code: 'store-closed' });
    expect(await hashState(root)).toBe(hash);
    expect(await (await openStore(root)).verify()).toMatchObject({ exitCode: 0 });

    const [part] = (await (await openStore(root)).manifest('job@integrated'))?.parts ?? [];
    await writeFile(join(root, part?.path ?? ''), 'damaged');
    expect(await writeMonths(await openStore(root), BEFORE)).toEqual({ changed: false });
    expect(await hashState(root)).toBe(hash);
  });

  it('refuses what would break a promise', async () => {
    const root = await copyOfBase();
    const attempt = async (ref: Ref, name: string, content: string, key: string): Promise<unknown> => {
      const run = await (await openStore(root)).begin('attempt');
      try {
        const staged = run.stage('file', { clear: true });
        await writeFile(staged, content);
        const part = await run.addFile(ref, staged, name, { partition: null, key: 'k', rows: 0 });
        run.put(ref, { key, parts: [part] });
        return await run.commit();
      } catch (error) {
        return error;
      } finally {
        await run.abort();
      }
    };
    const key = hashJson('new');
    expect(await attempt('filings@received', '2026-01/filings.csv', 'changed', key)).toMatchObject({ code: 'store-immutable' });
    expect(await attempt('earnings-2026-01@released', 'more.csv', 'more', key)).toMatchObject({ code: 'store-immutable' });
    expect(await attempt('filings@received', '2026-09/filings.csv', 'x', hashJson(['received', BEFORE]))).toMatchObject({
      code: 'store-key-conflict',
      exitCode: 5,
    });
    for (const name of ['../../etc', '/etc/passwd', 'a/../b', 'a/*.csv', 'a/x[1].csv', 'a\\b', 'a//b', 'a/\n', 'plain.csv']) {
      expect(await attempt('filings@received', name, 'x', key), name).toMatchObject({ code: 'store-path' });
    }
    for (const ref of ['..@admitted', 'a/b@admitted', 'x@elsewhere', '@admitted', 'tmp@vault'] as Ref[]) {
      expect(await attempt(ref, 'd/x', 'x', key), ref).toMatchObject({ code: 'store-ref' });
    }
    await mkdir(join(root, 'released/by-hand'), { mode: 0o700 });
    expect(await attempt('by-hand@released', 'x.csv', 'x', key)).toMatchObject({ code: 'store-immutable' });
    const run = await (await openStore(root)).begin('outside');
    await expect(run.addPart('job@integrated', '/etc/hostname', { partition: null, key: 'k', rows: 0 })).rejects.toMatchObject({
      code: 'store-path',
    });
    await symlink('/etc/hostname', run.stage('link'));
    await expect(run.addPart('job@integrated', run.stage('link'), { partition: null, key: 'k', rows: 0 })).rejects.toThrow();
    await run.abort();
    expect(await hashState(root)).toBe(await hashState(base));
    expect(isSafePath('שכר/דיווחים 2026.csv')).toBe(true);
  });
});

describe('a process that dies', () => {
  it('at any kind of step leaves the state before or after, and a plain rerun gives the bytes of an undisturbed run', {
    timeout: 300_000,
  }, async () => {
    const before = await hashState(base);
    const undisturbed = await copyOfBase();
    const child = startChild('run', undisturbed, '0', ...AFTER);
    const steps = (await child.firstLine).split(' ');
    expect(await child.ended).toBe(0);
    const after = await hashState(undisturbed);
    const seen = new Set<string>();
    const kill = async (step: number): Promise<void> => {
      const root = await copyOfBase();
      const victim = startChild('run', root, String(step), ...AFTER);
      seen.add(await victim.firstLine);
      expect(await victim.ended).toBe('SIGKILL');
      expect([before, after]).toContain(await hashState(root));
      const report = await (await openStore(root)).verify();
      expect([0, 7], `killed at step ${step}: ${JSON.stringify(report.problems)}`).toContain(report.exitCode);
      if (step % 6 === 0) expect(await startChild('run', root, '1', ...AFTER).ended).toBe('SIGKILL');
      await writeMonths(await openStore(root), AFTER);
      expect(await hashState(root), `killed at step ${step}`).toBe(after);
      expect(await (await openStore(root)).verify(), `killed at step ${step}`).toMatchObject({ exitCode: 0, problems: [] });
      expect(await listFiles(join(root, 'released'))).toEqual(await listFiles(join(undisturbed, 'released')));
      await rm(root, { recursive: true });
    };
    const twice = new Set(['file-placed', 'sweeping']);
    const isTried = (phase: string, index: number): boolean =>
      phase === 'audit-appended' || index === steps.indexOf(phase) || (twice.has(phase) && index === steps.lastIndexOf(phase));
    const kills = steps.flatMap((phase, index) => (isTried(phase, index) ? [index + 1] : []));
    for (let index = 0; index < kills.length; index += 2) await Promise.all(kills.slice(index, index + 2).map(kill));
    expect([...seen].sort()).toEqual([...PHASES].sort());
  });

  it('blocks nobody; while it lives, others learn its PID and exit code 75', async () => {
    const root = await copyOfBase();
    const holder = startChild('hold', root);
    await holder.firstLine;
    const pid = holder.process.pid ?? 0;
    await expect((await openStore(root)).begin('second')).rejects.toMatchObject({ code: 'store-busy', exitCode: 75, facts: { pid } });
    expect(await (await openStore(root)).verify()).toMatchObject({ exitCode: 0, writer: pid });
    expect(await lockHolder(join(root, '_lock'))).toBe(pid);
    holder.process.kill('SIGKILL');
    expect(await holder.ended).toBe('SIGKILL');
    const run = await (await openStore(root)).begin('third');
    await expect((await openStore(root)).begin('fourth')).rejects.toMatchObject({ code: 'store-busy', facts: { pid: process.pid } });
    await run.abort();
  });
});

describe('damage', () => {
  it('of a single byte in any file is noticed and the file named', async () => {
    const paths = (await listFiles(base)).filter((path) => !path.startsWith('_lock/'));
    expect(paths.length).toBeGreaterThan(12);
    for (const path of paths) {
      const root = await copyOfBase();
      const bytes = await readFile(join(root, path));
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(join(root, path), bytes);
      const report = await (await openStore(root)).verify();
      expect(report.exitCode, path).toBe(5);
      const names = path === 'CURRENT' || path.startsWith('audit/') ? /CURRENT|audit/ : new RegExp(path.replaceAll('.', '\\.'));
      expect(
        report.problems.some((problem) => names.test(`${problem.path} ${problem.message}`)),
        `${path}: ${JSON.stringify(report.problems)}`,
      ).toBe(true);
      await rm(root, { recursive: true });
    }
  });

  it('by deleted, added, linked and opened files, old copies and hostile manifests is noticed', async () => {
    const older = await readFile(join(base, 'CURRENT'));
    const part = async (root: string): Promise<string> =>
      join(root, (await (await openStore(root)).manifest('job@integrated'))?.parts[0]?.path ?? '');
    const manifestFile = async (root: string): Promise<string> => {
      const { snapshot } = (await (await openStore(root)).current()).datasets['job@integrated'] ?? {};
      return join(root, `integrated/job/${snapshot}.json`);
    };
    const editManifest = async (root: string, from: RegExp | string, to: string): Promise<void> => {
      const path = await manifestFile(root);
      await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
    };
    const tamper: Record<string, (root: string) => Promise<unknown>> = {
      'part deleted': async (root) => rm(await part(root)),
      'part longer': async (root) => writeFile(await part(root), 'PAR1 longer than before, much longer'),
      'part replaced by a link': async (root) => {
        const path = await part(root);
        await cp(path, join(root, 'runs/copy'));
        await rm(path);
        await symlink(join(root, 'runs/copy'), path);
      },
      'part readable by others': async (root) => chmod(await part(root), 0o644),
      'folder open to group': async (root) => chmod(join(root, 'admitted/filings'), 0o750),
      'file added to a release': async (root) => writeFile(join(root, 'released/earnings-2026-01/extra.csv'), 'x', { mode: 0o600 }),
      'folder added to released': async (root) => {
        await mkdir(join(root, 'released/mine'), { mode: 0o700 });
        await writeFile(join(root, 'released/mine/x.csv'), 'x', { mode: 0o600 });
      },
      'file added beside releases': async (root) => writeFile(join(root, 'released/x.csv'), 'x', { mode: 0o600 }),
      'manifest deleted': async (root) => rm(await manifestFile(root)),
      'manifest of another version': (root) => editManifest(root, '"version":1', '"version":2'),
      'manifest with ..': (root) => editManifest(root, /"path":"[^"]+"/, '"path":"integrated/job/../../../x"'),
      'manifest with an absolute path': (root) => editManifest(root, /"path":"[^"]+"/, '"path":"/etc/passwd"'),
      'CURRENT deleted': (root) => rm(join(root, 'CURRENT')),
      'CURRENT put back': async (root) => {
        await writeMonths(await openStore(root), AFTER);
        await writeFile(join(root, 'CURRENT'), older);
      },
      'audit log deleted': (root) => rm(join(root, 'audit/log.jsonl')),
      'HEAD deleted': (root) => rm(join(root, 'audit/HEAD')),
      'audit tail cut': async (root) => {
        const text = await readFile(join(root, 'audit/log.jsonl'), 'utf8');
        await writeFile(join(root, 'audit/log.jsonl'), text.slice(0, text.trimEnd().lastIndexOf('\n') + 1));
      },
    };
    for (const [name, change] of Object.entries(tamper)) {
      const root = await copyOfBase();
      const store = await openStore(root);
      await change(root);
      const report = await store.verify();
      expect(report.exitCode, name).toBe(5);
      expect(report.problems.length, name).toBeGreaterThan(0);
    }
    const root = await copyOfBase();
    await rm(join(root, 'CURRENT'));
    await expect(openStore(root)).rejects.toMatchObject({ code: 'store-damaged', exitCode: 5 });
  });

  it('stops a reader before it computes, and a writer before it writes', async () => {
    const root = await copyOfBase();
    const store = await openStore(root);
    const [part] = (await store.manifest('filings@admitted'))?.parts ?? [];
    if (part === undefined) throw new Error('no part');
    await store.partPath(part);
    const bytes = await readFile(join(root, part.path));
    bytes[3] = 0;
    await writeFile(join(root, part.path), bytes);
    await expect(store.partPath(part)).rejects.toMatchObject({ code: 'store-damaged', facts: { path: part.path } });
    await expect(store.partPath({ ...part, path: '../x' })).rejects.toMatchObject({ code: 'store-path' });
    const current = await readFile(join(root, 'CURRENT'), 'utf8');
    await writeFile(join(root, 'CURRENT'), current.replace(/,"job@integrated":\{[^}]+\}/, ''));
    await expect((await openStore(root)).begin('x')).rejects.toMatchObject({ code: 'store-damaged', facts: { path: 'CURRENT' } });
    expect(await lockHolder(join(root, '_lock'))).toBeUndefined();
  });

  it('an unfinished run is a trace, not damage', async () => {
    const root = await copyOfBase();
    await writeFile(join(root, '_staging/left'), 'x', { mode: 0o600 });
    await writeFile(join(root, 'audit/log.jsonl'), '{"n":', { flag: 'a' });
    const report = await (await openStore(root)).verify();
    expect(report.exitCode).toBe(7);
    expect(report.problems.map((problem) => problem.path)).toEqual(['audit/log.jsonl', '_staging/left']);
    await (await (await openStore(root)).begin('tidy')).commit();
    expect(await (await openStore(root)).verify()).toMatchObject({ exitCode: 0 });
  });
});

describe('opening a data root', () => {
  it('refuses what is missing, foreign, linked or open to others', async () => {
    const root = newRoot();
    await expect(Store.open(root, { clock })).rejects.toMatchObject({ code: 'store-missing', exitCode: 2 });
    await mkdir(root, { mode: 0o700 });
    await writeFile(join(root, 'thesis.docx'), 'x');
    await expect(openStore(root)).rejects.toMatchObject({ code: 'store-missing' });
    expect(await readdir(root)).toEqual(['thesis.docx']);
    const open = await copyOfBase();
    await chmod(open, 0o750);
    await expect(openStore(open)).rejects.toMatchObject({ code: 'store-insecure', exitCode: 5 });
    await chmod(open, 0o700);
    await chmod(join(open, '_vault'), 0o701);
    await expect(openStore(open)).rejects.toMatchObject({ code: 'store-insecure' });
    const link = newRoot();
    await symlink(base, link);
    await expect(openStore(link)).rejects.toMatchObject({ code: 'store-insecure' });
    expect((await stat(base)).mode & 0o777).toBe(0o700);
  });
});
