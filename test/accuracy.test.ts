import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Accuracy, accuracyText, measureAccuracy } from '../bench/accuracy.ts';
import { falseShareOf, linkageBy } from '../bench/linkage-accuracy.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

describe('what the main job is worth beside the truth', () => {
  const folder = scratchFolder();
  const root = join(folder, 'data');
  let accuracy: Accuracy;

  beforeAll(async () => {
    const made = await runCommand(['demo', '--root', root, '--persons', '20000', '--months', '7', '--quiet'], {
      cwd: folder,
      now: '2026-01-15T00:00:00Z',
    });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    accuracy = await measureAccuracy(root);
    console.log(accuracyText(accuracy));
  }, 180_000);

  it('repairs ids where the exact join finds nobody or somebody else, and links to hardly a wrong person', () => {
    const { linkage } = accuracy;
    const errors = linkage.byError.filter(({ error }) => error !== 'none');
    const kinds = linkageBy(errors, 'error');
    const scripts = linkageBy(errors, 'script');
    expect(kinds.map(({ error }) => error)).toEqual([
      'check_digit',
      'company',
      'missing',
      'other_person',
      'placeholder',
      'transposition',
      'wrong_digit',
    ]);
    expect(scripts.map(({ script }) => script)).toEqual(['Arab', 'Cyrl', 'Hebr', 'Latn']);
    for (const row of [...kinds, ...scripts, ...errors.filter(({ records }) => records >= 20)]) {
      expect(row.right / row.records, `${row.error} ${row.script}`).toBeGreaterThanOrEqual(0.9);
      expect(falseShareOf([row]), `${row.error} ${row.script}`).toBeLessThanOrEqual(0.5);
    }
    expect(linkage.repairErrorRecall).toBeLessThan(60);
    expect(errors.reduce((sum, { records }) => sum + records, 0)).toBeGreaterThan(1000);
    expect(linkage.baselineErrorRecall).toBe(0);
    expect(linkage.errorRecall).toBeGreaterThan(95);
    expect(linkage.falseShare).toBeLessThanOrEqual(0.5);
    expect(linkage.falseShareOfAll).toBeLessThanOrEqual(linkage.baselineFalseShareOfAll);
    expect(linkage.outside).toBeGreaterThan(1000);
    expect(linkage.outsideLinked / linkage.outside).toBeLessThanOrEqual(0.005);
  });

  it('publishes totals of persons, jobs, employees and pay within 0.5 % of the truth, and the median', () => {
    expect(accuracy.months).toEqual(['2024-01']);
    expect(accuracy.totals.map(({ measure }) => measure)).toEqual(['employees', 'jobs', 'persons', 'total_pay']);
    for (const { measure, difference } of [...accuracy.totals, ...accuracy.cells.medians])
      expect(Math.abs(difference), measure).toBeLessThanOrEqual(0.5);
    expect(accuracy.cells.medians).toHaveLength(1);
  });

  it('publishes 95 % of the cells of at least 100 persons within 2 % of the truth', () => {
    expect(accuracy.cells.cells).toBeGreaterThan(200);
    for (const [measure, share] of Object.entries(accuracy.cells.within)) expect(share, measure).toBeGreaterThanOrEqual(95);
  });

  it('keeps average pay x employees = total pay in every cell, to the last digit', () => {
    expect(accuracy.cells.identityError).toBeLessThan(1e-9);
  });
});
