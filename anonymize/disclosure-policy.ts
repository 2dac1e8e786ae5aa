import * as z from 'zod';

/** Floor of every minimum count, for every command. */
const COUNT_FLOOR = 3;

/** A percentage from `low` to 100; a share (0 to 1) is refused with a hint. */
function percentage(low: number, what: string) {
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
  n: z.int().min(1).max(10),
  k: percentage(50, 'k'),
  comparison: z.enum(['gt', 'gte']).exactOptional(),
});
export type Dominance = z.output<typeof Dominance>;

const minimum = z.int().min(COUNT_FLOOR, { error: `a minimum count is a whole number from ${COUNT_FLOOR}` });

/** The rules for one kind of contributor (person_id, employer_id). `group`: the column that joins units into one (a holding). */
export const ContributorRule = z.strictObject({
  min: minimum.exactOptional(),
  dominance: z.array(Dominance).min(1).exactOptional(),
  p_percent: percentage(1, 'p_percent').exactOptional(),
  group: z.string().min(1).exactOptional(),
});
export type ContributorRule = z.output<typeof ContributorRule>;

/**
 * A disclosure policy as a pipeline, workspace.yaml or `twinstat protect` writes it; what is left out comes from the workspace.
 * `min_frequency: m` means unsafe when 0 < n < m. Sources: release-rules 2 and 3.
 */
export const DisclosurePolicy = z.strictObject({
  min_frequency: minimum.exactOptional(),
  method: z.enum(['suppress', 'none']).exactOptional(),
  dominance: z.array(Dominance).min(1).exactOptional(),
  p_percent: percentage(1, 'p_percent').exactOptional(),
  /** Unsafe when `share` per cent of a margin's persons fall in one category, or its other contributors are fewer than `min_other`. */
  group_disclosure: z.strictObject({ share: percentage(50, 'share'), min_other: z.int().min(1) }).exactOptional(),
  /** Bases to which released values are rounded, in the unit of the value (agorot for money). */
  rounding: z.strictObject({ quantiles: z.number().positive() }).exactOptional(),
});
export type DisclosurePolicy = z.output<typeof DisclosurePolicy>;

/** A pipeline's policy over the workspace's default, over our own (threshold 10, suppress). */
export function mergePolicies(
  own: DisclosurePolicy,
  workspace: DisclosurePolicy,
): DisclosurePolicy & { min_frequency: number; method: 'suppress' | 'none' } {
  return { min_frequency: 10, method: 'suppress', ...workspace, ...own };
}
