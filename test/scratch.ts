import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Session } from '../engine/session.ts';

const folders: string[] = [];
// Registered while the test file is read: a hook that another hook registers never runs.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder for one test file, mode 0700, removed at its end. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'twinstat-test-'));
  folders.push(folder);
  return folder;
}

/** A real locked session that may touch only the folder given. */
export async function testSession(folder: string, threads = 2): Promise<Session> {
  return Session.open({ temporaryDirectory: join(folder, 'spill'), allowedDirectories: [`${folder}/`], threads, memoryLimit: '1GB' });
}
