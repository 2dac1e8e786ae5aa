import * as z from 'zod';
import { Name, Text } from '../../engine/definitions.ts';
import { Column } from '../column.ts';

/** Two answers to one question about one unit: the columns, the groups in which agreement is seen apart, and what people call the questions. */
export const AgreementParameters = z.strictObject({
  question: Column.default('question').describe('Which question a row answers'),
  period: Column.default('reference_month').describe('What is asked about; each period is measured apart'),
  first: Column.default('survey_answer').describe('What people said'),
  second: Column.default('statistic_answer').describe('What the statistic says of them'),
  groups: z.array(Column).default([]).describe('Columns in whose codes agreement is measured again'),
  least: z.int().min(3).default(10).describe('A group of fewer pairs is left out'),
  questions: z
    .record(
      Name,
      z.strictObject({
        title: Text.describe('What people read'),
        statistic: Name.describe('Pipeline whose result is the second answer'),
      }),
    )
    .describe('The questions, in the order in which reports show them'),
});
export type AgreementParameters = z.output<typeof AgreementParameters>;
