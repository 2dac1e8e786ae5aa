import { appendFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asProtected, type Protected, type ProtectedRelease } from '../anonymize/data-state.ts';
import { EMPTY_LEDGER } from '../anonymize/ledger.ts';
import type { ReleaseContent } from '../anonymize/public-manifest.ts';
import { type ReleaseRecord, releaseHash } from '../anonymize/release.ts';
import { writePackage } from '../anonymize/release-package.ts';
import { approve, change, draft, return_, submit, withdraw } from '../anonymize/release-workflow.ts';
import { signDecision } from '../anonymize/signature.ts';
import { AppError } from '../engine/errors.ts';
import { generateSigningKeys } from '../engine/keys.ts';
import { releaseDesk, withRow } from './release-desk.ts';
import { contentOf, protect, ROWS, reportOf, wages } from './release-fixture.ts';

const { approved, approvedBy, bench, drafted, people, publishing, released, sign, submitted } = releaseDesk();

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
    session: bench().session,
    dir: bench().folder(),
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
      const dir = bench().folder();
      const files = await writePackage({
        session: bench().session,
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
