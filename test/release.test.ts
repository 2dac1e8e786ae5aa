import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { appendFile, cp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asProtected, type Protected, type ProtectedRelease } from '../anonymize/data-state.ts';
import { EMPTY_LEDGER, type Ledger } from '../anonymize/ledger.ts';
import type { ReleaseContent } from '../anonymize/public-manifest.ts';
import {
  type ReleaseAction,
  type ReleaseRecord,
  ReleaseStatus,
  readRecord,
  releaseHash,
  stateDiagram,
  TRANSITIONS,
} from '../anonymize/release.ts';
import { writePackage } from '../anonymize/release-package.ts';
import { canDo, checkRecord } from '../anonymize/release-permissions.ts';
import { addDuration, canPublishAt, describePolicy, embargoEnd, endOfPeriod } from '../anonymize/release-policies.ts';
import { approve, change, draft, publish, return_, submit, verifyRelease, withdraw } from '../anonymize/release-workflow.ts';
import { readPeople, signDecision } from '../anonymize/signature.ts';
import { AppError } from '../engine/errors.ts';
import { generateSigningKeys } from '../engine/keys.ts';
import { type CellRow, contentOf, makePeople, openWorkbench, protect, ROWS, reportOf, wages } from './release-fixture.ts';

const LATER = () => new Date('2024-07-01T00:00:00Z');
const team = makePeople();
const { people, sign } = team;
let bench: Awaited<ReturnType<typeof openWorkbench>>;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

interface Draft {
  readonly dir: string;
  readonly record: ReleaseRecord;
  readonly report: ReturnType<typeof reportOf>;
}

async function drafted(tables = [wages('2024-03')], changes: Partial<ReleaseContent> = {}): Promise<Draft> {
  const dir = bench.folder();
  const content = contentOf([...new Set(tables.map((table) => table.partition))], changes);
  const report = reportOf(tables, { method: content.method });
  const record = await draft({
    session: bench.session,
    dir,
    content,
    release: asProtected(tables, report),
    author: 'dana',
    context: 'First quarter',
  });
  return { dir, record, report };
}

const submitted = (record: ReleaseRecord) => submit(record, sign(record, 'submit', 'dana'), people);
const approvedBy = (record: ReleaseRecord, name: string) => approve(record, sign(record, 'approve', name), people);
const approved = (record: ReleaseRecord) => approvedBy(approvedBy(submitted(record), 'noa'), 'amir');

function publishing(from: Draft, record: ReleaseRecord, ledger: Ledger = EMPTY_LEDGER, clock = LATER) {
  return publish({ session: bench.session, dir: from.dir, record, report: from.report, people, ledger, clock });
}

/** A first release with its ledger. */
async function released(tables = [wages('2024-03')], changes: Partial<ReleaseContent> = {}, ledger: Ledger = EMPTY_LEDGER) {
  const from = await drafted(tables, changes);
  return { ...from, ...(await publishing(from, approved(from.record), ledger)) };
}

const withRow = (at: number, row: CellRow) => ROWS.map((old, index) => (index === at ? row : old));

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
    const copy = bench.folder();
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

describe('policies', () => {
  it('end an embargo at the end of the period plus the duration', () => {
    const ends = ['2024', '2024-S1', '2024-Q1', '2024-02', '2024-W01', '2020-W53', '2024-02-29'].map((period) =>
      endOfPeriod(period).toISOString().slice(0, 10),
    );
    expect(ends).toEqual(['2025-01-01', '2024-07-01', '2024-04-01', '2024-03-01', '2024-01-08', '2021-01-04', '2024-03-01']);
    const add = (from: string, duration: string) => addDuration(new Date(from), duration).toISOString().slice(0, 10);
    expect([
      add('2024-04-01', 'P60D'),
      add('2024-01-31', 'P1M'),
      add('2024-02-29', 'P1Y'),
      add('2024-01-01', 'P1Y2M1W1D'),
      add('2024-01-01', 'P0D'),
    ]).toEqual(['2024-05-31', '2024-02-29', '2025-02-28', '2025-03-09', '2024-01-01']);
    for (const duration of ['60', 'P', 'P-1D', 'PT1H', 'P1.5D', 'P1D2M', '']) expect(() => add('2024-01-01', duration)).toThrow(/ISO 8601/);
    const record = contentOf(['2024-03', '2024-01']);
    expect(embargoEnd(record).toISOString()).toBe('2024-05-31T00:00:00.000Z');
  });

  it('open at the first moment after the embargo and not a millisecond earlier', async () => {
    const { record } = await drafted();
    expect(canPublishAt(record, () => new Date('2024-05-30T23:59:59.999Z'))).toBe(false);
    expect(canPublishAt(record, () => new Date('2024-05-31T00:00:00Z'))).toBe(true);
    expect(canPublishAt(record, () => new Date(Number.NaN))).toBe(false);
  });

  it('are shown beside their defaults and floors', () => {
    expect(describePolicy(contentOf(['2024']).policy)[0]).toEqual({ parameter: 'min_frequency', value: '10', standard: '10', floor: '3' });
    expect(describePolicy(contentOf(['2024']).policy)).toContainEqual({
      parameter: 'employer_id.dominance',
      value: '(2, 90)',
      standard: '(2, 90)',
      floor: '-',
    });
  });

  it('sign alike with a key in PEM and a key object', () => {
    const hashes = { release_hash: 'a'.repeat(64), report_hash: 'b'.repeat(64) };
    const pem = team.keys.get('noa') ?? '';
    expect(signDecision(hashes, 'approve', 'noa', createPrivateKey(pem))).toEqual(signDecision(hashes, 'approve', 'noa', pem));
  });

  it('refuse two people with one name or one key', () => {
    const [first, second] = team.approvers;
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

type Attempt = readonly [name: string, code: string, attack: () => Promise<unknown>];

/** Runs an attack that tampers with the record of a fully approved release before it is published. */
const forged = (edit: (record: ReleaseRecord) => unknown) => async () => {
  const from = await drafted();
  return publishing(from, edit(approved(from.record)) as ReleaseRecord);
};
/** Tampers with the folder of a fully approved release. */
const tampered = (edit: (dir: string) => Promise<unknown>) => async () => {
  const from = await drafted();
  const record = approved(from.record);
  await edit(from.dir);
  return publishing(from, record);
};
const draftOf = async (release: unknown, changes: Partial<ReleaseContent> = {}) =>
  draft({
    session: bench.session,
    dir: bench.folder(),
    content: contentOf(['2024-03'], changes),
    release: release as Protected<ProtectedRelease>,
    author: 'dana',
    context: 'x',
  });
const resealed = (record: ReleaseRecord): ReleaseRecord => ({ ...record, release_hash: releaseHash(record) });
const second = async (tables: Parameters<typeof drafted>[0], changes: Partial<ReleaseContent> = {}) => {
  const first = await released();
  const from = await drafted(tables, { id: 'second', ...changes });
  return publishing(from, approved(from.record), first.ledger);
};
const policyWith = (change: Partial<ReleaseContent['policy']>) => ({ policy: { ...contentOf(['2024-03']).policy, ...change } });

const ATTEMPTS: readonly Attempt[] = [
  [
    'raw tables instead of protected ones',
    'release-not-protected',
    () => draftOf({ tables: [wages('2024-03')], report: reportOf([wages('2024-03')]), reportHash: 'a'.repeat(64) }),
  ],
  [
    'a copy of a protected object with other tables',
    'release-not-protected',
    () => draftOf({ ...protect([wages('2024-03')]), tables: [wages('2024-03', ROWS.slice(0, 3))] }),
  ],
  [
    'a report that says unsafe',
    'release-report-unsafe',
    async () => draftOf(asProtected([wages('2024-03')], reportOf([wages('2024-03')], { verdict: 'unsafe' }))),
  ],
  [
    'a report of other tables',
    'release-report-mismatch',
    async () => draftOf(asProtected([wages('2024-03')], reportOf([wages('2024-03', ROWS.slice(0, 3))]))),
  ],
  [
    'one table more than the report covers',
    'release-report-tables',
    async () => draftOf(asProtected([wages('2024-03'), wages('2024-03', ROWS, 'more')], reportOf([wages('2024-03')]))),
  ],
  [
    'values changed in memory after protection',
    'release-report-mismatch',
    async () => {
      const table = wages('2024-03');
      const release = protect([table]);
      table.measures[0]?.values.set([191]);
      return draftOf(release);
    },
  ],
  [
    'a suppressed cell that still carries its value',
    'release-suppressed-value',
    async () => {
      const table = wages('2024-03');
      table.measures[0]?.values.fill(44);
      return draftOf(protect([table]));
    },
  ],
  ['a threshold below the floor', 'release-floor', () => draftOf(protect([wages('2024-03')]), policyWith({ min_frequency: 2 }))],
  [
    'a contributor minimum below the floor',
    'release-floor',
    () => draftOf(protect([wages('2024-03')]), policyWith({ contributors: { person_id: { min: 1 } } })),
  ],
  [
    'a cell of 7 persons under threshold 10',
    'release-scan',
    () => draftOf(protect([wages('2024-03', withRow(6, ['G', '_T', 7, 70_000, 10_000]))])),
  ],
  ['publishing a draft', 'release-transition', async () => drafted().then((from) => publishing(from, from.record))],
  ['publishing without approval', 'release-transition', async () => drafted().then((from) => publishing(from, submitted(from.record)))],
  [
    'publishing with one approval',
    'release-transition',
    async () => drafted().then((from) => publishing(from, approvedBy(submitted(from.record), 'noa'))),
  ],
  [
    'the author approving the own release',
    'release-own',
    async () => drafted().then(({ record }) => approvedBy(submitted(record), 'dana')),
  ],
  [
    'one approver approving twice',
    'release-twice',
    async () => drafted().then(({ record }) => approvedBy(approvedBy(submitted(record), 'noa'), 'noa')),
  ],
  [
    'an approver who drafts under the own name',
    'release-role',
    async () =>
      drafted().then(({ record }) =>
        submit(resealed({ ...record, author: 'noa' }), sign(resealed({ ...record, author: 'noa' }), 'submit', 'noa'), people),
      ),
  ],
  [
    'an approver who submits in the author’s name',
    'release-bad-signature',
    async () => drafted().then(({ record }) => submit(record, { ...sign(record, 'submit', 'noa'), approver: 'dana' }, people)),
  ],
  [
    'a signature of an unknown key',
    'release-bad-signature',
    async () => {
      const { record } = await drafted();
      return approve(submitted(record), signDecision(record, 'approve', 'noa', generateSigningKeys().privateKey), people);
    },
  ],
  [
    'an approval by an unknown person',
    'release-unknown-signer',
    async () =>
      drafted().then(({ record }) =>
        approve(submitted(record), signDecision(record, 'approve', 'eve', generateSigningKeys().privateKey), people),
      ),
  ],
  [
    'a signature for "return" used as an approval',
    'release-bad-signature',
    async () =>
      drafted().then(({ record }) => approve(submitted(record), { ...sign(record, 'return', 'noa'), decision: 'approve' }, people)),
  ],
  [
    'an approval of another release',
    'release-bad-signature',
    async () =>
      drafted().then(async ({ record }) =>
        approve(submitted(record), sign((await drafted([wages('2024-02')])).record, 'approve', 'noa'), people),
      ),
  ],
  [
    'a status written by hand',
    'release-forged',
    async () => drafted().then((from) => publishing(from, { ...submitted(from.record), status: 'approved' })),
  ],
  [
    'an approval written by hand',
    'release-bad-signature',
    forged((record) => ({ ...record, approvals: record.approvals.map((each, at) => (at === 2 ? { ...each, approver: 'yael' } : each)) })),
  ],
  [
    'the same approval twice in the record',
    'release-twice',
    forged((record) => ({ ...record, approvals: [...record.approvals.slice(0, 2), ...record.approvals.slice(1, 2)] })),
  ],
  ['another policy after approval', 'release-changed', forged((record) => ({ ...record, policy: { ...record.policy, embargo: 'P0D' } }))],
  [
    'another policy after approval, hashed anew',
    'release-bad-signature',
    forged((record) => resealed({ ...record, policy: { ...record.policy, min_frequency: 3 } })),
  ],
  ['another author after approval, hashed anew', 'release-not-author', forged((record) => resealed({ ...record, author: 'yael' }))],
  ['an unknown field in the record', 'release-record', forged((record) => ({ ...record, override: true }))],
  [
    'another disclosure report',
    'release-report-hash',
    async () =>
      drafted().then((from) => publishing({ ...from, report: reportOf([wages('2024-03')], { note: 'x' }) }, approved(from.record))),
  ],
  ['a byte changed after approval', 'release-bytes', tampered((dir) => appendFile(join(dir, 'wages.csv'), ' '))],
  ['the unprotected table slipped into the folder', 'release-files', tampered((dir) => writeFile(join(dir, 'internal.csv'), 'x'))],
  ['a file removed after approval', 'release-files', tampered((dir) => rm(join(dir, 'wages.parquet')))],
  [
    'a link to a file outside',
    'release-folder',
    tampered((dir) => rm(join(dir, 'wages.csv')).then(() => symlink('/etc/hostname', join(dir, 'wages.csv')))),
  ],
  ['the approved file names with another manifest', 'release-bytes', tampered((dir) => writeFile(join(dir, 'manifest.json'), '{}'))],
  [
    'a hand-made package with the hash of a safe report',
    'release-report-mismatch',
    async () => {
      const from = await drafted();
      const dir = bench.folder();
      const files = await writePackage({
        session: bench.session,
        dir,
        content: from.record,
        tables: [wages('2024-03', withRow(4, ['C', 'M', 44, 500_000, 11_363.64]))],
      });
      return publishing({ ...from, dir }, approved(resealed({ ...from.record, files })));
    },
  ],
  [
    'publishing under embargo',
    'release-embargo',
    async () => drafted().then((from) => publishing(from, approved(from.record), EMPTY_LEDGER, () => new Date('2024-05-30T23:59:59Z'))),
  ],
  [
    'publishing with a broken clock',
    'release-embargo',
    async () => drafted().then((from) => publishing(from, approved(from.record), EMPTY_LEDGER, () => new Date(Number.NaN))),
  ],
  [
    'a second release with one person more (R5)',
    'release-differencing',
    () => second([wages('2024-03', withRow(0, ['_T', '_T', 191, 1_900_000, 10_000]))]),
  ],
  [
    'a second release that shows a withheld cell',
    'release-differencing',
    () => second([wages('2024-03', withRow(4, ['C', 'M', 44, 500_000, 11_363.64]))]),
  ],
  [
    'a second release that withholds a published cell',
    'release-differencing',
    () => second([wages('2024-03', withRow(6, ['G', '_T', null, null, null]))]),
  ],
  ['a second release with other cells', 'release-differencing', () => second([wages('2024-03', ROWS.slice(0, 6))])],
  [
    'a withheld cell under another table name',
    'release-differencing',
    () =>
      second(
        [wages('2024-03', withRow(4, ['C', 'M', 44, 500_000, 11_363.64]), 'pay')],
        policyWith({ tables: { pay: contentOf([]).policy.tables['wages'] as never } }),
      ),
  ],
  [
    'a withheld cell by a new measure of the same table',
    'release-differencing',
    () => {
      const table = wages('2024-03', withRow(4, ['C', 'M', 44, 500_000, 11_363.64]));
      const declared = { dimensions: ['industry', 'sex'], measures: ['jobs'], counts: ['jobs'], same_status: [] };
      return second(
        [{ ...table, measures: table.measures.slice(0, 1).map((measure) => ({ ...measure, name: 'jobs' })) }],
        policyWith({ tables: { wages: declared } }),
      );
    },
  ],
  ['a second method for the same numbers', 'release-second-method', () => second([wages('2024-03')], { method: 'round' })],
  [
    'publishing a withdrawn release',
    'release-transition',
    async () => released().then((from) => publishing(from, withdraw(from.record, sign(from.record, 'withdraw', 'noa'), people))),
  ],
  ['publishing a released record again', 'release-transition', async () => released().then((from) => publishing(from, from.record))],
  [
    'approvals of a returned round used again',
    'release-bad-signature',
    async () => {
      const from = await drafted();
      const old = approved(from.record);
      const next = change(return_(old, sign(old, 'return', 'yael'), people), from.record, 'dana', people);
      return publishing(from, { ...next, status: 'approved', approvals: old.approvals });
    },
  ],
];

describe('attempts to get unprotected, changed or unapproved data out (G13)', () => {
  it('are at least thirty different ones', () => {
    expect(new Set(ATTEMPTS.map(([name]) => name)).size).toBeGreaterThanOrEqual(30);
  });

  for (const [name, code, attack] of ATTEMPTS) {
    it(`refuses ${name}`, async () => {
      const outcome: unknown = await attack().catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(AppError);
      expect((outcome as AppError).code).toBe(code);
      expect((outcome as AppError).exitCode).toBe(['release-folder'].includes(code) ? 5 : code === 'release-record' ? 2 : 4);
    });
  }
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
