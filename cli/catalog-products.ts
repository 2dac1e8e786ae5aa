import { join } from 'node:path';
import type { Product } from '../catalog/product.ts';
import { loadDefinition } from '../engine/definitions.ts';
import { agreementSteps } from '../pipelines/agreement-facts.ts';
import { Pipeline } from '../pipelines/definition.ts';
import { definitionFiles } from '../pipelines/known-datasets.ts';

/** Questions of surveys whose agreement with a statistic the pipelines of a workspace measure. Errors: those of definitions. */
export async function questionsMeasured(workspace: string): Promise<ReadonlySet<string>> {
  const files = await definitionFiles(join(workspace, 'pipelines'), 'pipeline.yaml');
  const loaded = await Promise.all(files.map((file) => loadDefinition(file, Pipeline)));
  return new Set(loaded.flatMap(({ value }) => agreementSteps(value)).flatMap(({ questions }) => Object.keys(questions)));
}

/** The products of a workspace, from its pipelines: what they read, publish and replace. Errors: those of definitions. */
export async function productsOf(workspace: string): Promise<Product[]> {
  const files = await definitionFiles(join(workspace, 'pipelines'), 'pipeline.yaml');
  const loaded = await Promise.all(files.map((file) => loadDefinition(file, Pipeline)));
  return loaded.map(({ value: { pipeline, title, replaces, inputs, tables, indices, burden, release } }) => ({
    id: pipeline,
    title,
    replaces: typeof replaces === 'string' ? { he: replaces, en: replaces } : replaces,
    contracts: [...new Set(Object.values(inputs).flatMap((input) => (input.endsWith('@admitted') ? [input.split(/[.@]/)[0] ?? ''] : [])))],
    tables: Object.entries({ ...tables, ...indices }).flatMap(([name, table]) =>
      'withheld' in table ? [] : [table.title ?? { he: name, en: name }],
    ),
    burden: burden.map(({ survey, still_asked, status, decision, basis, respondents, times_a_year, minutes }) => ({
      question: survey,
      share_still_asked: still_asked,
      // Dropped means a decision with its date; without one it has not gone further than a pilot.
      status: status === 'dropped' && decision === undefined ? 'piloted' : status,
      basis,
      respondents,
      times_a_year,
      minutes,
    })),
    isReleased: release !== undefined,
  }));
}
