import { digamma, logGamma } from './gamma.ts';

export interface PopulationUniqueness {
  readonly population: number;
  readonly sampling_fraction: number;
  /** Estimated share of the population that is alone in its combination, by model; null where the model says nothing. */
  readonly pitman: number | null;
  readonly zayatz: number | null;
  /** Pitman up to a sampling fraction of 10 %, else Zayatz: the rule of Dankar et al. (2012). */
  readonly dankar: number | null;
}

/** Classes (cells) of the sample by size: `count[i]` of `size[i]` records. */
export interface ClassSizes {
  readonly size: Float64Array;
  readonly count: Float64Array;
}

const SMALL_FRACTION = 0.1;
const STEPS = 200;

/** Uniques of a population of `population` persons, from the sizes of the classes of a sample without replacement. */
export function populationUniqueness(sizes: ClassSizes, population: number): PopulationUniqueness {
  const records = sizes.size.reduce((sum, size, at) => sum + size * (sizes.count[at] as number), 0);
  const fraction = records / population;
  const [pitman, zayatz] = [pitmanShare(sizes, records, population), zayatzShare(sizes, records, population)];
  const dankar = fraction <= SMALL_FRACTION && pitman !== null ? pitman : zayatz;
  return { population, sampling_fraction: fraction, pitman, zayatz, dankar };
}

/**
 * Share of uniques after Zayatz (1991): of the sample's unique classes those that are unique in the population, by Bayes with the sizes of the
 * sample's classes for those of the population and hypergeometric chances of one record in the sample, divided by the sampling fraction.
 */
function zayatzShare({ size, count }: ClassSizes, records: number, population: number): number | null {
  const fraction = records / population;
  const classes = count.reduce((sum, number) => sum + number, 0);
  const unique = sizeOne({ size, count });
  if (records === 0) return null;
  let single = 0;
  for (const [at, each] of size.entries()) single += ((count[at] as number) / classes) * chanceOfOne(each, records, population);
  const alone = single === 0 ? 0 : ((unique / classes) * fraction) / single;
  return (unique * alone) / fraction / population;
}

/** Hypergeometric chance that of `size` persons of the population exactly one is among `records` drawn. */
function chanceOfOne(size: number, records: number, population: number): number {
  let chance = (size * records) / population;
  for (let other = 0; other < size - 1 && chance > 0; other++) chance *= (population - records - other) / (population - 1 - other);
  return Math.max(0, chance);
}

/**
 * Share of uniques after Hoshino (2001): theta and alpha of Pitman's sampling formula by maximum likelihood, then
 * Gamma(theta + 1) / Gamma(theta + alpha) N^alpha uniques. Null where all records are alone or all in one class: no maximum.
 */
function pitmanShare(sizes: ClassSizes, records: number, population: number): number | null {
  const classes = sizes.count.reduce((sum, number) => sum + number, 0);
  if (classes < 2 || classes === records) return null;
  const slope = (alpha: number): number => slopeOfAlpha(sizes, classes, alpha, thetaOf(records, classes, alpha));
  const smallest = 1e-3;
  const alpha = slope(smallest) <= 0 ? smallest : root(slope, smallest, 1 - smallest);
  const theta = thetaOf(records, classes, alpha);
  return Math.min(1, Math.exp(logGamma(theta + 1) - logGamma(theta + alpha) + (alpha - 1) * Math.log(population)));
}

/** Theta where the likelihood is largest for an alpha: sum of 1 / (theta + i alpha), i below classes, = sum of 1 / (theta + i), i below records. */
function thetaOf(records: number, classes: number, alpha: number): number {
  const slope = (log: number): number => {
    const theta = Math.exp(log) - alpha;
    return harmonic(theta, alpha, classes) - (digamma(theta + records) - digamma(theta + 1));
  };
  return Math.exp(root(slope, Math.log(1e-12), Math.log(1e6 * records))) - alpha;
}

/** Sum of 1 / (theta + i alpha) for i from 1 to classes - 1. */
function harmonic(theta: number, alpha: number, classes: number): number {
  return (digamma(theta / alpha + classes) - digamma(theta / alpha + 1)) / alpha;
}

function slopeOfAlpha({ size, count }: ClassSizes, classes: number, alpha: number, theta: number): number {
  let sum = (classes - 1 - theta * harmonic(theta, alpha, classes)) / alpha;
  for (const [at, each] of size.entries()) if (each > 1) sum -= (count[at] as number) * (digamma(each - alpha) - digamma(1 - alpha));
  return sum;
}

/** Where a falling function is 0, by halving. */
function root(falling: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (falling(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function sizeOne({ size, count }: ClassSizes): number {
  const at = size.indexOf(1);
  return at < 0 ? 0 : (count[at] as number);
}
