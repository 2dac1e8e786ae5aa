import { z } from 'zod';
import { hashJson } from '../engine/canonical-json.ts';
import { DefinitionError, DisclosureError } from '../engine/errors.ts';
import { Approval } from './signature.ts';

export const ReleaseStatus = z.enum(['draft', 'submitted', 'returned', 'approved', 'released', 'withdrawn']);
export type ReleaseStatus = z.output<typeof ReleaseStatus>;
export type ReleaseAction = 'change' | 'submit' | 'approve' | 'return' | 'publish' | 'withdraw';
/** `gate`: no person decides; the signatures, the policies and the scan do. */
export type ReleaseRole = 'author' | 'approver' | 'gate';

export interface Transition {
  readonly from: ReleaseStatus;
  readonly action: ReleaseAction;
  readonly by: ReleaseRole;
  readonly to: ReleaseStatus;
  /** Where two transitions differ only in this: the valid approvals after the action. */
  readonly approvals?: number;
}

/** Approvers who must sign beside the author. */
export const APPROVERS_NEEDED = 2;

/** Every way from one status of a release to another; what is not here cannot happen. `change` voids all decisions. */
export const TRANSITIONS: readonly Transition[] = [
  { from: 'draft', action: 'change', by: 'author', to: 'draft' },
  { from: 'submitted', action: 'change', by: 'author', to: 'draft' },
  { from: 'returned', action: 'change', by: 'author', to: 'draft' },
  { from: 'approved', action: 'change', by: 'author', to: 'draft' },
  { from: 'draft', action: 'submit', by: 'author', to: 'submitted' },
  { from: 'submitted', action: 'approve', by: 'approver', to: 'submitted', approvals: 1 },
  { from: 'submitted', action: 'approve', by: 'approver', to: 'approved', approvals: APPROVERS_NEEDED },
  { from: 'submitted', action: 'return', by: 'approver', to: 'returned' },
  { from: 'approved', action: 'return', by: 'approver', to: 'returned' },
  { from: 'approved', action: 'publish', by: 'gate', to: 'released' },
  { from: 'draft', action: 'withdraw', by: 'author', to: 'withdrawn' },
  { from: 'submitted', action: 'withdraw', by: 'author', to: 'withdrawn' },
  { from: 'returned', action: 'withdraw', by: 'author', to: 'withdrawn' },
  { from: 'approved', action: 'withdraw', by: 'author', to: 'withdrawn' },
  { from: 'released', action: 'withdraw', by: 'author', to: 'withdrawn' },
  { from: 'released', action: 'withdraw', by: 'approver', to: 'withdrawn' },
];

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Name = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/);
const Text = z.strictObject({ en: z.string().min(1), he: z.string().min(1) });

/** What a table may show: the allow-list of its columns, its counts of units, and measures that are withheld only together. */
export const TableDeclaration = z.strictObject({
  dimensions: z.array(Name),
  measures: z.array(Name).min(1),
  /** Measures that count units (persons, jobs): none may be published between 1 and `min_frequency` - 1. */
  counts: z.array(Name),
  /** Groups such as {persons, total_pay, average_pay}: in each cell all are published or none. */
  same_status: z.array(z.array(Name).min(2)),
  /** Measures that must follow from published cells, see `gapColumn`. */
  gaps: z
    .array(z.strictObject({ name: Name, of: Name, dimension: Name, reference: z.string().min(1), other: z.string().min(1) }))
    .optional(),
  /** A table of vintages: their dimension, the code of the final one, and the table whose values that shows. */
  vintages: z.strictObject({ dimension: Name, final: z.string().min(1), of: Name }).optional(),
});
export type TableDeclaration = z.output<typeof TableDeclaration>;

/** The policy that a release was protected under. Percentages 0 to 100; embargo an ISO 8601 duration from the end of the period. */
export const ReleasePolicy = z.strictObject({
  licence: z.string().min(1),
  embargo: z.string(),
  min_frequency: z.number().int(),
  contributors: z.record(
    Name,
    z.strictObject({
      min: z.number().int().optional(),
      dominance: z.array(z.strictObject({ n: z.number().int().min(1), k: z.number().min(50).max(100) })).optional(),
      p_percent: z.number().min(1).max(100).optional(),
      group: Name.optional(),
    }),
  ),
  tables: z.record(Name, TableDeclaration),
  /** Files of records: the allow-list of their columns, their key variables with k, the published dimensions that they tell, the hash of their policy. */
  microdata: z
    .record(
      Name,
      z.strictObject({
        columns: z.array(z.string().min(1)).min(1),
        keys: z.array(z.string().min(1)).min(1),
        k: z.number().int().min(3),
        dimensions: z.array(z.string()),
        sample: z.number().gt(0).max(1),
        policy: Hash,
      }),
    )
    .optional(),
  /** Tables of one pattern over all periods: a key that one of them withholds, or one of `follow`, all withhold from then on. */
  linked: z
    .array(z.strictObject({ tables: z.array(Name).min(1), follow: z.array(Name), each_month: z.literal(true).optional() }))
    .optional(),
  /** Tells the parameters of a method that changes values from all others: a second noise undoes the first. */
  perturbation: Hash.optional(),
});
export type ReleasePolicy = z.output<typeof ReleasePolicy>;

const ReleaseMethod = z.enum(['suppress', 'cell_key', 'round']);

const PackageFile = z.strictObject({
  path: z.string().regex(/^([a-z][a-z0-9_]*\.(csv|parquet|arrow|xlsx)|structure\.xml|report\.html|manifest\.json)$/),
  sha256: Hash,
});
export type PackageFile = z.output<typeof PackageFile>;

/** A release on its way through the gate: what it is, its hashes and who decided what. No times. */
export const ReleaseRecord = z.strictObject({
  version: z.literal(1),
  /** Also the name of its folder. */
  id: z.string().regex(/^[a-z][a-z0-9_-]{0,99}$/),
  pipeline: Name,
  title: Text,
  periods: z.array(z.string()).min(1),
  author: z.string().min(1),
  /** What the author tells the approvers. */
  context: z.string().min(1),
  policy: ReleasePolicy,
  method: ReleaseMethod,
  /** Counts changes; part of the release hash, so that a decision about an earlier content can never be used again. */
  round: z.number().int().min(1),
  files: z.array(PackageFile).min(1),
  report_hash: Hash,
  release_hash: Hash,
  status: ReleaseStatus,
  approvals: z.array(Approval),
});
export type ReleaseRecord = z.output<typeof ReleaseRecord>;

/** A record from its JSON text or value; unknown or missing fields are refused. */
export function readRecord(value: unknown): ReleaseRecord {
  const parsed = ReleaseRecord.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'record'))].join(', ');
  throw new DefinitionError('release-record', `the release record is not valid at: ${where}`);
}

/** Hash of everything that is approved: all of the record but its status, its decisions and the hash itself. */
export function releaseHash(record: Omit<ReleaseRecord, 'release_hash' | 'status' | 'approvals'> & Partial<ReleaseRecord>): string {
  const { status: _status, approvals: _approvals, release_hash: _hash, ...content } = record;
  return hashJson(content);
}

/** The transition of an action in a status, or `undefined`. `approvals`: valid approvals after the action. */
function transitionOf(status: ReleaseStatus, action: ReleaseAction, by: ReleaseRole, approvals = 0): Transition | undefined {
  return TRANSITIONS.find(
    (row) => row.from === status && row.action === action && row.by === by && (row.approvals === undefined || row.approvals === approvals),
  );
}

/** The status after an action. Throws `DisclosureError` naming what is possible instead. */
export function nextStatus(status: ReleaseStatus, action: ReleaseAction, by: ReleaseRole, approvals = 0): ReleaseStatus {
  const transition = transitionOf(status, action, by, approvals);
  if (transition !== undefined) return transition.to;
  const possible = [...new Set(TRANSITIONS.filter((row) => row.from === status).map((row) => `${row.action} (${row.by})`))];
  throw new DisclosureError(
    'release-transition',
    `"${action}" by the ${by} is not possible for a release that is ${status}; possible: ${possible.join(', ') || 'nothing, this status is final'}`,
  );
}

/** The transition table as a Mermaid state diagram, for docs/methods/release-gate.md. */
export function stateDiagram(): string {
  const label = ({ action, by, approvals }: Transition) => `${action} (${by}${approvals === undefined ? '' : `, approval ${approvals}`})`;
  const lines = TRANSITIONS.map((row) => `  ${row.from} --> ${row.to}: ${label(row)}`);
  return ['stateDiagram-v2', '  [*] --> draft: draft (author)', ...lines, '  withdrawn --> [*]'].join('\n');
}
