import type { ReleaseRecord, TableDeclaration } from '../anonymize/release.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { type CheckedPipeline, releasedTables } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { linkedGroupOf } from './linked-given.ts';
import { publishedName } from './published-dimension.ts';
import { VINTAGE } from './store-vintages.ts';
import { perturbationHash } from './table-facts.ts';
import { gapsOf, measureFormats, perturbationOf, pipelinePolicy, tabulateTable } from './table-spec.ts';
import { vintageCode } from './vintage-code.ts';

/** The policy of a release, as the gate checks it. */
export function releasePolicy(context: Context, checked: CheckedPipeline): ReleaseRecord['policy'] {
  const { pipeline } = checked;
  const policy = pipelinePolicy(pipeline, context.workspace);
  const perturbation = perturbationOf(policy);
  const tables: Record<string, TableDeclaration> = {};
  const contributors: ReleaseRecord['policy']['contributors'] = {};
  for (const name of releasedTables(checked)) {
    const table = pipeline.tables[name];
    if (table === undefined) continue;
    const spec = tabulateTable(name, table);
    const gaps = gapsOf(table).map((gap) => ({ ...gap, dimension: publishedName(pipeline, gap.dimension) }));
    const additive = spec.measures.filter((measure) => measure.kind !== 'quantile').map((measure) => measure.name);
    tables[name] = {
      dimensions: spec.by.map(({ name }) => publishedName(pipeline, name)),
      measures: Object.keys(measureFormats(table)),
      counts: countsOf(spec, linkedGroupOf(pipeline, name) !== undefined),
      same_status: additive.length > 1 ? [additive] : [],
      ...(gaps.length > 0 && { gaps }),
    };
    for (const [kind, rule] of Object.entries(table.contributors)) {
      contributors[kind] = {
        ...(rule.min !== undefined && { min: rule.min }),
        ...(rule.dominance !== undefined && { dominance: rule.dominance.map(({ n, k }) => ({ n, k })) }),
        ...(rule.p_percent !== undefined && { p_percent: rule.p_percent }),
        ...(rule.group !== undefined && { group: rule.group }),
      };
    }
  }
  for (const [name, { of, by, final, measures }] of Object.entries(pipeline.vintages)) {
    const table = tables[of];
    if (table === undefined) continue;
    const together = (names: readonly string[]): string[] => names.filter((measure) => measures.includes(measure));
    tables[name] = {
      dimensions: [VINTAGE, publishedName(pipeline, by)],
      measures: [...measures],
      counts: together(table.counts),
      same_status: measures.length > 1 ? [[...measures]] : [],
      vintages: { dimension: VINTAGE, final: vintageCode(final), of },
    };
  }
  for (const name of checked.indices) {
    tables[name] = { dimensions: [publishedName(pipeline, 'method')], measures: ['price_index'], counts: [], same_status: [] };
    contributors['retailer_id'] = { min: 3, dominance: [{ n: 2, k: 90 }] };
  }
  const linked = Object.values(pipeline.linked).map(({ tables: names, follow, each_month }) => ({
    tables: names,
    follow: Object.keys(follow),
    ...(each_month && { each_month }),
  }));
  return {
    licence: pipeline.release?.licence ?? '',
    embargo: pipeline.release?.embargo ?? 'P0D',
    min_frequency: policy.min_frequency,
    contributors,
    tables,
    ...(linked.length > 0 && { linked }),
    ...(perturbation && { perturbation: perturbationHash(perturbation) }),
  };
}

/** Measures that may not be shown under the minimum: counts of units, and in linked tables every measure. */
function countsOf({ measures }: TabulateTable, isLinked: boolean): string[] {
  return measures.filter(({ kind }) => isLinked || kind === 'distinct' || kind === 'count').map(({ name }) => name);
}
