import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type AuditEntry, chainBroken, LOG_FILE, readEntryEndingAt } from './audit-chain.ts';
import { AuditLog, type AuditOptions } from './audit-log.ts';
import { hashJson } from './canonical-json.ts';
import { type Current, readCurrent } from './current.ts';
import { exists, guard } from './file-hash.ts';
import { isSafePath } from './layout.ts';
import { damaged, parseJson, readManifest } from './manifest.ts';
import { removeEmptyFolders } from './sweep.ts';

/** What a commit is about to do outside the parts' folders; an interrupted one is undone, or finished, by it. */
export const Journal = z.strictObject({
  place: z.array(z.string().refine(isSafePath)),
  removeFolders: z.array(
    z
      .string()
      .regex(/^released\/[^/]+$/)
      .refine(isSafePath),
  ),
});
export type Journal = z.output<typeof Journal>;
export const JOURNAL = 'journal.json';

/**
 * The holder of the lock brings the data root to a clean state: CURRENT is checked against the audit log, the journal of an interrupted
 * commit undone or finished, its intent closed, and all staging and temporary files wiped.
 */
export async function recover(root: string, options: AuditOptions): Promise<{ current: Current; log: AuditLog }> {
  const current = await readCurrent(root);
  const audit = join(root, 'audit');
  const log = await AuditLog.open(audit, options, current.audit);
  try {
    await checkCurrent(root, current, log.recent);
    await settleJournals(root, current);
    const open = await findOpenIntents(audit, current, log.recent);
    await log.append(
      open.map((intent) => ({
        event: intent.hash === current.audit.hash ? 'commit' : 'abort',
        object: intent.object,
        facts: { recovered: true },
      })),
    );
    await wipe(root);
    return { current, log };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Empties `_staging`, `_tmp` and `_vault/tmp` and removes drafts of CURRENT; folders of readers that still live are kept. */
async function wipe(root: string): Promise<void> {
  for (const path of await listLeftovers(root)) await guard(path, () => rm(join(root, path), { recursive: true, force: true }));
}

/** What an interrupted run left in the staging and temporary folders, relative to the root. */
export async function listLeftovers(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ['_staging', '_tmp', '_vault/tmp']) {
    const names = (await exists(join(root, folder))) ? await guard(folder, () => readdir(join(root, folder))) : [];
    found.push(...names.filter((name) => !isOfLivingReader(name)).map((name) => `${folder}/${name}`));
  }
  for (const folder of ['', 'audit/']) {
    const names = await guard(folder, () => readdir(join(root, folder)));
    found.push(...names.filter((name) => name.endsWith('.tmp') && /^(CURRENT|HEAD)\./.test(name)).map((name) => folder + name));
  }
  const drafts = (await guard('_lock', () => readdir(join(root, '_lock')))).filter((name) => name.endsWith('.new'));
  return [...found, ...drafts.map((name) => `_lock/${name}`)];
}

/** The entry of the log that CURRENT points to must speak of this very CURRENT, and no later commit may exist. */
export async function checkCurrent(root: string, current: Current, later: readonly AuditEntry[]): Promise<void> {
  if (later.some((entry) => entry.event === 'commit' && Number(entry.facts?.['sequence'] ?? 0) > current.sequence)) {
    throw damaged('CURRENT', 'an older copy: the audit log knows a later commit');
  }
  if (current.sequence === 0 && Object.keys(current.datasets).length === 0 && current.audit.n === 0) return;
  const intent = await readEntryEndingAt(join(root, 'audit', LOG_FILE), current.audit.bytes);
  if (intent?.hash !== current.audit.hash || intent.n !== current.audit.n) throw chainBroken('the entry that CURRENT names is not there');
  if (
    intent.event !== 'intent' ||
    intent.facts?.['sequence'] !== current.sequence ||
    intent.facts['datasets'] !== hashJson(current.datasets)
  ) {
    throw damaged('CURRENT', 'its content is not what the audit log says was committed');
  }
}

/** Intents without a commit or an abort: that of CURRENT, and one that came after it. */
export async function findOpenIntents(audit: string, current: Current, later: readonly AuditEntry[]): Promise<AuditEntry[]> {
  const open = new Map<string, AuditEntry>();
  const own = current.audit.n === 0 ? undefined : await readEntryEndingAt(join(audit, LOG_FILE), current.audit.bytes);
  for (const entry of own === undefined ? later : [own, ...later]) {
    if (entry.event === 'intent') open.set(entry.object, entry);
    if (entry.event === 'commit' || entry.event === 'abort') open.delete(entry.object);
  }
  return [...open.values()];
}

/** Paths that an unfinished commit may have placed. */
export async function listJournalled(root: string): Promise<Journal> {
  const all: Journal = { place: [], removeFolders: [] };
  for (const run of await guard('_staging', () => readdir(join(root, '_staging')))) {
    const path = join(root, '_staging', run, JOURNAL);
    if (!(await exists(path))) continue;
    const name = `_staging/${run}/${JOURNAL}`;
    const journal = Journal.safeParse(parseJson(await guard(name, () => readFile(path, 'utf8')), name));
    if (!journal.success) throw damaged(name, 'not the journal of a commit');
    all.place.push(...journal.data.place);
    all.removeFolders.push(...journal.data.removeFolders);
  }
  return all;
}

async function settleJournals(root: string, current: Current): Promise<void> {
  const { place, removeFolders } = await listJournalled(root);
  if (place.length + removeFolders.length === 0) return;
  const listed = new Set<string>();
  for (const [ref, { snapshot, manifest }] of Object.entries(current.datasets)) {
    for (const part of (await readManifest(root, ref, snapshot, manifest)).parts) listed.add(part.path);
  }
  for (const path of place.filter((file) => !listed.has(file))) {
    await guard(path, () => rm(join(root, path), { force: true }));
    await removeEmptyFolders(root, path);
  }
  for (const folder of removeFolders.filter((name) => !(`${name.slice('released/'.length)}@released` in current.datasets))) {
    await guard(folder, () => rm(join(root, folder), { recursive: true, force: true }));
  }
}

function isOfLivingReader(name: string): boolean {
  const pid = /^read-(\d+)$/.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
