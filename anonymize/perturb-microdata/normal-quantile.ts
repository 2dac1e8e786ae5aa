const A = [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239];
const B = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1];
const C = [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
const D = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
const TAIL = 0.02425;

/** Quantile of the standard normal distribution at 0 < p < 1 by the rational approximation of Acklam (2003); relative error below 1.15e-9. */
export function normalQuantile(p: number): number {
  if (p < TAIL) return inTail(p);
  if (p > 1 - TAIL) return -inTail(1 - p);
  const square = (p - 0.5) ** 2;
  return ((p - 0.5) * polynomial(A, square)) / polynomial(B, square);
}

function inTail(p: number): number {
  const root = Math.sqrt(-2 * Math.log(p));
  return polynomial(C, root) / polynomial(D, root);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
