import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maximumFlow } from '../anonymize/risk/maximum-flow.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();

async function capacityOf(rows: readonly (readonly string[])[], k: string) {
  writeFileSync(join(scratch, 'wild.csv'), ['x,y,z', ...rows.map((row) => row.map((text) => `"${text}"`).join(',')), ''].join('\n'));
  const { code, stdout } = await runCommand(['risk', 'wild.csv', '--keys', 'x,y,z', '--k', k, '--json', '--quiet'], { cwd: scratch });
  expect(code).toBe(0);
  return JSON.parse(stdout).wildcard_capacity;
}

const same = (one: readonly string[], other: readonly string[]): boolean => one.join('|') === other.join('|');
const fits = (one: readonly string[], other: readonly string[]): boolean =>
  !same(one, other) && one.every((text, key) => text === '' || other[key] === '' || text === other[key]);

/** Records that lack in combinations, with the best of all ways to give each incomplete record to one that it fits. */
function bruteShort(rows: readonly (readonly string[])[], k: number): number {
  const cells = [...new Map(rows.map((row) => [row.join('|'), row])).values()];
  const lack = cells.map((cell) => {
    const complete = rows.filter((row) => fits(cell, row) && !row.includes('')).length;
    return Math.max(0, k - rows.filter((row) => same(cell, row)).length - (cell.includes('') ? complete : 0));
  });
  const wild = rows.filter((row) => row.includes(''));
  const best = (at: number): number => {
    if (at === wild.length) return lack.reduce((sum, count) => sum + count, 0);
    let least = best(at + 1);
    for (const [place, cell] of cells.entries()) {
      if ((lack[place] as number) === 0 || !fits(wild[at] as readonly string[], cell)) continue;
      lack[place] = (lack[place] as number) - 1;
      least = Math.min(least, best(at + 1));
      lack[place] = (lack[place] as number) + 1;
    }
    return least;
  };
  return best(0);
}

describe('capacity of wildcards', () => {
  it('lets one incomplete record support one combination, where alpha 1 lets it support all', async () => {
    const rows = [
      ['a', 'a', 'a'],
      ['b', 'b', 'b'],
      ['', '', ''],
    ];
    expect(await capacityOf(rows, '2')).toEqual({ 2: { lacking: 2, short: 1 } });
    expect(await capacityOf([...rows, ['b', '', 'b']], '2')).toEqual({ 2: { lacking: 2, short: 0 } });
    // Nothing complete: (a, a, missing) lacks one and gets the other, which lacks one in turn.
    expect(
      await capacityOf(
        [
          ['a', 'a', ''],
          ['a', '', 'a'],
        ],
        '2',
      ),
    ).toEqual({ 2: { lacking: 2, short: 0 } });
    expect(
      await capacityOf(
        [
          ['a', 'a', ''],
          ['b', '', ''],
        ],
        '2',
      ),
    ).toEqual({ 2: { lacking: 2, short: 2 } });
    expect(await capacityOf(rows.slice(0, 2), '2')).toBeUndefined();
  });

  it('is the best of all ways to share out, on random files', async () => {
    const value = fc.constantFrom('a', 'b', '');
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 2, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(rows, async (found) => {
        fc.pre(found.some((row) => row.includes('')));
        for (const [k, { short }] of Object.entries((await capacityOf(found, '2,3')) as Record<string, { short: number }>))
          expect(short).toBe(bruteShort(found, Number(k)));
      }),
      { numRuns: 25 },
    );
  });
});

describe('maximum flow', () => {
  it('is the smallest cut: supplies of some helpers, and demands of all whom the others can help', () => {
    const units = fc.integer({ min: 0, max: 4 });
    const edge = fc.tuple(fc.nat(4), fc.nat(4));
    fc.assert(
      fc.property(
        fc.array(units, { minLength: 5, maxLength: 5 }),
        fc.array(units, { minLength: 5, maxLength: 5 }),
        fc.uniqueArray(edge, { maxLength: 14, selector: String }),
        (supply, demand, edges) => {
          let cut = Number.POSITIVE_INFINITY;
          for (let mask = 0; mask < 32; mask++) {
            const helped = new Set(edges.filter(([helper]) => (mask & (1 << helper)) !== 0).map(([, place]) => place));
            const kept = supply.reduce((sum, each, helper) => ((mask & (1 << helper)) === 0 ? sum + each : sum), 0);
            cut = Math.min(cut, kept + [...helped].reduce((sum, place) => sum + (demand[place] ?? 0), 0));
          }
          const [from, to] = [Int32Array.from(edges, ([helper]) => helper), Int32Array.from(edges, ([, place]) => place)];
          expect(maximumFlow({ supply: Float64Array.from(supply), demand: Float64Array.from(demand), from, to })).toBe(cut);
        },
      ),
      { numRuns: 500 },
    );
  });
});
