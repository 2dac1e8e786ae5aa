import { factorise } from '../cell-key/cholesky.ts';

/** Values with noise of `noise` per cent of their standard deviation; NaN is missing and stays. `normal`: a draw of each record. */
export function addNoise(values: Float64Array, noise: number, normal: Float64Array): Float64Array {
  const scale = (noise / 100) * Math.sqrt(covariances([values])[0]?.[0] ?? 0);
  return values.map((value, at) => value + scale * (normal[at] as number));
}

/**
 * Correlated noise: multivariate normal with `noise` / 100 of the covariance of the complete records, so that correlations are kept in expectation (Kim, 1986).
 * Undefined where a column is a linear function of others.
 */
export function addCorrelatedNoise(
  columns: readonly Float64Array[],
  noise: number,
  normal: readonly Float64Array[],
): Float64Array[] | undefined {
  const triangle = covariances(columns).map((row) => row.map((value) => (value * noise) / 100));
  if (!factorise(triangle)) return undefined;
  return columns.map((column, i) =>
    column.map((value, at) => {
      let sum = value;
      for (let j = 0; j <= i; j++) sum += (triangle[i]?.[j] as number) * (normal[j]?.[at] as number);
      return sum;
    }),
  );
}

/** Sample covariances over the records in which every column is observed. */
export function covariances(columns: readonly Float64Array[]): Float64Array[] {
  const mean = new Float64Array(columns.length);
  const sums = columns.map(() => new Float64Array(columns.length));
  let n = 0;
  for (let at = 0; at < (columns[0]?.length ?? 0); at++) {
    if (columns.some((column) => Number.isNaN(column[at]))) continue;
    n++;
    const step = columns.map((column, c) => (column[at] as number) - (mean[c] as number));
    for (const [c, each] of step.entries()) mean[c] = (mean[c] as number) + each / n;
    for (const [i, row] of sums.entries())
      for (let j = 0; j < row.length; j++)
        row[j] = (row[j] as number) + (step[i] as number) * ((columns[j]?.[at] as number) - (mean[j] as number));
  }
  return sums.map((row) => row.map((value) => value / (n - 1)));
}
