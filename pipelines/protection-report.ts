import type { CellKeyParameters } from '../anonymize/cell-key/ptable-parameters.ts';
import { ptablesOf } from '../anonymize/cell-key/ptables-of.ts';
import { type ProtectionReport, publicTableHash } from '../anonymize/data-state.ts';
import { type DisclosurePolicy, methodOf } from '../anonymize/disclosure-policy.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { pipelinePolicy } from './table-spec.ts';

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
