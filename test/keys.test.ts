import { createHmac } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  demoMasterKey,
  demoSigningKeys,
  domainKey,
  generateSigningKeys,
  hmacPads,
  isSignatureValid,
  publicKeyOf,
  readMasterKey,
  readPrivateKey,
  signBytes,
  writeDemoKeys,
} from '../engine/keys.ts';
import { Session } from '../engine/session.ts';
import { sql } from '../engine/sql.ts';

let folder: string;
const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinstat-keys-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function keyFile(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

describe('the master key', () => {
  it('comes from a private file of 32 bytes or 64 hex digits, by option or environment', async () => {
    const raw = await readMasterKey({ path: await keyFile('raw.key', bytes, 0o400) });
    const hex = await readMasterKey({ env: { TWINSTAT_KEY_FILE: await keyFile('hex.key', `# ours\n${bytes.toString('hex')}\n`) } });
    expect(hex.id).toBe(raw.id);
    expect(raw.id).toMatch(/^[0-9a-f]{8}$/);
    expect(raw.isDemo).toBe(false);
    expect(inspect(raw, { depth: 9 }) + JSON.stringify(raw)).not.toContain(bytes.toString('hex').slice(0, 8));
  });

  it('is refused when others may read it, when it is a link, malformed, missing, or given as a value', async () => {
    const path = await keyFile('open.key', bytes, 0o640);
    await expect(readMasterKey({ path })).rejects.toMatchObject({ code: 'key-mode', exitCode: 5 });
    await symlink(await keyFile('target.key', bytes), join(folder, 'link.key'));
    await expect(readMasterKey({ path: join(folder, 'link.key') })).rejects.toMatchObject({ code: 'key-mode' });
    await expect(readMasterKey({ path: folder })).rejects.toMatchObject({ code: 'key-mode' });
    for (const [index, content] of ['', 'short', bytes.toString('hex').slice(1), 'x'.repeat(20_000)].entries()) {
      await expect(readMasterKey({ path: await keyFile(`bad-${index}.key`, content) })).rejects.toMatchObject({ code: 'key-format' });
    }
    await expect(readMasterKey({ path: join(folder, 'nowhere.key') })).rejects.toMatchObject({ code: 'key-missing' });
    await expect(readMasterKey({ env: {} })).rejects.toMatchObject({ code: 'key-missing' });
    for (const value of [bytes.toString('hex'), bytes.toString('base64')]) {
      const error = await readMasterKey({ env: { TWINSTAT_KEY_FILE: value } }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'key-value' });
      expect(inspect(error)).not.toContain(value);
    }
  });

  it('gives each domain its own key, whose pads make HMAC-SHA-256 in SQL equal to that of Node', async () => {
    const master = await readMasterKey({ path: await keyFile('m.key', bytes) });
    const key = domainKey(master, 'persons');
    expect(domainKey(master, 'persons').equals(key)).toBe(true);
    expect(domainKey(master, 'employers').equals(key)).toBe(false);
    const { inner, outer } = hmacPads(key);
    const session = await Session.open({ temporaryDirectory: folder, allowedDirectories: [folder] });
    try {
      for (const message of ['person|1|123456782', 'employer|1|511111111', 'שלום', '']) {
        const { code } = await session.row<{ code: string }>(
          sql`SELECT left(sha256(${outer}::BLOB || unhex(sha256(${inner}::BLOB || encode(${message}::VARCHAR)))), 32) AS code`,
        );
        expect(code).toBe(createHmac('sha256', key).update(message).digest('hex').slice(0, 32));
      }
    } finally {
      session.close();
    }
  });
});

describe('signatures', () => {
  it('hold for the signed bytes and the signer only', async () => {
    const [ours, theirs] = [generateSigningKeys(), generateSigningKeys()];
    const signature = signBytes(ours.privateKey, 'decision');
    expect(publicKeyOf(ours.privateKey)).toBe(ours.publicKey);
    expect(isSignatureValid(ours.publicKey, 'decision', signature)).toBe(true);
    expect(isSignatureValid(ours.publicKey, 'Decision', signature)).toBe(false);
    expect(isSignatureValid(theirs.publicKey, 'decision', signature)).toBe(false);
    for (const forged of ['', 'x', `${signature}=`, signature.slice(1)])
      expect(isSignatureValid(ours.publicKey, 'decision', forged)).toBe(false);
    expect(() => isSignatureValid('no key', 'decision', signature)).toThrow('ed25519');
    await expect(readPrivateKey(await keyFile('open.pem', ours.privateKey, 0o644))).rejects.toMatchObject({ code: 'key-mode' });
    expect(await readPrivateKey(await keyFile('own.pem', ours.privateKey))).toBe(ours.privateKey);
    await expect(readPrivateKey(await keyFile('no.pem', 'secret text'))).rejects.toMatchObject({ code: 'key-format' });
  });
});

describe('demo keys', () => {
  it('follow from the seed, say that they are demo keys, and never replace other keys', async () => {
    const keys = join(folder, 'demo');
    await writeDemoKeys(keys, 7, ['author', 'approver-1']);
    await writeDemoKeys(keys, 7, ['author', 'approver-1']);
    const files = ['demo-approver-1.pem', 'demo-approver-1.pub.pem', 'demo-author.pem', 'demo-author.pub.pem', 'demo-master.key'];
    expect((await readdir(keys)).sort()).toEqual(files);
    for (const name of files) {
      expect(await readFile(join(keys, name), 'utf8')).toMatch(/^# twinstat demo key/);
      expect((await stat(join(keys, name))).mode & 0o777).toBe(0o600);
    }
    const master = await readMasterKey({ path: join(keys, 'demo-master.key') });
    expect(master).toMatchObject({ id: demoMasterKey(7).id, isDemo: true });
    expect(demoMasterKey(8).id).not.toBe(master.id);
    const author = await readPrivateKey(join(keys, 'demo-author.pem'));
    const publicKey = await readFile(join(keys, 'demo-author.pub.pem'), 'utf8');
    expect(isSignatureValid(publicKey, 'x', signBytes(author, 'x'))).toBe(true);
    expect(demoSigningKeys(7, 'author').publicKey).not.toBe(demoSigningKeys(7, 'approver-1').publicKey);
    await expect(writeDemoKeys(keys, 8, [])).rejects.toMatchObject({ code: 'key-exists' });
  });
});
