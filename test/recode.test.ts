import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClassTable, Roller } from '../anonymize/recode/class-table.ts';
import { builtRows, hierarchyRows } from '../anonymize/recode/hierarchy-rows.ts';
import { frontier, leastLoss } from '../anonymize/recode/lattice-search.ts';
import { fileMeasures, METRICS, type Metric, nodeMeasures } from '../anonymize/recode/node-measures.ts';
import { type ValueHierarchy, valueHierarchy } from '../anonymize/recode/value-hierarchy.ts';
import { MICRODATA } from './vectors.ts';

const ADULT = join(MICRODATA.data, 'adult');
const hasAdult = existsSync(ADULT);

/** Records of texts as classes of level 0. */
function classesOf(
  rows: readonly (readonly string[])[],
  hierarchies: readonly ValueHierarchy[],
  values: readonly (readonly string[])[],
): ClassTable {
  const codes = Int32Array.from(rows.flatMap((row) => row.map((text, key) => (values[key] as string[]).indexOf(text))));
  const levels = hierarchies.map(() => 0);
  return new Roller(hierarchies).roll({ levels, size: rows.length, codes, n: new Float64Array(rows.length).fill(1) }, levels);
}

function adult(): { classes: ClassTable; hierarchies: ValueHierarchy[] } {
  const keys = ['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass', 'salary-class'];
  const [header = [], ...lines] = readFileSync(join(ADULT, 'adult.csv'), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(';'));
  const rows = lines.map((line) => keys.map((key) => line[header.indexOf(key)] as string));
  const values = keys.map((_, key) => [...new Set(rows.map((row) => row[key] as string))]);
  const hierarchies = keys.map((key, at) =>
    valueHierarchy(key, hierarchyRows(readFileSync(join(ADULT, `adult_hierarchy_${key}.csv`), 'utf8'), key), values[at] as string[]),
  );
  return { classes: classesOf(rows, hierarchies, values), hierarchies };
}

describe('optimal recoding', () => {
  it.skipIf(!hasAdult)('finds the optimum of ARX on Adult with eight keys', () => {
    const { classes, hierarchies } = adult();
    expect(classes.size).toBe(12458);
    const goals = [
      { k: 5, limit: 0, levels: [0, 4, 1, 2, 3, 2, 0, 0], cost: 0.5422108254, suppressed: 0 },
      { k: 5, limit: 0.04, levels: [0, 3, 0, 1, 1, 1, 1, 0], cost: 0.19578179, suppressed: 1178 },
      { k: 2, limit: 0.04, levels: [0, 3, 0, 0, 2, 1, 0, 0], cost: 0.1225919655, suppressed: 887 },
    ];
    const asked = goals.map(({ k, limit }) => ({ k, limit, metric: 'loss' as const }));
    for (const found of [asked.map((goal) => leastLoss(classes, hierarchies, goal)), frontier(classes, hierarchies, asked)]) {
      for (const [at, { levels, cost, suppressed }] of found.entries()) {
        expect(levels).toEqual(goals[at]?.levels);
        expect(cost).toBeCloseTo(goals[at]?.cost as number, 9);
        expect(suppressed).toBe(goals[at]?.suppressed);
      }
    }
  });

  it('is the least cost over all nodes, for every metric, k and limit', () => {
    const rows = fc.array(
      fc.tuple(fc.constantFrom('11', '12', '21', '22'), fc.constantFrom('1', '5', '9', '14'), fc.constantFrom('x', 'y')),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 5 }), fc.constantFrom(0, 0.1, 0.3), (records, k, limit) => {
        const values = [0, 1, 2].map((key) => [...new Set(records.map((row) => row[key] as string))].sort());
        const built = [{ prefix: [1] }, { intervals: [5, 10] }, undefined];
        const hierarchies = values.map((list, key) => valueHierarchy(`k${key}`, builtRows(`k${key}`, built[key], list), list));
        const classes = classesOf(records, hierarchies, values);
        for (const metric of METRICS) {
          let least = Number.POSITIVE_INFINITY;
          for (const a of [0, 1, 2])
            for (const b of [0, 1, 2])
              for (const c of [0, 1]) {
                const { suppressed, cost } = naive(records, hierarchies, values, [a, b, c], k);
                const { suppressed: mine, cost: own } = nodeMeasures(
                  new Roller(hierarchies).roll(classes, [a, b, c]),
                  hierarchies,
                  { k },
                  fileMeasures(classes, hierarchies),
                );
                expect(mine).toBe(suppressed);
                expect(own[metric]).toBeCloseTo(cost[metric], 9);
                if (suppressed <= limit * records.length) least = Math.min(least, cost[metric]);
              }
          const [found] = frontier(classes, hierarchies, [{ k, limit, metric }]);
          if (Number.isFinite(least)) expect(found?.cost).toBeCloseTo(least, 9);
          else expect(found?.levels).toBeUndefined();
          if (metric === 'loss') expect(leastLoss(classes, hierarchies, { k, limit, metric }).levels).toEqual(found?.levels);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** The definitions, record by record. */
function naive(
  records: readonly (readonly string[])[],
  hierarchies: readonly ValueHierarchy[],
  values: readonly (readonly string[])[],
  levels: readonly number[],
  k: number,
): { suppressed: number; cost: Record<Metric, number> } {
  const codeOf = (row: readonly string[], key: number, level: number): number =>
    hierarchies[key]?.codes[level]?.[(values[key] as string[]).indexOf(row[key] as string)] as number;
  const nameOf = (row: readonly string[]): string => levels.map((level, key) => codeOf(row, key, level)).join();
  const sizes = new Map<string, number>();
  for (const row of records) sizes.set(nameOf(row), (sizes.get(nameOf(row)) ?? 0) + 1);
  const sizeOf = (row: readonly string[]): number => sizes.get(nameOf(row)) as number;
  const kept = records.filter((row) => sizeOf(row) >= k);
  const suppressed = records.length - kept.length;
  const classes = [...sizes.values()].filter((size) => size >= k);
  const parts = levels.map((level, key) => {
    const leaves = (values[key] as string[]).length;
    const under = (row: readonly string[]): number =>
      (values[key] as string[]).filter((_, value) => hierarchies[key]?.codes[level]?.[value] === codeOf(row, key, level)).length;
    if (leaves === 1) return 0;
    const sum = kept.reduce((total, row) => total + under(row) / leaves, 0) + suppressed;
    return (sum - records.length / leaves) / (records.length - records.length / leaves);
  });
  const alike = (row: readonly string[], key: number, level: number): number =>
    records.filter((other) => codeOf(other, key, level) === codeOf(row, key, level)).length;
  const entropy = records.reduce(
    (bits, row) =>
      levels.reduce((sum, level, key) => {
        const now = sizeOf(row) >= k ? alike(row, key, level) : records.length;
        return sum - Math.log2(alike(row, key, 0) / now);
      }, bits),
    0,
  );
  return {
    suppressed,
    cost: {
      entropy,
      loss: parts.reduce((product, part) => product * (part + 1), 1) ** (1 / levels.length) - 1,
      aecs: kept.length === 0 ? records.length : kept.length / classes.length,
      discernibility: classes.reduce((sum, size) => sum + size * size, 0) + suppressed * records.length,
    },
  };
}

describe('hierarchies', () => {
  it('of a file are refused with the line where levels do not fit', () => {
    const refused = (text: string): string => {
      try {
        hierarchyRows(text, 'h.csv');
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refused('a;x;*\nb;*\n')).toContain('line 2: the line has 2 levels, the first has 3');
    expect(refused('a;x;*\na;y;*\n')).toContain('line 2: the leaf stands on an earlier line too');
    expect(refused('a;x;p;*\nb;x;q;*\n')).toContain('line 2: a value of level 1 has two different values above it');
    expect(refused('a;x\nb;y\n')).toContain('line 2: the last level must be the same');
    expect(refused('')).toContain('no line');
    expect(() => valueHierarchy('age', [['1', '*']], ['1', '2', '3'])).toThrow('lacks 2 of the 3 values');
  });

  it('are built from bounds and from prefixes', () => {
    expect(builtRows('age', { intervals: [15, 65] }, ['3', '15', '64.5', '65'])).toEqual([
      ['3', '<15', '*'],
      ['15', '[15,65)', '*'],
      ['64.5', '[15,65)', '*'],
      ['65', '>=65', '*'],
    ]);
    expect(builtRows('nace', { prefix: [2, 1] }, ['0111'])).toEqual([['0111', '01', '0', '*']]);
    expect(() => builtRows('age', { intervals: [15] }, ['old'])).toThrow('no numbers');
  });
});
