import { methodOf, type PolicyMethod } from '../anonymize/disclosure-policy.ts';
import { requirePriceRule } from '../anonymize/price-rule.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { type CheckedPipeline, releasedTables } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { publicVintages } from './public-vintages.ts';
import { linkedPeriods } from './release-linked.ts';
import { publicTable } from './store-cells.ts';
import { linkedPairs, publicIndex } from './store-index.ts';
import { perturbationHash, readTableFacts } from './table-facts.ts';
import { perturbationOf, pipelinePolicy, tabulateTable } from './table-spec.ts';
import { viewOf } from './tabulated-view.ts';

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
    const leaving = await linkedPeriods(context, session, checked, name, periods);
    await requireProtectedSo(context, checked, name, leaving);
    for (const period of leaving)
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
    ...(table.estimated && { estimated: Uint8Array.from(kept, (cell) => table.estimated?.[cell] as number) }),
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
