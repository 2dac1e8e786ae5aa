import * as z from 'zod';
import { Name, Text } from '../../engine/definitions.ts';
import { Column } from '../column.ts';

/** Two answers to one question about one unit: the columns, the groups in which agreement is seen apart, and what people call the questions. */
export const AgreementParameters = z.strictObject({
  question: Column.default('question'),
  period: Column.default('reference_month'),
  /** The answer that is judged: what people said. */
  first: Column.default('survey_answer'),
  /** The answer that it is held against: what the statistic says. */
  second: Column.default('statistic_answer'),
  groups: z.array(Column).default([]),
  /** A group of fewer pairs is left out. */
  least: z.int().min(3).default(10),
  /** What is asked, and the pipeline whose result is the second answer. */
  questions: z.record(Name, z.strictObject({ title: Text, statistic: Name })),
});
export type AgreementParameters = z.output<typeof AgreementParameters>;
