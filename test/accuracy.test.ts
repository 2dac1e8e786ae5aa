import { beforeAll, describe, expect, it } from 'vitest';
import { type Accuracy, accuracyText, measureAccuracy } from '../bench/accuracy.ts';
import { falseShareOf, linkageBy } from '../bench/linkage-accuracy.ts';
import { finalMonths, makePayrollCountry } from '../bench/payroll-country.ts';
import { scratchFolder } from './scratch.ts';

describe('what the main job is worth beside the truth', () => {
  const country = { persons: 20_000, months: 12, seed: 1 };
  const months = ['2024-01', '2024-02', '2024-03', '2024-04', '2024-05', '2024-06'];
  const folder = scratchFolder();
  let accuracy: Accuracy;

  beforeAll(async () => {
    const root = await makePayrollCountry(folder, country);
    accuracy = await measureAccuracy(root, finalMonths(country));
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

  it('publishes totals within 0.5 % of the truth on average, and in every month but the one in which a large employer is missing', () => {
    expect(accuracy.months).toEqual(months);
    for (const measure of ['employees', 'jobs', 'persons', 'total_pay']) {
      const rows = accuracy.totals.filter((row) => row.measure === measure);
      expect(rows.map(({ month }) => month)).toEqual(months);
      expect(Math.abs(rows.reduce((sum, { difference }) => sum + difference, 0) / rows.length), measure).toBeLessThanOrEqual(0.4);
      const beyond = rows.filter(({ difference }) => Math.abs(difference) > 0.5);
      expect(beyond.map(({ month }) => month)).toEqual(['2024-06']);
    }
    expect(accuracy.cells.medians).toHaveLength(months.length);
    for (const { month, difference } of accuracy.cells.medians) expect(Math.abs(difference), month).toBeLessThanOrEqual(0.5);
  });

  it('is within 0.4 % of the truth without employers that file more than six months late: they are what is missing in that month', () => {
    for (const { month, measure, timely } of accuracy.totals) expect(Math.abs(timely), `${month} ${measure}`).toBeLessThanOrEqual(0.4);
    const lost = accuracy.losses.filter(({ month }) => month === '2024-06');
    const late = lost.find(({ cause }) => cause === 'late_employer')?.jobs ?? 0;
    expect(late).toBeGreaterThan(5 * lost.reduce((sum, { cause, jobs }) => sum + (cause === 'late_employer' ? 0 : jobs), 0));
  });

  it('would be within 0.25 % if employers that file again later were carried forward', () => {
    for (const { month, measure, carried } of accuracy.totals.filter((row) => row.month !== months[0]))
      expect(Math.abs(carried), `${month} ${measure}`).toBeLessThanOrEqual(0.25);
  });

  it('publishes 95 % of the cells of at least 100 persons within 2 % of the truth; without such employers in every single month', () => {
    for (const [measure, share] of Object.entries(accuracy.cells.within)) expect(share, measure).toBeGreaterThanOrEqual(96);
    expect(Object.keys(accuracy.cells.byMonth)).toEqual(months);
    for (const [month, { cells, withinTimely }] of Object.entries(accuracy.cells.byMonth)) {
      expect(cells, month).toBeGreaterThan(200);
      for (const [measure, share] of Object.entries(withinTimely)) expect(share, `${month} ${measure}`).toBeGreaterThanOrEqual(95);
    }
  });

  it('keeps average pay x employees = total pay in every cell, to the last digit', () => {
    expect(accuracy.cells.identityError).toBeLessThan(1e-9);
  });
});
