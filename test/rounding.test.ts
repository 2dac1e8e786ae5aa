import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_SPACE } from '../anonymize/cell-key/key-space.ts';
import { disclosedCells } from '../anonymize/elimination.ts';
import { informationLoss } from '../anonymize/information-loss.ts';
import { greedyMultiples } from '../anonymize/rounding/greedy-multiples.ts';
import { roundControlled } from '../anonymize/rounding/round-controlled.ts';
import { roundByKey, roundNearest } from '../anonymize/rounding/round-counts.ts';
import { type RoundedTable, roundSmallCounts } from '../anonymize/rounding/round-small-counts.ts';
import { Rounding } from '../anonymize/rounding/rounding-parameters.ts';
import { type TableModel, tableModel, totalsOf, transposed } from '../anonymize/rounding/table-model.ts';
import { tableSystem } from '../anonymize/table-system.ts';
import { cellsOf } from './cell-fixture.ts';
import { hasVectors, vectorRecords } from './vectors.ts';

const vectors = hasVectors ? describe : describe.skip;

/** Every combination of the codes of an inner cell in each dimension (its own, those above it) is a published cell. */
function crossed(lines: readonly (readonly (readonly string[])[])[], isPublished: (name: string) => boolean = () => true) {
  const columns = new Map<string, number[]>();
  lines.forEach((dimensions, row) => {
    const names = dimensions.reduce<string[]>((before, codes) => before.flatMap((name) => codes.map((code) => `${name}|${code}`)), ['']);
    for (const name of names.filter(isPublished)) {
      const column = columns.get(name) ?? [];
      column.push(row);
      columns.set(name, column);
    }
  });
  return { names: [...columns.keys()], model: tableModel(lines.length, [...columns.values()]) };
}

/** A two-dimensional table of counts with totals: inner cells, rows and columns by number. */
function twoWay(counts: readonly (readonly number[])[], isPublished?: (name: string) => boolean) {
  const lines = counts.flatMap((row, r) =>
    row.map((_, c) => [
      ['T', `r${r}`],
      ['T', `c${c}`],
    ]),
  );
  return { ...crossed(lines, isPublished), counts: Float64Array.from(counts.flat()) };
}

const tables = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([r, c]) => fc.array(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: c, maxLength: c }), { minLength: r, maxLength: r }));
const bases = fc.constantFrom(2, 3, 5, 10);

describe('table models', () => {
  it('are those of the table system, and their transpose tells the same', () => {
    const codes = { a: ['x', 'y'], b: ['u', 'v', 'w'] };
    const rows = codes.a.flatMap((x) => codes.b.flatMap((u) => [{ codes: [x, u], ids: { person: `${x}${u}` }, value: 2 }]));
    const cells = cellsOf(rows, codes);
    const system = tableSystem(cells);
    const model = tableModel(system.rows, system.columns);
    expect([...totalsOf(model, new Float64Array(system.rows).fill(1))]).toEqual([...(cells.measures[0]?.values ?? [])]);
    expect(transposed(transposed(model))).toEqual(model);
    const inner = transposed(model);
    expect([...inner.starts]).toEqual([0, 4, 8, 12, 16, 20, 24]);
  });
});

vectors('results of the R package SmallCountRounding', () => {
  const z1 = hasVectors ? vectorRecords('rounding/z1_input.csv') : [];
  const counts = Float64Array.from(z1, (row) => Number(row['ant']));
  const { names, model } = crossed(
    z1.map((row) => [
      ['Total', row['region'] ?? ''],
      ['Total', row['hovedint'] ?? ''],
    ]),
  );

  it.each([
    [3, { maxAbsolute: 1, meanAbsolute: 0.0889, utility: 0.98473 }],
    [5, { maxAbsolute: 2, meanAbsolute: 0.2667, utility: 0.97346 }],
  ] as const)('z1, base %i: every inner and every published cell, and the measures of utility', (base, measures) => {
    const rounded = roundSmallCounts(model, counts, { base });
    expect([...rounded.inner]).toEqual(vectorRecords(`rounding/z1_roundBase${base}_inner.csv`).map((row) => Number(row['rounded'])));
    const published = vectorRecords(`rounding/z1_roundBase${base}_publish.csv`);
    expect(published.length).toBe(names.length);
    for (const row of published) expect(rounded.cells[names.indexOf(`|${row['region']}|${row['hovedint']}`)]).toBe(Number(row['rounded']));
    const loss = informationLoss(totalsOf(model, counts), rounded.cells);
    expect(loss.maxAbsolute).toBe(measures.maxAbsolute);
    expect(loss.meanAbsolute).toBeCloseTo(measures.meanAbsolute, 4);
    expect(loss.hellingerUtility).toBeCloseTo(measures.utility, 5);
  });

  it('sosialFiktiv, base 5: 14,160 cells of linked hierarchies hold no count from 1 to 4; exchanges bring them nearer', () => {
    const rows = vectorRecords('rounding/sosialFiktiv_input.csv');
    const given = Float64Array.from(rows, (row) => Number(row['ant']));
    const lines = rows.map((row) => [
      ['Total', row['region'] ?? '', `fylke ${row['fylke']}`, `kostra ${row['kostragr']}`],
      ['Total', row['hovedint'] ?? ''],
      ['Total', row['mnd'] ?? '', `half ${row['mnd2']}`],
    ]);
    const linked = crossed(lines).model;
    const truth = totalsOf(linked, given);
    const [greedy, exchanged] = [0, 2000].map((swaps) => roundSmallCounts(linked, given, { base: 5, swaps })) as [
      RoundedTable,
      RoundedTable,
    ];
    for (const { inner, cells } of [greedy, exchanged]) {
      expect(cells.length).toBe(14_160);
      expect(cells.filter((count) => count > 0 && count < 5)).toHaveLength(0);
      expect(cells).toEqual(totalsOf(linked, inner));
      expect(Math.abs(inner.reduce((sum, x) => sum + x, 0) - given.reduce((sum, x) => sum + x, 0))).toBeLessThanOrEqual(2);
    }
    const [before, after] = [greedy, exchanged].map(({ cells }) => informationLoss(truth, cells).rootMeanSquare);
    expect(after).toBeLessThan(before ?? 0);
  });
});

describe('small-count rounding', () => {
  const isSmall = (count: number, most: number) => count > 0 && count <= most;

  it('follows the published worked example: four of eleven small cells become 5, the least total change', () => {
    // vignette of the R package SmallCountRounding, table 1 and 2; of three equal cells for the last 5 the package drew another
    const { model, counts } = twoWay([
      [6, 0, 1, 3, 4],
      [1, 2, 3, 1, 2],
      [0, 1, 1, 0, 2],
    ]);
    const { inner } = roundSmallCounts(model, counts, { base: 5 });
    expect([...inner.subarray(0, 5)]).toEqual([6, 0, 0, 5, 5]);
    expect([...inner.subarray(5)].filter((count) => count === 5)).toHaveLength(2);
    expect(inner[7]).toBe(5);
    // with ties in its order, the same table
    const ties = Float64Array.from(counts, (_, row) => -row);
    expect([...roundSmallCounts(model, counts, { base: 5, ties }).inner]).toEqual([6, 0, 0, 5, 5, 0, 0, 5, 0, 0, 0, 0, 0, 0, 5]);
  });

  it('leaves no small published count, stays additive within half a base, changes only small inner cells by less than the base', () => {
    fc.assert(
      fc.property(
        tables,
        bases,
        fc.constantFrom(undefined, 1, 2, 4, 7),
        fc.boolean(),
        fc.integer({ min: 0, max: 9 }),
        (given, base, maxRound, withInner, swaps) => {
          const { model, counts } = twoWay(given, (name) => withInner || name.includes('T'));
          const { inner, cells, rounded } = roundSmallCounts(model, counts, { base, swaps, ...(maxRound !== undefined && { maxRound }) });
          const most = maxRound ?? base - 1;
          for (const count of cells) expect(!isSmall(count, most) || count % base === 0).toBe(true);
          expect(cells).toEqual(totalsOf(model, inner));
          expect(Math.abs(inner.reduce((sum, x) => sum + x, 0) - counts.reduce((sum, x) => sum + x, 0))).toBeLessThanOrEqual(base / 2);
          inner.forEach((count, row) => {
            const before = counts[row] ?? 0;
            expect(rounded[row] === 1 ? isSmall(before, most) && count % base === 0 : count === before).toBe(true);
            expect(count >= 0 && Math.abs(count - before) < base).toBe(true);
          });
        },
      ),
      { seed: 31, numRuns: 400 },
    );
  });

  it('is the same table for any order of the inner cells, when ties have keys', () => {
    fc.assert(
      fc.property(
        tables,
        bases,
        fc.infiniteStream(fc.integer({ min: 0, max: 1e9 })),
        fc.integer({ min: 0, max: 5 }),
        (given, base, stream, swaps) => {
          const { model, counts } = twoWay(given);
          const ties = Float64Array.from(counts, (_, row) => (stream.next().value as number) + row / 1000);
          const order = [...counts.keys()].sort((a, b) => (ties[b] ?? 0) - (ties[a] ?? 0));
          const place = Int32Array.from(counts, (_, row) => order.indexOf(row));
          const columns = Array.from({ length: model.cells }, (_, cell) =>
            [...model.rows.subarray(model.starts[cell], model.starts[cell + 1])].map((row) => place[row] ?? 0),
          );
          const moved = roundSmallCounts(
            tableModel(model.inner, columns),
            Float64Array.from(order, (row) => counts[row] ?? 0),
            { base, swaps, ties: Float64Array.from(order, (row) => ties[row] ?? 0) },
          );
          expect(moved.cells).toEqual(roundSmallCounts(model, counts, { base, swaps, ties }).cells);
        },
      ),
      { seed: 32, numRuns: 150 },
    );
  });

  it('never makes the squares larger by exchanging, and gives each 5 to the cell that misses most', () => {
    fc.assert(
      fc.property(tables, bases, (given, base) => {
        const { model, counts } = twoWay(given);
        const truth = totalsOf(model, counts);
        const squares = (swaps: number) =>
          roundSmallCounts(model, counts, { base, swaps }).cells.reduce((sum, count, cell) => sum + (count - (truth[cell] ?? 0)) ** 2, 0);
        expect(squares(10)).toBeLessThanOrEqual(squares(0));
        expect([...roundSmallCounts(model, counts, { base }).inner]).toEqual(byDefinition(model, counts, base));
        // however the candidates are kept
        const rests = counts.map((count) => (isSmall(count, base - 1) ? count : 0));
        const ties = Int32Array.from(counts.keys());
        const [first, ...others] = [1, 2, 3, 5, 100].map((groups) => greedyMultiples({ model, rests, base, ties, swaps: 0, groups }));
        for (const other of others) expect(other).toEqual(first);
      }),
      { seed: 33, numRuns: 200 },
    );
  });

  it('rounds what published cells determine, when asked', () => {
    // only the total and the cells of the first row: the second row's total, 1, is their difference
    const given = [
      [9, 8],
      [1, 0],
    ];
    const { model, counts } = twoWay(given, (name) => name === '|T|T' || name.startsWith('|r0'));
    expect(roundSmallCounts(model, counts, { base: 3 }).rounded).toEqual(new Uint8Array(4));
    const one = twoWay([[9, 8], [1]], (name) => name === '|T|T' || name.startsWith('|r0'));
    expect([...roundSmallCounts(one.model, one.counts, { base: 3, further: 'determined' }).inner]).toEqual([9, 8, 0]);
    fc.assert(
      fc.property(tables, bases, fc.integer({ min: 0, max: 2 ** 12 }), (counts, base, mask) => {
        const table = twoWay(counts, (name) => ((mask >> ((name.length * 3 + name.charCodeAt(2)) % 12)) & 1) === 0);
        const { rounded } = roundSmallCounts(table.model, table.counts, { base, further: 'determined' });
        const columns = Array.from({ length: table.model.cells }, (_, cell) =>
          table.model.rows.slice(table.model.starts[cell], table.model.starts[cell + 1]),
        );
        const open = [...table.counts.keys()].filter((row) => isSmall(table.counts[row] ?? 0, base - 1) && rounded[row] === 0);
        const hidden = new Uint8Array(columns.length + open.length).fill(1, columns.length);
        expect(disclosedCells(table.model.inner, [...columns, ...open.map((row) => Int32Array.of(row))], hidden)).toEqual([]);
      }),
      { seed: 34, numRuns: 100 },
    );
    expect(roundSmallCounts(model, counts, { base: 3, further: 'all' }).rounded).toEqual(Uint8Array.of(0, 0, 1, 0));
  });

  it('refuses counts and bases that are none', () => {
    const { model, counts } = twoWay([[1, 2]]);
    expect(() => roundSmallCounts(model, Float64Array.of(1, -1), { base: 3 })).toThrow(/whole and not negative/);
    expect(() => roundSmallCounts(model, Float64Array.of(1), { base: 3 })).toThrow(/for every inner cell/);
    expect(() => roundSmallCounts(model, counts, { base: 1 })).toThrow(/whole base from 2 on/);
    expect(() => roundSmallCounts(model, counts, { base: 3, maxRound: 0 })).toThrow(/maxRound/);
    expect(Rounding.safeParse({ method: 'small_counts', base: 3, max_round: 4, further: 'all', swaps: 100 }).success).toBe(true);
    for (const wrong of [
      { method: 'small', base: 3 },
      { method: 'random', base: 1 },
      { method: 'nearest', base: 5, round: 2 },
    ])
      expect(Rounding.safeParse(wrong).success).toBe(false);
  });
});

/** The greedy choice as it is defined: every score computed anew at every step. */
function byDefinition(model: TableModel, counts: Float64Array, base: number): number[] {
  const truth = totalsOf(model, counts);
  const selected = new Set<number>();
  let published = truth;
  for (;;) {
    const before = selected.size;
    published.forEach((total, cell) => {
      if (!(total > 0 && total < base)) return;
      for (const row of model.rows.subarray(model.starts[cell], model.starts[cell + 1])) if ((counts[row] ?? 0) > 0) selected.add(row);
    });
    const start = counts.map((count, row) => (selected.has(row) ? 0 : count));
    const inner = start.slice();
    let rest = Math.round([...selected].reduce((sum, row) => sum + (counts[row] ?? 0), 0) / base);
    while (rest-- > 0) {
      const missing = totalsOf(model, inner).map((total, cell) => (truth[cell] ?? 0) - total);
      const score = (row: number) =>
        missing.reduce(
          (sum, each, cell) => sum + (model.rows.subarray(model.starts[cell], model.starts[cell + 1]).includes(row) ? each : 0),
          0,
        );
      const open = [...selected].filter((row) => inner[row] === 0).sort((a, b) => score(b) - score(a) || a - b);
      inner[open[0] ?? 0] = base;
    }
    published = totalsOf(model, inner);
    if (selected.size === before) return [...inner];
  }
}

describe('rounding of single cells', () => {
  it('goes to the nearest multiple, halves away from zero', () => {
    expect([...roundNearest(Float64Array.of(0, 2, 3, 7, 12.5, -2.5, -2), 5)]).toEqual([0, 0, 5, 5, 15, -5, 0]);
  });

  it('by key is without bias over all keys: one key in 10^8 at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 2, max: 50 }), (count, base) => {
        const up = (key: number) => (roundByKey(Float64Array.of(count), [key], base)[0] ?? 0) > count;
        const rest = count % base;
        // keys that round up are those below a bound, found by halving
        let [low, high] = [0, KEY_SPACE];
        while (low < high) {
          const middle = Math.floor((low + high) / 2);
          if (up(middle)) low = middle + 1;
          else high = middle;
        }
        expect(Math.abs(low - (rest / base) * KEY_SPACE)).toBeLessThan(1);
        if ((rest * KEY_SPACE) % base === 0) expect(low * base).toBe(rest * KEY_SPACE);
        const values = [0, 12_345_678, KEY_SPACE - 1].map((key) => roundByKey(Float64Array.of(count), [key], base)[0] ?? 0);
        for (const value of values) expect(value % base === 0 && Math.abs(value - count) < base).toBe(true);
      }),
      { seed: 35, numRuns: 200 },
    );
    expect(() => roundByKey(Float64Array.of(1, 2), [1], 5)).toThrow(/Every cell needs a cell key/);
  });
});

describe('controlled rounding', () => {
  /** Nearest additive table, by trying all. */
  function nearest(model: TableModel, counts: Float64Array, base: number): number {
    const truth = totalsOf(model, counts);
    const open = [...counts.keys()].filter((row) => (counts[row] ?? 0) % base !== 0);
    let least = Number.POSITIVE_INFINITY;
    for (let mask = 0; mask < 1 << open.length; mask++) {
      const inner = counts.map((count) => count - (count % base));
      open.forEach((row, at) => {
        if ((mask >> at) & 1) inner[row] = (inner[row] ?? 0) + base;
      });
      const cells = totalsOf(model, inner);
      const isNear = cells.every((value, cell) => Math.abs(value - (truth[cell] ?? 0)) < base);
      if (isNear)
        least = Math.min(
          least,
          cells.reduce((sum, value, cell) => sum + Math.abs(value - (truth[cell] ?? 0)), 0),
        );
    }
    return least;
  }

  it('finds the nearest additive table of multiples', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 3 }),
        fc.constantFrom(3, 5),
        async (given, base) => {
          const { model, counts } = twoWay(given);
          const found = await roundControlled(model, counts, { base });
          const truth = totalsOf(model, counts);
          // two-way tables always have one with every cell next to its value
          expect(found).toMatchObject({ steps: 0, isOptimal: true });
          expect(found.distance).toBe(nearest(model, counts, base));
          expect(found.cells).toEqual(totalsOf(model, found.inner));
          found.cells.forEach((value, cell) => {
            expect(value % base === 0 && Math.abs(value - (truth[cell] ?? 0)) < base).toBe(true);
          });
        },
      ),
      { seed: 36, numRuns: 40 },
    );
  });

  it('takes more steps where three dimensions allow no table next to the values, and says so', async () => {
    const counts = Float64Array.of(0, 1, 1, 0, 1, 1, 1, 1);
    const codes = (letter: string, code: number) => ['T', `${letter}${code}`];
    const lines = [...counts.keys()].map((row) => [codes('a', row >> 2), codes('b', (row >> 1) & 1), codes('c', row & 1)]);
    const { model } = crossed(lines);
    expect(nearest(model, counts, 2)).toBe(Number.POSITIVE_INFINITY);
    await expect(roundControlled(model, counts, { base: 2, maxSteps: 0 })).rejects.toThrow(/allow more steps/);
    const truth = totalsOf(model, counts);
    const found = await roundControlled(model, counts, { base: 2 });
    expect(found).toMatchObject({ steps: 1, isOptimal: true, cells: totalsOf(model, found.inner) });
    found.cells.forEach((value, cell) => {
      expect(value % 2 === 0 && value >= 0 && Math.abs(value - (truth[cell] ?? 0)) < 4).toBe(true);
    });
  });

  it('weighs cells, and refuses tables that are too large', async () => {
    const { model, counts, names } = twoWay([
      [1, 1],
      [1, 1],
    ]);
    // all 0 is 16 from the true cells, one inner cell of 5 is 18; with the total ten times as important 52 and 27
    const plain = await roundControlled(model, counts, { base: 5 });
    expect(plain).toMatchObject({ distance: 16, cells: new Float64Array(9) });
    const weighted = await roundControlled(model, counts, { base: 5, weights: names.map((name) => (name === '|T|T' ? 10 : 1)) });
    expect(weighted.distance).toBe(27);
    expect(weighted.cells[names.indexOf('|T|T')]).toBe(5);
    const large = tableModel(5001, [[0]]);
    await expect(roundControlled(large, new Float64Array(5001), { base: 5 })).rejects.toThrow(/at most 5000 cells/);
  });
});
