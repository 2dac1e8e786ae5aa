import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import type { DisclosurePolicy } from '../anonymize/disclosure-policy.ts';
import { MicrodataPolicy } from '../anonymize/microdata/microdata-policy.ts';
import { ProtectDefinition } from '../anonymize/protect/protect-definition.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { loadWorkspace, Workspace } from '../engine/workspace.ts';
import { Contract, loadContract } from '../sources/contract.ts';
import { checkContractSql } from './check-contract.ts';
import { checkNamed } from './check-named.ts';
import { withGateSession } from './checked-pipeline.ts';
import { jsonSchemas } from './definition.ts';
import { definitionFiles, knownDatasets } from './known-datasets.ts';
import { defaultPolicy } from './table-spec.ts';

export interface WorkspaceReport {
  readonly definitions: number;
  readonly problems: readonly Problem[];
}

/** Every definition of a workspace; all problems, none thrown. */
export async function checkWorkspace(directory: string): Promise<WorkspaceReport> {
  const problems: Problem[] = [];
  const collect = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push(...error.problems);
    }
  };
  let defaults: DisclosurePolicy | undefined;
  await collect(async () => {
    defaults = defaultPolicy((await loadWorkspace(directory)).value);
  });
  const contracts = await definitionFiles(join(directory, 'sources'), 'contract.yaml');
  for (const file of contracts) await collect(async () => checkContractSql(await loadContract(file)));
  const pipelines = await definitionFiles(join(directory, 'pipelines'), 'pipeline.yaml');
  await withGateSession(async (session) => {
    const { datasets } = await knownDatasets(directory);
    for (const file of pipelines)
      problems.push(...(await checkNamed(session, directory, basename(dirname(file)), { datasets, defaults })).problems);
  });
  return { definitions: 1 + contracts.length + pipelines.length, problems };
}

/** JSON Schemas of every kind of definition, for editors. */
export function schemasOf(): Record<string, object> {
  const draft = (schema: z.ZodType): object => z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return {
    workspace: draft(Workspace),
    contract: draft(Contract),
    protect: draft(ProtectDefinition),
    anonymize: draft(MicrodataPolicy),
    ...jsonSchemas(),
  };
}
