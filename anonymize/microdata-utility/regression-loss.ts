import { dot, factorise, substitute } from '../cell-key/cholesky.ts';
import { inverseDiagonal } from './correlation-loss.ts';
import type { Moments } from './cross-products.ts';

export interface Coefficient {
  readonly value: number;
  readonly standardError: number;
}

/** One predictor in the same regression before and after. */
export interface RegressionTerm {
  readonly name: string;
  readonly before: Coefficient;
  readonly after: Coefficient;
  /** Mean share of each 95 per cent interval that the two have in common, 0 to 1; NaN without a standard error. */
  readonly overlap: number;
}

export interface RegressionLoss {
  readonly outcome: string;
  readonly terms: readonly RegressionTerm[];
  readonly rSquared: { readonly before: number; readonly after: number };
}

interface Fit {
  readonly coefficients: readonly Coefficient[];
  readonly rSquared: number;
}

/**
 * Least squares of the first variable on the others (with an intercept), before and after, and the overlap of confidence intervals of Karr,
 * Kohnen, Oganian, Reiter and Sanil (2006). Undefined where predictors are linear functions of each other or the records are too few.
 */
export function regressionLoss(names: readonly string[], before: Moments, after: Moments): RegressionLoss | undefined {
  const [left, right] = [leastSquares(before), leastSquares(after)];
  if (left === undefined || right === undefined) return undefined;
  const terms = names.slice(1).map((name, j) => {
    const pair = { before: left.coefficients[j] as Coefficient, after: right.coefficients[j] as Coefficient };
    return { name, ...pair, overlap: overlapOf(pair.before, pair.after) };
  });
  return { outcome: names[0] ?? '', terms, rSquared: { before: left.rSquared, after: right.rSquared } };
}

function leastSquares({ records, covariance }: Moments): Fit | undefined {
  const predictors = covariance.length - 1;
  const freedom = records - predictors - 1;
  if (predictors < 1 || freedom < 1) return undefined;
  const inner = covariance.slice(1).map((row) => row.slice(1));
  const diagonal = inverseDiagonal(inner);
  if (diagonal === undefined) return undefined;
  const triangle = inner.map((row) => Float64Array.from(row));
  factorise(triangle);
  const along = (covariance[0] as Float64Array).slice(1);
  const slope = substitute(triangle, along);
  const variance = covariance[0]?.[0] as number;
  const explained = dot(slope, along);
  const residual = Math.max(0, variance - explained) / freedom;
  return {
    coefficients: Array.from(slope, (value, j) => ({ value, standardError: Math.sqrt(residual * (diagonal[j] as number)) })),
    rSquared: explained / variance,
  };
}

/** Half-width of a 95 per cent interval in standard errors. */
const HALF_WIDTH = 1.959963984540054;

function overlapOf(a: Coefficient, b: Coefficient): number {
  const [lowA, highA, lowB, highB] = [a, b].flatMap(({ value, standardError }) => [
    value - HALF_WIDTH * standardError,
    value + HALF_WIDTH * standardError,
  ]) as [number, number, number, number];
  const common = Math.max(0, Math.min(highA, highB) - Math.max(lowA, lowB));
  return (common / (highA - lowA) + common / (highB - lowB)) / 2;
}
