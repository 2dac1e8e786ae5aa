import { gather, sortedOrder } from '../../engine/radix-sort.ts';
import { factorise, substitute } from '../cell-key/cholesky.ts';
import { covariances } from './noise.ts';
import { normalQuantile } from './normal-quantile.ts';

/**
 * Data shuffling (Muralidhar and Sarathy, 2006): the values change places so that, given the predictors, they say nothing more about their record, while rank
 * correlations with the predictors stay in expectation. Normal scores of the values are predicted linearly from those of the predictors, a normal
 * draw of the residual is added, and the n-th smallest value goes to the n-th smallest result. A missing predictor (NaN) counts as
 * its median. Undefined where a predictor is constant or a function of the others.
 */
export function shuffle(values: Float64Array, predictors: readonly Float64Array[], normal: Float64Array): Float64Array | undefined {
  const scores = predictors.map(normalScores);
  const own = normalScores(values);
  const table = covariances([...scores, own]);
  const triangle = table.slice(0, -1).map((row) => row.slice(0, -1));
  const right = (table.at(-1) as Float64Array).slice(0, -1);
  if (!triangle.every((row, at) => (row[at] as number) > 0) || !factorise(triangle) || isNearlySingular(triangle)) return undefined;
  const weights = substitute(triangle, right);
  const explained = weights.reduce((sum, weight, at) => sum + weight * (right[at] as number), 0);
  const rest = Math.sqrt(Math.max(0, (table.at(-1)?.at(-1) as number) - explained));
  const predicted = normal.map((draw, row) =>
    scores.reduce((sum, score, at) => sum + (weights[at] as number) * (score[row] as number), rest * draw),
  );
  const result = new Float64Array(values.length);
  const ascending = gather(values, sortedOrder(values));
  for (const [rank, row] of sortedOrder(predicted).entries()) result[row] = ascending[rank] as number;
  return result;
}

function isNearlySingular(triangle: readonly Float64Array[]): boolean {
  return triangle.some((row, at) => (row[at] as number) < 1e-6);
}

/** Normal quantiles of the ranks, of equal values those of the middle of their ranks; 0 for a missing one. */
function normalScores(values: Float64Array): Float64Array {
  const known = Int32Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]));
  const order = gather(known, sortedOrder(gather(values, known)));
  const scores = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    const score = normalQuantile((from + to) / 2 / order.length);
    for (; from < to; from++) scores[order[from] as number] = score;
  }
  return scores;
}
