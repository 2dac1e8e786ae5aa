import * as z from 'zod';
import { CountPtable, SumNoise, SumPtable } from './cell-key/ptable-parameters.ts';
import { Rounding } from './rounding/rounding-parameters.ts';

/** Floor of every minimum count, for every command. */
const COUNT_FLOOR = 3;

/** A percentage from `low` to 100; a share (0 to 1) is refused with a hint. */
export function percentage(low: number, what: string) {
  return z.number().refine((value) => value >= low && value <= 100, {
    params: { code: 'definition-percentage' },
    error: (issue) => {
      const value = issue.input as number;
      const share =
        value > 0 && value <= 1 ? `; percentages are written 0 to 100, so the share ${value} is ${Math.round(value * 1e6) / 1e4}` : '';
      return `${what} is a percentage from ${low} to 100${share}`;
    },
  });
}

/** (n, k) dominance: unsafe when the n largest units hold more than k per cent. */
export const Dominance = z.strictObject({
  n: z.int().min(1).max(10).describe('Number of largest contributors'),
  k: percentage(50, 'k').describe('Percentage (50 to 100) of the total that they may hold'),
  comparison: z.enum(['gt', 'gte']).exactOptional().describe('`gt` (the default): unsafe above k; `gte`: at k too'),
});

const minimum = z.int().min(COUNT_FLOOR, { error: `a minimum count is a whole number from ${COUNT_FLOOR}` });

/** The rules for one kind of contributor (person_id, employer_id). `group`: the column that joins units into one (a holding). */
export const ContributorRule = z.strictObject({
  min: minimum.exactOptional().describe('Least number of distinct units in a cell (floor 3)'),
  dominance: z.array(Dominance).min(1).exactOptional().describe('(n, k) rules'),
  p_percent: percentage(1, 'p_percent')
    .exactOptional()
    .describe('p% rule: the second largest must not estimate the largest within p per cent (1 to 100)'),
  group: z.string().min(1).exactOptional().describe('Column that joins units into one, such as a holding'),
});
export type ContributorRule = z.output<typeof ContributorRule>;

/** Noise of sums in a pipeline; its tables are designed. */
const CellKeySums = z.strictObject({
  ...SumNoise.shape,
  unit: z.string().min(1).describe('Kind of contributor whose contributions the noise is proportional to, and whose record keys make it'),
  ptable: SumPtable.describe('Perturbation table of sums, such as `{ D: 10, V: 3, step: 2, icat: [1, 5, 10] }`'),
  small_cells: SumPtable.exactOptional().describe('Table of cells below the separation point, whose noise has a size of its own'),
  mu_c: z.number().positive().describe('Extra noise where a dominance or p% rule fires, in units of the noise'),
});

/** Cell keys in a pipeline, by tables that are designed. */
const CellKeyMethod = z.strictObject({
  ptable: CountPtable.describe('Perturbation table of counts, such as `{ D: 5, V: 3, js: 2 }`'),
  threshold: minimum
    .exactOptional()
    .describe('Published counts below this are withheld (default and floor 3; never below the minimum of what is counted)'),
  sums: CellKeySums.exactOptional().describe('Noise of `sum(x)`, and of `mean(x)` through it; without it tables hold counts alone'),
});

/** The method by which a table is protected. */
export type PolicyMethod = 'suppress' | 'cell_key' | 'round';

/**
 * A disclosure policy as a pipeline, workspace.yaml or `twinstat protect` writes it; what is left out comes from the workspace.
 * `min_frequency: m` means unsafe when 0 < n < m. Sources: release-rules 2 and 3.
 */
export const DisclosurePolicy = z.strictObject({
  min_frequency: minimum.exactOptional().describe('Least number of persons in a cell (default 10, floor 3)'),
  method: z
    .enum(['suppress', 'cell_key', 'round', 'none'])
    .exactOptional()
    .describe('How cells are protected (default `suppress`); `cell_key` is for counts, sums and means, `round` for counts alone'),
  round: Rounding.exactOptional().describe('Parameters of method `round` (docs/methods/rounding.md)'),
  cell_key: CellKeyMethod.exactOptional().describe('Parameters of method `cell_key` (docs/methods/cell-key.md)'),
  audit: z
    .enum(['bounds', 'linear_programme'])
    .exactOptional()
    .describe('How suppressed cells are attacked: by bounds, which is fast (the default), or by linear programmes too, which is proof'),
  dominance: z
    .array(Dominance)
    .min(1)
    .exactOptional()
    .describe('(n, k) rules of every kind of contributor after the first that states none'),
  p_percent: percentage(1, 'p_percent').exactOptional().describe('p% rule of every kind after the first that states none (1 to 100)'),
  k_anonymity: minimum
    .exactOptional()
    .describe(
      'Records that must share the key variables of every record of a file under `microdata:`, at least (default: `min_frequency`)',
    ),
  /** Unsafe when `share` per cent of a margin's persons fall in one category, or its other contributors are fewer than `min_other`. */
  group_disclosure: z
    .strictObject({
      share: percentage(50, 'share').describe('Percentage (50 to 100) of a margin in one category'),
      min_other: z.int().min(1).describe('Least number of other contributors'),
    })
    .exactOptional()
    .describe('When a whole group is in one category; a run refuses it until it is supported'),
  /** Bases to which released values are rounded, in the unit of the value (agorot for money). */
  rounding: z
    .strictObject({ quantiles: z.number().positive().describe('Base of quantiles, in the unit of the value (1000 agorot = 10 ILS)') })
    .exactOptional()
    .describe('Bases to which released values are rounded'),
});
export type DisclosurePolicy = z.output<typeof DisclosurePolicy>;

/** A pipeline's policy over the workspace's default, over our own (threshold 10, suppress). */
export function mergePolicies(
  own: DisclosurePolicy,
  workspace: DisclosurePolicy,
): DisclosurePolicy & { min_frequency: number; method: NonNullable<DisclosurePolicy['method']> } {
  return { min_frequency: 10, method: 'suppress', ...workspace, ...own };
}

/** Records that must share the key variables of every record of a file, by a merged policy. */
export function smallestClass({ k_anonymity, min_frequency }: DisclosurePolicy): number {
  return k_anonymity ?? min_frequency ?? COUNT_FLOOR;
}

/** The method of a merged policy; what must not be protected for a release is suppressed inside all the same. */
export function methodOf({ method }: Pick<DisclosurePolicy, 'method'>): PolicyMethod {
  return method === undefined || method === 'none' ? 'suppress' : method;
}
