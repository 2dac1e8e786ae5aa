import type { NumericAction } from '../microdata/variable-actions.ts';
import { microaggregate } from './microaggregate.ts';
import { addNoise } from './noise.ts';
import { rankSwap } from './rank-swap.ts';
import { normalNumbers } from './record-draws.ts';
import { shuffle } from './shuffle.ts';
import { sizedBlocks } from './sized-blocks.ts';

/** Up to so many records microaggregation compares all with all; beyond that within neighbours in value. */
const MOST_COMPARED = 10_000;
const BLOCK = 2500;

/**
 * The values of a numeric variable after its action; all are known. Bounds come first, and again after the method (noise passes them).
 * `draws`: two uniform draws of each record for noise and shuffling, one for rank swapping. `predictors`: the columns that shuffling names, NaN
 * where unknown; undefined where one of them is constant or a function of the others.
 */
export function perturbNumbers(
  values: Float64Array,
  action: NumericAction,
  draws: readonly Float64Array[],
  predictors: readonly Float64Array[] = [],
): Float64Array | undefined {
  const { top = Number.POSITIVE_INFINITY, bottom = Number.NEGATIVE_INFINITY } = action;
  const within = (value: number): number => Math.min(top, Math.max(bottom, value));
  return byMethod(values.map(within), action, draws, predictors)?.map(within);
}

function byMethod(
  values: Float64Array,
  action: NumericAction,
  [first, second]: readonly Float64Array[],
  predictors: readonly Float64Array[],
): Float64Array | undefined {
  if (action.microaggregate !== undefined) {
    const size = action.microaggregate;
    const blocks = values.length > MOST_COMPARED ? { stratum: sizedBlocks(values, Math.max(BLOCK, 2 * size)) } : {};
    return microaggregate([values], size, blocks).columns[0] as Float64Array;
  }
  if (action.noise !== undefined) return addNoise(values, action.noise, normalNumbers(first as Float64Array, second as Float64Array));
  if (action.rank_swap !== undefined) return rankSwap(values, action.rank_swap, first as Float64Array);
  if (action.shuffle !== undefined)
    return values.length === 0 ? values : shuffle(values, predictors, normalNumbers(first as Float64Array, second as Float64Array));
  return values;
}

/** Records that a method needs to do anything. */
export function fewestRecords({ microaggregate: size, noise, rank_swap, shuffle: predictors }: NumericAction): number {
  if (predictors !== undefined) return predictors.length + 2;
  return size ?? (noise === undefined && rank_swap === undefined ? 0 : 2);
}

/** How many draws of each record a method takes. */
export function drawsOf({ noise, rank_swap, shuffle: predictors }: NumericAction): number {
  if (noise !== undefined || predictors !== undefined) return 2;
  return rank_swap === undefined ? 0 : 1;
}
