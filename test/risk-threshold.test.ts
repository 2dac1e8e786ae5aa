import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();

async function thresholdOf(values: readonly string[], allowed: number) {
  writeFileSync(join(scratch, 'file.csv'), ['x', ...values, ''].join('\n'));
  const { code, stdout } = await runCommand(
    ['risk', 'file.csv', '--keys', 'x', '--max-global-risk', String(allowed), '--json', '--quiet'],
    { cwd: scratch },
  );
  expect(code).toBe(0);
  return JSON.parse(stdout).risk_threshold;
}

describe('the threshold of risk', () => {
  it('is the largest risk to which all above may be brought down', async () => {
    // Risks 1, 1/2 twice, 1/4 four times: in all 3 of 7. Down to 1/2 it is 2.5 of 7, down to 1/4 it is 1.75 of 7.
    const file = ['a', 'b', 'b', 'c', 'c', 'c', 'c'];
    expect(await thresholdOf(file, 0.5)).toEqual({ max_global_risk: 0.5, threshold: 1, records_above: 0, global_risk: 3 / 7 });
    expect(await thresholdOf(file, 3 / 7)).toMatchObject({ threshold: 1, records_above: 0 });
    expect(await thresholdOf(file, 0.4)).toMatchObject({ threshold: 0.5, records_above: 1, global_risk: 2.5 / 7 });
    expect(await thresholdOf(file, 0.3)).toMatchObject({ threshold: 0.25, records_above: 3, global_risk: 0.25 });
    expect(await thresholdOf(file, 0.1)).toEqual({ max_global_risk: 0.1, threshold: 0.1, records_above: 7, global_risk: 0.1 });
    expect(await thresholdOf([], 0.1)).toMatchObject({ records_above: 0, global_risk: 0 });
  });

  it('keeps the global risk, and the next larger risk does not, on random files', async () => {
    const value = fc.constantFrom(...'aabbbbccccccccdefghij');
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 100 }), async (values, percent) => {
        const allowed = percent / 100;
        const risks = values.map((text) => 1 / values.filter((other) => other === text).length);
        const capped = (top: number): number => risks.reduce((sum, risk) => sum + Math.min(risk, top), 0) / risks.length;
        const fitting = risks.filter((risk) => capped(risk) <= allowed + 1e-12);
        const { threshold, records_above, global_risk } = await thresholdOf(values, allowed);
        const expected = fitting.length === 0 ? allowed : Math.max(...fitting);
        expect(threshold).toBeCloseTo(expected, 12);
        expect(records_above).toBe(risks.filter((risk) => risk > expected + 1e-12).length);
        expect(global_risk).toBeCloseTo(capped(expected), 12);
      }),
      { numRuns: 25 },
    );
  });

  it('must be a share', async () => {
    for (const wrong of ['0', '2', 'x'])
      expect((await runCommand(['risk', 'file.csv', '--keys', 'x', '--max-global-risk', wrong], { cwd: scratch })).code).toBe(2);
  });
});
