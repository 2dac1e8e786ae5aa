import fc from 'fast-check';
import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FREE, PRIMARY } from '../anonymize/pattern.ts';
import { protect } from '../anonymize/protect/protect.ts';
import { rowOwners } from '../anonymize/protect/protect-singleton.ts';
import type { ProtectTable } from '../anonymize/protect/protect-table.ts';
import { loadSolver } from '../anonymize/solver.ts';
import { openProgramme } from './attack/linear-programme.ts';
import { cellNames, type ProtectRow, protectFixture } from './protect-fixture.ts';

let solver: Highs;
beforeAll(async () => {
  solver = await loadSolver();
});

const HIERARCHY = [
  ['n', 'Total'],
  ['s', 'Total'],
  ['n1', 'n'],
  ['n2', 'n'],
  ['s1', 's'],
  ['s2', 's'],
] as const;

/** Random rows of a table of 4 places (in two regions) by 3 industries, some places by 2 sizes too. */
const rows = (most: number) =>
  fc.array(
    fc.record({
      codes: fc.tuple(fc.constantFrom('n1', 'n2', 's1', 's2'), fc.constantFrom('a', 'b', 'c')),
      value: fc.integer({ min: 1, max: 400 }),
      firm: fc.integer({ min: 0, max: 14 }),
    }),
    { minLength: 4, maxLength: most },
  );

const asRows = (given: readonly { codes: [string, string]; value: number; firm: number }[]): ProtectRow[] =>
  given.map(({ codes, value, firm }) => ({ codes, value, by: { firm: String(firm) } }));

/** Every table of counts that agrees with what is published, cell by cell: least and largest value of each cell. */
function bruteForce(table: ProtectTable, status: Uint8Array): { low: Int32Array; high: Int32Array } {
  const { columns } = table.grid.system;
  const size = table.grid.size;
  const [low, high] = [new Int32Array(size).fill(1e9), new Int32Array(size).fill(-1)];
  const counts = new Int32Array(table.inner.rows);
  const published = Array.from({ length: size }, (_, cell) => cell).filter((cell) => status[cell] === FREE);
  const ends: number[][] = Array.from({ length: table.inner.rows }, () => []);
  for (const cell of published) ends[Math.max(...(columns[cell] as Int32Array))]?.push(cell);
  const sum = (cell: number) => (columns[cell] as Int32Array).reduce((total, row) => total + (counts[row] ?? 0), 0);
  const room = (row: number) =>
    Math.min(
      7,
      ...published.filter((cell) => (columns[cell] as Int32Array).includes(row)).map((cell) => (table.values[cell] ?? 0) - sum(cell)),
    );
  const visit = (row: number): void => {
    if (row === table.inner.rows) {
      for (let cell = 0; cell < size; cell++) {
        const value = sum(cell);
        low[cell] = Math.min(low[cell] ?? 0, value);
        high[cell] = Math.max(high[cell] ?? 0, value);
      }
      return;
    }
    const most = room(row);
    for (let count = 0; count <= most; count++) {
      counts[row] = count;
      if ((ends[row] ?? []).every((cell) => sum(cell) === table.values[cell])) visit(row + 1);
      counts[row] = 0;
    }
  };
  visit(0);
  return { low, high };
}

/** Least and largest sum of a cell that an attacker with these known cells can reach, by a programme over the inner cells. */
async function interval(
  table: ProtectTable,
  known: readonly number[],
  cell: number,
  own: readonly number[] = [],
): Promise<[number, number]> {
  const { columns } = table.grid.system;
  const size = table.inner.rows;
  const terms = (each: number) => new Map(Array.from(columns[each] as Int32Array, (row) => [row, 1] as const));
  const most = 2 * Math.max(...table.values);
  const programme = await openProgramme({
    lower: new Float64Array(size),
    upper: new Float64Array(size).fill(most),
    rows: [
      ...known.map((each) => ({ terms: terms(each), low: table.values[each] ?? 0, high: table.values[each] ?? 0 })),
      ...own.map((row) => ({ terms: new Map([[row, 1]]), low: table.inner.value?.[row] ?? 0, high: table.inner.value?.[row] ?? 0 })),
    ],
  });
  const value = (solution: Float64Array | undefined) =>
    (columns[cell] as Int32Array).reduce((total, row) => total + (solution?.[row] ?? Number.NaN), 0);
  const high = value(programme.maximise(terms(cell)));
  const low = value(programme.maximise(new Map([...terms(cell)].map(([row]) => [row, -1] as const))));
  programme.close();
  return [low, high];
}

/** The inner cells in which a firm stands alone, by firm. */
function rowsByOwner(table: ProtectTable): Map<number, number[]> {
  const owned = new Map<number, number[]>();
  rowOwners(table).forEach((firm, row) => {
    if (firm >= 0) owned.set(firm, [...(owned.get(firm) ?? []), row]);
  });
  return owned;
}

const cellsWith = (table: ProtectTable, status: Uint8Array, which: number) =>
  Array.from({ length: table.grid.size }, (_, cell) => cell).filter((cell) => status[cell] === which);

describe('an attacker on protected tables', () => {
  it('does not find an unsafe count by trying all tables', () => {
    fc.assert(
      fc.property(rows(16), (given) => {
        const table = protectFixture({
          dimensions: { place: HIERARCHY, industry: null },
          rows: asRows(given),
          definition: { rules: { min_frequency: 3 } },
        });
        const { status, unsafe } = protect(table, { solver, audit: true });
        expect(unsafe).toEqual([]);
        if (table.values[0] !== undefined && table.values[0] > 12) return;
        const { low, high } = bruteForce(table, status);
        for (const cell of cellsWith(table, status, PRIMARY))
          expect((high[cell] ?? 0) - (low[cell] ?? 0), cellNames(table)[cell]).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('leaves every unsafe sum its room, also to a firm that knows its own part', async () => {
    const dominance = [{ n: 1, k: 80 }];
    await fc.assert(
      fc.asyncProperty(rows(40), async (given) => {
        const table = protectFixture({
          dimensions: { place: HIERARCHY, industry: null },
          rows: asRows(given),
          definition: { measure: 'value', contributors: { firm: { min: 3, p_percent: 10, dominance } } },
        });
        const { status, unsafe } = protect(table, { solver, audit: true });
        expect(unsafe).toEqual([]);
        const published = cellsWith(table, status, FREE);
        for (const cell of cellsWith(table, status, PRIMARY)) {
          const value = table.values[cell] ?? 0;
          const [low, high] = await interval(table, published, cell);
          expect(low, cellNames(table)[cell]).toBeLessThanOrEqual(0.85 * value + 1e-3);
          expect(high, cellNames(table)[cell]).toBeGreaterThanOrEqual(1.15 * value - 1e-3);
          for (const [firm, own] of rowsByOwner(table)) {
            if ((table.grid.system.columns[cell] as Int32Array).every((row) => own.includes(row))) continue;
            const [least, largest] = await interval(table, published, cell, own);
            expect(largest - least, `${cellNames(table)[cell]} to firm ${firm}`).toBeGreaterThan(1e-3);
          }
        }
      }),
      { numRuns: 40, seed: 11 },
    );
  });

  it('gives the same pattern for the same rows in another order', () => {
    fc.assert(
      fc.property(rows(30), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (given, random) => {
        const shuffled = [...given]
          .map((row) => ({ row, by: random.next().value ?? 0 }))
          .sort((a, b) => a.by - b.by)
          .map(({ row }) => row);
        const pattern = (of: typeof given) => {
          const table = protectFixture({
            dimensions: { place: HIERARCHY, industry: null },
            rows: asRows(of),
            definition: { rules: { min_frequency: 4 } },
          });
          const { status } = protect(table, { solver, audit: true });
          return cellNames(table)
            .map((name, cell) => `${name}=${status[cell]}`)
            .sort();
        };
        expect(pattern(shuffled)).toEqual(pattern(given));
      }),
      { numRuns: 30, seed: 3 },
    );
  });
});
