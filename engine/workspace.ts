import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { type Loaded, loadDefinition, Text } from './definitions.ts';
import { DefinitionError } from './errors.ts';

/** The file that makes a folder a workspace. */
const WORKSPACE_FILE = 'workspace.yaml';

/** Somebody who may sign a release; the key is ed25519, PEM (SPKI). */
export const Approver = z.strictObject({
  name: z.string().min(1).describe('As written in `--as`'),
  role: z.enum(['author', 'approver']).describe('An author drafts and submits; two approvers decide'),
  public_key: z.string().min(1).describe('ed25519, PEM'),
});
export type Approver = z.output<typeof Approver>;

/** What holds for everything in a folder with sources/, pipelines/ and catalog/: `workspace.yaml`. */
export const Workspace = z.strictObject({
  name: Text.describe('Name of the institute'),
  data_root: z.string().min(1).default('./data-root').describe('Where the data are; `TWINSTAT_HOME` and `--root` override it'),
  languages: z
    .array(z.enum(['he', 'en']))
    .min(1)
    .default(['he', 'en'])
    .describe('Languages of pages and tables'),
  pseudonymisation_domain: z
    .string()
    .min(1)
    .exactOptional()
    .describe('Pseudonyms of two domains cannot be joined; changing it makes all pseudonyms new'),
  limits: z
    .strictObject({
      memory: z
        .string()
        .regex(/^[1-9][0-9]*(MB|GB)$/, { error: 'must be a size such as 2GB' })
        .default('2GB')
        .describe('Memory of the engine; beyond it, it spills to disk'),
      threads: z.int().min(1).max(256).default(2).describe('Threads; results do not depend on them'),
    })
    .prefault({})
    .describe('What a run may take of the machine'),
  /** The default policy; anonymize owns its schema and checks it. */
  disclosure: z
    .record(z.string(), z.unknown())
    .default({ min_frequency: 10, dominance: [{ n: 2, k: 90 }], p_percent: 10 })
    .describe('The default disclosure policy; its keys are those of the section below'),
  approvers: z.array(Approver).default([]).describe('Who may sign a release'),
  /** The keys of the approvers were made by `init` for a demonstration. */
  demo: z.boolean().default(false).describe('The keys were made for a demonstration; named in every report'),
});
export type Workspace = z.output<typeof Workspace>;

export interface LoadedWorkspace extends Loaded<Workspace> {
  /** Folder of workspace.yaml, absolute. */
  readonly directory: string;
  /** Absolute. */
  readonly dataRoot: string;
}

/**
 * The folder of the nearest workspace.yaml at or above `directory`.
 * @throws DefinitionError `workspace-not-found`
 */
export async function findWorkspace(directory: string): Promise<string> {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const isHere = await access(join(folder, WORKSPACE_FILE)).then(
      () => true,
      () => false,
    );
    if (isHere) return folder;
    if (folder === dirname(folder)) break;
  }
  throw new DefinitionError(
    'workspace-not-found',
    `no ${WORKSPACE_FILE} in this folder or above it; make a workspace with: twinstat init DIR`,
  );
}

/** Reads the workspace of a folder; `TWINSTAT_HOME` of `env` overrides its data root. */
export async function loadWorkspace(directory: string, env: Readonly<Record<string, string | undefined>> = {}): Promise<LoadedWorkspace> {
  const folder = resolve(directory);
  const loaded = await loadDefinition(join(folder, WORKSPACE_FILE), Workspace);
  const home = env['TWINSTAT_HOME'];
  const dataRoot = home === undefined || home === '' ? resolve(folder, loaded.value.data_root) : resolve(home);
  return { ...loaded, directory: folder, dataRoot };
}
