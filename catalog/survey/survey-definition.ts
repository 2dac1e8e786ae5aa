import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type Loaded, loadDefinition, Text } from '../../engine/definitions.ts';

/** Names that answer files and reports use: words of a-z and 0-9, joined by -. */
export const Slug = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, { error: 'must be a slug: words of a-z and 0-9, joined by -' });

const Item = z.strictObject({ id: Slug, title: Text });
const Items = z
  .array(Item)
  .min(1)
  .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, { error: 'every id may stand only once' });
const Weight = z.number().min(0).max(10);

/** Levels of priority (MoSCoW), the highest first; `wont` never weighs anything. */
export const PRIORITIES = ['must', 'should', 'could', 'wont'] as const;

/** A needs survey: its lists, its weights, who was invited. The sources come from the catalogue. */
export const SurveyDefinition = z.strictObject({
  id: Slug,
  version: z.string().regex(/^[0-9]+(\.[0-9]+)*$/, { error: 'must be a version as 1 or 1.2, quoted' }),
  title: Text,
  office: Text,
  intro: Text,
  privacy: Text.describe('What happens with the answers'),
  threshold: z.int().min(5).describe('Fewest answers behind any published figure; never below 5'),
  weights: z.strictObject({ must: Weight, should: Weight, could: Weight }),
  divisions: z
    .array(z.strictObject({ id: Slug, title: Text, invited: z.int().min(0).describe('Managers who were invited') }))
    .min(1)
    .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, { error: 'every id may stand only once' }),
  roles: Items,
  pains: Items,
  benefits: Items,
  barriers: Items,
  capabilities: Items,
});
export type SurveyDefinition = z.output<typeof SurveyDefinition>;

/** The definition that comes with the catalogue. */
export const SHIPPED_SURVEY = fileURLToPath(new URL('./needs-survey.yaml', import.meta.url));

/** Reads a survey definition. Errors: those of definitions. */
export function loadSurvey(file: string): Promise<Loaded<SurveyDefinition>> {
  return loadDefinition(file, SurveyDefinition);
}
