import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FREE, type Pattern, PRIMARY } from '../anonymize/pattern.ts';
import type { ProtectionPolicy } from '../anonymize/protection-policy.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import { publish } from '../anonymize/publish.ts';
import { suppress } from '../anonymize/suppress.ts';
import { tableSystem } from '../anonymize/table-system.ts';
import { cellsOf, namesOf, permuted, type Row } from './cell-fixture.ts';

const CODES = { a: ['a0', 'a1', 'a2'], b: ['b0', 'b1', 'b2'], c: ['c0', 'c1'] };

/** Persons in 3 x 3 x 2 cells, with an employer and pay each. */
const persons = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 999 })), { minLength: 18, maxLength: 18 })
  .map((cells): Row[] =>
    cells.flatMap(([count, salt], at) =>
      Array.from({ length: count }, (_, i) => ({
        codes: [`a${at % 3}`, `b${Math.floor(at / 3) % 3}`, `c${Math.floor(at / 9)}`],
        ids: { person: `${at}-${i}`, employer: `e${(salt * (i + 1)) % 7}` },
        value: 1000 + ((salt * 37 + i * 811) % 4000),
      })),
    ),
  )
  .filter((rows) => rows.length > 0);

const PERSONS_ONLY: ProtectionPolicy = { min_frequency: 3, contributors: { person: { min: 3 }, employer: {} } };
const BOTH_KINDS: ProtectionPolicy = {
  min_frequency: 4,
  contributors: { person: { min: 4 }, employer: { min: 2, dominance: [{ n: 1, k: 90 }], p_percent: 5 } },
};

/** Every relation that an outsider sees: total = sum over one dimension of the cells that exist. */
function publicRelations(table: PublicTable): number[][] {
  const index = new Map(
    Array.from({ length: table.size }, (_, cell) => [table.dimensions.map(({ codes }) => codes[cell]).join('|'), cell]),
  );
  const relations: number[][] = [];
  for (const [key, parent] of index) {
    const codes = key.split('|');
    codes.forEach((code, d) => {
      if (code !== '_T') return;
      const leaves = Object.values(CODES)[d] ?? [];
      const children = leaves.flatMap((leaf) => index.get(codes.map((each, e) => (e === d ? leaf : each)).join('|')) ?? []);
      relations.push([parent, ...children]);
    });
  }
  return relations;
}

type Fraction = readonly [bigint, bigint];

/** Exact elimination over the rationals of the unknown cells of one measure; the cells whose value follows. */
function solved(relations: readonly (readonly number[])[], known: (cell: number) => number | undefined): number[] {
  const rows = relations.map(([parent = 0, ...children]) => {
    const row = new Map<number, Fraction>();
    for (const [cell, sign] of [[parent, -1n] as const, ...children.map((child) => [child, 1n] as const)]) {
      if (known(cell) === undefined) row.set(cell, [sign, 1n]);
    }
    return row;
  });
  const minus = (x: Fraction, y: Fraction): Fraction => reduce(x[0] * y[1] - y[0] * x[1], x[1] * y[1]);
  const subtract = (row: Map<number, Fraction>, factor: Fraction, other: ReadonlyMap<number, Fraction>) => {
    for (const [cell, value] of other) {
      const left = minus(row.get(cell) ?? [0n, 1n], [factor[0] * value[0], factor[1] * value[1]]);
      if (left[0] === 0n) row.delete(cell);
      else row.set(cell, left);
    }
  };
  const done: { cell: number; row: Map<number, Fraction> }[] = [];
  for (const row of rows) {
    for (const { cell, row: other } of done) {
      const factor = row.get(cell);
      if (factor !== undefined) subtract(row, factor, other);
    }
    const [first] = row;
    if (first === undefined) continue;
    const [cell, [top, bottom]] = first;
    const unit = new Map([...row].map(([each, [n, d]]) => [each, reduce(n * bottom, d * top)] as const));
    for (const other of done) {
      const factor = other.row.get(cell);
      if (factor !== undefined) subtract(other.row, factor, unit);
    }
    done.push({ cell, row: unit });
  }
  return done.filter(({ row }) => row.size === 1).map(({ cell }) => cell);
}

function reduce(n: bigint, d: bigint): Fraction {
  let [a, b] = [n < 0n ? -n : n, d < 0n ? -d : d];
  while (b !== 0n) [a, b] = [b, a % b];
  const divisor = (a === 0n ? 1n : a) * (d < 0n ? -1n : 1n);
  return [n / divisor, d / divisor];
}

/**
 * Cells whose count is the same in every table of whole numbers (at least 1 in each cell that exists) with the same published counts;
 * by depth-first search with bounds, until each cell was seen with two values. `undefined` when the search was cut.
 */
function unique(relations: readonly (readonly number[])[], counts: Float64Array): number[] | undefined {
  const open = new Map<number, Set<number>>();
  counts.forEach((count, cell) => {
    if (Number.isNaN(count)) open.set(cell, new Set());
  });
  const total = counts.reduce((max, count) => (count > max ? count : max), 60);
  let nodes = 0;
  const narrowed = (low: Int32Array, high: Int32Array): boolean => {
    for (let changed = true; changed; ) {
      changed = false;
      for (const [parent = 0, ...children] of relations) {
        const sum = (ends: Int32Array) => children.reduce((all, cell) => all + (ends[cell] ?? 0), 0);
        const set = (cell: number, from: number, to: number) => {
          if (from > (low[cell] ?? 0)) [low[cell], changed] = [from, true];
          if (to < (high[cell] ?? 0)) [high[cell], changed] = [to, true];
          return (low[cell] ?? 0) <= (high[cell] ?? 0);
        };
        if (!set(parent, sum(low), sum(high))) return false;
        for (const cell of children) {
          const [from, to] = [(low[parent] ?? 0) - sum(high) + (high[cell] ?? 0), (high[parent] ?? 0) - sum(low) + (low[cell] ?? 0)];
          if (!set(cell, from, to)) return false;
        }
      }
    }
    return true;
  };
  const search = (low: Int32Array, high: Int32Array): Int32Array | undefined => {
    if (++nodes > 40_000 || !narrowed(low, high)) return undefined;
    let cell = -1;
    low.forEach((from, each) => {
      const width = (high[each] ?? 0) - from;
      if (width > 0 && (cell < 0 || width < (high[cell] ?? 0) - (low[cell] ?? 0))) cell = each;
    });
    if (cell < 0) return low;
    for (let value = low[cell] ?? 0; value <= (high[cell] ?? 0); value++) {
      const [from, to] = [low.slice(), high.slice()];
      from[cell] = value;
      to[cell] = value;
      const found = search(from, to);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const start = (change: (low: Int32Array, high: Int32Array) => void) => {
    const low = Int32Array.from(counts, (count) => (Number.isNaN(count) ? 1 : count));
    const high = Int32Array.from(counts, (count) => (Number.isNaN(count) ? total : count));
    change(low, high);
    const found = search(low, high);
    if (found !== undefined) for (const [cell, seen] of open) seen.add(found[cell] ?? 0);
    return found !== undefined;
  };
  start(() => {});
  for (const [cell, seen] of open) {
    const [first = 0] = seen;
    if (seen.size < 2) start((low) => (low[cell] = first + 1));
    if (seen.size < 2) start((_, high) => (high[cell] = first - 1));
  }
  return nodes > 40_000 ? undefined : [...open].filter(([, seen]) => seen.size < 2).map(([cell]) => cell);
}

function attack(rows: readonly Row[], policy: ProtectionPolicy, weaken: (pattern: Pattern) => Pattern) {
  const cells = cellsOf(rows, CODES);
  const pattern = weaken(suppress(cells, policy));
  const table = publish(cells, pattern, { status: 'A' });
  const relations = publicRelations(table);
  const found: number[] = [];
  for (const measure of table.measures.filter(({ name }) => name !== 'average')) {
    found.push(...solved(relations, (cell) => (measure.suppressed[cell] === 1 ? undefined : measure.values[cell])));
  }
  return { cells, pattern, table, found, counted: unique(relations, table.measures[0]?.values ?? new Float64Array()) };
}

describe('a brute-force attacker of a published table', () => {
  for (const [name, policy, numRuns] of [
    ['persons', PERSONS_ONLY, 60],
    ['persons and employers', BOTH_KINDS, 40],
  ] as const) {
    it(`computes no suppressed value, by exact elimination or by trying all tables of counts (${name})`, () => {
      let cut = 0;
      let withSuppression = 0;
      fc.assert(
        fc.property(persons, (rows) => {
          const { pattern, found, counted } = attack(rows, policy, (each) => each);
          expect(pattern.unsafe).toEqual([]);
          expect(found).toEqual([]);
          if (counted === undefined) cut++;
          else expect(counted).toEqual([]);
          if (pattern.summary.primary > 0 && pattern.summary.primary + pattern.summary.secondary < pattern.summary.cells) withSuppression++;
        }),
        { seed: 11, numRuns },
      );
      expect(cut).toBeLessThan(numRuns / 10);
      expect(withSuppression).toBeGreaterThan(numRuns / 4);
    });
  }

  it('does compute values when only primary cells are suppressed, or when a measure of a suppressed cell is left', () => {
    let found = 0;
    let counted = 0;
    fc.assert(
      fc.property(persons, (rows) => {
        const onlyPrimary = (pattern: Pattern) => ({
          ...pattern,
          status: pattern.status.map((status) => (status === PRIMARY ? PRIMARY : FREE)),
        });
        const result = attack(rows, PERSONS_ONLY, onlyPrimary);
        found += result.found.length;
        counted += result.counted?.length ?? 0;
      }),
      { seed: 11, numRuns: 20 },
    );
    expect(found).toBeGreaterThan(20);
    expect(counted).toBeGreaterThan(20);
  });

  it('sees every suppressed cell lose every measure, under one flag', () => {
    fc.assert(
      fc.property(persons, (rows) => {
        const { pattern, table } = attack(rows, BOTH_KINDS, (each) => each);
        for (const measure of table.measures) {
          pattern.status.forEach((status, cell) => {
            expect(measure.suppressed[cell]).toBe(status === FREE ? 0 : 1);
            expect(Number.isNaN(measure.values[cell])).toBe(status !== FREE);
          });
        }
      }),
      { seed: 3, numRuns: 15 },
    );
  });

  it('meets the same pattern whatever the order of rows, and no less protection under a stricter policy', () => {
    const shuffled = persons.chain((rows) => {
      const all = Array.from({ length: cellsOf(rows, CODES).size }, (_, cell) => cell);
      return fc.tuple(fc.constant(rows), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));
    });
    fc.assert(
      fc.property(shuffled, ([rows, order]) => {
        const cells = cellsOf(rows, CODES);
        const other = permuted(cells, order);
        const statusByName = (of: typeof cells) => {
          const { status } = suppress(of, BOTH_KINDS);
          return Object.fromEntries(namesOf(of).map((each, cell) => [each, status[cell]]));
        };
        expect(statusByName(other)).toEqual(statusByName(cells));
        const loose = suppress(cells, PERSONS_ONLY);
        const strict = suppress(cells, { ...PERSONS_ONLY, min_frequency: 6, contributors: { person: { min: 6 }, employer: {} } });
        loose.status.forEach((status, cell) => {
          if (status === PRIMARY) expect(strict.status[cell]).toBe(PRIMARY);
        });
        expect(tableSystem(other).relations.length).toBe(tableSystem(cells).relations.length);
      }),
      { seed: 5, numRuns: 20 },
    );
  });
});
