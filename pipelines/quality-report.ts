import { join } from 'node:path';
import { methodOf } from '../anonymize/disclosure-policy.ts';
import type { Text } from '../engine/definitions.ts';
import { makeFolder, writeDurably } from '../engine/file-hash.ts';
import { packageVersion } from '../engine/version.ts';
import { indicatorsOf } from '../report/quality-indicators.ts';
import { qualityJson } from '../report/quality-json.ts';
import { renderQualityPage } from '../report/quality-page.ts';
import type { QualityPage } from '../report/quality-page-data.ts';
import type { Contract } from '../sources/contract.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import type { DeliveryReport } from './deliveries.ts';
import { pipelineQuality } from './quality-facts.ts';
import { type ReadSource, reportedSource, sumOutcomes } from './quality-sources.ts';
import type { RunReport } from './run-report.ts';
import { pipelinePolicy } from './table-spec.ts';

/** Writes the quality report of a run of a pipeline into `runs/<run>/`, two editions as page and as JSON. */
export async function writeRunQuality(
  context: Context,
  run: string,
  checked: CheckedPipeline,
  report: Omit<RunReport, 'changed'>,
): Promise<void> {
  const { sources, facts, agreement, vintages } = await pipelineQuality(context, checked, report.periods, context.clock());
  await writeEditions(context, run, {
    ...headOf(context, run, `run ${report.pipeline}`, report.title),
    sources: sources.map(({ figures }) => figures),
    links: sources.flatMap(({ links }) => links),
    rules: report.confrontations,
    tables: report.tables,
    insideOnly: checked.tables.filter((name) => checked.pipeline.tables[name]?.withheld !== undefined),
    agreement,
    ...(report.tables.length > 0 && { protection: methodOf(pipelinePolicy(checked.pipeline, context.workspace)) }),
    indicators: indicatorsOf(facts),
    ...(vintages.internal.length > 0 && { vintages }),
  });
}

/** The same of an ingest: its deliveries, why rows were rejected, how identifiers were linked. */
export async function writeIngestQuality(
  context: Context,
  run: string,
  contract: Contract,
  deliveries: readonly DeliveryReport[],
): Promise<void> {
  const source: ReadSource = reportedSource(contract, deliveries);
  const kinds = source.links.map(({ kind }) => kind);
  const sum = (key: 'input' | 'rejected'): number => deliveries.reduce((total, delivery) => total + delivery[key], 0);
  await writeEditions(context, run, {
    ...headOf(context, run, `ingest ${contract.source}`, contract.title),
    sources: [source.figures],
    links: source.links,
    rules: [],
    tables: [],
    agreement: undefined,
    indicators: indicatorsOf({
      input: sum('input'),
      rejected: sum('rejected'),
      links: Object.fromEntries(
        kinds.map((kind) => [kind, sumOutcomes(source.links.filter((each) => each.kind === kind).map((each) => each.outcomes))]),
      ),
      edits: undefined,
      changes: undefined,
      coverage: [],
      isSample: false,
      periods: undefined,
      lag: undefined,
    }),
  });
}

function headOf(context: Context, run: string, command: string, title: Text): Pick<QualityPage, 'office' | 'title' | 'run' | 'isDemo'> {
  const finished = context.clock().toISOString().slice(0, 10);
  return {
    office: context.workspace.name,
    title,
    run: { id: run, command: `twinstat ${command}`, version: packageVersion(), finished },
    isDemo: context.workspace.demo,
  };
}

async function writeEditions(context: Context, run: string, page: QualityPage): Promise<void> {
  const folder = join(context.store.root, 'runs', run);
  await makeFolder(folder);
  for (const audience of ['internal', 'public'] as const) {
    await writeDurably(join(folder, `quality-${audience}.html`), renderQualityPage(page, audience));
    await writeDurably(join(folder, `quality-${audience}.json`), `${JSON.stringify(qualityJson(page, audience), null, 2)}\n`);
  }
}
