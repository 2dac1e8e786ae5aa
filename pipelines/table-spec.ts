import { DisclosurePolicy, mergePolicies, methodOf } from '../anonymize/disclosure-policy.ts';
import { GAP_FORMAT, type Gap } from '../anonymize/gap.ts';
import type { ProtectionPolicy } from '../anonymize/protection-policy.ts';
import type { MeasureFormat } from '../anonymize/publish.ts';
import { DefinitionError } from '../engine/errors.ts';
import type { Workspace } from '../engine/workspace.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { dimensionsOf, type Pipeline, type Table } from './definition.ts';
import { parseIdentity } from './identity.ts';
import { parseMeasure } from './measure.ts';

const AGOROT = 100;
/** Base to which quantiles are rounded where the policy states none: 1000 agorot = 10 ILS. */
const QUANTILE_BASE = 1000;

/** What tabulation needs of a table's definition: enough of the largest contributions for every rule of its contributors. */
export function tabulateTable(name: string, table: Table): TabulateTable {
  const contributors = Object.entries(table.contributors).map(([kind, rule]) => {
    const top = Math.max(rule.p_percent === undefined ? 0 : 2, ...(rule.dominance ?? []).map(({ n }) => n));
    return [
      kind,
      { ...(rule.group !== undefined && { group: rule.group }), ...(rule.min !== undefined && { min: rule.min }), top },
    ] as const;
  });
  return {
    name,
    by: dimensionsOf(table),
    measures: Object.entries(table.measures).flatMap(([measure, text]) => {
      const parsed = parseMeasure(text);
      return parsed.kind === 'gap' ? [] : [{ name: measure, ...parsed }];
    }),
    contributors: Object.fromEntries(contributors),
    ...(table.identities !== undefined && { identities: table.identities.map(parseIdentity) }),
  };
}

/** The gaps of a table, which follow from its published cells and are not tabulated. */
export function gapsOf(table: Table): Gap[] {
  return Object.entries(table.measures).flatMap(([name, text]) => {
    const parsed = parseMeasure(text);
    return parsed.kind === 'gap'
      ? [{ name, of: parsed.of, dimension: parsed.dimension, reference: parsed.reference, other: parsed.other }]
      : [];
  });
}

/** The default block of a workspace. DefinitionError `workspace-disclosure` when it is no policy. */
export function defaultPolicy(workspace: Workspace): DisclosurePolicy {
  const defaults = DisclosurePolicy.safeParse(workspace.disclosure);
  if (defaults.success) return defaults.data;
  const where = defaults.error.issues.map((issue) => [...issue.path, issue.message].join(': ')).join('; ');
  throw new DefinitionError('workspace-disclosure', `the default disclosure block of workspace.yaml is not a policy: ${where}`);
}

/** The policy of a pipeline over the workspace's default block. */
export function pipelinePolicy(pipeline: Pipeline, workspace: Workspace): ReturnType<typeof mergePolicies> {
  return mergePolicies(pipeline.disclosure, defaultPolicy(workspace));
}

/** What a table of a pipeline is protected by. */
export interface PipelinePolicy extends ProtectionPolicy {
  readonly roundQuantiles: number;
  /** Only where it is not the default, so that months computed before stay known. */
  readonly audit?: 'linear_programme';
  /** Only where cells are not suppressed. */
  readonly perturbation?: Perturbation;
}

/** How values are changed, with all parameters. */
export type Perturbation =
  | { readonly method: 'cell_key'; readonly parameters: NonNullable<DisclosurePolicy['cell_key']> }
  | { readonly method: 'round'; readonly parameters: NonNullable<DisclosurePolicy['round']> };

/** Errors: `method-parameters`. */
export function perturbationOf(policy: DisclosurePolicy): Perturbation | undefined {
  const { cell_key, round } = policy;
  const method = methodOf(policy);
  if (method === 'suppress') return undefined;
  if (method === 'cell_key' && cell_key !== undefined) return { method, parameters: cell_key };
  if (method === 'round' && round !== undefined) return { method, parameters: round };
  throw new DefinitionError('method-parameters', `method: ${method} needs its parameters under ${method}:`);
}

export function protectionPolicy(pipeline: Pipeline, table: Table, workspace: Workspace): PipelinePolicy {
  const policy = pipelinePolicy(pipeline, workspace);
  const perturbation = perturbationOf(policy);
  return {
    min_frequency: policy.min_frequency,
    contributors: table.contributors,
    roundQuantiles: policy.rounding?.quantiles ?? QUANTILE_BASE,
    ...(perturbation === undefined && policy.audit === 'linear_programme' && { audit: policy.audit }),
    ...(perturbation && { perturbation }),
  };
}

/** How the measures of a table are shown: money is kept in agorot and published in whole ILS, gaps in per cent, everything else as whole units. */
export function measureFormats(table: Table): Record<string, MeasureFormat> {
  const gaps = new Set(gapsOf(table).map(({ name }) => name));
  return Object.fromEntries(
    Object.keys(table.measures).map((measure) => {
      if (gaps.has(measure)) return [measure, GAP_FORMAT];
      const unit = table.units?.[measure] ?? measure.toUpperCase();
      return [measure, { unit, decimals: 0, ...(unit === 'ILS' && { divisor: AGOROT }) }];
    }),
  );
}
