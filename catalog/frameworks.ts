import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { loadDefinition, Text } from '../engine/definitions.ts';

/** A provision of law or of a code, and what answers it. */
const Framework = z.strictObject({
  id: z.string().regex(/^[A-Z0-9-]+$/i),
  title: Text,
  evidence: Text.describe('One line: what in the catalogue or the system answers it'),
  counsel: z.enum(['to_confirm', 'confirmed']).describe('Whether the legal adviser has confirmed the line'),
});
export type Framework = z.output<typeof Framework>;

const Frameworks = z.array(Framework).refine((all) => new Set(all.map(({ id }) => id)).size === all.length, {
  error: 'an id stands twice; give each provision its own',
});

/** The map of `frameworks.yaml` of a catalogue folder; empty where there is none. Errors: those of definitions. */
export async function loadFrameworks(folder: string): Promise<readonly Framework[]> {
  const file = join(folder, 'frameworks.yaml');
  if ((await stat(file).catch(() => undefined)) === undefined) return [];
  return (await loadDefinition(file, Frameworks)).value;
}
