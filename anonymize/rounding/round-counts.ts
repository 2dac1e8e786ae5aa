import { KEY_SPACE, requireKeys } from '../cell-key/key-space.ts';
import { roundToBase } from '../quantile-rule.ts';

/** Deterministic rounding: the nearest multiple of the base, halves away from zero. Parts and totals are rounded each for itself. */
export function roundNearest(values: Float64Array, base: number): Float64Array {
  return values.map((value) => roundToBase(value, base));
}

/**
 * Random rounding without bias: with r = f mod b up with probability r / b, else down; multiples stay. The cell key decides (up where
 * key / 10^8 < r / b), so the same units are rounded the same way in every table. Errors: `cell-key-range`.
 */
export function roundByKey(counts: Float64Array, keys: ArrayLike<number>, base: number): Float64Array {
  requireKeys(keys, counts.length);
  return counts.map((count, cell) => {
    const rest = count - Math.floor(count / base) * base;
    return count - rest + ((keys[cell] as number) * base < rest * KEY_SPACE ? base : 0);
  });
}
