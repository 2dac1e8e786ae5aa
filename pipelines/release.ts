import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join as joinPath } from 'node:path';
import { asProtected } from '../anonymize/data-state.ts';
import { type PackageFile, type ReleaseRecord, readRecord } from '../anonymize/release.ts';
import { checkMay } from '../anonymize/release-permissions.ts';
import * as gate from '../anonymize/release-workflow.ts';
import type { Approval } from '../anonymize/signature.ts';
import { hashJson } from '../engine/canonical-json.ts';
import { DefinitionError, DisclosureError } from '../engine/errors.ts';
import type { Part } from '../engine/manifest.ts';
import type { Transaction } from '../engine/transaction.ts';
import { checkedPipeline } from './checked-pipeline.ts';
import { type Context, withTabulated } from './context.ts';
import { auditRecords } from './microdata/audit-records.ts';
import { draftRecords } from './microdata/draft-records.ts';
import { protectionReport } from './protection-report.ts';
import { releaseAbout } from './release-about.ts';
import { releasedCodes } from './release-codes.ts';
import { dossierRef, keepDossier, people, readDossier } from './release-dossier.ts';
import { keepLedger, readLedger } from './release-ledger.ts';
import { releasableMonths } from './release-months.ts';
import { releasePolicy } from './release-policy.ts';
import { publicTables } from './release-tables.ts';

export interface DraftRequest {
  /** Months to release; left out: all that are computed, mature and not released. */
  readonly periods?: readonly string[];
  readonly author: string;
  readonly note: string;
  /** The author's signature, to hand the draft to the approvers in the same step. */
  readonly sign?: (draft: ReleaseRecord) => Approval;
}

/** Makes the public package of a pipeline's months and keeps it as a draft, or as submitted. DisclosureError when the tables are not safe. */
export async function draftRelease(context: Context, name: string, options: DraftRequest): Promise<ReleaseRecord> {
  const checked = await checkedPipeline(context, name);
  const { pipeline } = checked;
  if (pipeline.release === undefined)
    throw new DefinitionError('release-undefined', `${name} has no release: section in its pipeline.yaml; add licence and embargo`);
  const ready = await releasableMonths(context, checked);
  const periods = [...(options.periods ?? ready)];
  const early = periods.filter((period) => !ready.includes(period));
  if (early.length > 0) {
    const why = `not computed, not mature (${pipeline.release.maturity ?? 'P0M'}), or released already`;
    throw new DisclosureError('release-not-ready', `${name}: ${early.join(', ')}: ${why}; ready are ${ready.join(', ') || 'none'}`);
  }
  if (periods.length === 0)
    throw new DisclosureError(
      'release-nothing',
      `${name} has no month that is computed, mature (${pipeline.release.maturity ?? 'at once'}) and not released yet; run it with newer deliveries`,
    );
  const releaseId = `${name}-${periods[0]}${periods.length > 1 ? `_${periods.at(-1)}` : ''}`;
  const work = async (transaction: Transaction): Promise<ReleaseRecord> => {
    const folder = dirname(transaction.stage('package/file'));
    const about = await releaseAbout(context, checked, periods);
    const record = await withTabulated(context, ['_staging'], async (session) => {
      const tables = await publicTables(context, session, checked, periods);
      const records = await draftRecords(context, { session, transaction }, checked, periods);
      const report = protectionReport(context, checked, tables, records.facts);
      const policy = { ...releasePolicy(context, checked), ...(records.policy && { microdata: records.policy }) };
      // Linked tables leave a month later than the others.
      const months = [...new Set([...tables.map(({ partition }) => partition), ...periods])].sort();
      const content = { id: releaseId, pipeline: name, title: pipeline.title, periods: months, policy, method: report.method };
      const drafted = await gate.draft({
        session,
        dir: folder,
        content,
        release: asProtected(tables, report),
        records: records.files,
        about,
        author: options.author,
        context: options.note,
        released: { ledger: await readLedger(context), codes: await releasedCodes(context, session, checked, months) },
      });
      return { drafted: await nextDraft(context, drafted), report, inside: records.inside };
    });
    const parts: Part[] = [];
    for (const file of record.drafted.files) {
      parts.push(
        await transaction.addFile(dossierRef(releaseId), joinPath(folder, file.path), `package-${record.drafted.round}/${file.path}`, {
          partition: null,
          key: file.sha256,
          rows: 0,
        }),
      );
    }
    for (const { staged, path } of record.inside) {
      const kept = `inside-${record.drafted.round}/${path}`;
      parts.push(await transaction.addFile(dossierRef(releaseId), staged, kept, { partition: null, key: hashJson(kept), rows: 0 }));
    }
    transaction.audit('release-draft', releaseId, { release_hash: record.drafted.release_hash });
    const signature = options.sign?.(record.drafted);
    const kept = signature === undefined ? record.drafted : gate.submit(record.drafted, signature, people(context));
    if (signature !== undefined)
      transaction.audit('release-submit', releaseId, { by: signature.approver, release_hash: kept.release_hash });
    keepDossier(transaction, kept, record.report, parts);
    return kept;
  };
  return refusalLogged(context, releaseId, () => transact(context, `release draft ${releaseId}`, work));
}

/** The draft as it follows on what is there: a release that is on its way is changed by its author only, and its decisions are void then. */
async function nextDraft(context: Context, drafted: ReleaseRecord): Promise<ReleaseRecord> {
  const manifest = await context.store.manifest(dossierRef(drafted.id));
  const before = manifest === undefined ? undefined : readRecord(manifest.facts['record']);
  checkMay(drafted, 'submit', drafted.author, people(context));
  if (before === undefined) return drafted;
  if (before.status === 'draft' && before.release_hash === drafted.release_hash) return before;
  return gate.change(before, drafted, drafted.author, people(context));
}

/** A signed decision of a person about a release. */
export async function decideRelease(
  context: Context,
  release: string,
  decision: Approval['decision'],
  signature: Approval,
): Promise<ReleaseRecord> {
  await readDossier(context, release);
  const act = { submit: gate.submit, approve: gate.approve, return: gate.return_, withdraw: gate.withdraw }[decision];
  return refusalLogged(context, release, () =>
    transact(context, `release ${decision} ${release}`, async (transaction) => {
      const dossier = await readDossier(context, release);
      const next = act(dossier.record, signature, people(context));
      keepDossier(transaction, next, dossier.report, dossier.parts);
      if (decision === 'withdraw' && (await context.store.manifest(`${release}@released`)) !== undefined)
        transaction.remove(`${release}@released`);
      transaction.audit(`release-${decision}`, release, { by: signature.approver, release_hash: next.release_hash });
      return next;
    }),
  );
}

/** Passes an approved release through the gate into `released/`; the ledger remembers its cells. */
export async function publishRelease(context: Context, release: string): Promise<ReleaseRecord> {
  await readDossier(context, release);
  return refusalLogged(context, release, () =>
    transact(context, `release publish ${release}`, async (transaction) => {
      const dossier = await readDossier(context, release);
      const ledger = await readLedger(context);
      const checked = await checkedPipeline(context, dossier.record.pipeline);
      await auditRecords(context, checked, dossier.record, dossier.folder, transaction);
      const published = await withTabulated(context, ['tabulated'], async (session) =>
        gate.publish({
          session,
          dir: dossier.folder,
          record: dossier.record,
          report: dossier.report,
          people: people(context),
          ledger,
          clock: context.clock,
          codes: await releasedCodes(context, session, checked, dossier.record.periods),
        }),
      );
      const folder = dirname(transaction.stage('released/file'));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const file of published.files) await copyFile(joinPath(dossier.folder, file.path), joinPath(folder, file.path));
      const parts = await transaction.addFolder(`${release}@released`, folder, { key: published.record.release_hash });
      requireApprovedBytes(parts, published.files);
      transaction.put(`${release}@released`, { key: published.record.release_hash, parts });
      keepDossier(transaction, published.record, dossier.report, dossier.parts);
      await keepLedger(transaction, ledger, published.ledger);
      transaction.audit('release-publish', release, { release_hash: published.record.release_hash });
      return published.record;
    }),
  );
}

/** Every refusal of the gate is on record. */
async function refusalLogged<T>(context: Context, object: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DisclosureError && error.code !== 'release-nothing')
      await context.store.auditReads([{ event: 'release-refused', object, facts: { code: error.code } }]);
    throw error;
  }
}

/** What lies in the released folder must be what was approved, even if a file was exchanged while it was copied. */
function requireApprovedBytes(parts: readonly Part[], files: readonly PackageFile[]): void {
  const approved = new Map(files.map((file) => [file.path, file.sha256]));
  const wrong = parts.find((part) => approved.get(basename(part.path)) !== part.sha256);
  if (wrong !== undefined || parts.length !== files.length)
    throw new DisclosureError('release-bytes', `${basename(wrong?.path ?? 'the folder')} is not the approved file`);
}

async function transact<T>(context: Context, command: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const transaction = await context.store.begin(command);
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } finally {
    await transaction.abort();
  }
}
