import { join } from 'node:path';
import { loadDefinition } from '../engine/definitions.ts';
import { DefinitionError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { type CheckGround, checkPipeline, type PipelineCheck } from './check.ts';
import { Pipeline } from './definition.ts';
import type { KnownColumn } from './known-datasets.ts';

const STEP = /^([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)@integrated$/;

/**
 * Checks a pipeline of a workspace by its name. What it reads of other pipelines (`PIPELINE.STEP@integrated`) has the columns of their steps,
 * and is protected as what those come from. `within`: the pipelines whose check asks for this one; they are not known to it.
 */
export async function checkNamed(
  session: Session,
  directory: string,
  name: string,
  ground: Omit<CheckGround, 'origins'>,
  within: readonly string[] = [],
): Promise<PipelineCheck> {
  const folder = join(directory, 'pipelines', name);
  const steps: Record<string, readonly KnownColumn[]> = {};
  const origins: Record<string, readonly KnownColumn[]> = {};
  for (const [ref, pipeline, step] of await stepsRead(folder)) {
    if ([...within, name].includes(pipeline)) continue;
    const other = await checkNamed(session, directory, pipeline, ground, [...within, name]);
    const found = other.steps.find((each) => each.name === step);
    if (found?.columns === undefined) continue;
    steps[ref] = found.columns;
    origins[ref] = found.origins;
  }
  return checkPipeline(session, folder, { ...ground, datasets: { ...ground.datasets, ...steps }, origins });
}

/** Steps of other pipelines among the inputs; none where the definition cannot be read, which its own check reports. */
async function stepsRead(folder: string): Promise<(readonly [string, string, string])[]> {
  try {
    const { value } = await loadDefinition(join(folder, 'pipeline.yaml'), Pipeline);
    return Object.values(value.inputs).flatMap((ref) => {
      const [, pipeline, step] = STEP.exec(ref) ?? [];
      return pipeline === undefined || step === undefined ? [] : [[ref, pipeline, step] as const];
    });
  } catch (error) {
    if (error instanceof DefinitionError) return [];
    throw error;
  }
}

/** Names of pipelines, those that others read before them; otherwise in the order given. */
export async function inReadingOrder(directory: string, names: readonly string[]): Promise<string[]> {
  const read = new Map<string, readonly string[]>();
  for (const name of names)
    read.set(
      name,
      (await stepsRead(join(directory, 'pipelines', name))).map(([, pipeline]) => pipeline),
    );
  const ordered = new Set<string>();
  const add = (name: string, within: readonly string[]): void => {
    if (ordered.has(name) || within.includes(name)) return;
    for (const other of read.get(name) ?? []) if (read.has(other)) add(other, [...within, name]);
    ordered.add(name);
  };
  for (const name of names) add(name, []);
  return [...ordered];
}
