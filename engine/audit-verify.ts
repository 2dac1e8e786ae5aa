import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type AuditEntry, type AuditEvent, chain, LOG_FILE, readChain, readHead } from './audit-chain.ts';
import type { AuditOptions } from './audit-log.ts';
import { type AuditHead, NO_HEAD } from './current.ts';
import { EngineError } from './errors.ts';
import { guard, writeDurably } from './file-hash.ts';

/** A mark of where the log stood, kept outside the data root: it shows when the whole root was put back to an older copy. */
export const Anchor = z.strictObject({
  anchor: z.literal('twinstat-audit-1'),
  n: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Anchor = z.output<typeof Anchor>;

export interface AuditReport {
  readonly entries: number;
  readonly head: AuditHead;
  /** What is wrong; empty when the log is whole. */
  readonly problems: readonly string[];
  /** A line or HEAD that an interrupted run left unfinished; the next run repairs it. */
  readonly traces: readonly string[];
}

/** Checks the whole chain of an `audit` folder, HEAD, and the anchors that are given. */
export async function verifyAuditLog(
  folder: string,
  anchors: readonly Anchor[] = [],
  onEntry?: (entry: AuditEntry) => void,
): Promise<AuditReport> {
  const problems: string[] = [];
  const traces: string[] = [];
  const path = join(folder, LOG_FILE);
  const open = new Map(anchors.filter((anchor) => anchor.n > 0).map((anchor) => [anchor.n, anchor.hash]));
  let head = NO_HEAD;
  try {
    const stored = await readHead(folder);
    for await (const { entry, end } of readChain(path)) {
      if (entry.n === stored.n && (entry.hash !== stored.hash || end !== stored.bytes)) problems.push('audit/HEAD does not fit the log');
      if ((open.get(entry.n) ?? entry.hash) !== entry.hash) problems.push(`entry ${entry.n} is not the one of the anchor`);
      open.delete(entry.n);
      head = { n: entry.n, hash: entry.hash, bytes: end };
      onEntry?.(entry);
    }
    if (stored.n > head.n) problems.push(`the log ends at entry ${head.n}, HEAD says ${stored.n}: its tail was cut off`);
    if (stored.n < head.n) traces.push(`audit/HEAD is behind the log by ${head.n - stored.n}`);
    const size = await stat(path).then(
      (file) => file.size,
      () => 0,
    );
    if (size > head.bytes) traces.push(`audit/${LOG_FILE} ends in an unfinished line`);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    problems.push(error.message);
  }
  for (const n of open.keys()) problems.push(`an anchor knows entry ${n}, the log ends before it: the data root is an older copy`);
  return { entries: head.n, head, problems, traces };
}

/** The anchor of the log as it stands: store or print it outside the data root. */
export async function anchorAuditLog(folder: string): Promise<Anchor> {
  const { n, hash } = await readHead(folder);
  return { anchor: 'twinstat-audit-1', n, hash };
}

/** The lines of the log, checked on the way. */
export async function* exportAuditLog(folder: string): AsyncGenerator<AuditEntry> {
  for await (const { entry } of readChain(join(folder, LOG_FILE))) yield entry;
}

/** Logs reads without the lock: a file of their own, whole at once, which the next commit joins to the log. */
export async function appendReads(folder: string, events: readonly AuditEvent[], options: AuditOptions): Promise<void> {
  const { lines } = chain(NO_HEAD, events, options.clock, options.actor ?? userInfo().username);
  await writeDurably(join(folder, `reads-${randomBytes(8).toString('hex')}.jsonl`), lines);
}

/** Reads that are not in the log yet, as events that name their origin, with the files to delete once they are logged. */
export async function collectReads(folder: string): Promise<{ events: AuditEvent[]; files: string[] }> {
  const files = await listReads(folder);
  if (files.length === 0) return { events: [], files };
  const log = await readFile(join(folder, LOG_FILE), 'utf8').catch(() => '');
  const events: AuditEvent[] = [];
  for (const file of files) {
    if (log.includes(`"read":"${file}#`)) continue;
    for await (const { entry } of readChain(join(folder, file))) {
      const facts = { ...entry.facts, read: `${file}#${entry.n}`, at: entry.ts, by: entry.actor };
      events.push({ event: entry.event, object: entry.object, facts });
    }
  }
  return { events, files };
}

/** Deletes files of reads that are in the log now. */
export async function dropReads(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) await guard(`audit/${file}`, () => rm(join(folder, file), { force: true }));
}

export async function listReads(folder: string): Promise<string[]> {
  const names = await guard('audit', () => readdir(folder));
  return names.filter((name) => /^reads-[0-9a-f]{16}\.jsonl$/.test(name)).sort();
}
