import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../engine/byte-size.ts';
import { sortedOrder, sortRows } from '../engine/radix-sort.ts';
import { parseIdentity } from '../pipelines/identity.ts';
import { overlap, partitionsOf } from '../pipelines/months.ts';
import { codedDimension } from '../transforms/tabulate/hierarchy.ts';
import type { PartitionFacts } from '../transforms/tabulate/partition.ts';
import { planTable } from '../transforms/tabulate/plan.ts';
import { sidedKinds, type TabulateTable } from '../transforms/tabulate/table.ts';
import { sortWithTies } from '../transforms/tabulate/tie-order.ts';

const int32 = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, -1, 5));
const real = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(2 ** 40, -(2 ** 31), 1e-300)).map((value) => (value === 0 ? 0 : value));

describe('sorting by keys', () => {
  const byKey = (keys: Int32Array | Float64Array) =>
    [...keys.keys()].sort((a, b) => Number(keys[a]) - Number(keys[b]) || (Number(keys[a]) < Number(keys[b]) ? -1 : 0) || a - b);

  it('orders whole and real numbers as a stable sort does, with the columns beside them, and leaves the input alone', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(int32).map((keys) => Int32Array.from(keys)),
          fc.array(real).map((keys) => Float64Array.from(keys)),
        ),
        (keys) => {
          const before = keys.slice();
          const order = byKey(keys);
          expect([...sortedOrder(keys)]).toEqual(order);
          const beside = Float64Array.from(keys, (_, row) => row / 2);
          const sorted = sortRows(keys, [beside]);
          expect([...sorted.keys]).toEqual(order.map((row) => keys[row]));
          expect([...(sorted.columns[0] ?? [])]).toEqual(order.map((row) => row / 2));
          expect(keys).toEqual(before);
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it('orders long and short runs of one key by the ties, the first tie first', () => {
    const row = fc.tuple(fc.constantFrom(1, 1, 1, 2, 3), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 120 }), (rows) => {
        const column = (at: 0 | 1 | 2) => Int32Array.from(rows, (each) => each[at]);
        const given = [column(1), column(2)];
        const weight = Float64Array.from(rows, ([a, b, c]) => 100 * a + 10 * b + c);
        const sorted = sortWithTies(column(0), given, [weight]);
        expect([...(sorted.columns[0] ?? [])]).toEqual([...weight].sort((a, b) => a - b));
        expect(given).toEqual([column(1), column(2)]);
      }),
      { numRuns: 200, seed: 2 },
    );
  });
});

describe('a dimension', () => {
  it('has a node for every code: level by level from the broadest, unknown last; a branch may end early', () => {
    const place = codedDimension('place', [
      ['B', 'b1'],
      ['A', null],
      ['A', 'a1'],
      ['X', 'X'],
      [null, null],
    ]);
    expect(place.codes).toEqual(['_T', 'A', 'B', 'X', '_U', 'a1', 'b1', 'A_U']);
    expect([...place.parent]).toEqual([-1, 0, 0, 0, 0, 1, 2, 1]);
    expect(place.leaves).toEqual(['X', 'a1', 'b1', 'A_U', '_U']);
    expect(place.levels.map((level) => [...level].map((node) => place.codes[node]))).toEqual([
      ['X', 'a1', 'b1', 'A_U', '_U'],
      ['X', 'A', 'B', 'A', '_U'],
      ['_T', '_T', '_T', '_T', '_T'],
    ]);
  });

  it('is refused where a code stands below two codes or at two levels, or is reserved', () => {
    const refused =
      (...paths: (string | null)[][]) =>
      () =>
        codedDimension('place', paths);
    expect(refused(['A', 'x'], ['B', 'x'])).toThrow(expect.objectContaining({ code: 'table-hierarchy' }));
    expect(refused(['A', 'B'], ['B', 'b'])).toThrow(expect.objectContaining({ code: 'table-hierarchy' }));
    expect(refused(['_T'])).toThrow(expect.objectContaining({ code: 'table-reserved-code' }));
    expect(refused(['A', 'A_U'])).toThrow(expect.objectContaining({ code: 'table-reserved-code' }));
    expect(refused(['A_U'])).not.toThrow();
  });
});

describe('the plan of a table', () => {
  const table: TabulateTable = {
    name: 't',
    by: [{ name: 'a', hierarchy: [] }],
    measures: [
      { name: 'n', kind: 'count' },
      { name: 'median', kind: 'quantile', column: 'x', at: 0.5 },
    ],
    contributors: { person_id: { min: 10 } },
  };
  const a = { ...codedDimension('a', [['1'], ['2']]), hierarchy: [], type: 'VARCHAR', searched: 64, hasUnknown: false };
  const facts: PartitionFacts = {
    rows: 1_000_000,
    dimensions: [a],
    numbers: [{ column: 'x', isInt32: true, scale: 1, hasNull: false }],
    units: [{ kind: 'person_id', column: 'person_id', isInt32: true }],
    per: {},
  };

  it('counts on each side of a quantile every further kind that has a minimum, whatever other rules it has', () => {
    const contributors = { person_id: { min: 10, top: 2 }, employer_id: { min: 2 }, holding_id: { top: 2 } };
    expect(sidedKinds({ ...table, contributors })).toEqual([{ kind: 'employer_id', cap: 3 }]);
  });

  it('adds up what can be added up, sorts what cannot, and leaves to the engine what memory does not hold', () => {
    const additive: TabulateTable = { ...table, measures: table.measures.slice(0, 1), contributors: {} };
    expect(planTable(additive, facts).strategy).toBe('rollup');
    expect(planTable(table, facts)).toMatchObject({ strategy: 'kernel', margins: 2, cells: 3, rows: 1_000_000 });
    expect(planTable(table, facts, 10e6).strategy).toBe('sql');
    const twice = planTable(table, { ...facts, rows: 2_000_000 });
    expect(twice.bytes / planTable(table, facts).bytes).toBeCloseTo(2, 1);
  });
});

describe('small readers', () => {
  it('read identities between measures, and refuse what is none', () => {
    expect(parseIdentity('e - b = a - s')).toEqual([
      { measure: 'e', coefficient: 1 },
      { measure: 'b', coefficient: -1 },
      { measure: 'a', coefficient: -1 },
      { measure: 's', coefficient: 1 },
    ]);
    for (const text of ['a', 'a = ', 'a = b = c', 'a b = c', 'a = 2 * b', 'a = b + '])
      expect(() => parseIdentity(text), text).toThrow(expect.objectContaining({ code: 'identity-invalid' }));
  });

  it('know which partitions share a month', () => {
    expect(partitionsOf('year', ['2023-12', '2024-01', '2024-02'])).toEqual(['2023', '2024']);
    expect(partitionsOf('all', ['2024-01'])).toEqual([null]);
    expect([
      overlap('2024', '2024-03'),
      overlap('2024-03', '2024'),
      overlap(null, '2024'),
      overlap('2024-03', '2024-04'),
      overlap('2024', '2023-12'),
    ]).toEqual([true, true, true, false, false]);
  });

  it('read sizes as the engine writes them', () => {
    expect([bytesOf('500MB'), bytesOf('1.5 GiB'), bytesOf('2GB')]).toEqual([500e6, 1.5 * 2 ** 30, 2e9]);
    expect(() => bytesOf('much')).toThrow(TypeError);
  });
});
