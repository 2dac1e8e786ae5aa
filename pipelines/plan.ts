import type { Part } from '../engine/manifest.ts';
import type { Ref } from '../engine/store.ts';
import { checkedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { monthsOf, partsOf } from './months.ts';
import { workKey } from './step-runner.ts';

export interface PlannedStep {
  readonly name: string;
  readonly kind: 'sql' | 'transform';
  readonly reads: readonly string[];
  readonly over: 'month' | 'all';
  /** Months (or `all`) that a run would compute now. */
  readonly toCompute: readonly string[];
  readonly reason: string;
}

export interface Plan {
  readonly pipeline: string;
  readonly months: readonly string[];
  readonly steps: readonly PlannedStep[];
}

/** What a run would compute: a piece of work whose key is that of an earlier one is taken from there. Nothing is computed here. */
export async function planPipeline(context: Context, name: string, periods?: readonly string[]): Promise<Plan> {
  const { pipeline, steps } = await checkedPipeline(context, name);
  const inputs = new Map<string, readonly Part[]>();
  const manifests = await Promise.all(Object.values(pipeline.inputs).map((ref) => context.store.manifest(ref as Ref)));
  for (const [index, input] of Object.keys(pipeline.inputs).entries()) inputs.set(input, manifests[index]?.parts ?? []);
  const months = monthsOf(manifests).filter((month) => periods === undefined || periods.includes(month));
  const missing = Object.keys(pipeline.inputs).filter((input) => inputs.get(input)?.length === 0);
  const stale = new Map<string, Set<string>>();
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const earlier = (await context.store.manifest(`${name}.${step.name}@integrated`))?.parts ?? [];
    inputs.set(step.name, earlier);
    const slots = step.over === 'all' ? [null] : months;
    const toCompute = slots.filter((month) => {
      const upstream = step.readsOf.some((read) =>
        month === null ? (stale.get(read)?.size ?? 0) > 0 : stale.get(read)?.has(month) === true || stale.get(read)?.has('all') === true,
      );
      const reads = Object.fromEntries(step.readsOf.map((read) => [read, partsOf(inputs.get(read) ?? [], month)]));
      return (
        upstream ||
        !earlier.some((part) => part.partition === month && part.key === workKey({ definition: step.definition, reads, period: month }))
      );
    });
    stale.set(step.name, new Set(toCompute.map((month) => month ?? 'all')));
    const reason =
      missing.length > 0
        ? `input not ingested: ${missing.join(', ')}`
        : toCompute.length === 0
          ? 'nothing it reads has changed'
          : earlier.length === 0
            ? 'not computed before'
            : 'inputs, definition or code have changed';
    planned.push({
      name: step.name,
      kind: step.kind,
      reads: step.readsOf,
      over: step.over,
      toCompute: toCompute.map((month) => month ?? 'all'),
      reason,
    });
  }
  return { pipeline: name, months, steps: planned };
}
