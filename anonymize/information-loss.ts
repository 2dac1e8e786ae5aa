import type { Relation } from './table-system.ts';

/** What perturbing or rounding cost: figures over all cells that are published; internal, since they describe the noise. */
export interface InformationLoss {
  readonly cells: number;
  readonly suppressed: number;
  readonly unchanged: number;
  readonly mean: number;
  readonly meanAbsolute: number;
  readonly rootMeanSquare: number;
  readonly maxAbsolute: number;
  /** Quantiles of |difference| / |true value| over cells that are not 0, at 0.5, 0.9, 0.99 and 1; NaN without such cells. */
  readonly relative: readonly number[];
  /** Cells of 0 that became positive, and the other way about. */
  readonly falsePositive: number;
  readonly falseZero: number;
  /** 1 - HD / sqrt(sum of true values), HD the Hellinger distance sqrt(sum (sqrt f - sqrt g)^2 / 2); NaN where a value is negative. */
  readonly hellingerUtility: number;
  /** Number of cells by difference, ascending; differences are rounded to 10^-6. */
  readonly distribution: readonly { readonly difference: number; readonly cells: number }[];
}

const RELATIVE_QUANTILES = [0.5, 0.9, 0.99, 1] as const;

/** How far published cells (NaN: suppressed) are from true ones. Source of the utility: N. Shlomo, L. Antal, M. Elliot, JOS 31 (2015). */
export function informationLoss(original: Float64Array, published: Float64Array): InformationLoss {
  const shown = [...original.keys()].filter((cell) => !Number.isNaN(published[cell]));
  const truth = Float64Array.from(shown, (cell) => original[cell] as number);
  const given = Float64Array.from(shown, (cell) => published[cell] as number);
  const differences = given.map((value, at) => value - (truth[at] as number));
  const mean = (of: (difference: number) => number) => differences.reduce((sum, each) => sum + of(each), 0) / shown.length;
  const relative = differences
    .map((each, at) => Math.abs(each / (truth[at] as number)))
    .filter((_, at) => truth[at] !== 0)
    .sort();
  return {
    cells: shown.length,
    suppressed: original.length - shown.length,
    unchanged: count(differences, (each) => each === 0),
    mean: mean((each) => each),
    meanAbsolute: mean(Math.abs),
    rootMeanSquare: Math.sqrt(mean((each) => each * each)),
    maxAbsolute: differences.reduce((most, each) => Math.max(most, Math.abs(each)), 0),
    relative: RELATIVE_QUANTILES.map((q) => relative[Math.max(0, Math.ceil(q * relative.length) - 1)] ?? Number.NaN),
    falsePositive: count(given, (value, at) => value !== 0 && truth[at] === 0),
    falseZero: count(given, (value, at) => value === 0 && truth[at] !== 0),
    hellingerUtility: hellingerUtility(truth, given),
    distribution: distributionOf(differences),
  };
}

/** Differences of one parent from the sum of its children, in the published cells. */
export interface Additivity {
  readonly relations: number;
  /** Relations in which no cell is suppressed, and of them those that add up. */
  readonly complete: number;
  readonly additive: number;
  readonly meanAbsolute: number;
  readonly maxAbsolute: number;
  readonly distribution: InformationLoss['distribution'];
  /** Parent - sum of children, by relation; NaN where a cell is suppressed. */
  readonly differences: Float64Array;
}

/** What a reader sees who adds published cells up: cell keys do not keep sums, so differences of published cells are not published. */
export function additivityOf(relations: readonly Pick<Relation, 'parent' | 'children'>[], published: Float64Array): Additivity {
  const differences = Float64Array.from(relations, ({ parent, children }) =>
    children.reduce((rest, child) => rest - (published[child] as number), published[parent] as number),
  );
  const complete = differences.filter((each) => !Number.isNaN(each));
  return {
    relations: relations.length,
    complete: complete.length,
    additive: count(complete, (each) => Math.abs(each) < 1e-6),
    meanAbsolute: complete.reduce((sum, each) => sum + Math.abs(each), 0) / complete.length,
    maxAbsolute: complete.reduce((most, each) => Math.max(most, Math.abs(each)), 0),
    distribution: distributionOf(complete),
    differences,
  };
}

function hellingerUtility(truth: Float64Array, given: Float64Array): number {
  const square = truth.reduce((sum, value, at) => sum + (Math.sqrt(value) - Math.sqrt(given[at] as number)) ** 2, 0);
  return 1 - Math.sqrt(square / 2) / Math.sqrt(truth.reduce((sum, value) => sum + value, 0));
}

function distributionOf(differences: Float64Array): InformationLoss['distribution'] {
  const cells = new Map<number, number>();
  for (const each of differences) {
    const difference = Math.round(each * 1e6) / 1e6 + 0;
    cells.set(difference, (cells.get(difference) ?? 0) + 1);
  }
  return [...cells].sort(([a], [b]) => a - b).map(([difference, number]) => ({ difference, cells: number }));
}

function count(values: Float64Array, is: (value: number, at: number) => boolean): number {
  return values.reduce((sum, value, at) => sum + (is(value, at) ? 1 : 0), 0);
}
