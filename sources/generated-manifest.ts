import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefinitionError } from '../engine/errors.ts';
import { writeDurably } from '../engine/file-hash.ts';

/** A file that the generator wrote; `path` is relative to the folder of deliveries or of the truth. */
export interface GeneratedFile {
  readonly folder: 'delivery' | 'truth';
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What one delivery is made of; `delivery` is a month, a day, or `jobs` for tables of the whole run. */
export interface GeneratedDelivery {
  readonly source: string;
  readonly delivery: string;
  readonly files: readonly GeneratedFile[];
}

/** Everything that decides the bytes, the number of months apart. */
export interface GeneratorParameters {
  readonly seed: number;
  readonly persons: number;
  readonly firstMonth: string;
  /** SHA-256 of the SQL and the tables that the generator is made of. */
  readonly definition: string;
}

/** `generated.json` in the folder of the truth. */
export interface GeneratedManifest {
  readonly version: 1;
  readonly parameters: GeneratorParameters;
  /** Months that the tables of the whole run (jobs) cover. */
  readonly months: number;
  readonly deliveries: readonly GeneratedDelivery[];
}

const FILE = 'generated.json';

/** The manifest of an earlier run, or an empty one. @throws DefinitionError when it was made with other parameters. */
export async function readGeneratedManifest(truth: string, parameters: GeneratorParameters): Promise<GeneratedManifest> {
  const text = await readFile(join(truth, FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return { version: 1, parameters, months: 0, deliveries: [] };
  const manifest = JSON.parse(text) as GeneratedManifest;
  const other = (['seed', 'persons', 'firstMonth', 'definition'] as const).filter((name) => manifest.parameters[name] !== parameters[name]);
  if (other.length === 0) return manifest;
  throw new DefinitionError(
    'generate-other-parameters',
    `${join(truth, FILE)}: the folder holds data generated with another ${other.join(', ')}; give other folders, or remove these`,
  );
}

export async function writeGeneratedManifest(truth: string, manifest: GeneratedManifest): Promise<void> {
  await writeDurably(join(truth, FILE), `${JSON.stringify(manifest, null, 1)}\n`);
}

/** Whether every file of a delivery is there with its size. */
export async function isComplete(
  delivery: GeneratedDelivery,
  folders: Readonly<Record<GeneratedFile['folder'], string>>,
): Promise<boolean> {
  for (const file of delivery.files) {
    const stat = await lstat(join(folders[file.folder], file.path)).catch(() => undefined);
    if (stat?.size !== file.bytes) return false;
  }
  return true;
}
