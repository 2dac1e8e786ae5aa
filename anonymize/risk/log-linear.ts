/** Complete cells of a sample: codes of the keys from 0, row-major, records and sums of weights. */
export interface SampleCells {
  readonly codes: Int32Array;
  readonly n: Float64Array;
  readonly w: Float64Array;
}

export interface LogLinearRisk {
  /** Sets of keys whose joint counts the model keeps. */
  readonly model: readonly (readonly string[])[];
  /** Cells of the model, empty ones too; those with records; those with one. */
  readonly grid: number;
  readonly cells: number;
  readonly unique: number;
  /** Over the cells with records: mean of exp(-v) and of (1 - exp(-v)) / v of those with one, v = (1 - pi) lambda, lambda the fitted count. */
  readonly gr1: number;
  readonly gr2: number;
  /** Sample uniques that are expected to be unique in the population, and right matches of them: the same with lambda / pi. */
  readonly population_uniques: number;
  readonly correct_matches: number;
}

/** Cells of a model up to which it is fitted. */
export const MOST_CELLS = 5_000_000;
const MOST_ROUNDS = 2000;
const PRECISION = 1e-11;

/**
 * Risk of the sample uniques by a log-linear model of the counts over all combinations of the keys, Poisson by maximum likelihood. `sizes`:
 * codes of each key; `generators`: sets of keys (places) whose joint counts are kept, with all their subsets; pi = n / W of a cell, at most 1.
 * Sources: C. Skinner, N. Shlomo (2008); gr1 and gr2 as sdcMicro prints them, whose lambda is the count that the sample lets expect.
 */
export function logLinearRisk(
  { codes, n, w }: SampleCells,
  sizes: readonly number[],
  generators: readonly (readonly number[])[],
): Omit<LogLinearRisk, 'model'> {
  const fitted = fitLogLinear({ codes, n, w }, sizes, generators);
  const sums = { unique: 0, gr1: 0, gr2: 0, population_uniques: 0, correct_matches: 0 };
  for (const [cell, lambda] of fitted.entries()) {
    if (n[cell] !== 1) continue;
    const pi = Math.min(1, 1 / (w[cell] as number));
    sums.unique++;
    sums.gr1 += Math.exp(-(1 - pi) * lambda);
    sums.gr2 += meanOfInverse((1 - pi) * lambda);
    sums.population_uniques += Math.exp((-(1 - pi) * lambda) / pi);
    sums.correct_matches += meanOfInverse(((1 - pi) * lambda) / pi);
  }
  const mean = (sum: number): number => sum / Math.max(1, n.length);
  const grid = sizes.reduce((product, size) => product * size, 1);
  return { grid, cells: n.length, ...sums, gr1: mean(sums.gr1), gr2: mean(sums.gr2) };
}

/** Mean of 1 / F where F - 1 is Poisson with mean v. */
function meanOfInverse(v: number): number {
  return v < 1e-12 ? 1 : -Math.expm1(-v) / v;
}

/**
 * The expected count of each cell with records. Generators without a key in common need no grid: the counts multiply. Else iterative
 * proportional fitting, which gives the maximum likelihood of hierarchical models (Bishop, Fienberg and Holland, 1975).
 */
function fitLogLinear({ codes, n }: SampleCells, sizes: readonly number[], generators: readonly (readonly number[])[]): Float64Array {
  const keys = sizes.length;
  const used = generators.flat();
  const others = sizes.filter((_, key) => !used.includes(key)).reduce((product, size) => product * size, 1);
  const total = n.reduce((sum, records) => sum + records, 0);
  const margins = generators.map((generator) => marginOf(generator, sizes));
  const observed = margins.map(({ size, placeOf }) => {
    const counts = new Float64Array(size);
    for (let cell = 0; cell < n.length; cell++) {
      const place = placeOf(codes, cell * keys);
      counts[place] = (counts[place] as number) + (n[cell] as number);
    }
    return counts;
  });
  if (new Set(used).size === used.length)
    return n.map((_, cell) =>
      margins.reduce(
        (lambda, { placeOf }, at) => (lambda * (observed[at]?.[placeOf(codes, cell * keys)] as number)) / total,
        total / others,
      ),
    );
  return fitGrid(codes, n.length, sizes, margins, observed, total);
}

interface Margin {
  readonly size: number;
  readonly placeOf: (codes: Int32Array, base: number) => number;
}

function marginOf(generator: readonly number[], sizes: readonly number[]): Margin {
  const size = generator.reduce((product, key) => product * (sizes[key] as number), 1);
  return {
    size,
    placeOf: (codes, base) => generator.reduce((place, key) => place * (sizes[key] as number) + (codes[base + key] as number), 0),
  };
}

function fitGrid(
  codes: Int32Array,
  cells: number,
  sizes: readonly number[],
  margins: readonly Margin[],
  observed: readonly Float64Array[],
  total: number,
): Float64Array {
  const keys = sizes.length;
  const whole = marginOf([...sizes.keys()], sizes);
  const places = margins.map(({ placeOf }) => placesOf(whole.size, sizes, placeOf));
  const fitted = new Float64Array(whole.size).fill(total / whole.size);
  for (let round = 0, gap = 1; round < MOST_ROUNDS && gap > PRECISION * total; round++) {
    gap = 0;
    for (const [at, place] of places.entries()) {
      const [target, sums] = [observed[at] as Float64Array, new Float64Array(margins[at]?.size ?? 0)];
      for (let cell = 0; cell < whole.size; cell++)
        sums[place[cell] as number] = (sums[place[cell] as number] as number) + (fitted[cell] as number);
      for (const [margin, sum] of sums.entries()) gap = Math.max(gap, Math.abs(sum - (target[margin] as number)));
      const factors = sums.map((sum, margin) => (sum === 0 ? 0 : (target[margin] as number) / sum));
      for (let cell = 0; cell < whole.size; cell++) fitted[cell] = (fitted[cell] as number) * (factors[place[cell] as number] as number);
    }
  }
  return Float64Array.from({ length: cells }, (_, cell) => fitted[whole.placeOf(codes, cell * keys)] as number);
}

/** For each cell of the grid its place in a margin. */
function placesOf(size: number, sizes: readonly number[], placeOf: Margin['placeOf']): Int32Array {
  const digits = new Int32Array(sizes.length);
  const places = new Int32Array(size);
  for (let cell = 0; cell < size; cell++) {
    places[cell] = placeOf(digits, 0);
    for (let key = sizes.length - 1; key >= 0; key--) {
      digits[key] = (digits[key] as number) + 1;
      if ((digits[key] as number) < (sizes[key] as number)) break;
      digits[key] = 0;
    }
  }
  return places;
}
