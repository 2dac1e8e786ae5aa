import * as z from 'zod';
import { ContributorRule, DisclosurePolicy } from '../anonymize/disclosure-policy.ts';
import { Name, Text } from '../engine/definitions.ts';
import { Duration } from '../engine/period.ts';
import { Workspace } from '../engine/workspace.ts';
import { Contract } from '../sources/contract.ts';

const expression = z.string().min(1).max(4000);

/** Types of parameters; their values are bound, never written into SQL. */
export const ParameterType = z.enum(['period', 'date', 'integer', 'number', 'text', 'boolean']);
export type ParameterType = z.output<typeof ParameterType>;

/** The name of the step's .sql file, or a transform with its input; `over: all` sees every month at once. */
export const Step = z.union([
  Name,
  z.strictObject({
    step: Name,
    transform: Name.exactOptional(),
    from: Name.exactOptional(),
    with: z.record(z.string(), z.unknown()).exactOptional(),
    over: z.enum(['month', 'all']).exactOptional(),
  }),
]);
export type Step = z.output<typeof Step>;

/** A condition on the rows of a step. `at_most`: the share of rows that may fail (0 to 1). */
export const Rule = z.strictObject({
  name: Name,
  on: Name,
  expr: expression,
  severity: z.enum(['error', 'warning']),
  at_most: z.number().min(0).max(1).exactOptional(),
});
export type Rule = z.output<typeof Rule>;

/** A dimension: a column, or a column with the columns above it from the broadest down. */
export const TableDimension = z.union([Name, z.record(Name, z.strictObject({ hierarchy: z.array(Name).min(1) }))]);
export type TableDimension = z.output<typeof TableDimension>;

/** A table: cells of every margin over `by`; the measures by name, see `parseMeasure`; who contributes, by column. */
export const Table = z.strictObject({
  title: Text.exactOptional(),
  from: Name,
  by: z.array(TableDimension).min(1).max(12),
  measures: z.record(Name, z.string().min(1)),
  contributors: z.record(Name, ContributorRule),
  units: z.record(Name, z.string().min(1)).exactOptional(),
  labels: z.record(Name, Text).exactOptional(),
});
export type Table = z.output<typeof Table>;

/** Index numbers by month and method that the price rule judges: no cells, so no contributors but the retailers of `turnover`. */
export const PriceIndexTable = z.strictObject({
  title: Text.exactOptional(),
  /** Step with period, method, index_value, provisional. */
  from: Name,
  /** Step with period_from, period_to, retailer_id, turnover of the matched products. */
  turnover: Name,
});
export type PriceIndexTable = z.output<typeof PriceIndexTable>;

/** A statistic from its inputs to its release: the file `pipelines/<pipeline>/pipeline.yaml`. */
export const Pipeline = z.strictObject({
  pipeline: Name,
  title: Text,
  replaces: z.string().min(1).exactOptional(),
  frequency: z.enum(['A', 'S', 'Q', 'M', 'W', 'D'], { error: 'must be a code of SDMX CL_FREQ: A, S, Q, M, W, D' }),
  parameters: z.record(Name, z.strictObject({ type: ParameterType })).default({}),
  inputs: z.record(
    Name,
    z.string().regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?@(admitted|integrated)$/, {
      error: 'must be DATASET@admitted or PIPELINE.STEP@integrated',
    }),
  ),
  steps: z.array(Step).min(1).max(200),
  rules: z.array(Rule).default([]),
  tables: z.record(Name, Table).default({}),
  indices: z.record(Name, PriceIndexTable).default({}),
  disclosure: DisclosurePolicy.default({}),
  release: z
    .strictObject({
      licence: z.string().min(1),
      /** From the end of the reference period; the gate refuses before. */
      embargo: Duration,
      /** A month is released only when deliveries of this many later months are in. */
      maturity: z
        .string()
        .regex(/^P[0-9]{1,3}M$/, { error: 'must be a number of months such as P6M' })
        .exactOptional(),
    })
    .exactOptional(),
});
export type Pipeline = z.output<typeof Pipeline>;

/** A step in one form. */
export interface NormalStep {
  readonly name: string;
  readonly transform: string | undefined;
  readonly from: string | undefined;
  readonly with: Readonly<Record<string, unknown>>;
  readonly over: 'month' | 'all' | undefined;
}

export function normaliseStep(step: Step): NormalStep {
  if (typeof step === 'string') return { name: step, transform: undefined, from: undefined, with: {}, over: undefined };
  return { name: step.step, transform: step.transform, from: step.from, with: step.with ?? {}, over: step.over };
}

/** The dimensions of a table with the columns above each. */
export function dimensionsOf(table: Table): { readonly name: string; readonly hierarchy: readonly string[] }[] {
  return table.by.flatMap((entry) =>
    typeof entry === 'string'
      ? [{ name: entry, hierarchy: [] }]
      : Object.entries(entry).map(([name, { hierarchy }]) => ({ name, hierarchy })),
  );
}

/** JSON Schemas for editors, by the kind of file that an author writes. */
export function jsonSchemas(): Record<string, object> {
  const draft = (schema: z.ZodType): object => z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return {
    workspace: draft(Workspace),
    contract: draft(Contract),
    pipeline: draft(Pipeline),
    'disclosure-policy': draft(DisclosurePolicy),
  };
}
