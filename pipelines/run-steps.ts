import { DefinitionError, DeliveryError } from '../engine/errors.ts';
import type { Part } from '../engine/manifest.ts';
import { id, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import { transforms } from '../transforms/index.ts';
import type { CheckedStep } from './checked-pipeline.ts';
import { type Confrontation, confront } from './confront.ts';
import type { LentRun } from './lent-run.ts';
import { keptParts, partitionsOf, partsOf } from './months.ts';
import type { StepRecord } from './step-runner.ts';

interface StepResult {
  readonly ref: Ref;
  readonly parts: readonly Part[];
  readonly records: readonly StepRecord[];
  readonly confrontations: readonly Confrontation[];
}

/** A step, partition by partition; the rules on it are checked at once. Errors: `quality-gate`, `step-no-transform`. */
export async function runStep(
  run: LentRun,
  step: CheckedStep,
  months: readonly string[],
  progress: (done: number) => void,
): Promise<StepResult> {
  const { context, pipeline, runner, stepParts } = run;
  const ref: Ref = `${pipeline.pipeline}.${step.name}@integrated`;
  const earlier = (await context.store.manifest(ref))?.parts ?? [];
  const partitions = partitionsOf(step.over, months);
  const parts: Part[] = [];
  const records: StepRecord[] = [];
  const confrontations: Confrontation[] = [];
  for (const [position, month] of partitions.entries()) {
    progress(position / partitions.length);
    const reads = Object.fromEntries(step.readsOf.map((name) => [name, partsOf(stepParts(name), month)]));
    const { part, record } = await runner.part(
      { ref, period: month, definition: step.definition, sort: step.sort, reads, compute: () => computeStep(run, step, month, reads) },
      earlier,
      context.clock,
    );
    parts.push(part);
    records.push(record);
    confrontations.push(...(await confrontStep(run, step.name, month, part)));
  }
  const kept = step.over === 'all' ? [] : keptParts(earlier, partitions);
  return { ref, parts: [...kept, ...parts], records, confrontations };
}

async function computeStep(
  { session, runner, stepParts }: LentRun,
  step: CheckedStep,
  month: string | null,
  reads: Readonly<Record<string, readonly Part[]>>,
): Promise<void> {
  for (const [name, parts] of Object.entries(reads)) await runner.view(name, parts, stepParts(name));
  if (step.kind === 'sql') {
    const select = step.select.bind(month === null ? {} : { reference_period: month });
    await session.run(sql`CREATE OR REPLACE TEMP TABLE step_result AS ${select}`);
    return;
  }
  const transform = transforms[step.transform];
  if (transform === undefined) throw new DefinitionError('step-no-transform', `step ${step.name}: there is no transform of that name`);
  const select = transform.build({ from: id(step.from), with: step.with, ...(month !== null && { period: month }) });
  await session.run(sql`CREATE OR REPLACE TEMP TABLE step_result AS ${select}`);
}

async function confrontStep(
  { pipeline, session, runner }: LentRun,
  step: string,
  month: string | null,
  part: Part,
): Promise<Confrontation[]> {
  const rules = pipeline.rules.filter((rule) => rule.on === step);
  if (rules.length === 0) return [];
  await runner.view('confronted', [part], [part]);
  const results: Confrontation[] = [];
  for (const rule of rules) {
    const result = await confront(session, rule, 'confronted', month);
    results.push(result);
    if (result.failed && rule.severity === 'error') {
      throw new DeliveryError(
        'quality-gate',
        `rule ${rule.name} on step ${step} failed${month === null ? '' : ` in ${month}`}: nothing was published; look at the rule, then at the deliveries of the month`,
        {
          rule: rule.name,
          facts: { fails: result.fails, missing: result.missing },
        },
      );
    }
  }
  return results;
}
