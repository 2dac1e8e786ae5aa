import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logLinearRisk } from '../anonymize/risk/log-linear.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const SIZES = [2, 3, 2];

/** Poisson regression with a logarithm on indicators, by Newton steps with a ridge that fades: an own way to the same maximum. */
function regression(counts: readonly number[], design: readonly (readonly number[])[]): number[] {
  const width = design[0]?.length ?? 0;
  let beta = Array.from({ length: width }, () => 0);
  const meanOf = (row: readonly number[]): number => Math.exp(row.reduce((sum, x, at) => sum + x * (beta[at] as number), 0));
  for (let step = 0; step < 200; step++) {
    const mu = design.map(meanOf);
    const matrix = Array.from({ length: width }, (_, a) =>
      Array.from({ length: width + 1 }, (__, b) =>
        b === width
          ? design.reduce((sum, row, at) => sum + (row[a] as number) * ((counts[at] as number) - (mu[at] as number)), 0)
          : design.reduce((sum, row, at) => sum + (row[a] as number) * (row[b] as number) * (mu[at] as number), a === b ? 1e-9 : 0),
      ),
    );
    for (let a = 0; a < width; a++) {
      const pivot = matrix
        .slice(a)
        .reduce((best, row, at) => (Math.abs(row[a] as number) > Math.abs(matrix[a + best]?.[a] as number) ? at : best), 0);
      [matrix[a], matrix[a + pivot]] = [matrix[a + pivot] as number[], matrix[a] as number[]];
      for (let other = 0; other < width; other++) {
        if (other === a) continue;
        const factor = (matrix[other]?.[a] as number) / (matrix[a]?.[a] as number);
        for (let b = a; b <= width; b++)
          (matrix[other] as number[])[b] = (matrix[other]?.[b] as number) - factor * (matrix[a]?.[b] as number);
      }
    }
    beta = beta.map((value, a) => value + Math.max(-1, Math.min(1, (matrix[a]?.[width] as number) / (matrix[a]?.[a] as number))));
  }
  return design.map(meanOf);
}

const grid = Array.from({ length: 12 }, (_, cell) => [Math.floor(cell / 6), Math.floor(cell / 2) % 3, cell % 2]);
/** Indicators of all codes but the first, of single keys and of the pairs that the model has. */
function designOf(pairs: readonly (readonly number[])[]): number[][] {
  const main = [[0], [1], [2]];
  return grid.map((codes) =>
    [[], ...main, ...pairs].flatMap((set) =>
      set
        .reduce<number[][]>(
          (parts, key) => parts.flatMap((part) => Array.from({ length: (SIZES[key] as number) - 1 }, (_, at) => [...part, at + 1])),
          [[]],
        )
        .map((wanted) => (set.every((key, at) => codes[key] === wanted[at]) ? 1 : 0)),
    ),
  );
}

function riskOf(counts: readonly number[], fitted: readonly number[], pi: number) {
  const cells = counts.flatMap((n, cell) => (n > 0 ? [{ n, lambda: fitted[cell] as number }] : []));
  const uniques = cells.filter(({ n }) => n === 1);
  const sum = (of: (lambda: number) => number): number => uniques.reduce((total, { lambda }) => total + of(lambda), 0);
  return {
    gr1: sum((lambda) => Math.exp(-(1 - pi) * lambda)) / cells.length,
    gr2: sum((lambda) => (1 - Math.exp(-(1 - pi) * lambda)) / ((1 - pi) * lambda)) / cells.length,
    population_uniques: sum((lambda) => Math.exp((-(1 - pi) * lambda) / pi)),
    correct_matches: sum((lambda) => (1 - Math.exp((-(1 - pi) * lambda) / pi)) / (((1 - pi) * lambda) / pi)),
  };
}

describe('risk by a log-linear model', () => {
  it('is that of a Poisson regression over all cells, empty ones too', () => {
    for (const [generators, pairs] of [
      [[[0], [1], [2]], []],
      [[[0, 1], [2]], [[0, 1]]],
      [
        [
          [0, 1],
          [1, 2],
          [0, 2],
        ],
        [
          [0, 1],
          [1, 2],
          [0, 2],
        ],
      ],
    ] as const)
      fc.assert(
        fc.property(fc.array(fc.constantFrom(0, 1, 1, 2, 5), { minLength: 12, maxLength: 12 }), (counts) => {
          // The maximum exists where no joint count that is kept is 0.
          const shown = (set: readonly number[]): number =>
            new Set(grid.filter((_, at) => counts[at]).map((codes) => set.map((key) => codes[key]).join())).size;
          fc.pre(generators.every((set) => shown(set) === set.reduce<number>((product, key) => product * (SIZES[key] as number), 1)));
          fc.pre(pairs.length < 3 || counts.filter((n) => n === 0).length < 2);
          const cells = grid.flatMap((codes, at) => (counts[at] === 0 ? [] : [{ codes, n: counts[at] as number }]));
          const found = logLinearRisk(
            {
              codes: Int32Array.from(cells.flatMap(({ codes }) => codes)),
              n: Float64Array.from(cells, ({ n }) => n),
              w: Float64Array.from(cells, ({ n }) => n / 0.25),
            },
            SIZES,
            generators,
          );
          const expected = riskOf(counts, regression(counts, designOf(pairs)), 0.25);
          for (const [name, value] of Object.entries(expected)) expect(found[name as keyof typeof expected], name).toBeCloseTo(value, 5);
          expect(found).toMatchObject({ grid: 12, cells: cells.length, unique: counts.filter((n) => n === 1).length });
        }),
        { numRuns: 40 },
      );
  });

  it('is worked out by hand from the command, over complete records', async () => {
    // x: a 3, b 1; y: p 3, q 1. Independent: (b, q) 4 x 1/4 x 1/4 = 1/4, pi = 1/2, v = 1/8 in the sample, 1/4 in the population.
    writeFileSync(join(scratch, 'file.csv'), 'x,y,w\na,p,2\na,p,2\na,p,2\nb,q,2\n,q,2\n');
    const risk = async (...more: string[]) => {
      const { code, stdout, stderr } = await runCommand(['risk', 'file.csv', '--keys', 'x,y', '--json', '--quiet', ...more], {
        cwd: scratch,
      });
      return { code, stderr, found: code === 0 ? JSON.parse(stdout).log_linear : undefined };
    };
    const { found } = await risk('--weight', 'w', '--log-linear', 'main');
    expect(found).toMatchObject({ model: [['x'], ['y']], grid: 4, cells: 2, unique: 1 });
    expect(found.gr1).toBeCloseTo(Math.exp(-1 / 8) / 2, 12);
    expect(found.gr2).toBeCloseTo((1 - Math.exp(-1 / 8)) * 4, 12);
    expect(found.population_uniques).toBeCloseTo(Math.exp(-1 / 4), 12);
    expect(found.correct_matches).toBeCloseTo((1 - Math.exp(-1 / 4)) * 4, 12);
    // The whole population: every unique is one, and matched.
    expect((await risk('--log-linear', 'x*y')).found).toMatchObject({ model: [['x', 'y']], population_uniques: 1, correct_matches: 1 });
    expect((await risk('--sampling-fraction', '0.5', '--log-linear', 'main')).found).toEqual(found);
    const { code, stderr } = await risk('--log-linear', 'x*z');
    expect([code, stderr.includes('z is no key')]).toEqual([2, true]);
  });
});
