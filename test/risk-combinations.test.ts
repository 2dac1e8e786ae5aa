import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RiskReport } from '../pipelines/risk/risk-file.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const names = ['x', 'y', 'z'];

/** Combinations of fewer than `below` records that hold no other such one, by places of their values; as many as the list has. */
function rarest(rows: readonly (readonly string[])[], size: number, below: number): { keys: string[]; codes: number[]; records: number }[] {
  const codeOf = [0, 1, 2].map((key) => [...new Set(rows.map((row) => row[key] as string).filter((text) => text !== ''))].sort());
  const found: { at: number[]; codes: number[]; records: number }[] = [];
  const ofMask = [1, 2, 4, 3, 5, 6, 7]
    .map((mask) => [0, 1, 2].filter((key) => (mask & (1 << key)) !== 0))
    .filter((at) => at.length <= size);
  const recordsBelow = (at: readonly number[], k: number): number =>
    groupsOf(at).reduce((sum, { records }) => sum + (records < k ? records : 0), 0);
  const groupsOf = (at: readonly number[]): { at: number[]; codes: number[]; records: number }[] => {
    const known = rows.filter((row) => at.every((key) => row[key] !== ''));
    const texts = new Set(known.map((row) => at.map((key) => row[key]).join('|')));
    return [...texts].map((text) => ({
      at: [...at],
      codes: text.split('|').map((value, place) => (codeOf[at[place] as number] as string[]).indexOf(value) + 1),
      records: known.filter((row) => at.map((key) => row[key]).join('|') === text).length,
    }));
  };
  const order = ofMask.sort(
    (a, b) =>
      a.length - b.length ||
      recordsBelow(b, below) - recordsBelow(a, below) ||
      recordsBelow(b, 2) - recordsBelow(a, 2) ||
      a.join().localeCompare(b.join()),
  );
  for (const at of order) {
    const rare = groupsOf(at)
      .filter(({ records }) => records < below)
      .sort(
        (a, b) => a.records - b.records || a.codes.map((code, place) => code - (b.codes[place] as number)).find((each) => each !== 0) || 0,
      );
    const before = [...found];
    for (const one of rare)
      if (!before.some((each) => each.at.every((key, place) => one.codes[one.at.indexOf(key)] === each.codes[place]))) found.push(one);
  }
  return found.slice(0, 20).map(({ at, codes, records }) => ({ keys: at.map((key) => names[key] as string), codes, records }));
}

describe('risky combinations', () => {
  it('count the records of every subset that few share, on random files with missing values', async () => {
    const value = fc.constantFrom('', 'a', 'b', 'c');
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
          const report = JSON.parse(stdout) as RiskReport;
          expect(report.riskiest_combinations ?? []).toEqual(rarest(rows, size, 3));
          const found = report.combinations ?? [];
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
      { numRuns: 15 },
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
