import { readdirSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ID, type Institute } from './cli-institute.ts';
import { runCommand } from './run-command.ts';

/** A release from its draft to its files. */
export function releaseCases(institute: Institute): void {
  const { flipByte, json, keyOf, root, twinstat, workspace } = institute;

  describe('release, as three people do it', () => {
    it('an unsafe price index is refused: fewer than three retailers', async () => {
      const { code, value } = await json('release', 'submit', 'consumer_prices', ...keyOf('Author'), '--note', 'prices');
      expect([code, value.error.code]).toEqual([4, 'price-index-unsafe']);
      expect((await json('status')).value.releases).toEqual([]);
    });

    it('is submitted by an author alone', async () => {
      for (const [person, as] of [
        ['Approver One', 'Demo Approver One'],
        ['Author', 'Nobody'],
        ['Approver One', 'Demo Author'],
      ] as const) {
        const [, , , file = ''] = keyOf(person);
        const result = await twinstat('release', 'submit', 'employment_earnings', '--as', as, '--key', file, '--note', 'x');
        expect(result.code, as).toBe(4);
      }
      const { code, value } = await json('release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'first release');
      expect([code, value.status, value.periods]).toEqual([0, 'submitted', ['2024-01', '2024-02']]);
      institute.release = value.id;
    });

    it('is approved by two others, once each, never by its author; a new submission voids what was approved', async () => {
      const approve = (...person: string[]) => json('release', 'approve', institute.release, ...person);
      expect((await approve(...keyOf('Author'))).value.error).toMatchObject({ code: 'release-own', exit: 4 });
      expect((await approve(...keyOf('Approver One'))).value.approvals.length).toBe(2);
      expect((await approve(...keyOf('Approver One'))).code).toBe(4);
      expect((await twinstat('release', 'publish', institute.release)).code).toBe(4);
      const other = await json('release', 'submit', 'employment_earnings', ...keyOf('Approver Two'), '--note', 'mine now');
      expect([other.code, (await json('release', 'show', institute.release)).value.approvals.length]).toEqual([4, 2]);
      const changed = await json('release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'second thoughts');
      expect([changed.value.status, changed.value.round, changed.value.approvals.length]).toEqual(['submitted', 2, 1]);
      expect((await json('release', 'return', institute.release, ...keyOf('Approver One'))).value.status).toBe('returned');
      expect((await approve(...keyOf('Approver Two'))).code).toBe(4);
      expect((await json('release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'corrected')).value.round).toBe(3);
      expect((await approve(...keyOf('Approver One'))).value.status).toBe('submitted');
      expect((await approve(...keyOf('Approver Two'))).value.status).toBe('approved');
    });

    it('leaves only after its embargo', async () => {
      const early = await runCommand(['release', 'publish', institute.release, '--json'], { cwd: workspace, now: '2024-02-15T00:00:00Z' });
      expect([early.code, JSON.parse(early.stdout).error.exit]).toEqual([4, 4]);
      expect(JSON.parse(early.stdout).error.message).toMatch(/embargo/i);
      expect(readdirSync(joinPath(root, 'released'))).toEqual([]);
      const { code, value } = await json('release', 'publish', institute.release);
      expect([code, value.status]).toEqual([0, 'released']);
      expect(readdirSync(joinPath(root, 'released', institute.release)).sort()).toEqual([
        'employees_and_pay.arrow',
        'employees_and_pay.csv',
        'employees_and_pay.parquet',
        'employees_and_pay.xlsx',
        'manifest.json',
        'report.html',
        'structure.xml',
      ]);
      expect((await json('release', 'verify', institute.release)).value.files.length).toBe(7);
      expect((await twinstat('release', 'show', institute.release)).stdout).toMatch(/released.*approve: Demo Approver Two/s);
      const view = await twinstat('view', institute.release);
      expect((await twinstat('view', institute.release)).stdout).toBe(view.stdout);
      expect(view.stdout.match(/^# .*/gm)).toEqual(['# employees_and_pay.csv', '# manifest.json', '# structure.xml']);
      expect(view.stdout).not.toMatch(ID);
      expect((await twinstat('lineage', institute.release)).stdout).toContain('employer_filings@received');
      const again = await json('release', 'submit', 'employment_earnings', ...keyOf('Author'), '--note', 'again');
      expect([again.code, again.value.error.code]).toEqual([4, 'release-nothing']);
    });

    it('a changed byte of a released file is found', async () => {
      const file = joinPath(root, 'released', institute.release, 'employees_and_pay.csv');
      const restore = flipByte(file);
      expect((await twinstat('release', 'verify', institute.release)).code).toBe(5);
      expect((await twinstat('view', institute.release)).code).toBe(5);
      restore();
      expect((await twinstat('release', 'verify', institute.release)).code).toBe(0);
    });

    it('every refusal is on record', async () => {
      await twinstat('run', 'employment_earnings');
      const events = (await twinstat('audit-log', 'export')).stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const refusals = events.filter(({ event }) => event === 'release-refused').map(({ facts }) => facts.code);
      expect(refusals).toEqual(expect.arrayContaining(['price-index-unsafe', 'release-own', 'release-twice', 'release-embargo']));
      const kinds = new Set(events.map(({ event }) => event));
      for (const kind of [
        'delivery-refused',
        'view',
        'status',
        'release-submit',
        'release-approve',
        'release-return',
        'release-publish',
        'commit',
        'abort',
      ])
        expect([...kinds]).toContain(kind);
    });
  });
}

/** The release taken back; last, because others look at it. */
export function withdrawCases(institute: Institute): void {
  const { json, keyOf, root, twinstat } = institute;

  describe('withdraw', () => {
    it('takes the files back and keeps the trace', async () => {
      const { code, value } = await json('release', 'withdraw', institute.release, ...keyOf('Approver Two'));
      expect([code, value.status]).toEqual([0, 'withdrawn']);
      expect(readdirSync(joinPath(root, 'released'))).toEqual([]);
      expect((await json('release', 'show', institute.release)).value.approvals.at(-1).decision).toBe('withdraw');
      expect((await twinstat('release', 'publish', institute.release)).code).toBe(4);
      expect((await twinstat('verify')).code).toBe(0);
    });
  });
}
