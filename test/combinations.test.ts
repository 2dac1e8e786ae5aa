import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combinationSets } from '../anonymize/local-suppression/rare-combinations.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const write = (name: string, text: string): void => writeFileSync(join(scratch, name), text);
const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
const linesOf = (name: string): string[][] =>
  read(name)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

const POLICY = `variables:
  a: { role: key_variable }
  b: { role: key_variable }
  c: { role: key_variable }
require: { k: 2, combinations: [{ size: 2, k: 3 }, { size: 1, k: 4 }] }
method: { recode: { levels: { a: 0, b: 0, c: 0 } }, suppress: { what: cells, importance: [a, b] } }
judge: strict
`;

async function anonymize(rows: readonly (readonly string[])[], policy: string, out: string): Promise<CommandResult> {
  write('policy.yaml', policy);
  write('in.csv', ['a,b,c,n', ...rows.map((row, at) => [...row, at].join(',')), ''].join('\n'));
  return runCommand(['anonymize', 'in.csv', '--policy', 'policy.yaml', '--out', out, '--json', '--quiet'], { cwd: scratch });
}

/** The fewest records that show any values which a record shows of exactly these columns. */
function fewest(lines: readonly (readonly string[])[], columns: readonly number[]): number {
  const texts = lines.map((line) => columns.map((column) => line[column] as string)).filter((values) => !values.includes(''));
  return Math.min(...texts.map((values) => texts.filter((other) => other.join() === values.join()).length), Number.POSITIVE_INFINITY);
}

describe('rare combinations', () => {
  it('are counted for every set up to the size, by the strictest requirement that covers it', () => {
    const sets = combinationSets(3, [
      { size: 2, k: 3 },
      { size: 1, k: 5 },
    ]);
    expect(new Map(sets.map(({ set, k }) => [set, k]))).toEqual(
      new Map([
        [1, 5],
        [2, 5],
        [4, 5],
        [3, 3],
        [5, 3],
        [6, 3],
      ]),
    );
  });

  it('are gone from every output, all sets together, for both judges; the audit finds the same by SQL', async () => {
    const value = fc.constantFrom('x', 'y', 'z', '');
    let shown = 0;
    let further = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 40, size: 'max' }),
        fc.constantFrom('strict', 'wildcard'),
        async (rows, judge) => {
          const { code, stdout } = await anonymize(rows, POLICY.replace('strict', judge), 'out');
          expect(code).toBe(0);
          const { audit, suppressed_records } = JSON.parse(stdout);
          const lines = linesOf('out/public/data.csv');
          expect(lines.length + suppressed_records).toBe(rows.length);
          for (const line of lines) for (const column of [0, 1, 2]) expect(['', rows[Number(line[3])]?.[column]]).toContain(line[column]);
          const ones = Math.min(...[[0], [1], [2]].map((columns) => fewest(lines, columns)));
          const twos = Math.min(
            ones,
            ...[
              [0, 1],
              [0, 2],
              [1, 2],
            ].map((columns) => fewest(lines, columns)),
          );
          expect(ones).toBeGreaterThanOrEqual(4);
          expect(twos).toBeGreaterThanOrEqual(3);
          const found = (size: number): number =>
            audit.claims.find(({ claim }: { claim: string }) => claim === `combinations of up to ${size} key variables`).found;
          expect([found(1), found(2)]).toEqual([ones, twos].map((least) => (Number.isFinite(least) ? least : 0)));
          shown += lines.flat().filter((text) => text === 'x').length;
          await anonymize(rows, POLICY.replace(/, combinations: \[.*?\]/, '').replace('strict', judge), 'without');
          const before = linesOf('without/public/data.csv');
          if (fewest(before, [0]) < 4 || fewest(before, [0, 1]) < 3) further++;
        },
      ),
      { numRuns: 14, seed: 8 },
    );
    expect(shown).toBeGreaterThan(30);
    expect(further).toBeGreaterThan(3);
    expect(read('out/internal/report.html')).toContain('number of variables up to');
  });

  it('lose the least important value that makes them rare', async () => {
    // Every class has at least two records; (y, p) and (y, q) are shown twice. Of their keys b is the less important; y and 1 stay.
    const rows = ['xp1', 'xp1', 'xp1', 'yp1', 'yp1', 'yq1', 'yq1', 'xq1', 'xq1', 'xq1'].map((text) => [...text]);
    const policy = POLICY.replace(/combinations: \[.*?\]/, 'combinations: [{ size: 2, k: 3 }]');
    const { code, stdout } = await anonymize(rows, policy, 'hand');
    expect(code).toBe(0);
    const byNumber = linesOf('hand/public/data.csv').toSorted((a, b) => Number(a[3]) - Number(b[3]));
    expect(byNumber.map((line) => line.slice(0, 3).join(''))).toEqual(['xp1', 'xp1', 'xp1', 'y1', 'y1', 'y1', 'y1', 'xq1', 'xq1', 'xq1']);
    expect(JSON.parse(stdout).suppressed_cells).toEqual({ b: 4 });
  });

  it('are refuted by the audit of a file that shows one, and need a policy that makes sense', async () => {
    write('policy.yaml', POLICY);
    write('shown.csv', `a,b,c\n${'x,p,1\n'.repeat(4)}${'y,p,1\n'.repeat(2)}`);
    const { code, stdout } = await runCommand(['audit', 'shown.csv', '--policy', 'policy.yaml', '--json'], { cwd: scratch });
    expect(code).toBe(4);
    expect(JSON.parse(stdout).claims.filter(({ holds }: { holds: boolean }) => !holds)).toEqual([
      { claim: 'combinations of up to 2 key variables', holds: false, found: 2, required: 3 },
      { claim: 'combinations of up to 1 key variables', holds: false, found: 2, required: 4 },
    ]);
    expect((await anonymize([['x', 'y', 'z']], POLICY.replace('what: cells', 'what: records'), 'wrong')).stderr).toContain(
      'suppress: { what: cells }',
    );
    const many = Array.from({ length: 25 }, (_, at) => `  v${at}: { role: key_variable }\n`).join('');
    expect(
      (await anonymize([['x', 'y', 'z']], POLICY.replace('require:', `${many}require:`).replace('size: 2', 'size: 6'), 'wrong')).stderr,
    ).toContain('give a smaller size');
  });
});
