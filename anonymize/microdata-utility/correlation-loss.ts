import { factorise, substitute } from '../cell-key/cholesky.ts';
import { correlationsOf } from './cross-products.ts';
import { eigenvalues } from './eigenvalues.ts';

/** How the joint distribution of numbers moved; NaN where the measure is not defined (a variable is a linear function of others). */
export interface CorrelationLoss {
  /** Sum over i of |e_i - e'_i| / e_i, eigenvalues of the correlation matrices in descending order. */
  readonly eigen: number;
  /** Norm of d / |d| - d' / |d'| over the square root of 2; d: diagonal of the inverse correlation matrix. 0 to 1. */
  readonly inverse: number;
  readonly before: readonly Float64Array[];
  readonly after: readonly Float64Array[];
}

/** An eigenvalue below this share of the largest is rounding noise around 0. */
const SINGULAR = 1e-12;

/** Both measures as Templ (2008) and Templ, Kowarik and Meindl (2015) define them, from covariance matrices with positive variances. */
export function correlationLoss(covarianceBefore: readonly Float64Array[], covarianceAfter: readonly Float64Array[]): CorrelationLoss {
  const [before, after] = [correlationsOf(covarianceBefore), correlationsOf(covarianceAfter)];
  return { eigen: eigenDistance(eigenvalues(before), eigenvalues(after)), inverse: inverseDistance(before, after), before, after };
}

function eigenDistance(before: Float64Array, after: Float64Array): number {
  if ((before.at(-1) ?? 0) <= SINGULAR * (before[0] ?? 0)) return Number.NaN;
  return before.reduce((sum, value, i) => sum + Math.abs(value - (after[i] as number)) / value, 0);
}

function inverseDistance(before: readonly Float64Array[], after: readonly Float64Array[]): number {
  const [d, e] = [inverseDiagonal(before), inverseDiagonal(after)];
  if (d === undefined || e === undefined) return Number.NaN;
  const [lengthD, lengthE] = [Math.hypot(...d), Math.hypot(...e)];
  return Math.hypot(...d.map((value, i) => value / lengthD - (e[i] as number) / lengthE)) / Math.SQRT2;
}

/** Diagonal of the inverse; undefined where the matrix is not positive definite. */
export function inverseDiagonal(matrix: readonly Float64Array[]): Float64Array | undefined {
  const triangle = matrix.map((row) => Float64Array.from(row));
  if (!factorise(triangle) || triangle.some((row, i) => (row[i] as number) ** 2 < SINGULAR * (matrix[i]?.[i] as number))) return undefined;
  return Float64Array.from(
    matrix,
    (row, i) =>
      substitute(
        triangle,
        Float64Array.from(row, (_, j) => (i === j ? 1 : 0)),
      )[i] as number,
  );
}
