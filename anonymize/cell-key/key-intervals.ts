import { KEY_SPACE } from './key-space.ts';

/**
 * Widths of key intervals in units of 10^-8: cumulative probabilities rounded to eight digits, then single bounds moved by one unit until
 * the mean of the noise over all keys is exactly 0. `steps`: the noise in whole steps, ascending.
 */
export function keyIntervals(p: Float64Array, steps: readonly number[]): number[] {
  const last = p.length - 1;
  const exact = new Float64Array(p.length);
  let sum = 0;
  for (let row = 0; row <= last; row++) {
    sum += (p[row] as number) * KEY_SPACE;
    exact[row] = sum;
  }
  const bounds = exact.map((value, row) => (row === last ? KEY_SPACE : Math.min(KEY_SPACE, Math.round(value))));
  const width = (row: number): number => (bounds[row] as number) - (row === 0 ? 0 : (bounds[row - 1] as number));
  let bias = steps.reduce((total, step, row) => total + step * width(row), 0);
  for (;;) {
    // A bound moved up gives a key to the smaller noise: the mean falls by the distance of the two.
    const direction = Math.sign(bias);
    const gap = (row: number) => (steps[row + 1] as number) - (steps[row] as number);
    const gain = (row: number) => direction * ((exact[row] as number) - (bounds[row] as number));
    const able = [...steps.keys()].filter((row) => row < last && gap(row) <= Math.abs(bias) && width(direction > 0 ? row + 1 : row) > 1);
    if (able.length === 0) break;
    const best = able.reduce((most, row) => (gain(row) > gain(most) ? row : most));
    bounds[best] = (bounds[best] as number) + direction;
    bias -= direction * gap(best);
  }
  return steps.map((_, row) => width(row));
}
