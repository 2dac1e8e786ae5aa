import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private folder for what the engine spills of a file outside any data root. */
export function spillFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'twinstat-'));
}
