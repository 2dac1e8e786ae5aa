import type { NoiseFunction } from './ptable-parameters.ts';

/**
 * Noise per unit of the perturbation table, as a share of a contribution of size x: constant (p), or falling from p_small towards p_large,
 * m(x) = l (1 + ((s x - l fp) / (l fp)) (2 fp / (fp + x))^q) from the flex point fp on, m(x) = s below it (l, s: p_large, p_small as shares).
 * Source: S. Giessing, R. Tent, Concepts for generalising tools implementing the cell key method, UNECE/Eurostat 2019.
 */
export function noiseShare(size: number, noise: NoiseFunction): number {
  if ('p' in noise) return noise.p / 100;
  const [small, large, fp] = [noise.p_small / 100, noise.p_large / 100, noise.flex_point];
  if (size < fp) return small;
  return large * (1 + ((small * size - large * fp) / (large * fp)) * ((2 * fp) / (fp + size)) ** noise.q);
}

/** Weight of the k-th contribution (from 0); 0 beyond those that are given. */
export function noiseWeight(k: number, { epsilon = [1] }: NoiseFunction): number {
  return epsilon[k] ?? 0;
}

/**
 * Separation point: contributions below it get noise of an absolute size. zs = sqrt(m) / (sqrt(sum of epsilon^2) p), m the variance of the last row
 * of the table of small cells, p the share for small contributions.
 */
export function separationPoint(variance: number, noise: NoiseFunction): number {
  const { epsilon = [1] } = noise;
  const share = noiseShare(0, noise);
  return Math.sqrt(variance) / (Math.sqrt(epsilon.reduce((sum, each) => sum + each * each, 0)) * share);
}
