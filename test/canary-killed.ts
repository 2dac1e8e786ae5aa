import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join as joinPath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type CanaryCountry, isSearched, show } from './canary-country.ts';
import { type Found, filesBelow } from './canary-search.ts';
import { startCommand } from './command-process.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** An ingest of its own process that is stopped, looked at again and again, and killed. */
export function killedCases(country: CanaryCountry): void {
  const { input, scratch, search, session, twinstat, workspace } = country;

  const start = (root: string, ...args: string[]) => {
    const env = { HOME: joinPath(scratch, 'home'), TMPDIR: joinPath(scratch, 'os-tmp'), TWINSTAT_HOME: root };
    return startCommand(args, { cwd: PROJECT, env });
  };

  describe('canary persons through the whole job', () => {
    it.skipIf(process.platform === 'win32')('a run of its own process that is watched and killed', async () => {
      const root = joinPath(scratch, 'killed/data-root');
      mkdirSync(dirname(root), { mode: 0o700 });
      cpSync(joinPath(workspace, 'data-root/keys'), joinPath(scratch, 'killed/keys'), { recursive: true });
      const args = ['ingest', '--from', input, '--workspace', workspace, '--key-file', joinPath(scratch, 'killed/keys/demo-master.key')];
      const first = start(root, ...args);
      const found: Found[] = [];
      const leftovers = (): string[] => filesBelow(joinPath(root, '_staging')).concat(filesBelow(joinPath(root, '_vault/tmp')));
      const seen = new Set<string>();
      let looks = 0;
      for (const end = Date.now() + 40_000; first.child.exitCode === null && Date.now() < end; ) {
        await sleep(4);
        first.child.kill('SIGSTOP');
        for (const path of filesBelow(scratch).filter((name) => isSearched(name) && !name.startsWith('workspace/'))) {
          const version = `${path} ${statSync(joinPath(scratch, path), { throwIfNoEntry: false })?.mtimeMs}`;
          if (!seen.has(version)) found.push(...search.bytes(readIfThere(joinPath(scratch, path)), path));
          seen.add(version);
        }
        const isAtFilings = readIfThere(joinPath(root, 'CURRENT')).includes('claims@admitted') && leftovers().length > 0;
        if (isAtFilings) looks += 1;
        first.child.kill(looks >= 10 ? 'SIGKILL' : 'SIGCONT');
        if (looks >= 10) break;
      }
      expect(await first.ended).toBe('SIGKILL');
      expect(leftovers().length).toBeGreaterThan(0);
      expect((await twinstat('verify', '--root', root)).code).toBe(7);
      found.push(...(await search.folder(session(), joinPath(scratch, 'killed'), (path) => isSearched(`killed/${path}`))));
      const again = start(root, ...args, '--json');
      expect(await again.ended, again.output()).toBe(0);
      found.push(...search.text(first.output() + again.output(), 'output of the process'));
      found.push(...(await search.folder(session(), joinPath(scratch, 'killed'), (path) => isSearched(`killed/${path}`))));
      expect(show(found)).toEqual([]);
      const index = async (options: string[]): Promise<string[]> =>
        (await twinstat('view', ...options)).stdout.split('\n').filter((line) => /^(population|business|employer|claims)/.test(line));
      expect(await index(['--root', root])).toEqual(await index([]));
    });
  });
}

/** A stop takes effect a moment after it is sent, so a file may go on the way. */
function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
