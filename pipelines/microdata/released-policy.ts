import { dirname, join, resolve } from 'node:path';
import type { MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import type { ReleasePolicy } from '../../anonymize/release.ts';
import { hashJson } from '../../engine/canonical-json.ts';
import { hashFile } from '../../engine/file-hash.ts';
import type { Context } from '../context.ts';
import { dimensionsOf, type Microdata, type Pipeline } from '../definition.ts';
import { publishedName } from '../published-dimension.ts';

/** The policy.yaml of a file of records. */
export function policyPath(context: Context, { pipeline }: Pipeline, { policy }: Microdata): string {
  return join(context.directory, 'pipelines', pipeline, policy);
}

/** Hash of a file's definition, its policy (at `path`) and the hierarchies that this names. */
export async function policyHash(file: Microdata, policy: MicrodataPolicy, path: string): Promise<string> {
  const hierarchies: Record<string, string> = {};
  for (const [name, { hierarchy }] of Object.entries(policy.variables))
    if (typeof hierarchy === 'string') hierarchies[name] = (await hashFile(resolve(dirname(path), hierarchy))).sha256;
  return hashJson({ file, policy, hierarchies });
}

/** What the gate holds a file of records to. */
export async function gatePolicy(
  context: Context,
  pipeline: Pipeline,
  { file, policy, columns }: { readonly file: Microdata; readonly policy: MicrodataPolicy; readonly columns: readonly string[] },
): Promise<NonNullable<ReleasePolicy['microdata']>[string]> {
  return {
    columns: [...columns],
    keys: columns.filter((name) => policy.variables[name]?.role === 'key_variable'),
    k: policy.require.k,
    dimensions: toldDimensions(pipeline, columns),
    sample: file.sample,
    policy: await policyHash(file, policy, policyPath(context, pipeline, file)),
  };
}

/** Published dimensions that columns tell: those under their own names, and those of tables where they are a level. */
function toldDimensions(pipeline: Pipeline, columns: readonly string[]): string[] {
  const levels = Object.values(pipeline.tables)
    .flatMap(dimensionsOf)
    .filter(({ name, hierarchy }) => [name, ...hierarchy].some((column) => columns.includes(column)));
  const names = [...columns, ...levels.map(({ name }) => name)].map((name) => publishedName(pipeline, name).toLowerCase());
  return [...new Set(names)].sort();
}
