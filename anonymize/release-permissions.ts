import { AppError, DisclosureError } from '../engine/errors.ts';
import {
  APPROVERS_NEEDED,
  nextStatus,
  type ReleaseAction,
  type ReleaseRecord,
  type ReleaseRole,
  type ReleaseStatus,
  releaseHash,
} from './release.ts';
import { type Approval, checkSignature, type Person } from './signature.ts';

export type People = ReadonlyMap<string, Person>;

/** May this person do this? Throws `DisclosureError`; gives the role in which the person acts. */
export function checkMay(record: ReleaseRecord, action: ReleaseAction, name: string, people: People): ReleaseRole {
  const person = people.get(name);
  if (person === undefined) throw new DisclosureError('release-unknown-signer', 'the person is not among the approvers of workspace.yaml');
  const isAuthor = name === record.author;
  if (isAuthor && person.role !== 'author')
    throw new DisclosureError('release-role', `"${name}" is an approver and cannot author a release`);
  if ((action === 'approve' || action === 'return') && isAuthor) {
    throw new DisclosureError('release-own', 'the author can never decide on the own release; two other people must');
  }
  if ((action === 'submit' || action === 'change') && !isAuthor) {
    throw new DisclosureError('release-not-author', `only the author may ${action} this release`);
  }
  if (!isAuthor && person.role !== 'approver')
    throw new DisclosureError('release-role', `"${name}" is not an approver and cannot ${action} this release`);
  if (action === 'approve' && record.approvals.some((approval) => approval.approver === name)) {
    throw new DisclosureError('release-twice', `"${name}" has approved already; the second approval must come from another person`);
  }
  return isAuthor ? 'author' : 'approver';
}

/** Whether `checkMay` and the transition table would let the person act now. */
export function canDo(record: ReleaseRecord, action: ReleaseAction, name: string, people: People): boolean {
  try {
    const by = checkMay(record, action, name, people);
    nextStatus(record.status, action, by, approvalsOf(record) + 1);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** Number of approvals that a record carries. */
function approvalsOf(record: ReleaseRecord): number {
  return record.approvals.filter(({ decision }) => decision === 'approve').length;
}

/**
 * Refuses a record that its own signatures do not bear out: a changed content, a signature that fails, a signer without the right,
 * a status that was never reached. A draft needs no signature. Throws `DisclosureError`.
 */
export function checkRecord(record: ReleaseRecord, people: People): void {
  if (releaseHash(record) !== record.release_hash) {
    throw new DisclosureError(
      'release-changed',
      'the content of the release is not the one that was decided on; every approval is void: change and submit it again',
    );
  }
  let trail: ReleaseRecord = { ...record, status: 'draft', approvals: [] };
  for (const approval of record.approvals) {
    if (
      trail.status === 'approved' &&
      approval.decision === 'withdraw' &&
      record.status === 'withdrawn' &&
      people.get(approval.approver)?.role === 'approver'
    ) {
      trail = { ...trail, status: 'released' };
    }
    trail = decide(trail, approval, people);
  }
  const reached: readonly ReleaseStatus[] = trail.status === 'approved' ? ['approved', 'released'] : [trail.status];
  if (!reached.includes(record.status)) {
    throw new DisclosureError('release-forged', `the record says "${record.status}", its signatures only reach "${trail.status}"`);
  }
}

/** A record after a signed decision: permission, signature and transition are checked. */
export function decide(record: ReleaseRecord, approval: Approval, people: People): ReleaseRecord {
  const by = checkMay(record, approval.decision, approval.approver, people);
  checkSignature(record, approval, people);
  const approvals = approvalsOf(record) + (approval.decision === 'approve' ? 1 : 0);
  const status = nextStatus(record.status, approval.decision, by, approvals);
  if (status === 'approved' && approvals < APPROVERS_NEEDED)
    throw new DisclosureError('release-approvals', 'two approvals of two people are needed');
  return { ...record, status, approvals: [...record.approvals, approval] };
}
