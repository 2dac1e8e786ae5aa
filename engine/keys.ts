import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from './errors.ts';
import { exists, guard, makeFolder, writeDurably } from './file-hash.ts';

/** The secret from which every pseudonym of an institute derives. It never gets into a manifest, message or log; its id does. */
export interface MasterKey {
  /** First 8 hex digits of SHA-256 of the HKDF output with label `key-id`. */
  readonly id: string;
  /** Made from a public seed by `demo`: worthless as a protection. */
  readonly isDemo: boolean;
  readonly secret: KeyObject;
}

/** A pair of ed25519 keys in PEM. */
export interface SigningKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

const KEY_FILE_VARIABLE = 'TWINSTAT_KEY_FILE';
const KEY_BYTES = 32;
const BLOCK_BYTES = 64;
const DEMO_MARK = '# twinstat demo key: anybody can compute it from the seed; never for real data';
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Reads the master key: 32 bytes, or 64 hex digits after lines that begin with `#`. The path comes from the option or from
 * TWINSTAT_KEY_FILE. EngineError (exit 5): `key-missing`, `key-mode` (must be 0600 or 0400, of this user, no link), `key-format`, `key-value`.
 */
export async function readMasterKey(
  options: { path?: string | undefined; env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<MasterKey> {
  const path = options.path ?? options.env?.[KEY_FILE_VARIABLE];
  if (path === undefined || path === '') {
    throw new EngineError(
      'key-missing',
      `no key file: give its path by --key-file or ${KEY_FILE_VARIABLE}; \`openssl rand 32\` makes its content, its mode is 600`,
    );
  }
  const bytes = await readPrivateFile(path);
  const text = bytes.toString('latin1');
  const isHex = bytes.length !== KEY_BYTES && /^(#[^\n]*\n)*[0-9a-f]{64}\s*$/i.test(text);
  if (!isHex && bytes.length !== KEY_BYTES)
    throw new EngineError('key-format', `${path}: not a key; it must hold 32 bytes, or 64 hex digits`);
  return makeMasterKey(isHex ? Buffer.from(text.trimEnd().slice(-BLOCK_BYTES), 'hex') : bytes, isHex && text.startsWith(DEMO_MARK));
}

/** Key of a pseudonymisation domain: HKDF-SHA256 (RFC 5869), info `twinstat/domain/<domain>`. */
export function domainKey(master: MasterKey, domain: string): KeyObject {
  return createSecretKey(derive(master.secret, `twinstat/domain/${domain}`));
}

/**
 * The key XOR ipad and opad of HMAC (RFC 2104), 64 bytes each, to be bound as BLOBs ($1 inner, $2 outer):
 * `left(sha256($2::BLOB || unhex(sha256($1::BLOB || encode(message)))), 32)`.
 */
export function hmacPads(key: KeyObject): { inner: Uint8Array; outer: Uint8Array } {
  const padded = Buffer.alloc(BLOCK_BYTES);
  key.export().copy(padded);
  return { inner: padded.map((byte) => byte ^ 0x36), outer: padded.map((byte) => byte ^ 0x5c) };
}

/** A new pair of ed25519 keys, for an approver. */
export function generateSigningKeys(): SigningKeys {
  return exportPair(generateKeyPairSync('ed25519').privateKey);
}

/** Signature (base64) of bytes by an ed25519 private key in PEM. */
export function signBytes(privateKey: string, data: string | Uint8Array): string {
  return sign(null, Buffer.from(data), readPem(privateKey, createPrivateKey)).toString('base64');
}

/** Whether a signature is that of the key's owner over these bytes; a malformed signature is not. */
export function isSignatureValid(publicKey: string, data: string | Uint8Array, signature: string): boolean {
  if (!/^[A-Za-z0-9+/]{86}==$/.test(signature)) return false;
  return verify(null, Buffer.from(data), readPem(publicKey, createPublicKey), Buffer.from(signature, 'base64'));
}

/** Public key (PEM) of a private key (PEM). */
export function publicKeyOf(privateKey: string): string {
  return exportPair(readPem(privateKey, createPrivateKey)).publicKey;
}

/** Private key of an approver from a file of mode 0600 or 0400. */
export async function readPrivateKey(path: string): Promise<string> {
  const text = (await readPrivateFile(path)).toString('utf8');
  publicKeyOf(text);
  return text;
}

/** The master key that the demo derives from its seed. */
export function demoMasterKey(seed: number): MasterKey {
  return makeMasterKey(derive(demoSecret(seed), 'demo/master'), true);
}

/** The signing keys that the demo derives from its seed for one of its persons. */
export function demoSigningKeys(seed: number, person: string): SigningKeys {
  const der = Buffer.concat([PKCS8_ED25519, derive(demoSecret(seed), `demo/signing/${person}`)]);
  return exportPair(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

/** Writes `demo-master.key` and `demo-<person>.pem` (private) and `.pub.pem`, all marked as demo; files that are there stay. */
export async function writeDemoKeys(folder: string, seed: number, persons: readonly string[]): Promise<void> {
  await makeFolder(folder);
  const files: [string, string][] = [['demo-master.key', `${demoMasterKey(seed).secret.export().toString('hex')}\n`]];
  for (const person of persons) {
    const pair = demoSigningKeys(seed, person);
    files.push([`demo-${person}.pem`, pair.privateKey], [`demo-${person}.pub.pem`, pair.publicKey]);
  }
  for (const [name, content] of files) {
    const path = join(folder, name);
    const text = `${DEMO_MARK}\n${content}`;
    if (!(await exists(path))) await writeDurably(path, text);
    else if ((await guard(path, () => readFile(path, 'utf8'))) !== text) {
      throw new EngineError('key-exists', `${path}: another key is there; use the seed that it was made from, or another data root`);
    }
  }
}

function makeMasterKey(bytes: Uint8Array, isDemo: boolean): MasterKey {
  const secret = createSecretKey(bytes);
  const id = createHash('sha256').update(derive(secret, 'key-id')).digest('hex').slice(0, 8);
  return { id, isDemo, secret };
}

function derive(secret: KeyObject, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', label, KEY_BYTES));
}

function demoSecret(seed: number): KeyObject {
  if (!Number.isSafeInteger(seed)) throw new TypeError('a seed is a whole number');
  return createSecretKey(Buffer.from(`twinstat demo seed ${seed}`));
}

function exportPair(key: KeyObject): SigningKeys {
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function readPem(pem: string, read: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read(pem);
  } catch {
    key = undefined;
  }
  if (key?.asymmetricKeyType !== 'ed25519') throw new EngineError('key-format', 'not an ed25519 key in PEM');
  return key;
}

/** Whether a text that should be a path is rather a key itself. */
export function looksLikeKey(path: string): boolean {
  return /^([0-9a-f]{64}|[A-Za-z0-9+/]{43}=?)$/i.test(path);
}

async function readPrivateFile(path: string): Promise<Buffer> {
  if (looksLikeKey(path)) {
    throw new EngineError(
      'key-value',
      'the option for a key file holds what looks like a key: give the path of a file, and treat that key as lost',
    );
  }
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOOP') throw new EngineError('key-mode', `${path}: a link; give the key file itself`);
    throw new EngineError('key-missing', `${path}: the key file cannot be read (${error.code ?? 'unknown'})`);
  });
  try {
    const file = await handle.stat();
    const isOpenToOthers = process.platform !== 'win32' && ((file.mode & 0o177) !== 0 || file.uid !== process.getuid?.());
    if (!file.isFile() || isOpenToOthers) {
      throw new EngineError(
        'key-mode',
        `${path}: mode ${(file.mode & 0o777).toString(8)}; a key file belongs to this user and has mode 600 or 400`,
      );
    }
    if (file.size > 16_384) throw new EngineError('key-format', `${path}: too large for a key`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
