import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { appendFile, cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ReleaseAction, type ReleaseRecord, ReleaseStatus, readRecord, stateDiagram, TRANSITIONS } from '../anonymize/release.ts';
import { canDo, checkRecord } from '../anonymize/release-permissions.ts';
import { approve, change, return_, verifyRelease, withdraw } from '../anonymize/release-workflow.ts';
import { readPeople, signDecision } from '../anonymize/signature.ts';
import { releaseDesk, withRow } from './release-desk.ts';
import { wages } from './release-fixture.ts';

const { approvers, approved, approvedBy, bench, drafted, keys, people, publishing, released, sign, submitted } = releaseDesk();

describe('states', () => {
  it('are drawn in the docs exactly as the transition table has them', async () => {
    const page = await readFile(new URL('../docs/methods/release-gate.md', import.meta.url), 'utf8');
    expect(/```mermaid\n([\s\S]*?)\n```/.exec(page)?.[1]).toBe(stateDiagram());
  });

  it('lead to "released" through "approved" only, and nowhere from "withdrawn"', () => {
    expect(TRANSITIONS.filter(({ to }) => to === 'released')).toEqual([
      { from: 'approved', action: 'publish', by: 'gate', to: 'released' },
    ]);
    expect(TRANSITIONS.filter(({ to }) => to === 'approved').every(({ by, approvals }) => by === 'approver' && approvals === 2)).toBe(true);
    expect(TRANSITIONS.filter(({ from }) => from === 'withdrawn')).toEqual([]);
  });

  it('allow each person exactly what the table and the roles say', async () => {
    const { record } = await drafted();
    const two = approved(record);
    const records: Record<string, ReleaseRecord> = {
      draft: record,
      submitted: submitted(record),
      half: approvedBy(submitted(record), 'noa'),
      approved: two,
      returned: return_(submitted(record), sign(record, 'return', 'noa'), people),
      released: { ...two, status: 'released' },
      withdrawn: withdraw(two, sign(two, 'withdraw', 'dana'), people),
    };
    const actions: ReleaseAction[] = ['change', 'submit', 'approve', 'return', 'publish', 'withdraw'];
    const can = (name: string) =>
      Object.entries(records).map(([status, each]) => [status, actions.filter((action) => canDo(each, action, name, people)).join(' ')]);
    expect(Object.fromEntries(can('dana'))).toEqual({
      draft: 'change submit withdraw',
      submitted: 'change withdraw',
      half: 'change withdraw',
      approved: 'change withdraw',
      returned: 'change withdraw',
      released: 'withdraw',
      withdrawn: '',
    });
    expect(Object.fromEntries(can('noa'))).toEqual({
      draft: '',
      submitted: 'approve return',
      half: 'return',
      approved: 'return',
      returned: '',
      released: 'withdraw',
      withdrawn: '',
    });
    expect(Object.fromEntries(can('amir'))['half']).toBe('approve return');
    expect(can('eve').every(([, allowed]) => allowed === '')).toBe(true);
    expect(
      Object.keys(records)
        .filter((status) => status !== 'half')
        .sort(),
    ).toEqual([...ReleaseStatus.options].sort());
    for (const each of Object.values(records)) expect(() => checkRecord(each, people)).not.toThrow();
  });
});

describe('a release', () => {
  it('goes from draft to released with the approved bytes, and verifies', async () => {
    const first = await released();
    expect(first.record.status).toBe('released');
    expect(first.files.map(({ path }) => path)).toEqual([
      'wages.csv',
      'wages.parquet',
      'wages.arrow',
      'wages.xlsx',
      'structure.xml',
      'report.html',
      'manifest.json',
    ]);
    expect(await verifyRelease(first.dir, JSON.parse(JSON.stringify(first.record)), people)).toEqual(first.files);
    expect(first.ledger.pages.map(({ period, table, release }) => [period, table, release])).toEqual([
      ['2024-03', 'wages', first.record.id],
    ]);
    expect(first.ledger.methods).toContainEqual({
      dataset: 'employment_earnings',
      period: '2024-03',
      measure: 'PERSONS',
      method: 'suppress',
    });
    const again = await drafted();
    expect(again.record).toEqual({ ...first.record, status: 'draft', approvals: [] });
  });

  it('may be published again unchanged, with a new month beside it, and keeps its trace when withdrawn (R10)', async () => {
    const first = await released();
    const second = await released([wages('2024-03'), wages('2024-04')], { id: 'employment_earnings-2024-04' }, first.ledger);
    expect(second.ledger.pages.map(({ period, release }) => [period, release])).toEqual([
      ['2024-03', first.record.id],
      ['2024-04', second.record.id],
    ]);
    const gone = withdraw(first.record, sign(first.record, 'withdraw', 'noa'), people);
    expect([gone.status, gone.approvals.length, gone.files]).toEqual(['withdrawn', 4, first.record.files]);
    expect(() => checkRecord(gone, people)).not.toThrow();
    const other = await drafted([wages('2024-03', withRow(0, ['_T', '_T', 191, 1_900_000, 10_000]))]);
    await expect(publishing(other, approved(other.record), first.ledger)).rejects.toMatchObject({ code: 'release-differencing' });
  });

  it('can be returned, changed and approved anew; the old signatures no longer hold', async () => {
    const { dir, record, report } = await drafted();
    const back = return_(approvedBy(submitted(record), 'noa'), sign(record, 'return', 'amir'), people);
    const next = change(back, { ...record, context: 'With a note on coverage' }, 'dana', people);
    expect([next.status, next.round, next.approvals]).toEqual(['draft', 2, []]);
    expect(next.release_hash).not.toBe(record.release_hash);
    expect(() => approve(submitted(next), sign(record, 'approve', 'noa'), people)).toThrow(/does not fit/);
    expect((await publishing({ dir, record, report }, approved(next))).record.round).toBe(2);
  });

  it('is refused by verify after any change of a byte (exit 5) or of its record (exit 4)', async () => {
    const { dir, record } = await released();
    const copy = bench().folder();
    await cp(dir, copy, { recursive: true });
    await appendFile(join(copy, 'wages.csv'), '\n');
    await expect(verifyRelease(copy, record, people)).rejects.toMatchObject({ code: 'release-damaged', exitCode: 5 });
    await expect(verifyRelease(dir, { ...record, context: 'x' }, people)).rejects.toMatchObject({ code: 'release-changed', exitCode: 4 });
    await expect(verifyRelease(dir, { ...record, version: 2 }, people)).rejects.toMatchObject({ code: 'release-record' });
    await expect(verifyRelease(dir, { ...record, files: [{ path: '../x.csv', sha256: 'a'.repeat(64) }] }, people)).rejects.toMatchObject({
      code: 'release-record',
    });
  });
});

describe('people', () => {
  it('sign alike with a key in PEM and a key object', () => {
    const hashes = { release_hash: 'a'.repeat(64), report_hash: 'b'.repeat(64) };
    const pem = keys.get('noa') ?? '';
    expect(signDecision(hashes, 'approve', 'noa', createPrivateKey(pem))).toEqual(signDecision(hashes, 'approve', 'noa', pem));
  });

  it('are refused where two have one name or one key', () => {
    const [first, second] = approvers;
    if (first === undefined || second === undefined) throw new Error('no people');
    expect(() => readPeople([first, { ...second, public_key: first.public_key }])).toThrow(/share a key/);
    expect(() => readPeople([first, { ...second, name: ' DANA' }])).toThrow(/share a name/);
    expect(() => readPeople([{ ...first, public_key: 'AAAA' }])).toThrow(/not ed25519/);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'pem', type: 'spki' }).toString();
    expect(() => readPeople([{ ...first, public_key: rsa }])).toThrow(/not ed25519/);
    const raw = Buffer.from(first.public_key.split('\n')[1] ?? '', 'base64')
      .subarray(12)
      .toString('base64');
    expect(() => readPeople([first, { ...second, public_key: raw }])).toThrow(/share a key/);
  });
});

describe('release record', () => {
  it('survives JSON, and names what is wrong without a value', async () => {
    const { record } = await drafted();
    expect(readRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
    expect(() => readRecord({ ...record, id: '../etc' })).toThrow(/^the release record is not valid at: id$/);
    expect(() => readRecord({ ...record, status: 'published', periods: [] })).toThrow(/status|periods/);
    expect(() => readRecord(JSON.parse('{"__proto__": {"status": "released"}}'))).toThrow(/not valid/);
  });
});
