import * as z from 'zod';
import { Text } from '../engine/definitions.ts';

/** The criteria of the European Data Protection Board for an impact assessment (WP 248 rev.01, section III.B.a), in its order. */
export const CRITERIA = [
  'scoring',
  'decisions',
  'monitoring',
  'sensitive',
  'large_scale',
  'matching',
  'vulnerable',
  'innovative',
  'prevents',
] as const;
export type Criterion = (typeof CRITERIA)[number];

/** The feared events of the method of the CNIL. */
export const RISKS = ['access', 'change', 'loss'] as const;

/** Outcomes of an assessment, as the Data Privacy Vocabulary names them. */
const OUTCOMES = ['mitigated', 'acceptable', 'high_residual', 'consultation'] as const;

const Grade = z.int().min(1).max(4);
const Level = z.strictObject({
  severity: Grade.describe('1 negligible, 2 limited, 3 significant, 4 maximal'),
  likelihood: Grade.describe('1 negligible, 2 limited, 3 significant, 4 maximal'),
});
export type Level = z.output<typeof Level>;

const Risk = z.strictObject({
  before: Level.describe('Without the measures'),
  measures: z.array(Text).min(1).describe('What reduces it'),
  after: Level.describe('With the measures'),
});

/** A data protection impact assessment (GDPR Art. 35), as far as the other blocks do not say it. */
export const assessment = {
  screening: z.partialRecord(z.enum(CRITERIA), z.boolean()).default({}).describe('Answers; they beat what fields of the record imply'),
  necessity: Text.optional().describe('Why the processing is needed and proportionate'),
  risks: z.strictObject({ access: Risk, change: Risk, loss: Risk }).optional(),
  opinion: z
    .strictObject({ by: z.string().min(1).describe('Role, never a name'), outcome: z.enum(OUTCOMES), text: Text })
    .optional()
    .describe('Of the data protection officer'),
  review: z.iso.date().optional().describe('Day by which it is looked at again'),
};
