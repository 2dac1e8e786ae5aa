import { DefinitionError } from '../engine/errors.ts';
import type { Ref } from '../engine/store.ts';
import { checkedPipeline } from './checked-pipeline.ts';
import type { Context } from './context.ts';
import { readDossier } from './release-dossier.ts';

/** A dataset, release or delivery with what it was made from. */
export interface LineageNode {
  readonly name: string;
  readonly detail: string;
  readonly from: readonly LineageNode[];
}

/** The tree of origins of a dataset (`name@state`) or a release. */
export async function lineageOf(context: Context, name: string): Promise<LineageNode> {
  if (!name.includes('@')) {
    const { record } = await readDossier(context, name);
    const checked = await checkedPipeline(context, record.pipeline);
    const tables = [...checked.tables, ...checked.indices];
    return {
      name,
      detail: `${record.status}, ${record.periods.join(' ')}`,
      from: await Promise.all(tables.map((table) => lineageOf(context, `${record.pipeline}.${table}@tabulated`))),
    };
  }
  const manifest = await context.store.manifest(name as Ref);
  if (manifest === undefined)
    throw new DefinitionError('lineage-unknown', 'there is no dataset of that name; `twinstat status` lists them');
  const rows = manifest.parts.reduce((sum, part) => sum + part.rows, 0);
  const detail = `snapshot ${manifest.snapshot}, ${rows.toLocaleString('en')} rows`;
  return { name, detail, from: await Promise.all((await origins(context, name)).map((ref) => lineageOf(context, ref))) };
}

async function origins(context: Context, ref: string): Promise<string[]> {
  const [dataset = '', state = ''] = ref.split('@');
  if (state === 'admitted') return [`${dataset.replace(/_rejects$/, '')}@received`];
  if (state !== 'integrated' && state !== 'tabulated') return [];
  const [pipeline = '', part = ''] = dataset.split('.');
  if (part === '') return [];
  const checked = await checkedPipeline(context, pipeline);
  const table = checked.pipeline.tables[part];
  const index = checked.pipeline.indices[part];
  const reads =
    table !== undefined
      ? [table.from]
      : index !== undefined
        ? [index.from, index.turnover]
        : (checked.steps.find((step) => step.name === part)?.readsOf ?? []);
  return reads.map((name) => checked.pipeline.inputs[name] ?? `${pipeline}.${name}@integrated`);
}
