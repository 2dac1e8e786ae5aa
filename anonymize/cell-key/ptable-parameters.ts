import * as z from 'zod';

const perRow = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).min(1)]);
const probability = z
  .number()
  .gt(0, { error: 'a probability lies between 0 and 1' })
  .lt(1, { error: 'a probability lies between 0 and 1' });

const noise = {
  D: z.int().min(1).max(100).describe('Largest noise, up and down'),
  V: z.number().positive().describe('Variance of the noise; where a row cannot reach it, the run says so'),
  pstay: perRow(probability.nullable())
    .exactOptional()
    .describe('Least probability (0 to 1) that a value stays as it is; one for all rows from 1, or one for each, null where none is asked'),
  optim: perRow(z.int().min(1).max(4)).exactOptional().describe('1 (default), 2, 3: variance at most V; 4: variance exactly V'),
  mono: perRow(z.boolean()).exactOptional().describe('Whether, going down, no noise is more probable than a smaller one (default true)'),
};

const modify = z
  .strictObject({
    threshold: z.number().gt(0).lt(1).describe('Intervals of more than this probability (0 to 1) are split; usual: 0.2'),
    seed: z.string().min(1).describe('Decides the order of the intervals'),
  })
  .exactOptional()
  .describe('Splits and shuffles the key intervals, so that small keys do not mean noise downwards');

/** Perturbation table of counts, as a definition writes it: `ptable: { D: 5, V: 3, js: 2, pstay: 0.5 }`. */
export const CountPtable = z.strictObject({
  ...noise,
  js: z.int().min(0).exactOptional().describe('No published count from 1 to js (default 0)'),
  modify,
});
export type CountPtable = z.output<typeof CountPtable>;

/** Perturbation table of magnitudes: noise in steps of 1 / step, rows for the sizes in `icat`. */
export const SumPtable = z.strictObject({
  ...noise,
  step: z.int().min(1).max(100).exactOptional().describe('Steps to each whole unit of noise (default 2)'),
  icat: z
    .array(z.int().min(1))
    .min(1)
    .exactOptional()
    .describe(
      'Sizes (in units of the noise) that have a row, ascending, the last is D; between them noise is interpolated (default [1, D])',
    ),
  modify,
});
export type SumPtable = z.output<typeof SumPtable>;

/** A table that is designed, or read from a file (of tau-ARGUS, or CSV as the R package ptable writes it). */
const file = z.strictObject({ file: z.string().min(1).describe('File of a perturbation table') });

const percent = z.number().gt(0).max(100);
const epsilon = z
  .array(z.number().min(0).max(1))
  .min(1)
  .refine((values) => values[0] === 1 && values.every((value, at) => at === 0 || value <= (values[at - 1] as number)), {
    error: 'the weights begin with 1 and descend',
  })
  .exactOptional()
  .describe('Weights (0 to 1) of the largest, second largest, … contribution; the first is 1 (default [1])');

/** How large the noise of a magnitude is, relative to its contributions. */
export const NoiseFunction = z.union([
  z.strictObject({ p: percent.describe('Noise of one unit is p per cent of the contribution'), epsilon }),
  z
    .strictObject({
      p_small: percent.describe('Per cent for contributions below the flex point'),
      p_large: percent.describe('Per cent that large contributions approach'),
      flex_point: z.number().positive().describe('Contribution from which the percentage begins to fall, in the unit of the value'),
      q: z.number().min(1).describe('How fast it falls'),
      epsilon,
    })
    .refine(({ p_small, p_large }) => p_small >= p_large, { error: 'p_small is at least p_large' }),
]);
export type NoiseFunction = z.output<typeof NoiseFunction>;

/** Cell-key perturbation of sums. */
export const SumNoise = z.strictObject({
  magnifier: z.enum(['top', 'mean', 'range', 'sum']).exactOptional().describe('What the noise is proportional to (default `top`)'),
  ptable: z.union([file, SumPtable]),
  small_cells: z
    .union([file, SumPtable])
    .exactOptional()
    .describe('Table of cells below the separation point, whose noise has a size of its own'),
  noise: NoiseFunction.describe('Size of a unit of noise, as per cent of a contribution: `{ p: 10 }`, or falling beyond a flex point'),
  mu_c: z.number().positive().exactOptional().describe('Extra noise where a dominance, p% or request rule fires; then it must be given'),
  same_key: z.boolean().exactOptional().describe('One key for all contributions (default true); false: its digits turn for each'),
  zero_keys: z.boolean().exactOptional().describe('Whether units of value 0 add their record keys (default false)'),
});
export type SumNoise = z.output<typeof SumNoise>;

/** Cell-key perturbation of a table: counts, and sums where there are any. */
export const CellKeyParameters = z.strictObject({
  ptable: z.union([file, CountPtable]),
  threshold: z.int().min(1).exactOptional().describe('Published counts from 1 to below this are withheld'),
  sums: SumNoise.exactOptional(),
});
export type CellKeyParameters = z.output<typeof CellKeyParameters>;
