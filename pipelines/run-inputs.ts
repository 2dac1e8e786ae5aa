import { DefinitionError } from '../engine/errors.ts';
import type { Manifest } from '../engine/manifest.ts';
import type { Ref } from '../engine/store.ts';
import type { Context } from './context.ts';
import type { Pipeline } from './definition.ts';
import { monthsOf } from './months.ts';

/** What the data root holds of each input. Errors: `run-no-input`. */
export async function runInputs({ store }: Pick<Context, 'store'>, { pipeline, inputs }: Pipeline): Promise<Map<string, Manifest>> {
  const manifests = new Map<string, Manifest>();
  for (const [name, ref] of Object.entries(inputs)) {
    const manifest = await store.manifest(ref as Ref);
    if (manifest === undefined)
      throw new DefinitionError(
        'run-no-input',
        `input ${name} of ${pipeline} is ${ref}, which the data root does not hold yet; ingest it first (twinstat ingest)`,
      );
    manifests.set(name, manifest);
  }
  return manifests;
}

/** The months to compute: those of the inputs, or the ones of them that are asked for. Errors: `run-no-period`. */
export function runMonths(
  { pipeline }: Pick<Pipeline, 'pipeline'>,
  inputs: ReadonlyMap<string, Manifest>,
  requested: readonly string[] | undefined,
): string[] {
  const available = monthsOf(inputs.values());
  const months = requested === undefined ? available : available.filter((month) => requested.includes(month));
  if (months.length === 0)
    throw new DefinitionError(
      'run-no-period',
      `${pipeline}: the inputs hold no month of those asked for; they hold ${available.length === 0 ? 'none' : `${available[0]}..${available.at(-1)}`}`,
    );
  return months;
}
