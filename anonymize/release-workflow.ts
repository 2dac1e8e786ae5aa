import { hashJson } from '../engine/canonical-json.ts';
import { DefinitionError, DisclosureError, EngineError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { checkCovered, checkProtected, type Protected, type ProtectedRelease, type ProtectionReport, type Released } from './data-state.ts';
import { addToLedger, type Ledger } from './ledger.ts';
import type { About, ReleaseContent } from './public-manifest.ts';
import type { RecordsFile } from './public-records.ts';
import { nextStatus, type PackageFile, type ReleaseRecord, readRecord, releaseHash } from './release.ts';
import { hashFiles, listPackage, writePackage } from './release-package.ts';
import { checkMay, checkRecord, decide, type People } from './release-permissions.ts';
import { addDuration, type Clock, checkFloors, checkMayPublishNow, checkReleased, methodInLedger } from './release-policies.ts';
import { releasedFiles } from './released-microdata.ts';
import type { ReleasedCodes } from './released-together.ts';
import { checkPackage } from './scan.ts';
import type { Approval } from './signature.ts';

export interface DraftOptions {
  readonly session: Session;
  /** An empty folder that the session may use; the package is written into it. */
  readonly dir: string;
  readonly content: ReleaseContent;
  readonly release: Protected<ProtectedRelease>;
  /** Anonymised records that were proven, to leave beside the tables. */
  readonly records?: readonly RecordsFile[];
  /** The words of the report and of the workbooks. */
  readonly about?: About;
  readonly author: string;
  readonly context: string;
  /** What was released before, to refuse at once what the gate would refuse at the end. */
  readonly released?: { readonly ledger: Ledger; readonly codes: ReleasedCodes };
}

export interface PublishedRelease {
  readonly record: ReleaseRecord;
  readonly ledger: Ledger;
  /** The files that may leave, with the hashes that were approved. */
  readonly files: readonly PackageFile[];
}

/** Writes and scans the package of protected tables and gives its record as a draft. */
export async function draft(options: DraftOptions): Promise<ReleaseRecord> {
  const { session, dir, content, release, records, about, author, context, released } = options;
  checkProtected(release);
  checkFloors(content.policy);
  addDuration(new Date(0), content.policy.embargo);
  if (release.report.method !== content.method) {
    throw new DisclosureError('release-method', 'the method of the release is not the one of its disclosure report');
  }
  const partitions = [...new Set(release.tables.map((table) => table.partition))].sort();
  if (partitions.join() !== [...content.periods].sort().join()) {
    throw new DefinitionError('release-periods', 'the periods of the release are not exactly those of its tables');
  }
  const { id, pipeline, title, periods, policy, method } = content;
  const files = await writePackage({ session, dir, content, tables: release.tables, records, about });
  const pages = await checkPackage(session, dir, content, { isJustWritten: true });
  checkCovered(release.report, pages);
  if (released !== undefined) checkReleased(content, pages, released.ledger, released.codes, releasedFiles(content, files));
  const body = { version: 1 as const, id, pipeline, title, periods: [...periods], author, context, policy, method, round: 1, files };
  return sealed({ ...body, report_hash: release.reportHash });
}

/** The next draft of a release whose content (`next`, from `draft`) or context changed: every decision made so far is void. */
export function change(record: ReleaseRecord, next: ReleaseRecord, author: string, people: People): ReleaseRecord {
  nextStatus(record.status, 'change', checkMay(record, 'change', author, people));
  if (next.id !== record.id || next.author !== record.author)
    throw new DisclosureError('release-other', 'a change keeps the id and the author of the release');
  const { status: _status, approvals: _approvals, release_hash: _hash, ...body } = next;
  return sealed({ ...body, round: record.round + 1 });
}

/** The author hands a draft to the approvers. `signed`: `signDecision(record, 'submit', …)`. */
export function submit(record: ReleaseRecord, signed: Approval, people: People): ReleaseRecord {
  return decideAs('submit', record, signed, people);
}

/** One approver agrees; the second of two different people makes it `approved`. */
export function approve(record: ReleaseRecord, signed: Approval, people: People): ReleaseRecord {
  return decideAs('approve', record, signed, people);
}

/** An approver sends the release back to its author; approvals made so far end here. */
export function return_(record: ReleaseRecord, signed: Approval, people: People): ReleaseRecord {
  return decideAs('return', record, signed, people);
}

/** Takes a release back; the record and the ledger keep its trace, since what was published stays known. */
export function withdraw(record: ReleaseRecord, signed: Approval, people: People): ReleaseRecord {
  return decideAs('withdraw', record, signed, people);
}

/**
 * The gate itself: signatures, embargo, floors, method, ledger and the attack on all that is released, the exact approved bytes, and the scan once more on those bytes.
 * Gives the released record and the new ledger; the caller moves `files` of `dir` in one transaction. Throws `DisclosureError`.
 */
export async function publish(options: {
  readonly session: Session;
  readonly dir: string;
  readonly record: ReleaseRecord;
  readonly report: ProtectionReport;
  readonly people: People;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** How the codes of its dimensions hang together; by default they are flat. */
  readonly codes?: ReleasedCodes;
}): Promise<Released<PublishedRelease>> {
  const { session, dir, people, ledger, clock, codes = {} } = options;
  const record = readRecord(options.record);
  checkRecord(record, people);
  const status = nextStatus(record.status, 'publish', 'gate');
  if (hashJson(options.report) !== record.report_hash) {
    throw new DisclosureError('release-report-hash', 'the disclosure report is not the one that was approved');
  }
  await checkBytes(dir, record);
  const pages = await checkPackage(session, dir, record);
  checkCovered(options.report, pages);
  checkMayPublishNow(record, pages, ledger, clock, codes);
  await checkBytes(dir, record);
  const published: PublishedRelease = {
    record: { ...record, status },
    ledger: addToLedger(ledger, pages, methodInLedger(record), releasedFiles(record, record.files)),
    files: record.files,
  };
  return published as Released<PublishedRelease>;
}

/** A released folder against its record: signatures, status, and every byte. `EngineError` (5) for damage, `DisclosureError` for a forged record. */
export async function verifyRelease(dir: string, record: unknown, people: People): Promise<readonly PackageFile[]> {
  const known = readRecord(record);
  checkRecord(known, people);
  if (known.status !== 'released') throw new DisclosureError('release-not-released', `the release is ${known.status}, not released`);
  try {
    await checkBytes(dir, known);
  } catch (error) {
    if (error instanceof DisclosureError) throw new EngineError('release-damaged', error.message, { cause: error });
    throw error;
  }
  return known.files;
}

function decideAs(decision: Approval['decision'], record: ReleaseRecord, signed: Approval, people: People): ReleaseRecord {
  if (signed.decision !== decision)
    throw new DisclosureError('release-decision', `a signature for "${signed.decision}" cannot ${decision} a release`);
  const known = readRecord(record);
  checkRecord(known, people);
  return decide(known, signed, people);
}

async function checkBytes(dir: string, record: ReleaseRecord): Promise<void> {
  const paths = record.files.map(({ path }) => path);
  const present = await listPackage(dir);
  if (present.join() !== [...paths].sort().join())
    throw new DisclosureError('release-files', 'the folder does not hold exactly the approved files');
  for (const [at, file] of (await hashFiles(dir, paths)).entries()) {
    if (file.sha256 !== record.files[at]?.sha256) throw new DisclosureError('release-bytes', `${file.path} is not the approved file`);
  }
}

function sealed(body: Parameters<typeof releaseHash>[0]): ReleaseRecord {
  return readRecord({ ...body, release_hash: releaseHash(body), status: 'draft', approvals: [] });
}
