import * as z from 'zod';
import { Burden } from '../anonymize/burden.ts';
import { ContributorRule, DisclosurePolicy } from '../anonymize/disclosure-policy.ts';
import { Name, Text } from '../engine/definitions.ts';
import { Duration } from '../engine/period.ts';
import { Workspace } from '../engine/workspace.ts';
import { CODELISTS, type CodelistName } from '../report/codelists.ts';
import { Contract } from '../sources/contract.ts';

const expression = z.string().min(1).max(4000);

/** Types of parameters; their values are bound, never written into SQL. */
export const ParameterType = z.enum(['period', 'date', 'integer', 'number', 'text', 'boolean']);
export type ParameterType = z.output<typeof ParameterType>;

/** How much of its input a step sees at once. */
export const Over = z.enum(['month', 'year', 'all']);
export type Over = z.output<typeof Over>;

/** The name of the step's .sql file, or a transform with its input; `over`: how much it sees at once; `sort`: how its rows are kept. */
export const Step = z.union([
  Name,
  z.strictObject({
    step: Name.describe('Name of the step'),
    transform: Name.exactOptional().describe('A transform of the product; without it the step is the file `<step>.sql`'),
    from: Name.exactOptional().describe('What a transform reads: an input or an earlier step'),
    with: z.record(z.string(), z.unknown()).exactOptional().describe('Parameters of the transform'),
    over: Over.exactOptional().describe('`month`: computed month by month; `year`: year by year; `all`: sees every month at once'),
    sort: z
      .array(Name)
      .min(1)
      .exactOptional()
      .describe('Columns by which its rows are kept, such as `[person_id, reference_month]`; the others break ties'),
  }),
]);
export type Step = z.output<typeof Step>;

/** A condition on the rows of a step. `at_most`: the share of rows that may fail (0 to 1). */
const Rule = z.strictObject({
  name: Name.describe('Name in reports'),
  on: Name.describe('The step whose rows are tested'),
  expr: expression.describe('SQL condition that holds for a good row'),
  severity: z.enum(['error', 'warning']).describe('`error`: the run stops and nothing is published (exit 3); `warning`: it is reported'),
  at_most: z.number().min(0).max(1).exactOptional().describe('Share of rows (0 to 1) that may fail'),
});

/** A dimension: a column, or a column with the columns above it from the broadest down. */
const TableDimension = z.union([
  Name,
  z.record(
    Name,
    z.strictObject({
      hierarchy: z
        .array(Name)
        .min(1)
        .describe('Columns above it, from the broadest down; each level is published too, codes must be unique over all levels'),
    }),
  ),
]);

/** What of a table's values is imputed, and from which share on that is said. */
const Imputed = z.strictObject({
  column: Name.describe('Column of the step: how much of `of` is imputed, 0 where nothing is'),
  of: Name.describe('The sum or count of the table that it is a part of'),
  estimated: z
    .number()
    .gt(0)
    .max(1)
    .describe(
      'Share (0 to 1) imputed, by units of the first contributor or by value, from which on a value has the OBS_STATUS `E` (estimated)',
    ),
});
export type Imputed = z.output<typeof Imputed>;

/** A table: cells of every margin over `by`; the measures by name, see `parseMeasure`; who contributes, by column. */
export const Table = z.strictObject({
  title: Text.exactOptional().describe('What people read'),
  from: Name.describe('The step that is tabulated'),
  by: z.array(TableDimension).min(1).max(12).describe('Dimensions: columns of the step; every total is made too (code `_T`; unknown `_U`)'),
  measures: z
    .record(Name, z.string().min(1))
    .describe(
      'Measures by name: `count()`, `distinct(x)`, `sum(x)`, `sum(x, per: y)`, `mean(x)`, `mean(x, weight: w, per: y)`, `quantile(x, 0.5)`, `quantile(x, 0.5, weight: w)`, `gap(m, sex, M, F)` (per cent by which measure m of F lies below that of M)',
    ),
  contributors: z.record(Name, ContributorRule).describe('Who contributes to a cell, by column of the step, and the rules for them'),
  identities: z
    .array(z.string().min(1))
    .exactOptional()
    .describe('What measures add up to in every cell, such as `jobs = persons + second_jobs`; checked, and known to disclosure control'),
  imputed: Imputed.exactOptional().describe('What of its values is imputed; a cell that is shown then says so from the declared share on'),
  withheld: Text.exactOptional().describe('Why it is never released: it is computed, protected and shown inside only'),
  units: z.record(Name, z.string().min(1)).exactOptional().describe('Unit of each measure; `ILS`: kept in agorot, published in whole ILS'),
  labels: z.record(Name, Text).exactOptional().describe('What people read, by measure or dimension'),
  show: z
    .strictObject({
      over_time: z.array(Name).max(6).describe('Measures drawn over time, the most important first'),
      heat_map: z
        .strictObject({
          rows: Name.describe('A dimension'),
          columns: Name.describe('Another dimension'),
          measure: Name.describe('A measure'),
        })
        .exactOptional()
        .describe('Two dimensions drawn as a map of the last period'),
    })
    .exactOptional()
    .describe('What the report of a release draws; by default the first two measures and the first two dimensions'),
});
export type Table = z.output<typeof Table>;

/** Index numbers by month and method that the price rule judges: no cells, so no contributors but the retailers of `turnover`. */
export const PriceIndexTable = z.strictObject({
  title: Text.exactOptional().describe('What people read'),
  from: Name.describe('Step with the columns period, method, index_value, provisional'),
  turnover: Name.describe('Step with period_from, period_to, retailer_id, turnover of the matched products: what the price rule judges'),
});
export type PriceIndexTable = z.output<typeof PriceIndexTable>;

/**
 * The earlier vintages of a table beside its final values, by one of its dimensions. `from`: a step with the columns of the table's step that
 * `by`, the measures and the contributors need, `vintage` INTEGER and `is_in` BOOLEAN: the state, at each of `months`, of every unit
 * of the first contributor that is not the same at all vintages.
 */
export const VintageTable = z.strictObject({
  title: Text.exactOptional().describe('What people read'),
  of: Name.describe('The table whose values are final'),
  by: Name.describe('Its dimension that is shown; over the others everything is total'),
  from: Name.describe(
    'The step with the state of units that have changed since the first vintage, by `vintage`; `is_in`: whether they were there',
  ),
  months: z.array(z.number().int().min(0).max(99)).min(1).describe('Earlier vintages: months after the reference month, the flash first'),
  final: z.number().int().min(1).max(99).describe('The declared final vintage: what arrives later changes nothing any more'),
  measures: z.array(Name).min(1).describe('Measures of the table (no quantiles and gaps), the most important first'),
  imputed: Imputed.exactOptional().describe('What of the earlier vintages is imputed'),
});
export type VintageTable = z.output<typeof VintageTable>;

/** A file of anonymised records that leaves beside the tables: made, proven and packed when a release is drafted. */
export const Microdata = z.strictObject({
  title: Text.describe('What people read'),
  from: Name.describe('The step whose rows are the records; computed month by month'),
  unit: Name.describe(
    'Column of the step with the unit that a record is about, such as `person_id`: its records stay together in the sample',
  ),
  policy: z
    .string()
    .regex(/^[a-z][a-z0-9_]*\.policy\.yaml$/, { error: 'must be the name of a file beside pipeline.yaml, such as employees.policy.yaml' })
    .describe('policy.yaml of `twinstat anonymize` beside pipeline.yaml; it names every column of the step'),
  month: z.int().min(1).max(12).describe('Calendar month whose records are the file: one file a year'),
  sample: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('Share (0 to 1) of the units, drawn by a key; above 0.1 the gate refuses the file beside tables of the same variables'),
});
export type Microdata = z.output<typeof Microdata>;

/**
 * Tables that share numbers with each other, with tables that they follow or from month to month, over the same dimensions: protected together by one
 * pattern of cells, over all months that are computed or in each month.
 */
export const LinkedTables = z.strictObject({
  tables: z
    .array(Name)
    .min(1)
    .describe('Tables with the same dimensions; what one of them withholds in a month, all withhold in every month'),
  each_month: z
    .boolean()
    .default(false)
    .describe('`true`: one pattern in each month, where no number of a month follows from another month; by default one over all months'),
  next_month: z
    .record(Name, Name)
    .default({})
    .describe('A measure that is another one of the next month, such as `jobs_at_end: jobs_at_start`; attacked on what two months share'),
  follow: z
    .record(Name, z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]))
    .default({})
    .describe(
      'Tables with these dimensions and more that show measures too, or sums of them, such as `employees_and_pay: all_jobs` or `job_flows: [created + replaced = accessions]` (which a run then checks): what they withhold in any month, or with `each_month` in the same month, is withheld here',
    ),
});
export type LinkedTables = z.output<typeof LinkedTables>;

/** What a column is to the outside: the SDMX concept under which it is published, and the names of its codes. */
const Concept = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,62}$/, { error: 'must be an SDMX id in capitals, such as REF_AREA' })
    .describe('SDMX concept: REF_AREA, ACTIVITY, OCCUPATION, SEX, AGE, or one of your own'),
  codes: z
    .union([z.enum(Object.keys(CODELISTS) as [CodelistName, ...CodelistName[]]), z.record(z.string().min(1), Text)])
    .exactOptional()
    .describe('Names of its codes: a list of the product, or `CODE: { en, he }` for each'),
});
export type Concept = z.output<typeof Concept>;

/** A statistic from its inputs to its release: the file `pipelines/<pipeline>/pipeline.yaml`. */
export const Pipeline = z.strictObject({
  pipeline: Name.describe('Name of the pipeline: that of its folder'),
  title: Text.describe('What people read'),
  replaces: z
    .union([Text, z.string().min(1)])
    .exactOptional()
    .describe('The survey questions that this statistic makes unnecessary, in both languages (a plain text is shown as it is in both)'),
  burden: z
    .array(Burden)
    .default([])
    .describe('What those questions cost the respondents; without it a release says that it is not declared'),
  method: z.array(Text).default([]).describe('The method in plain words, a sentence each; printed in workbooks and reports of releases'),
  frequency: z
    .enum(['A', 'S', 'Q', 'M', 'W', 'D'], { error: 'must be a code of SDMX CL_FREQ: A, S, Q, M, W, D' })
    .describe('Code of SDMX CL_FREQ'),
  parameters: z
    .record(Name, z.strictObject({ type: ParameterType.describe('A value of this type is bound, never written into SQL') }))
    .default({})
    .describe('Parameters that the SQL names with `$`, such as `$reference_period`'),
  inputs: z
    .record(
      Name,
      z.string().regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?@(admitted|integrated)$/, {
        error: 'must be DATASET@admitted or PIPELINE.STEP@integrated',
      }),
    )
    .describe('What is read: a name and `DATASET@admitted` or `PIPELINE.STEP@integrated`'),
  steps: z.array(Step).min(1).max(200).describe('Steps in order; a name alone is the file `<name>.sql`'),
  rules: z.array(Rule).default([]).describe('Conditions on the rows of steps'),
  tables: z.record(Name, Table).default({}).describe('Tables by name'),
  indices: z.record(Name, PriceIndexTable).default({}).describe('Price indices by name'),
  linked: z.record(Name, LinkedTables).default({}).describe('Tables that are protected together over all months, by the name of the group'),
  vintages: z.record(Name, VintageTable).default({}).describe('Tables of flash, later vintages and final values by name'),
  microdata: z.record(Name, Microdata).default({}).describe('A file of anonymised records by its name; at most one'),
  concepts: z
    .record(Name, Concept)
    .default({})
    .describe(
      'SDMX concept and codes of a column that is a dimension, the same in every table; without it the column is published under its own name in capitals',
    ),
  disclosure: DisclosurePolicy.default({}).describe('Policy of the tables; what is left out comes from workspace.yaml'),
  release: z
    .strictObject({
      licence: z.string().min(1).describe('Licence of the released files'),
      embargo: Duration.describe('From the end of the reference period, such as `P60D`; the gate refuses before'),
      maturity: z
        .string()
        .regex(/^P[0-9]{1,3}M$/, { error: 'must be a number of months such as P6M' })
        .exactOptional()
        .describe('A month is released only when deliveries of this many later months are in'),
    })
    .exactOptional()
    .describe('How it is released; without it, it is not'),
});
export type Pipeline = z.output<typeof Pipeline>;

/** A step in one form. */
export interface NormalStep {
  readonly name: string;
  readonly transform: string | undefined;
  readonly from: string | undefined;
  readonly with: Readonly<Record<string, unknown>>;
  readonly over: Over | undefined;
  readonly sort: readonly string[];
}

export function normaliseStep(step: Step): NormalStep {
  if (typeof step === 'string') return { name: step, transform: undefined, from: undefined, with: {}, over: undefined, sort: [] };
  return { name: step.step, transform: step.transform, from: step.from, with: step.with ?? {}, over: step.over, sort: step.sort ?? [] };
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
