import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ID, type Institute } from './cli-institute.ts';

/** Runs of the pipelines and what shows them. */
export function runCases(institute: Institute): void {
  const { current, input, json, root, scratch, twinstat, workspace } = institute;

  describe('run, explain, lineage, view', () => {
    it('computes what changed and explains it before and after', async () => {
      const before = await json('explain', 'employment_earnings');
      for (const { over, toCompute } of before.value.steps) expect(toCompute).toHaveLength(over === 'all' ? 1 : 2);
      expect(new Set(before.value.steps.map(({ over }: { over: string }) => over))).toEqual(new Set(['all', 'month']));
      const { code, value } = await json('run', 'employment_earnings');
      expect([code, value.changed]).toEqual([0, true]);
      const pay = value.tables.filter(({ table }: { table: string }) => table === 'employees_and_pay');
      expect(pay.map(({ cells, primary }: { cells: number; primary: number }) => cells > primary && primary > 0)).toEqual([true, true]);
      const after = await json('explain', 'employment_earnings');
      expect(after.value.steps.every((step: { toCompute: string[] }) => step.toCompute.length === 0)).toBe(true);
      const again = await json('run', 'employment_earnings');
      expect([again.value.changed, again.value.steps.every((step: { outcome: string }) => step.outcome === 'unchanged')]).toEqual([
        false,
        true,
      ]);
      expect((await twinstat('run', 'consumer_prices')).code).toBe(0);
    });

    it('stops at a quality gate with exit code 3 and publishes nothing', async () => {
      const strict = joinPath(scratch, 'strict');
      cpSync(workspace, strict, { recursive: true, filter: (path) => !path.includes('data-root') });
      const file = joinPath(strict, 'pipelines/employment_earnings/pipeline.yaml');
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace('expr: pay >= 0, severity: warning, at_most: 0.01', 'expr: pay > 100000000, severity: error'),
      );
      const bytes = current();
      const { code, value, stderr } = await json('run', 'employment_earnings', '--workspace', strict, '--root', root);
      expect([code, value.error.code, value.error.rule]).toEqual([3, 'quality-gate', 'pay_not_negative']);
      expect(stderr).toContain('2024-01');
      expect(current()).toBe(bytes);
    });

    it('prints the same bytes for the same state, without run ids and times', async () => {
      const names = [
        '',
        'employer_filings@admitted',
        'employment_earnings.employee@integrated',
        'employment_earnings.employees_and_pay@tabulated',
        'consumer_prices.price_index_published@tabulated',
      ];
      const look = async (): Promise<string[]> =>
        Promise.all(names.map(async (name) => (await twinstat('view', ...(name === '' ? [] : [name]))).stdout));
      const first = await look();
      await twinstat('ingest', '--from', input);
      await twinstat('run', 'employment_earnings');
      const second = await look();
      for (const [index, text] of first.entries()) {
        expect(text.length).toBeGreaterThan(100);
        expect(text).not.toMatch(ID);
        expect(second[index]).toBe(text);
      }
      const { value } = await json('view', 'employment_earnings.employees_and_pay@tabulated', '--period', '2024-02', '--limit', '3');
      expect(value.map((row: { time_period: string }) => row.time_period)).toEqual(['2024-02', '2024-02', '2024-02']);
    });

    it('follows a table down to the deliveries', async () => {
      const { value, stdout } = await json('lineage', 'employment_earnings.employees_and_pay@tabulated');
      expect(value.name).toBe('employment_earnings.employees_and_pay@tabulated');
      for (const source of ['employer_filings', 'population_register', 'business_register']) expect(stdout).toContain(`${source}@received`);
      const text = (await twinstat('lineage', 'consumer_prices.price_index_published@tabulated')).stdout;
      expect(text).toMatch(/^consumer_prices\.price_index_published@tabulated .*\n +retail_scanner@received/s);
    });
  });
}
