import { CLOSENESS_KINDS, type ClosenessKind, type Requirement, type SensitiveRequirement } from '../recode/requirement.ts';
import type { MicrodataPolicy } from './microdata-policy.ts';

/** The sensitive variables that a policy requires something of, in a fixed order: that of the histograms. */
export function requiredSensitive({ require }: MicrodataPolicy): string[] {
  return [...new Set([...require.l_diversity, ...require.t_closeness].map(({ variable }) => variable))];
}

/** What a policy requires of a class; of several requirements of one variable the strictest. */
export function requirementOf(policy: MicrodataPolicy): Requirement {
  const { k, l_diversity, t_closeness } = policy.require;
  const least = (name: string, kind: string): number =>
    Math.max(0, ...l_diversity.filter((each) => each.variable === name && each.kind === kind).map(({ l }) => l));
  const sensitive = requiredSensitive(policy).map((name): SensitiveRequirement => {
    const limits = CLOSENESS_KINDS.flatMap((kind): [ClosenessKind, number][] => {
      const t = t_closeness.filter((each) => each.variable === name && each.kind === kind).map((each) => each.t);
      return t.length === 0 ? [] : [[kind, Math.min(...t)]];
    });
    const recursive = l_diversity.flatMap(({ variable, l, c }) => (variable === name && c !== undefined ? [{ c, l }] : []));
    return { distinct: least(name, 'distinct'), entropy: least(name, 'entropy'), recursive, t: Object.fromEntries(limits) };
  });
  return { k, sensitive };
}
