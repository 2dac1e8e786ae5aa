import * as z from 'zod';

/** Rounding of the counts of a table, as a definition writes it: `rounding: { method: small_counts, base: 3 }`. */
export const Rounding = z.strictObject({
  method: z
    .enum(['nearest', 'random', 'small_counts', 'controlled'])
    .describe('`nearest` and `random` (by cell key) round cell by cell; `small_counts` and `controlled` keep the table additive'),
  base: z.int().min(2).max(1000).describe('Rounding base'),
  max_round: z.int().min(1).exactOptional().describe('`small_counts`: largest published count that is rounded (default base - 1)'),
  further: z
    .enum(['determined', 'all'])
    .exactOptional()
    .describe('`small_counts`: round unpublished inner cells too that published cells determine, or all small ones'),
  swaps: z.int().min(0).exactOptional().describe('`small_counts`: most exchanges that bring the published cells nearer (default 0)'),
  max_steps: z
    .int()
    .min(0)
    .max(10)
    .exactOptional()
    .describe('`controlled`: multiples that a cell may move further where it must (default 2)'),
});
export type Rounding = z.output<typeof Rounding>;
