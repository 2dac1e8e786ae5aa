import type { CellKeyParameters } from '../anonymize/cell-key/ptable-parameters.ts';
import { ptablesOf } from '../anonymize/cell-key/ptables-of.ts';
import { type ProtectionReport, publicTableHash } from '../anonymize/data-state.ts';
import { type DisclosurePolicy, methodOf, type PolicyMethod } from '../anonymize/disclosure-policy.ts';
import { requirePriceRule } from '../anonymize/price-rule.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import type { ReleaseRecord, TableDeclaration } from '../anonymize/release.ts';
import { DisclosureError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { type CheckedPipeline, releasedTables } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { linkedGroupOf } from './linked-given.ts';
import { publicVintages } from './public-vintages.ts';
import { publishedName } from './published-dimension.ts';
import { linkedPeriods } from './release-linked.ts';
import { publicTable } from './store-cells.ts';
import { linkedPairs, publicIndex } from './store-index.ts';
import { VINTAGE } from './store-vintages.ts';
import { perturbationHash, readTableFacts } from './table-facts.ts';
import { gapsOf, measureFormats, perturbationOf, pipelinePolicy, tabulateTable } from './table-spec.ts';
import { viewOf } from './tabulated-view.ts';
import { vintageCode } from './vintage-code.ts';

/** The public side of everything that a pipeline releases of these months. DisclosureError when the price rule or a window is not met. */
export async function publicTables(
  context: Context,
  session: Session,
  checked: CheckedPipeline,
  periods: readonly string[],
): Promise<PublicTable[]> {
  const { pipeline } = checked;
  const method = methodOf(pipelinePolicy(pipeline, context.workspace));
  const tables: PublicTable[] = [];
  for (const name of releasedTables(checked)) {
    const table = pipeline.tables[name];
    if (table === undefined) continue;
    await viewOf(context, session, `${pipeline.pipeline}.${name}@tabulated`, 'stored', periods);
    await requireProtectedSo(context, checked, name, periods);
    for (const period of await linkedPeriods(context, session, checked, name, periods))
      tables.push(
        withoutZeros(await publicTable(session, 'stored', name, period, pipeline, table, tabulateTable(name, table), 'A'), method),
      );
  }
  for (const [name, vintages] of Object.entries(pipeline.vintages)) {
    const table = pipeline.tables[vintages.of];
    if (table === undefined || table.withheld !== undefined) continue;
    await viewOf(context, session, `${pipeline.pipeline}.${name}@tabulated`, 'stored', periods);
    for (const period of periods) tables.push(await publicVintages(session, 'stored', name, period, pipeline, vintages, table));
  }
  for (const name of checked.indices) {
    const index = pipeline.indices?.[name];
    if (index === undefined) continue;
    await viewOf(context, session, `${pipeline.pipeline}.${index.turnover}@integrated`, 'turnover', undefined);
    requirePriceRule(name, await linkedPairs(session, 'turnover'));
    await viewOf(context, session, `${pipeline.pipeline}.${name}@tabulated`, 'stored', undefined);
    for (const period of periods) tables.push(await publicIndex(session, 'stored', name, period, pipeline, index.title ?? pipeline.title));
    const isProvisional = tables.some((table) => table.name === name && table.status === 'P');
    if (isProvisional)
      throw new DisclosureError(
        'release-provisional',
        `${name} is provisional: its window of months is not complete, and every new month would revise it; release it when the window is full`,
      );
  }
  return tables;
}

/** Combinations without anybody are no cells, so a cell that was rounded to 0 must be none either: its row would say that there is somebody. */
function withoutZeros(table: PublicTable, method: PolicyMethod): PublicTable {
  if (method !== 'round') return table;
  const kept = Array.from({ length: table.size }, (_, cell) => cell).filter((cell) =>
    table.measures.some(({ values }) => values[cell] !== 0),
  );
  return {
    ...table,
    size: kept.length,
    dimensions: table.dimensions.map((dimension) => ({ ...dimension, codes: kept.map((cell) => dimension.codes[cell] ?? '') })),
    measures: table.measures.map((measure) => ({
      ...measure,
      values: Float64Array.from(kept, (cell) => measure.values[cell] as number),
      suppressed: Uint8Array.from(kept, (cell) => measure.suppressed[cell] as number),
    })),
  };
}

/** Nobody signs for an attack or a noise that a stored month was not under. Errors: `release-audit`, `release-method-changed`. */
async function requireProtectedSo(
  context: Context,
  { pipeline }: CheckedPipeline,
  name: string,
  periods: readonly string[],
): Promise<void> {
  const policy = pipelinePolicy(pipeline, context.workspace);
  const perturbation = perturbationOf(policy);
  const { attacked, perturbed } = readTableFacts(await context.store.manifest(`${pipeline.pipeline}.${name}@tabulated`));
  const again = `run the pipeline again (twinstat run ${pipeline.pipeline})`;
  const wanted = perturbation && perturbationHash(perturbation);
  const other = periods.filter((period) => perturbed[period] !== wanted);
  if (other.length > 0)
    throw new DisclosureError(
      'release-method-changed',
      `${name}, ${other.join(', ')}: not protected by the method and parameters that the policy has now; ${again}`,
    );
  if (perturbation !== undefined || policy.audit !== 'linear_programme') return;
  const missing = periods.filter((period) => !attacked.includes(period));
  if (missing.length > 0)
    throw new DisclosureError(
      'release-audit',
      `${name}, ${missing.join(', ')}: not attacked by linear programmes, which the policy asks for; ${again}`,
    );
}

/** What a methodologist signs: the policy, what it did table by table, the hash of every public table, and what was proven of files of records. */
export function protectionReport(
  context: Context,
  checked: CheckedPipeline,
  tables: readonly PublicTable[],
  microdata: readonly object[],
): ProtectionReport {
  const policy = pipelinePolicy(checked.pipeline, context.workspace);
  const linked = linkedFacts(checked, tables);
  return JSON.parse(
    JSON.stringify({
      // A table with an unsafe cell stops its run (`publish`, cells-not-protectable), so no stored cell is unsafe.
      verdict: 'safe',
      method: methodOf(policy),
      pipeline: checked.pipeline.pipeline,
      policy,
      audit: attacksOf(policy),
      ...(linked.length > 0 && { linked }),
      ...(policy.method === 'cell_key' && policy.cell_key && { ptable_unmet: unmetRows(policy.cell_key) }),
      demo_keys: context.workspace.demo,
      one_user_mode: true,
      ...(microdata.length > 0 && { microdata }),
      tables: tables.map((table) => ({
        table: table.name,
        partition: table.partition,
        sha256: publicTableHash(table),
        cells: table.size,
        suppressed: Object.fromEntries(
          table.measures.map((measure) => [measure.name, measure.suppressed.reduce((sum, flag) => sum + flag, 0)]),
        ),
      })),
    }),
  ) as ProtectionReport;
}

/** What linking did to each group, in counts of keys: of one pattern over all tables and months, or of those of each month. */
function linkedFacts({ pipeline }: CheckedPipeline, tables: readonly PublicTable[]): object[] {
  return Object.entries(pipeline.linked).flatMap(([group, { tables: names, follow, each_month }]) => {
    const own = tables.filter(({ name }) => names.includes(name));
    const keys = new Map<string, boolean>();
    for (const { size, partition, dimensions, measures } of own)
      for (let cell = 0; cell < size; cell++) {
        const codes = dimensions.map((dimension) => dimension.codes[cell]);
        keys.set([...(each_month ? [partition] : []), ...codes].join('|'), measures[0]?.suppressed[cell] === 1);
      }
    const suppressed = [...keys.values()].filter((isHidden) => isHidden).length;
    return own.length === 0
      ? []
      : [
          {
            group,
            tables: names,
            follow: Object.keys(follow),
            ...(each_month && { each_month }),
            months: [...new Set(own.map(({ partition }) => partition))],
            keys: keys.size,
            suppressed,
          },
        ];
  });
}

/** Rows of the perturbation tables that do not meet what was asked of them, in words; those of sums with their place. */
function unmetRows(parameters: CellKeyParameters): string[] {
  return Object.entries(ptablesOf(parameters, () => '').checks).flatMap(([place, rows]) => {
    const where = place === 'ptable' ? '' : `${place}, `;
    return rows.filter(({ unmet }) => unmet.length > 0).map(({ value, unmet }) => `${where}row of ${value}: ${unmet.join('; ')}`);
  });
}

/** What the tables passed: attacks where cells are suppressed, rules where values are changed. */
function attacksOf(policy: DisclosurePolicy): string[] {
  const { audit } = policy;
  const method = methodOf(policy);
  if (method === 'cell_key') return ['primary_rules', 'single_contributor', 'threshold'];
  if (method === 'round') return ['rules_of_other_kinds', 'base_at_least_minimum'];
  const programmes = audit === 'linear_programme' ? ['linear_programme'] : [];
  return ['elimination', 'union_rule', 'interval_audit', ...programmes, 'quantile_rule', 'price_rule'];
}

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
