import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../engine/canonical-json.ts';
import { DefinitionError, DisclosureError } from '../engine/errors.ts';
import { isSignatureValid, signBytes } from '../engine/keys.ts';

/** What a person may decide about a release; each decision is signed. */
export const Decision = z.enum(['submit', 'approve', 'return', 'withdraw']);
export type Decision = z.output<typeof Decision>;

/** One decision of one person: `signature` is base64 of the 64 bytes of ed25519 over `statementOf`. */
export const Approval = z.strictObject({ approver: z.string().min(1), decision: Decision, signature: z.string().min(1) });
export type Approval = z.output<typeof Approval>;

/** A person of workspace.yaml who may sign: `public_key` is PEM (SPKI) or base64 of the 32 raw bytes. */
export const Approver = z.strictObject({ name: z.string().min(1), role: z.enum(['author', 'approver']), public_key: z.string().min(1) });
export type Approver = z.output<typeof Approver>;

export interface Person {
  readonly name: string;
  readonly role: 'author' | 'approver';
  /** PEM (SPKI). */
  readonly publicKey: string;
}

/** The two hashes that every signature covers. */
export interface Signable {
  readonly release_hash: string;
  readonly report_hash: string;
}

const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The people who may sign: one role and one key each, no name and no key twice. Throws `DefinitionError`. */
export function readPeople(approvers: readonly Approver[]): ReadonlyMap<string, Person> {
  const people = new Map<string, Person>();
  const seen = new Map<string, string>();
  for (const { name, role, public_key } of approvers) {
    const key = readPublicKey(public_key, name);
    for (const mark of [`name ${name.normalize('NFKC').trim().toLowerCase()}`, `key ${rawPublicKey(key).toString('hex')}`]) {
      const other = seen.get(mark);
      if (other !== undefined) {
        throw new DefinitionError(
          'approver-twice',
          `approvers: "${name}" and "${other}" share a ${mark.split(' ', 1)[0]}; each person has one entry, one role and one key`,
        );
      }
      seen.set(mark, name);
    }
    people.set(name, { name, role, publicKey: key.export({ format: 'pem', type: 'spki' }).toString() });
  }
  return people;
}

/** The bytes that are signed: canonical JSON of {decision, release_hash, report_hash}. */
function statementOf(record: Signable, decision: Decision): Buffer {
  return Buffer.from(canonicalJson({ decision, release_hash: record.release_hash, report_hash: record.report_hash }), 'utf8');
}

/** Signs a decision about a release with the person's private key (ed25519; PEM or key object). */
export function signDecision(record: Signable, decision: Decision, person: string, privateKey: KeyObject | string): Approval {
  const pem = typeof privateKey === 'string' ? privateKey : privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { approver: person, decision, signature: signBytes(pem, statementOf(record, decision)) };
}

/** Whether the person's key made this signature over these hashes and this decision. */
function isSignedBy(record: Signable, approval: Approval, person: Person): boolean {
  return isSignatureValid(person.publicKey, statementOf(record, approval.decision), approval.signature);
}

/** The signer of a decision; throws `DisclosureError` for an unknown person and for a signature that does not hold. */
export function checkSignature(record: Signable, approval: Approval, people: ReadonlyMap<string, Person>): Person {
  const person = people.get(approval.approver);
  if (person === undefined) {
    throw new DisclosureError('release-unknown-signer', 'a decision names a person who is not among the approvers of workspace.yaml');
  }
  if (!isSignedBy(record, approval, person)) {
    throw new DisclosureError(
      'release-bad-signature',
      `the signature of "${person.name}" for "${approval.decision}" does not fit this release and its report; sign the present content again`,
    );
  }
  return person;
}

function readPublicKey(text: string, name: string): KeyObject {
  try {
    const raw = Buffer.from(text.trim(), 'base64');
    const key = text.includes('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.concat([ED25519_SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ed25519' && !text.includes('PRIVATE KEY')) return key;
  } catch {
    // reported below: the engine's text may quote the key
  }
  throw new DefinitionError('approver-key', `approvers: the public key of "${name}" is not ed25519 in PEM or in base64 of 32 bytes`);
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(ED25519_SPKI_PREFIX.length);
}
