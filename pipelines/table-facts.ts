import { hashJson, type JsonObject } from '../engine/canonical-json.ts';
import type { Manifest } from '../engine/manifest.ts';
import type { Perturbation, PipelinePolicy } from './table-spec.ts';

/** How the months of a stored table were protected: those attacked by linear programmes, and the perturbation of those that were perturbed. */
export interface TableFacts {
  readonly attacked: readonly string[];
  /** `perturbationHash` by month. */
  readonly perturbed: Readonly<Record<string, string>>;
}

export function readTableFacts(manifest: Pick<Manifest, 'facts'> | undefined): TableFacts {
  const attacked = manifest?.facts['linear_programme'];
  const perturbed = manifest?.facts['perturbed'];
  return {
    attacked: Array.isArray(attacked) ? attacked.map(String) : [],
    perturbed: (perturbed ?? {}) as Record<string, string>,
  };
}

/** The facts once these months were computed under a policy; nothing where every month was suppressed and attacked by bounds. */
export function tableFacts(before: TableFacts, months: readonly string[], { audit, perturbation }: PipelinePolicy): JsonObject {
  const attacked = before.attacked.filter((month) => !months.includes(month));
  const kept = Object.entries(before.perturbed).filter(([month]) => !months.includes(month));
  if (audit === 'linear_programme') attacked.push(...months);
  if (perturbation !== undefined) kept.push(...months.map((month): [string, string] => [month, perturbationHash(perturbation)]));
  return {
    ...(attacked.length > 0 && { linear_programme: attacked.sort() }),
    ...(kept.length > 0 && { perturbed: Object.fromEntries(kept.sort(([left], [right]) => (left < right ? -1 : 1))) }),
  };
}

/** Tells one perturbation from every other; internal. */
export function perturbationHash(perturbation: Perturbation): string {
  return hashJson(perturbation);
}
