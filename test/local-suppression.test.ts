import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskOrder } from '../anonymize/local-suppression/mask-order.ts';
import { keptBits, packClasses } from '../anonymize/local-suppression/packed-classes.ts';
import { suppressCells } from '../anonymize/local-suppression/suppress-cells.ts';
import type { ClassTable } from '../anonymize/recode/class-table.ts';

interface Cells {
  readonly rows: readonly (readonly number[])[];
  readonly n: readonly number[];
  readonly missing: readonly number[];
}

function tableOf({ rows, n }: Cells): ClassTable {
  return { levels: rows[0]?.map(() => 0) ?? [], size: rows.length, codes: Int32Array.from(rows.flat()), n: Float64Array.from(n) };
}

/** Distinct combinations of keys, some with codes that need many bits; the smallest code of a key is its missing value where `gaps` says so. */
const cells = (keys: number): fc.Arbitrary<Cells> =>
  fc
    .record({
      rows: fc.uniqueArray(fc.array(fc.constantFrom(0, 1, 2, 3), { minLength: keys, maxLength: keys }), {
        minLength: 1,
        maxLength: 60,
        selector: (row) => row.join(),
      }),
      n: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 60, maxLength: 60 }),
      scale: fc.array(fc.constantFrom(1, 5, 90_000), { minLength: keys, maxLength: keys }),
      hasGaps: fc.boolean(),
    })
    .map(({ rows, n, scale, hasGaps }) => ({
      rows: rows.map((row) => row.map((code, key) => code * (scale[key] as number))),
      n: n.slice(0, rows.length),
      missing: rows.map((row) => (hasGaps ? row.reduce<number>((bits, code, key) => bits | (code === 0 ? 1 << key : 0), 0) : 0)),
    }));

/** The method as its page says it, with texts. */
function byTexts({ rows, n, missing }: Cells, k: number, order: readonly number[], judge: 'strict' | 'wildcard'): number[] {
  const isSafe = (row: number): boolean => missing[row] === 0 && (n[row] as number) >= k;
  const masks = rows.map((_, row): number => (isSafe(row) ? 0 : -1));
  for (const mask of order) {
    const shown = (row: number): string => (rows[row] as number[]).filter((_, key) => (mask & (1 << key)) === 0).join();
    const fits = [...rows.keys()].filter((row) => ((missing[row] as number) & ~mask) === 0);
    const mine = fits.filter((row) => masks[row] === -1);
    const counted = judge === 'wildcard' ? fits : [...fits.filter(isSafe), ...mine];
    const like = (row: number): number => counted.reduce((sum, other) => sum + (shown(other) === shown(row) ? (n[other] as number) : 0), 0);
    for (const row of mine.filter((each) => like(each) >= k)) masks[row] = mask;
  }
  return masks;
}

describe('local suppression', () => {
  it('gives every class the mask of the definition, or takes it out', () => {
    let wide = 0;
    for (const keys of [1, 3, 6])
      fc.assert(
        fc.property(
          cells(keys),
          fc.integer({ min: 2, max: 6 }),
          fc.constantFrom('strict', 'wildcard'),
          fc.subarray([...Array(keys).keys()]),
          (found, k, judge, importance) => {
            const order = maskOrder(keys, importance, []);
            const classes = packClasses(tableOf(found));
            wide += Number(classes.width > 2);
            const { masks, removed } = suppressCells(classes, Int32Array.from(found.missing), k, order, judge);
            expect(Array.from(masks, (mask, row) => (removed[row] === 1 ? -1 : mask))).toEqual(byTexts(found, k, order, judge));
          },
        ),
        { numRuns: 150, seed: 7 },
      );
    expect(wide).toBeGreaterThan(20);
  });

  it('packs codes of every width exactly: what a mask leaves is equal where the codes are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom(0, 1, 255, 2 ** 17, 2 ** 31 - 1), { minLength: 5, maxLength: 5 }), {
          minLength: 2,
          maxLength: 12,
        }),
        fc.integer({ min: 0, max: 31 }),
        (rows, mask) => {
          const classes = packClasses(tableOf({ rows, n: rows.map(() => 1), missing: [] }));
          const kept = keptBits(classes, mask);
          const packed = rows.map((_, row) =>
            Array.from(kept, (bits, word) => (classes.words[row * classes.width + word] as number) & bits).join(),
          );
          const codes = rows.map((row) => row.filter((_, key) => (mask & (1 << key)) === 0).join());
          for (const [one, text] of packed.entries())
            for (const [other, beside] of packed.entries()) expect(text === beside).toBe(codes[one] === codes[other]);
        },
      ),
      { seed: 7 },
    );
  });

  it('keeps the records of every group while their table grows', () => {
    const rows = Array.from({ length: 6000 }, (_, row) => [row >> 1, row % 2]);
    const table = tableOf({ rows, n: rows.map(() => 1), missing: [] });
    const { masks } = suppressCells(packClasses(table), new Int32Array(6000), 2, maskOrder(2, [0], []), 'strict');
    expect(new Set(masks)).toEqual(new Set([0b10]));
  });
});
