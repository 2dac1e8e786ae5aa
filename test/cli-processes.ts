import { describe, expect, it } from 'vitest';
import type { Institute } from './cli-institute.ts';
import { holdLock, startCommand } from './command-process.ts';

/** Two processes on one data root. */
export function processCases(institute: Institute): void {
  const { input, json, root, scratch, twinstat, workspace } = institute;

  describe('two processes', () => {
    it('reads never wait for a run; a second writer ends with 75 and names the first', async () => {
      const holder = await holdLock(root);
      for (const args of [
        ['status'],
        ['view'],
        ['view', 'employer_filings@admitted', '--limit', '1'],
        ['lineage', institute.release],
        ['explain', 'employment_earnings'],
        ['release', 'show', institute.release],
        ['audit-log', 'verify'],
      ]) {
        expect((await twinstat(...args)).code, args.join(' ')).toBe(0);
      }
      const busy = await json('run', 'employment_earnings');
      expect([busy.code, busy.value.error.facts.pid]).toEqual([75, holder.pid]);
      expect(busy.stderr).toContain(String(holder.pid));
      expect((await twinstat('ingest', '--from', input)).code).toBe(75);
      await holder.kill();
      expect((await twinstat('run', 'employment_earnings')).code).toBe(0);
    });

    it('a process of its own prints what this one prints, and a closed pipe is no error', async () => {
      const args = ['view', '--workspace', workspace];
      const whole = startCommand(args, { cwd: scratch });
      expect(await whole.ended).toBe(0);
      expect(whole.output()).toBe((await twinstat('view')).stdout);
      const cut = startCommand(['view', 'employer_filings@admitted', '--workspace', workspace], { cwd: scratch });
      cut.child.stdout?.once('data', () => cut.child.stdout?.destroy());
      expect(await cut.ended).toBe(0);
      expect(cut.output()).not.toContain('EPIPE');
    });
  });
}
