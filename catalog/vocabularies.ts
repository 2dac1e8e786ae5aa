import { join } from 'node:path';
import * as z from 'zod';
import { type Loaded, loadDefinition, Text } from '../engine/definitions.ts';

const Terms = z.record(z.string().min(1), Text);

/** The controlled terms, by vocabulary and code. */
export const Vocabularies = z.strictObject({
  class: Terms,
  unece: Terms,
  theme: Terms,
  entity: Terms,
  holder: Terms,
  frequency: Terms,
  access: Terms,
  eu_basis: Terms,
  il_basis: Terms,
  privacy: Terms,
  quality: Terms,
  gsbpm: Terms,
  lifecycle: Terms,
  burden: Terms,
});
export type Vocabularies = z.output<typeof Vocabularies>;
export type VocabularyName = keyof Vocabularies;

/** Reads `vocabularies.yaml` of a catalogue folder. Errors: those of definitions. */
export function loadVocabularies(folder: string): Promise<Loaded<Vocabularies>> {
  return loadDefinition(join(folder, 'vocabularies.yaml'), Vocabularies);
}
