import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { EngineError } from './errors.ts';
import { guard, writeDurably } from './file-hash.ts';
import { parseRef } from './layout.ts';
import { damaged, parseJson } from './manifest.ts';

/** Where the audit log stood: number and hash of the entry, length of the log up to its end. */
export interface AuditHead {
  readonly n: number;
  readonly hash: string;
  readonly bytes: number;
}

/** Which snapshot every dataset is at. Replacing this file commits a whole run. */
export interface Current {
  readonly version: 1;
  /** Number of commits so far. */
  readonly sequence: number;
  readonly datasets: Readonly<Record<string, { readonly snapshot: string; readonly manifest: string }>>;
  /** The intent of the commit that wrote this file. */
  readonly audit: AuditHead;
}

const HASH = z.string().regex(/^[0-9a-f]{64}$/);
export const AuditHead: z.ZodType<AuditHead> = z.strictObject({ n: z.int().min(0), hash: HASH, bytes: z.int().min(0) });

export const Current: z.ZodType<Current> = z.strictObject({
  version: z.literal(1),
  sequence: z.int().min(0),
  datasets: z.record(z.string(), z.strictObject({ snapshot: z.string().regex(/^[0-9a-f]{16}$/), manifest: HASH })),
  audit: AuditHead,
});

export const NO_HEAD: AuditHead = { n: 0, hash: '0'.repeat(64), bytes: 0 };
export const EMPTY_CURRENT: Current = { version: 1, sequence: 0, datasets: {}, audit: NO_HEAD };

/** CURRENT of a data root; an EngineError when it is missing or damaged. */
export async function readCurrent(root: string): Promise<Current> {
  const text = await guard('CURRENT', () => readFile(join(root, 'CURRENT'), 'utf8'));
  const result = Current.safeParse(parseJson(text, 'CURRENT'));
  if (!result.success) throw damaged('CURRENT', 'not a list of datasets in a version that this release knows');
  try {
    for (const ref of Object.keys(result.data.datasets)) parseRef(ref);
  } catch (error) {
    throw error instanceof EngineError ? damaged('CURRENT', error.message) : error;
  }
  return result.data;
}

/** Replaces CURRENT: the commit point. */
export async function writeCurrent(root: string, current: Current, beforeRename?: () => void): Promise<void> {
  await writeDurably(join(root, 'CURRENT'), `${canonicalJson(current)}\n`, beforeRename);
}
