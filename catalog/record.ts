import * as z from 'zod';
import { Name, Text } from '../engine/definitions.ts';
import { assessment } from './assessment.ts';

/** Who may read a block of a record; each edition holds what is for it and for all before it. */
export const VISIBILITIES = ['public', 'ministries', 'internal'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

const Slug = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, { error: 'must be a slug: words of a-z and 0-9, joined by -' });
const Day = z.string().regex(/^\d{4}-\d\d-\d\d$/, { error: 'must be a date as 2026-11-26' });
/** A code of `vocabularies.yaml`; which one is checked with the whole catalogue. */
const Code = z.string().min(1);
const Score = z.int().min(1).max(5);
const Amount = z.number().positive();

/** What every block says of itself. */
const block = {
  visibility: z.enum(VISIBILITIES).describe('Least open edition that shows the block'),
  confidence: z.enum(['verified', 'declared', 'draft']).describe('Whether somebody responsible has confirmed it'),
  as_of: Day.describe('Day of the statement'),
  by: z.string().min(1).describe('Role that made it, never a name'),
};

const BurdenTarget = z.strictObject({
  survey: Text.optional().describe('Survey that asks'),
  question: Text.describe('Question that the source could replace'),
  respondents: Amount.optional().describe('Respondents each time'),
  times_a_year: Amount.optional().describe('How often it is asked in a year'),
  minutes: Amount.optional().describe('Minutes of one answer'),
  share_still_asked: z.number().min(0).max(1).default(0).describe('Share of respondents still asked afterwards'),
  status: Code.describe('potential, piloted or dropped'),
  decided: Day.optional().describe('Day of the decision to drop it'),
  compared: z.array(Name).optional().describe('Questions of a survey whose agreement with statistics from the source speaks for it'),
});
export type BurdenTarget = z.output<typeof BurdenTarget>;

/** One source of data: a file of `catalog/entries`. Facts of its contract (variables, retention) are not repeated. */
export const CatalogRecord = z.strictObject({
  id: Slug.describe('Name of the record and of its file'),
  title: Text,
  class: Code.describe('administrative, big-data, survey or derived'),
  unece: Code.describe('UNECE class of the source'),
  theme: Code.describe('EU data theme'),
  entity: Code.describe('Unit that a row describes'),
  lifecycle: Code.describe('idea, assessed, agreed, pilot, production or retired'),
  contract: Name.optional().describe('Folder of its contract in sources/'),
  related: z.array(Slug).default([]).describe('Other records that it is used with'),
  about: z.strictObject({ ...block, description: Text, keywords: z.array(Text).default([]) }),
  holder: z.strictObject({ ...block, name: Text, type: Code, contact: Text.optional() }),
  delivery: z.strictObject({ ...block, frequency: Code, link_key: Text.optional(), access: Code, channel: Text.optional() }),
  legal: z.strictObject({ ...block, eu: z.array(Code), il: z.array(Code), agreement: Text.optional() }),
  privacy: z.strictObject({
    ...block,
    category: Code,
    highly_sensitive: z.boolean().default(false).describe('In the sense of the Israeli law'),
  }),
  quality: z.strictObject({ ...block, basis: z.enum(['prior', 'measured']), scores: z.record(z.string(), Score) }),
  use: z.strictObject({ ...block, gsbpm: z.array(Code).min(1), products: z.array(Text).default([]) }),
  burden: z.strictObject({ ...block, targets: z.array(BurdenTarget).min(1) }).optional(),
  risks: z.strictObject({ ...block, notes: Text }).optional(),
  dpia: z.strictObject({ ...block, ...assessment }).optional(),
});
export type CatalogRecord = z.output<typeof CatalogRecord>;

/** Blocks of a record, in the order in which people read them. */
export const BLOCKS = ['about', 'holder', 'delivery', 'legal', 'privacy', 'quality', 'use', 'burden', 'risks'] as const;

/** The blocks, and the impact assessment, which has a page of its own. */
export const ALL_BLOCKS = [...BLOCKS, 'dpia'] as const;
