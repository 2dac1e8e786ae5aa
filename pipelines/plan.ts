import type { Part } from '../engine/manifest.ts';
import type { Ref } from '../engine/store.ts';
import { checkedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import type { Over } from './definition.ts';
import { monthsOf, overlap, partitionsOf, partsOf } from './months.ts';
import { type PlannedTable, planTables } from './plan-table.ts';
import { workKey } from './step-runner.ts';

export interface PlannedStep {
  readonly name: string;
  readonly kind: 'sql' | 'transform';
  readonly reads: readonly string[];
  readonly over: Over;
  /** Months, years, or `all`, that a run would compute now. */
  readonly toCompute: readonly string[];
  readonly reason: string;
}

export interface Plan {
  readonly pipeline: string;
  readonly months: readonly string[];
  readonly steps: readonly PlannedStep[];
  readonly tables: readonly PlannedTable[];
}

/** What a run would compute: a piece of work whose key is that of an earlier one is taken from there. Nothing is computed here. */
export async function planPipeline(context: Context, name: string, periods?: readonly string[]): Promise<Plan> {
  const checked = await checkedPipeline(context, name);
  const { pipeline, steps } = checked;
  const inputs = new Map<string, readonly Part[]>();
  const manifests = await Promise.all(Object.values(pipeline.inputs).map((ref) => context.store.manifest(ref as Ref)));
  for (const [index, input] of Object.keys(pipeline.inputs).entries()) inputs.set(input, manifests[index]?.parts ?? []);
  const months = monthsOf(manifests).filter((month) => periods === undefined || periods.includes(month));
  const missing = Object.keys(pipeline.inputs).filter((input) => inputs.get(input)?.length === 0);
  const stale = new Map<string, readonly (string | null)[]>();
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const earlier = (await context.store.manifest(`${name}.${step.name}@integrated`))?.parts ?? [];
    inputs.set(step.name, earlier);
    const slots = partitionsOf(step.over, months);
    const toCompute = slots.filter((month) => {
      const upstream = step.readsOf.some((read) => [...(stale.get(read) ?? [])].some((each) => overlap(each, month)));
      const reads = Object.fromEntries(step.readsOf.map((read) => [read, partsOf(inputs.get(read) ?? [], month)]));
      return (
        upstream ||
        !earlier.some((part) => part.partition === month && part.key === workKey({ definition: step.definition, reads, period: month }))
      );
    });
    stale.set(step.name, toCompute);
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
  return { pipeline: name, months, steps: planned, tables: await planTables(context, checked) };
}
