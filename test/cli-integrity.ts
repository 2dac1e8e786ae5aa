import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Institute } from './cli-institute.ts';

/** Traces, damage and the audit log, as `verify` finds them. */
export function integrityCases(institute: Institute): void {
  const { flipByte, json, root, scratch, twinstat, workspace, write } = institute;

  describe('integrity', () => {
    it('verify: 0 sound, 7 traces of an interrupted run, 5 damage', async () => {
      expect((await json('verify')).value).toMatchObject({ exitCode: 0, problems: [] });
      mkdirSync(joinPath(root, '_staging/20250101T000000000Z-abcdef'), { recursive: true, mode: 0o700 });
      const traces = await json('verify');
      expect([traces.code, traces.value.problems[0].kind]).toEqual([7, 'trace']);
      expect((await twinstat('run', 'employment_earnings')).code).toBe(0);
      expect((await twinstat('verify')).code).toBe(0);
    });

    it('a changed byte of an admitted part stops the run that would read it, and verify names it', async () => {
      const folder = joinPath(root, 'admitted/employer_filings/parts');
      const part = readdirSync(folder)[0] ?? '';
      const restore = flipByte(joinPath(folder, part));
      const strict = joinPath(scratch, 'strict/pipelines/employment_earnings/employee.sql');
      writeFileSync(
        strict,
        readFileSync(joinPath(workspace, 'pipelines/employment_earnings/employee.sql'), 'utf8').replace('-- One', '-- Changed: one'),
      );
      const latest = joinPath(root, 'CURRENT');
      const bytes = readFileSync(latest);
      const edited = joinPath(scratch, 'strict/pipelines/employment_earnings/pipeline.yaml');
      writeFileSync(
        edited,
        readFileSync(edited, 'utf8').replace('order: [filing_version, received_at]', 'order: [received_at, filing_version]'),
      );
      const run = await json('run', 'employment_earnings', '--workspace', joinPath(scratch, 'strict'), '--root', root);
      expect([run.code, run.value.error.code]).toEqual([5, 'store-damaged']);
      expect(run.value.error.message).toContain(part);
      expect(readFileSync(latest).equals(bytes)).toBe(true);
      const verify = await json('verify');
      expect([verify.code, verify.value.problems.map(({ path }: { path: string }) => path)]).toEqual([
        5,
        [`admitted/employer_filings/parts/${part}`],
      ]);
      expect((await twinstat('view', 'employer_filings@admitted')).code).toBe(5);
      restore();
      expect((await twinstat('verify')).code).toBe(0);
    });

    it('audit-log: verify, export, anchor; a changed line and a roll-back are noticed', async () => {
      const anchor = write('anchor.json', (await twinstat('audit-log', 'anchor')).stdout);
      expect((await json('audit-log', 'verify', '--anchor', anchor)).value.problems).toEqual([]);
      expect((await json('audit-log', 'anchor')).value.anchor).toBe('twinstat-audit-1');
      const wrong = write('filings.csv', institute.filings);
      const refused = await twinstat('audit-log', 'verify', '--anchor', wrong);
      expect([refused.code, refused.stderr.includes('filing_id')]).toEqual([2, false]);
      const log = joinPath(root, 'audit/log.jsonl');
      const text = readFileSync(log, 'utf8');
      writeFileSync(log, text.replace('"event":"commit"', '"event":"commot"'), { mode: 0o600 });
      expect((await json('audit-log', 'verify')).code).toBe(5);
      expect((await twinstat('verify')).code).toBe(5);
      writeFileSync(log, text, { mode: 0o600 });
      const ahead = { anchor: 'twinstat-audit-1', n: 100_000, hash: 'a'.repeat(64) };
      expect((await twinstat('audit-log', 'verify', '--anchor', write('ahead.json', JSON.stringify(ahead)))).code).toBe(5);
      expect((await twinstat('audit-log', 'verify')).stdout).toMatch(/\d+ entries: sound/);
    });
  });
}
