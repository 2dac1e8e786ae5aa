import { endOfPeriod } from '../anonymize/release-policies.ts';
import type { Session } from '../engine/session.ts';
import { id, type Sql, sql } from '../engine/sql.ts';
import type { QuestionAgreement } from '../report/agreement.ts';
import type { IndicatorFacts } from '../report/quality-indicators.ts';
import { agreementOf, measuresAgreement } from './agreement-facts.ts';
import type { CheckedPipeline } from './checked-pipeline.ts';
import { type Context, withTabulated } from './context.ts';
import { type ReadSource, readSources, registerCoverage, sumOutcomes } from './quality-sources.ts';
import { type PipelineVintages, pipelineVintages, revisionFacts } from './quality-vintages.ts';
import { storedStep } from './stored-step.ts';

const DAY = 86_400_000;

/** What is known of the quality of a pipeline's periods: its sources, and the facts of its indicators. */
export interface PipelineQuality {
  readonly sources: readonly ReadSource[];
  readonly facts: IndicatorFacts;
  readonly vintages: PipelineVintages;
  /** Undefined for a pipeline that measures none. */
  readonly agreement: readonly QuestionAgreement[] | undefined;
}

/** Reads counts of deliveries, linkage, coverage and edits from the store. `until`: the day to which the time lag is counted. */
export async function pipelineQuality(
  context: Context,
  checked: CheckedPipeline,
  periods: readonly string[],
  until: Date,
): Promise<PipelineQuality> {
  const sources = await readSources(context, checked.pipeline);
  const deliveries = sources.flatMap(({ figures }) => figures.deliveries);
  const kinds = [...new Set(sources.flatMap(({ links }) => links.map(({ kind }) => kind)))].sort();
  const links = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      sumOutcomes(sources.flatMap((source) => source.links.filter((each) => each.kind === kind).map((each) => each.outcomes))),
    ]),
  );
  const isSample = measuresAgreement(checked.pipeline);
  const { coverage, edits, changes, agreement, vintages } = await withTabulated(context, ['admitted'], async (session) => ({
    coverage: await registerCoverage(context, session, sources),
    edits: await editsOf(context, session, checked),
    changes: await changesOf(context, session, checked),
    agreement: isSample ? await agreementOf(context, session, checked.pipeline) : undefined,
    vintages: await pipelineVintages(context, session, checked, periods),
  }));
  const last = [...periods].sort().at(-1);
  const facts: IndicatorFacts = {
    input: deliveries.reduce((sum, { input }) => sum + input, 0),
    rejected: deliveries.reduce((sum, { rejected }) => sum + rejected, 0),
    links,
    coverage,
    edits,
    changes,
    revisions: revisionFacts(vintages),
    imputations: vintages.imputations,
    isSample,
    periods: periods.length,
    lag: last === undefined ? undefined : Math.max(0, Math.floor((until.getTime() - endOfPeriod(last).getTime()) / DAY)),
  };
  return { sources, facts, agreement, vintages };
}

/** Rows and amounts that the edit of unit errors changed, over all its periods. */
async function editsOf(context: Context, session: Session, checked: CheckedPipeline): Promise<IndicatorFacts['edits']> {
  const edit = await resultOf(context, checked, 'edit_unit_error');
  if (edit === undefined) return undefined;
  const amount = id(typeof edit.with['amount'] === 'string' ? edit.with['amount'] : 'gross');
  const row = await session.row<Record<'rows' | 'edited' | 'amount' | 'edited_amount', bigint | number | null>>(sql`
    SELECT count(*) AS rows, count(*) FILTER (edited) AS edited, sum(${amount})::DOUBLE AS amount, sum(${amount}) FILTER (edited)::DOUBLE AS edited_amount
    FROM ${edit.from}`);
  return {
    rows: Number(row.rows),
    edited: Number(row.edited),
    amount: Number(row.amount ?? 0),
    editedAmount: Number(row.edited_amount ?? 0),
  };
}

/** Changes from month to month that the Hidiroglou-Berthelot edit judged and found suspicious, over all its periods. */
async function changesOf(context: Context, session: Session, checked: CheckedPipeline): Promise<IndicatorFacts['changes']> {
  const edit = await resultOf(context, checked, 'hidiroglou_berthelot');
  if (edit === undefined) return undefined;
  const row = await session.row<Record<'judged' | 'suspicious', bigint>>(sql`
    SELECT count(*) FILTER (change <> 'not_judged') AS judged, count(*) FILTER (change IN ('low', 'high')) AS suspicious FROM ${edit.from}`);
  return { judged: Number(row.judged), suspicious: Number(row.suspicious) };
}

/** The stored result of the pipeline's first step of this transform, with its parameters; undefined where there is none. */
async function resultOf(
  context: Context,
  checked: CheckedPipeline,
  transform: string,
): Promise<{ readonly from: Sql; readonly with: Readonly<Record<string, unknown>> } | undefined> {
  const step = checked.steps.find((each) => each.kind === 'transform' && each.transform === transform);
  if (step === undefined || step.kind !== 'transform') return undefined;
  const from = await storedStep(context, checked.pipeline.pipeline, step.name);
  return from && { from, with: step.with };
}
