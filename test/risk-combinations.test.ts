import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RiskReport } from '../pipelines/risk/risk-file.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();

describe('risky combinations', () => {
  it('count the records of every subset that few share, on random files with missing values', async () => {
    const value = fc.constantFrom('', 'a', 'b', 'c');
    const names = ['x', 'y', 'z'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 3 }),
        async (rows, size) => {
          writeFileSync(join(scratch, 'random.csv'), `x,y,z\n${rows.map((row) => row.map((text) => `"${text}"`).join(',')).join('\n')}\n`);
          const { code, stdout } = await runCommand(
            ['risk', 'random.csv', '--keys', 'x,y,z', '--combinations', String(size), '--k', '2,3', '--json', '--quiet'],
            { cwd: scratch },
          );
          expect(code).toBe(0);
          const found = (JSON.parse(stdout) as RiskReport).combinations ?? [];
          const masks = [1, 2, 4, 3, 5, 6, 7].filter((mask) => mask.toString(2).replaceAll('0', '').length <= size);
          expect(found).toHaveLength(masks.length);
          expect(found.map(({ keys }) => keys.length)).toEqual(found.map(({ keys }) => keys.length).toSorted((a, b) => a - b));
          for (const mask of masks) {
            const members = [0, 1, 2].filter((key) => (mask & (1 << key)) !== 0);
            const known = rows.filter((row) => members.every((key) => row[key] !== '')).map((row) => members.map((key) => row[key]).join());
            const below = (k: number): number => known.filter((text) => known.filter((other) => other === text).length < k).length;
            const mine = found.find(({ keys }) => keys.join() === members.map((key) => names[key]).join());
            expect(mine).toMatchObject({ combinations: new Set(known).size, unique: below(2), violations: { 2: below(2), 3: below(3) } });
          }
        },
      ),
      { numRuns: 6 },
    );
  });

  it('are refused where there would be too many, or of no size', async () => {
    const keys = Array.from({ length: 40 }, (_, key) => `key${key}`).join(',');
    for (const [size, text] of [
      ['10', 'subsets'],
      ['0', 'whole number'],
    ] as const) {
      const { code, stderr } = await runCommand(['risk', 'random.csv', '--keys', keys, '--combinations', size], { cwd: scratch });
      expect(code).toBe(2);
      expect(stderr).toContain(text);
    }
  });
});
