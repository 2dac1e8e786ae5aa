import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson, hashJson, type JsonObject } from './canonical-json.ts';
import { AuditHead, NO_HEAD } from './current.ts';
import { EngineError } from './errors.ts';
import { exists, guard, ioError } from './file-hash.ts';
import { parseJson } from './manifest.ts';

/** Something that must be accounted for; no personal data in `object` or `facts`. */
export interface AuditEvent {
  readonly event: string;
  readonly object: string;
  readonly facts?: JsonObject;
}

/** One line of the log; `hash` is that of the entry without it, `prev` the hash of the entry before. */
export interface AuditEntry extends AuditEvent {
  readonly n: number;
  readonly prev: string;
  /** ISO 8601, UTC. Order is by `n`: clocks may go back. */
  readonly ts: string;
  readonly actor: string;
  readonly hash: string;
}

const AuditEntry: z.ZodType<AuditEntry> = z.strictObject({
  n: z.int().min(1),
  prev: z.string(),
  ts: z.string(),
  actor: z.string(),
  event: z.string(),
  object: z.string(),
  facts: z.exactOptional(z.record(z.string(), z.json())),
  hash: z.string(),
});

export const LOG_FILE = 'log.jsonl';
export const HEAD_FILE = 'HEAD';

/** Lines of a chain that continues `from`, and its new head. */
export function chain(
  from: AuditHead,
  events: readonly AuditEvent[],
  clock: () => Date,
  actor: string,
): { lines: string; head: AuditHead } {
  let head = from;
  let lines = '';
  for (const { event, object, facts } of events) {
    const body = { n: head.n + 1, prev: head.hash, ts: clock().toISOString(), actor, event, object, ...(facts && { facts }) };
    const hash = hashJson(body);
    const line = `${canonicalJson({ ...body, hash })}\n`;
    lines += line;
    head = { n: body.n, hash, bytes: head.bytes + Buffer.byteLength(line) };
  }
  return { lines, head };
}

/** Entries after `since` with the offset of their ends. A torn last line ends the reading; a break of the chain throws `audit-damaged`. */
export async function* readChain(path: string, since: AuditHead = NO_HEAD): AsyncGenerator<{ entry: AuditEntry; end: number }> {
  let { n, hash, bytes: end } = since;
  for await (const line of readLines(path, since.bytes)) {
    const entry = parseEntry(line);
    if (entry.n !== n + 1 || entry.prev !== hash) throw chainBroken(`entry ${n + 1} is missing or moved`);
    end += Buffer.byteLength(line) + 1;
    n = entry.n;
    hash = entry.hash;
    yield { entry, end };
  }
}

/** The entry that ends at a byte, or undefined if none does. */
export async function readEntryEndingAt(path: string, end: number): Promise<AuditEntry | undefined> {
  const handle = await guard(`audit/${LOG_FILE}`, () => open(path, 'r'));
  try {
    const size = Math.min(end, 1 << 20);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, end - size);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    if (bytesRead < size || !text.endsWith('\n')) return undefined;
    return parseEntry(text.slice(text.lastIndexOf('\n', text.length - 2) + 1, -1));
  } finally {
    await handle.close();
  }
}

/** HEAD of an `audit` folder; nothing logged yet: number 0. */
export async function readHead(folder: string): Promise<AuditHead> {
  const path = join(folder, HEAD_FILE);
  if (!(await exists(path))) {
    if (
      await stat(join(folder, LOG_FILE)).then(
        (file) => file.size > 0,
        () => false,
      )
    )
      throw chainBroken('audit/HEAD is missing');
    return NO_HEAD;
  }
  const result = AuditHead.safeParse(parseJson(await guard('audit/HEAD', () => readFile(path, 'utf8')), 'audit/HEAD'));
  if (!result.success) throw chainBroken('audit/HEAD is not {n, hash, bytes}');
  return result.data;
}

export function chainBroken(what: string): EngineError {
  const message = `audit/${LOG_FILE}: the chain is broken, ${what}; nothing is written until somebody has looked at it (\`twinstat audit-log verify\`)`;
  return new EngineError('audit-damaged', message, { facts: { path: `audit/${LOG_FILE}` } });
}

function parseEntry(line: string): AuditEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw chainBroken('a line is not JSON');
  }
  const result = AuditEntry.safeParse(value);
  if (!result.success) throw chainBroken('a line is not an entry');
  const { hash, ...body } = result.data;
  if (hashJson(body) !== hash || canonicalJson(result.data) !== line) throw chainBroken(`entry ${body.n} was changed`);
  return result.data;
}

async function* readLines(path: string, start: number): AsyncGenerator<string> {
  if (!(await exists(path))) return;
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { start, highWaterMark: 1 << 20 })) {
      const bytes = Buffer.concat([rest, chunk as Buffer]);
      let from = 0;
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
        yield bytes.toString('utf8', from, at);
        from = at + 1;
      }
      rest = bytes.subarray(from);
    }
  } catch (error) {
    throw ioError(error, `audit/${LOG_FILE}`);
  }
}
