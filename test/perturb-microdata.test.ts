import { createSecretKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { microaggregate } from '../anonymize/perturb-microdata/microaggregate.ts';
import { addCorrelatedNoise, addNoise } from '../anonymize/perturb-microdata/noise.ts';
import { invariantTransitions, postRandomise } from '../anonymize/perturb-microdata/pram.ts';
import { rankSwap } from '../anonymize/perturb-microdata/rank-swap.ts';
import { normalDraws, recordDraws } from '../anonymize/perturb-microdata/record-draws.ts';
import { MICRODATA } from './vectors.ts';

const secret = createSecretKey(Buffer.alloc(32, 7));
const records = Array.from({ length: 4000 }, (_, record) => record);
const value = fc.integer({ min: -99, max: 99 });

function columnsOf(file: string): Float64Array[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  const rows = lines.map((line) => line.split(',').map(Number));
  return (rows[0] ?? []).map((_, column) => Float64Array.from(rows, (row) => row[column] ?? Number.NaN));
}

const mean = (x: Float64Array): number => x.reduce((sum, each) => sum + each, 0) / x.length;
const covariance = (x: Float64Array, y: Float64Array): number =>
  x.reduce((sum, each, at) => sum + (each - mean(x)) * ((y[at] ?? 0) - mean(y)), 0) / (x.length - 1);

describe('microaggregation', () => {
  it.skipIf(!existsSync(MICRODATA.vectors))('of Tarragona in threes gives what sdcMicro gives, record by record', () => {
    const found = microaggregate(columnsOf(join(MICRODATA.data, 'Tarragona.csv')), 3).columns;
    const expected = columnsOf(join(MICRODATA.vectors, 'mdav_Tarragona_aggr3.csv'));
    expect(found.length).toBe(13);
    for (const [c, column] of found.entries()) {
      const worst = column.reduce((most, each, at) => Math.max(most, Math.abs(each - (expected[c]?.[at] ?? Number.NaN))), 0);
      expect(worst).toBeLessThan(1e-6);
    }
  });

  it('keeps weighted means, makes groups of k to 2k - 1 within strata, and leaves missing values', () => {
    const record = fc.tuple(
      value,
      fc.option(value, { freq: 8, nil: Number.NaN }),
      fc.integer({ min: 0, max: 1 }),
      fc.integer({ min: 1, max: 5 }),
    );
    fc.assert(
      fc.property(fc.array(record, { minLength: 12, maxLength: 40 }), fc.integer({ min: 2, max: 5 }), (rows, k) => {
        fc.pre([0, 1].every((s) => [0, k].includes(Math.min(k, rows.filter((row) => row[2] === s).length))));
        const [x, y, w] = [0, 1, 3].map((c) => Float64Array.from(rows, (row) => row[c] ?? 0)) as [Float64Array, Float64Array, Float64Array];
        const stratum = Int32Array.from(rows, (row) => row[2]);
        const { columns, group, groups } = microaggregate([x, y], k, { stratum, weight: w });
        for (let own = 0; own < groups; own++) {
          const members = rows.filter((_, row) => group[row] === own);
          expect(members.length).toBeGreaterThanOrEqual(k);
          expect(members.length).toBeLessThan(2 * k);
          expect(new Set(members.map((row) => row[2])).size).toBe(1);
        }
        const total = (column: Float64Array): number =>
          column.reduce((sum, each, row) => sum + (Number.isNaN(each) ? 0 : each * (w[row] ?? 0)), 0);
        for (const [before, after] of [
          [x, columns[0]],
          [y, columns[1]],
        ] as [Float64Array, Float64Array][]) {
          expect(total(after)).toBeCloseTo(total(before), 6);
          expect(Array.from(after, Number.isNaN)).toEqual(Array.from(before, Number.isNaN));
        }
      }),
    );
  });

  it('refuses a stratum that is smaller than a group', () => {
    expect(() => microaggregate([Float64Array.of(1, 2)], 3)).toThrow(/has 2 records, fewer than the 3/);
  });
});

describe('post-randomisation', () => {
  it('keeps the shares of codes in expectation; rows are distributions; alpha 0 changes nothing', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0.05, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (n, keep, alpha) => {
        const total = n.reduce((sum, each) => sum + each, 0);
        const shares = Float64Array.from(n, (each) => each / total);
        const found = invariantTransitions(shares, keep, alpha);
        for (const [l, share] of shares.entries())
          expect(found.reduce((sum, row, k) => sum + (shares[k] ?? 0) * (row[l] ?? 0), 0)).toBeCloseTo(share, 12);
        for (const row of found) expect(row.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
        const codes = Int32Array.from(n.keys());
        const still = invariantTransitions(shares, keep, 0);
        expect(postRandomise(codes, still, recordDraws(secret, 'a', [...codes]))).toEqual(codes);
      }),
    );
  });

  it('draws by the transitions, the same for a record in any order, and leaves missing codes', () => {
    const codes = Int32Array.from(records, (record) => (record % 10 === 0 ? -1 : record % 3));
    const transitions = invariantTransitions(Float64Array.of(1 / 3, 1 / 3, 1 / 3), 0.7);
    const found = postRandomise(codes, transitions, recordDraws(secret, 'sex', records));
    expect([...found.keys()].filter((row) => (found[row] === -1) !== (codes[row] === -1))).toEqual([]);
    for (const code of [0, 1, 2]) {
      const own = records.filter((row) => codes[row] === code);
      const stayed = own.filter((row) => found[row] === code).length / own.length;
      expect(Math.abs(stayed - (transitions[code]?.[code] ?? 0))).toBeLessThan(0.06);
    }
    const turned = postRandomise(codes.toReversed(), transitions, recordDraws(secret, 'sex', records.toReversed()));
    expect(turned.toReversed()).toEqual(found);
    expect(recordDraws(secret, 'age', records)).not.toEqual(recordDraws(secret, 'sex', records));
  });
});

describe('noise and swapping', () => {
  const x = normalDraws(secret, 'x', records);
  const y = normalDraws(secret, 'y', records).map((each, at) => each + 2 * (x[at] ?? 0));

  it('adds noise of the size asked for; correlated noise keeps the correlation', () => {
    const u = normalDraws(secret, 'u', records);
    const noisy = addNoise(y, 50, u);
    const added = noisy.map((each, at) => each - (y[at] ?? 0));
    expect(Math.sqrt(covariance(added, added) / covariance(y, y))).toBeCloseTo(0.5, 1);
    expect(Math.abs(mean(added))).toBeLessThan(0.1);
    const both = addCorrelatedNoise([x, y], 100, [u, normalDraws(secret, 'v', records)]) ?? [];
    const correlation = (a: Float64Array, b: Float64Array): number => covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b));
    expect(correlation(both[0] ?? x, both[1] ?? y)).toBeCloseTo(correlation(x, y), 1);
    expect(covariance(both[0] ?? x, both[0] ?? x) / covariance(x, x)).toBeCloseTo(2, 0);
    expect(addCorrelatedNoise([x, x], 10, [u, u])).toBe(undefined);
    expect(addNoise(Float64Array.of(1, Number.NaN, 3), 10, u)[1]).toBe(Number.NaN);
  });

  it('swaps values within reach of their rank and keeps them as a whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(value, { freq: 9, nil: Number.NaN }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 60 }),
        (list, percent) => {
          const values = Float64Array.from(list);
          const found = rankSwap(values, percent, recordDraws(secret, 'z', [...values.keys()]));
          expect(found.toSorted()).toEqual(values.toSorted());
          const sorted = values.filter((each) => !Number.isNaN(each)).sort();
          const reach = Math.max(1, Math.floor((percent / 100) * sorted.length));
          for (const [row, before] of values.entries()) {
            const after = found[row] ?? Number.NaN;
            expect(Number.isNaN(after)).toBe(Number.isNaN(before));
            if (Number.isNaN(before)) continue;
            const apart = Math.max(sorted.indexOf(after) - sorted.lastIndexOf(before), sorted.indexOf(before) - sorted.lastIndexOf(after));
            expect(apart).toBeLessThanOrEqual(reach);
          }
        },
      ),
    );
    const swapped = rankSwap(x, 5, recordDraws(secret, 'x', records));
    expect(swapped.filter((each, at) => each !== x[at]).length).toBeGreaterThan(0.95 * x.length);
  });
});
