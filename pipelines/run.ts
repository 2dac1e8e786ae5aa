import { AppError } from '../engine/errors.ts';
import { agreementRecord } from './agreement-facts.ts';
import { checkedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { PipelineRun } from './pipeline-run.ts';
import { writeRunQuality } from './quality-report.ts';
import { openRunLog, writeRunRecord } from './run-record.ts';
import type { RunReport } from './run-report.ts';

export interface RunRequest {
  readonly pipeline: string;
  /** Months to compute, ascending; left out: every month that the inputs hold. */
  readonly periods?: readonly string[];
}

/**
 * Computes a pipeline month by month, protects its tables and commits all of it at once. A month whose inputs, definitions and code
 * are those of an earlier run is taken from there. DeliveryError `quality-gate` (exit 3) when a rule with severity error fails.
 */
export async function runPipeline(context: Context, request: RunRequest): Promise<RunReport> {
  const checked = await checkedPipeline(context, request.pipeline);
  const transaction = await context.store.begin(`run ${request.pipeline}`);
  const log = await openRunLog(context, transaction.id);
  let run: PipelineRun | undefined;
  try {
    run = await PipelineRun.open(context, checked, transaction, log);
    const report = await run.execute(request.periods);
    await run.close();
    const { changed } = await transaction.commit();
    const { pipeline, steps, tables, indices } = checked;
    const agreement = await agreementRecord(context, pipeline);
    await writeRunRecord(context, transaction.id, {
      command: `run ${request.pipeline}`,
      inputs: Object.values(pipeline.inputs),
      outputs: [
        ...steps.map((step) => `${request.pipeline}.${step.name}@integrated`),
        ...[...tables, ...indices, ...Object.keys(pipeline.vintages)].map((name) => `${request.pipeline}.${name}@tabulated`),
      ],
      facts: {
        changed,
        periods: report.periods,
        steps: report.steps,
        tables: report.tables,
        confrontations: report.confrontations,
        ...agreement,
      },
    });
    await writeRunQuality(context, transaction.id, checked, report);
    return { ...report, changed };
  } catch (error) {
    log.warn('failed', { code: error instanceof AppError ? error.code : 'bug' });
    await run?.close();
    await transaction.abort();
    throw error;
  } finally {
    log.close();
    context.progress.end();
  }
}
