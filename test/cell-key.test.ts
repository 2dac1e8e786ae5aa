import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellSums, joinCellSums } from '../anonymize/cell-key/cell-sums.ts';
import { ratioOfPublished } from '../anonymize/cell-key/derived-measures.ts';
import { designCountPtable, designSumPtable } from '../anonymize/cell-key/design-ptable.ts';
import { cellKey, cellKeys, KEY_SPACE, turnKey } from '../anonymize/cell-key/key-space.ts';
import { keyedCounts } from '../anonymize/cell-key/keyed-counts.ts';
import { noiseShare, separationPoint } from '../anonymize/cell-key/noise-size.ts';
import { countsBehindMark, perturbCounts } from '../anonymize/cell-key/perturb-counts.ts';
import { perturbSums } from '../anonymize/cell-key/perturb-sums.ts';
import { blocksOf, momentsOf } from '../anonymize/cell-key/ptable.ts';
import { recordKey, recordKeyInSql, recordKeySecret, recordKeys } from '../anonymize/cell-key/record-key.ts';
import { magnifiersOf, noiseAt } from '../anonymize/cell-key/sum-noise.ts';
import { additivityOf, informationLoss } from '../anonymize/information-loss.ts';
import { demoMasterKey, hmacPads } from '../engine/keys.ts';
import type { Session } from '../engine/session.ts';
import { id, sql } from '../engine/sql.ts';
import { scratchFolder, testSession } from './scratch.ts';

describe('record and cell keys', () => {
  const folder = scratchFolder();
  let session: Session;
  beforeAll(async () => {
    session = await testSession(folder);
  });
  afterAll(() => session.close());
  const secret = recordKeySecret(demoMasterKey(1), 'person_id');

  it('are drawn by rejection from HMAC under a label of their own, the same in SQL', async () => {
    const units = Array.from({ length: 3000 }, (_, at) => `unit ${at} ש`);
    const keys = recordKeys(secret, units);
    const byDefinition = (unit: string) => {
      const digest = createHmac('sha256', secret).update(unit).digest();
      for (let word = 0; word < 8; word++) if (digest.readUInt32BE(4 * word) < 4_200_000_000) return digest.readUInt32BE(4 * word) % 1e8;
      return -1;
    };
    expect([...keys]).toEqual(units.map(byDefinition));
    // some are second words: 2.2 % of first words are refused
    expect(units.some((unit) => createHmac('sha256', secret).update(unit).digest().readUInt32BE(0) >= 4_200_000_000)).toBe(true);
    await session.createTable('units', [{ name: 'unit', type: 'VARCHAR', values: units }]);
    const found = await session.rows<{ key: number }>(
      sql`SELECT (${recordKeyInSql(id('unit'), hmacPads(secret))})::INTEGER AS key FROM units`,
    );
    expect(found.map(({ key }) => key)).toEqual([...keys]);
    expect(recordKey(recordKeySecret(demoMasterKey(1), 'employer_id'), 'unit 1')).not.toBe(recordKey(secret, 'unit 1'));
  });

  const records = fc.array(
    fc.record({ key: fc.integer({ min: 0, max: KEY_SPACE - 1 }), cell: fc.integer({ min: -1, max: 3 }), order: fc.integer() }),
    {
      minLength: 1,
      maxLength: 60,
    },
  );

  it('add up the same in any order, in any partition, and in SQL', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (all) => {
        const sum = (part: readonly { key: number; cell: number }[]) =>
          cellKeys(
            Uint32Array.from(part, ({ key }) => key),
            Int32Array.from(part, ({ cell }) => cell),
            4,
          );
        const whole = sum(all);
        expect(sum([...all].sort((a, b) => a.order - b.order))).toEqual(whole);
        const parts = [0, 1, 2].map((part) => sum(all.filter(({ order }) => Math.abs(order) % 3 === part)));
        const joined = cellKeys(
          Uint32Array.from(parts.flatMap((part) => [...part])),
          Int32Array.from([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]),
          4,
        );
        expect(joined).toEqual(whole);
        await session.createTable('keyed', [
          { name: 'key', type: 'INTEGER', values: all.map(({ key }) => key) },
          { name: 'cell', type: 'INTEGER', values: all.map(({ cell }) => cell) },
        ]);
        const found = await session.rows<{ cell: number; key: number }>(
          sql`SELECT cell, (${cellKey(id('key'))})::INTEGER AS key FROM keyed WHERE cell >= 0 GROUP BY cell`,
        );
        for (const { cell, key } of found) expect(key).toBe(whole[cell]);
      }),
      { seed: 23, numRuns: 30 },
    );
  });

  it('come with the counts of every margin from one reading of the units', async () => {
    const units = Array.from({ length: 500 }, (_, at) => ({ a: at % 3, b: (at * at) % 5, key: (at * 987_654_321) % KEY_SPACE }));
    await session.createTable('unit', [
      { name: 'a', type: 'INTEGER', values: units.map(({ a }) => a) },
      { name: 'b', type: 'INTEGER', values: units.map(({ b }) => b) },
      { name: 'record_key', type: 'INTEGER', values: units.map(({ key }) => key) },
    ]);
    const select = keyedCounts({ relation: sql`unit`, dimensions: ['a', 'b'], recordKey: id('record_key') });
    const rows = await session.rows<{ a: number | null; b: number | null; n: number; key: number }>(
      sql`SELECT a, b, n::INTEGER AS n, cell_key::INTEGER AS key FROM (${select})`,
    );
    expect(rows.length).toBe(new Set(units.flatMap(({ a, b }) => [`${a}|${b}`, `${a}`, `|${b}`, ''])).size);
    for (const { a, b, n, key } of rows) {
      const own = units.filter((unit) => (a === null || unit.a === a) && (b === null || unit.b === b));
      expect([n, key]).toEqual([own.length, own.reduce((sum, unit) => (sum + unit.key) % KEY_SPACE, 0)]);
    }
  });

  it('turn their eight digits, leading zeros included', () => {
    expect([1, 2, 3].map((times) => turnKey(45_902_216, times))).toEqual([59_022_164, 90_221_645, 2_216_459]);
    expect(turnKey(1, 1)).toBe(10);
    expect(turnKey(10_000_000, 1)).toBe(1);
    expect(turnKey(12_345_678, 8)).toBe(12_345_678);
  });
});

const SIZES = fc.integer({ min: 1, max: 40 });

describe('perturbed counts', () => {
  const { table: ptable } = designCountPtable({ D: 5, V: 3, js: 2, pstay: 0.5 });
  const one = (count: number, key: number, threshold?: number) =>
    perturbCounts({ counts: Float64Array.of(count), keys: [key], units: [[count]] }, ptable, threshold);

  it('have noise whose mean over all keys is 0, whatever the count', () => {
    fc.assert(
      fc.property(SIZES, (count) => {
        let bias = 0;
        let from = 0;
        // every interval of keys, by its first and last key
        while (from < KEY_SPACE) {
          const { rows, noise } = perturbCounts({ counts: Float64Array.of(count), keys: [from], units: [[2]] }, ptable);
          const upper = ptable.upper[rows[0] ?? 0] ?? 0;
          expect(one(count, upper - 1).rows[0]).toBe(rows[0]);
          bias += (noise[0] ?? 0) * (upper - from);
          from = upper;
        }
        expect(bias).toBe(0);
      }),
      { seed: 24, numRuns: 40 },
    );
  });

  it('are the same wherever the same units are counted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: KEY_SPACE - 1 }), { minLength: 2, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (units, tables) => {
          const results = Array.from({ length: tables }, (_, at) => {
            const order = [...units.keys()].sort((a, b) => ((a * (at + 7)) % units.length) - ((b * (at + 7)) % units.length));
            const keys = cellKeys(
              Uint32Array.from(order, (unit) => units[unit] ?? 0),
              new Int32Array(units.length),
              1,
            );
            return perturbCounts({ counts: Float64Array.of(units.length), keys, units: [[units.length]] }, ptable).counts[0];
          });
          expect(new Set(results).size).toBe(1);
        },
      ),
      { seed: 25, numRuns: 60 },
    );
  });

  it('leave 0 as it is, suppress a single contributor of any kind and what is below the threshold', () => {
    expect(one(0, 12).counts[0]).toBe(0);
    expect(one(1, 99_999_999)).toMatchObject({ counts: Float64Array.of(Number.NaN), suppressed: Uint8Array.of(1) });
    const employers = perturbCounts({ counts: Float64Array.of(50), keys: [5], weighted: Float64Array.of(80), units: [[50], [1]] }, ptable);
    expect(employers).toMatchObject({ counts: Float64Array.of(Number.NaN), weighted: Float64Array.of(Number.NaN) });
    expect(one(2, 50_000_000).counts[0]).toBe(3);
    expect(one(2, 50_000_000, 4).counts[0]).toBeNaN();
    expect(one(2, 0, 4).counts[0]).toBe(0);
  });

  it('tell by the mark of suppression that a count is 1, unless the threshold is above js + 1', () => {
    expect(countsBehindMark(ptable)).toEqual([1]);
    expect(countsBehindMark(ptable, 3)).toEqual([1]);
    expect(countsBehindMark(ptable, 4)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('refuse keys outside the space, counts that are none, cells without contributors', () => {
    expect(() => perturbCounts({ counts: Float64Array.of(3), keys: [0.25], units: [[3]] }, ptable)).toThrow(/multiplied by 100000000/);
    expect(() => perturbCounts({ counts: Float64Array.of(3), keys: [KEY_SPACE], units: [[3]] }, ptable)).toThrow(/from 0 to 99999999/);
    expect(() => perturbCounts({ counts: Float64Array.of(3, 4), keys: [1], units: [[3, 4]] }, ptable)).toThrow(
      /Every cell needs a cell key/,
    );
    expect(() => perturbCounts({ counts: Float64Array.of(-1), keys: [1], units: [[3]] }, ptable)).toThrow(/whole and not negative/);
    expect(() => perturbCounts({ counts: Float64Array.of(2.5), keys: [1], units: [[3]] }, ptable)).toThrow(/whole and not negative/);
    expect(() => perturbCounts({ counts: Float64Array.of(3), keys: [1], units: [] }, ptable)).toThrow(
      /distinct contributors of every cell/,
    );
  });
});

describe('perturbed sums', () => {
  const { table: all } = designSumPtable({ D: 10, V: 3, step: 2, icat: [1, 5, 10], optim: 4 });
  const { table: small } = designSumPtable({ D: 5, V: 2, step: 4, icat: [1, 3, 5] });
  const cell = (total: number, top: readonly number[], key: number, more: { sensitive?: number; units?: number } = {}) => ({
    totals: Float64Array.of(total),
    keys: [key],
    magnifiers: top.map((each) => Float64Array.of(each)),
    units: [[more.units ?? 9]],
    contributors: [more.units ?? 9],
    ...(more.sensitive !== undefined && { sensitive: [more.sensitive] }),
  });

  it('follow the formula: interpolated noise, sign, extra protection, never across 0', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5000, max: 5000 }),
        fc.integer({ min: 1, max: 4000 }),
        fc.integer({ min: 0, max: KEY_SPACE - 1 }),
        fc.boolean(),
        (total, top, key, sensitive) => {
          const { noise, totals } = perturbSums(
            cell(total, [top], key, { sensitive: sensitive ? 1 : 0 }),
            { all },
            { noise: { p: 20 }, mu_c: 1.5 },
          );
          expect(total !== 0 || noise[0] === 0).toBe(true);
          if (total === 0) return;
          const delta = Math.min(top * 0.2, Math.abs(total));
          const a = Math.min(10, Math.abs(total) / delta);
          const at = (block: number) =>
            all.noise[[...all.upper.keys()].findIndex((row) => row >= (all.starts[block] ?? 0) && key < (all.upper[row] ?? 0))] ?? 0;
          const [from, to] = a < 5 ? [1, 5] : [5, 10];
          const [low, high] = a < 5 ? [at(1), at(2)] : [at(2), at(3)];
          const v = low + ((a - from) / (to - from)) * (high - low);
          expect(noiseAt(all, a, key)).toBeCloseTo(v, 9);
          const change = Math.sign(total) * delta * Math.sign(v) * ((sensitive ? 1.5 : 0) + Math.abs(v));
          const expected = Math.sign(total + change) === -Math.sign(total) ? 0 : total + change;
          expect(totals[0]).toBeCloseTo(expected, 6);
          expect(total + (noise[0] ?? 0)).toBeCloseTo(expected, 6);
        },
      ),
      { seed: 26, numRuns: 500 },
    );
  });

  it('are unbiased over all keys where no protection is added', () => {
    for (const [total, top] of [
      [100, 900],
      [3000, 2000],
      [5000, 100],
      [-700, 400],
    ] as const) {
      const bounds = [...new Set(all.upper)].sort((a, b) => a - b);
      let from = 0;
      let mean = 0;
      for (const upper of bounds) {
        mean += ((perturbSums(cell(total, [top], from), { all }, { noise: { p: 20 } }).noise[0] ?? 0) * (upper - from)) / KEY_SPACE;
        from = upper;
      }
      expect(mean).toBeCloseTo(0, 9);
    }
  });

  it('use the table of small cells below the separation point, once and in units of 1', () => {
    const noise = { p: 10, epsilon: [1, 0.5] };
    const last = momentsOf(blocksOf(small).at(-1) as Parameters<typeof momentsOf>[0]);
    const point = separationPoint(last.variance, noise);
    expect(point).toBeCloseTo(Math.sqrt(last.variance) / (Math.sqrt(1.25) * 0.1), 9);
    const below = perturbSums(cell(point + 5, [point - 0.1, point - 0.2], 7_000_000), { all, small_cells: small }, { noise });
    expect(below.components.map(({ lookup }) => lookup[0])).toEqual(['small_cells', 'none']);
    expect(below.noise[0]).toBe(noiseAt(small, point + 5, 7_000_000));
    const above = perturbSums(cell(point + 5, [point, point - 0.2], 7_000_000), { all, small_cells: small }, { noise });
    expect(above.components.map(({ lookup }) => lookup[0])).toEqual(['all', 'none']);
  });

  it('take the table of the parity, for one contribution', () => {
    const run = (units: number) => perturbSums(cell(900, [300], 7_000_000, { units }), { even: all, odd: small }, { noise: { p: 10 } });
    expect(run(4).components[0]?.lookup[0]).toBe('even');
    expect(run(5).components[0]?.lookup[0]).toBe('odd');
    expect(() => perturbSums(cell(900, [300, 200], 7), { even: all, odd: small }, { noise: { p: 10 } })).toThrow(/one contribution only/);
    expect(() => perturbSums(cell(900, [300], 7), { even: all }, { noise: { p: 10 } })).toThrow(/either one perturbation table/);
  });

  it('refuse a sensitive cell without extra protection, and suppress a single contributor', () => {
    expect(() => perturbSums(cell(900, [300], 7, { sensitive: 1 }), { all }, { noise: { p: 10 } })).toThrow(/give mu_c/);
    const alone = perturbSums(cell(900, [900], 7, { units: 1 }), { all }, { noise: { p: 10 } });
    expect(alone).toMatchObject({ totals: Float64Array.of(Number.NaN), suppressed: Uint8Array.of(1) });
  });

  it('measure noise by the flex function: constant below its point, falling above, never below p_large', () => {
    const flex = { p_small: 20, p_large: 3, flex_point: 1000, q: 2 };
    expect(noiseShare(10, flex)).toBe(0.2);
    expect(noiseShare(1000, flex)).toBeCloseTo(0.2, 12);
    expect(noiseShare(4000, flex)).toBeCloseTo(0.03 * (1 + ((800 - 30) / 30) * 0.4 ** 2), 12);
    expect(noiseShare(1e12, flex)).toBeCloseTo(0.03, 6);
  });

  const people = fc.array(
    fc.record({
      value: fc.integer({ min: -50, max: 50 }),
      weight: fc.integer({ min: 1, max: 4 }),
      key: fc.integer({ min: 0, max: KEY_SPACE - 1 }),
      order: fc.integer(),
    }),
    { minLength: 1, maxLength: 30 },
  );

  it('come from sums, keys and largest contributions that no order of the records changes', () => {
    fc.assert(
      fc.property(people, fc.boolean(), (persons, zeroKeys) => {
        const sums = (list: typeof persons) =>
          cellSums(
            {
              values: Float64Array.from(list, ({ value }) => value),
              weights: Float64Array.from(list, ({ weight }) => weight),
              recordKeys: Uint32Array.from(list, ({ key }) => key),
              cellOf: new Int32Array(list.length),
            },
            1,
            3,
            zeroKeys,
          );
        const found = sums(persons);
        expect(sums([...persons].sort((a, b) => a.order - b.order))).toEqual(found);
        expect(joinCellSums([0, 1, 2].map((part) => sums(persons.filter(({ order }) => Math.abs(order) % 3 === part))))).toEqual(found);
        const sorted = [...persons].sort(
          (a, b) =>
            Math.abs(b.value) - Math.abs(a.value) ||
            Math.abs(b.value * b.weight) - Math.abs(a.value * a.weight) ||
            b.value * b.weight - a.value * a.weight,
        );
        expect(found.top.map((column) => column[0])).toEqual(
          [0, 1, 2].map((k) => (sorted[k] === undefined ? 0 : sorted[k].value * sorted[k].weight)),
        );
        expect(found.totals[0]).toBe(persons.reduce((sum, { value, weight }) => sum + value * weight, 0));
        expect(found.keys[0]).toBe(persons.reduce((sum, { key, value }) => (sum + (zeroKeys || value !== 0 ? key : 0)) % KEY_SPACE, 0));
        const mean = (found.totals[0] ?? 0) / persons.reduce((sum, { weight }) => sum + weight, 0);
        expect(magnifiersOf(found, 'mean')[0]?.[0]).toBeCloseTo(mean, 9);
        const weighted = persons.map(({ value, weight }) => value * weight);
        expect(magnifiersOf(found, 'range')[0]?.[0]).toBe(Math.max(...weighted) - Math.min(...weighted));
        expect(magnifiersOf(found, 'sum')[0]).toEqual(found.totals);
      }),
      { seed: 27, numRuns: 150 },
    );
    const real = { values: Float64Array.of(0.1), recordKeys: Uint32Array.of(1), cellOf: Int32Array.of(0) };
    expect(() => cellSums(real, 1, 1)).toThrow(/must be whole numbers/);
  });

  it('give means and rates only from what is published', () => {
    const rate = ratioOfPublished(Float64Array.of(6, Number.NaN, 5, 5), Float64Array.of(4, 4, 0, Number.NaN));
    expect(rate).toEqual(Float64Array.of(1.5, Number.NaN, Number.NaN, Number.NaN));
  });
});

describe('information loss', () => {
  it('is measured over the published cells', () => {
    const loss = informationLoss(Float64Array.of(1, 2, 3, 4, 5, 6, 7), Float64Array.of(0, 3, 3, 3, 6, 6, Number.NaN));
    // the documented example of the R package SmallCountRounding
    expect(loss).toMatchObject({ cells: 6, suppressed: 1, unchanged: 2, maxAbsolute: 1, falseZero: 1, falsePositive: 0, mean: 0 });
    expect(loss.meanAbsolute).toBeCloseTo(4 / 6, 12);
    expect(loss.rootMeanSquare).toBeCloseTo(Math.sqrt(4 / 6), 12);
    expect(loss.distribution).toEqual([
      { difference: -1, cells: 2 },
      { difference: 0, cells: 2 },
      { difference: 1, cells: 2 },
    ]);
    const square = 1 + (Math.sqrt(2) - Math.sqrt(3)) ** 2 + (2 - Math.sqrt(3)) ** 2 + (Math.sqrt(5) - Math.sqrt(6)) ** 2;
    expect(loss.hellingerUtility).toBeCloseTo(1 - Math.sqrt(square / 2) / Math.sqrt(21), 12);
    expect(loss.relative).toEqual([0.2, 1, 1, 1]);
  });

  it('shows by how much published parents differ from their children', () => {
    const relations = [
      { parent: 0, children: [1, 2] },
      { parent: 3, children: [4] },
      { parent: 5, children: [6] },
    ];
    const found = additivityOf(relations, Float64Array.of(10, 4, 7, 5, 5, 8, Number.NaN));
    expect(found).toMatchObject({ relations: 3, complete: 2, additive: 1, maxAbsolute: 1, meanAbsolute: 0.5 });
    expect([...found.differences]).toEqual([-1, 0, Number.NaN]);
  });
});
