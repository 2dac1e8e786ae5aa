import type * as z from 'zod';
import { DefinitionError } from '../engine/errors.ts';
import type { Sql } from '../engine/sql.ts';

/** What a transform is built from. */
export interface TransformInput {
  /** The relation that it reads: the name of a view, as `id()` makes it. */
  readonly from: Sql;
  /** The parameters as the step's `with:` gives them; checked again here. */
  readonly with?: unknown;
  /** `YYYY-MM`; steps `over: 'month'` are built once for each reference month. */
  readonly period?: string;
}

/**
 * A reusable step: a relation in, one SELECT out; pure. The result has no row order of its own unless the transform says so: whoever
 * writes it orders it totally.
 */
export interface Transform {
  readonly name: string;
  /** Schema of `with:`; no coercion, so that JSON Schema describes it. */
  readonly parameters: z.ZodType;
  /** `month`: built once per reference month, a new month leaves the others alone. `all`: needs the whole series. */
  readonly over: 'month' | 'all';
  /** Columns that the input must have. */
  reads(parameters: unknown): readonly string[];
  build(input: TransformInput): Sql;
}

interface Definition<S extends z.ZodType> {
  readonly name: string;
  readonly parameters: S;
  readonly over: 'month' | 'all';
  reads(parameters: z.output<S>): readonly string[];
  build(input: { readonly from: Sql; readonly with: z.output<S>; readonly period: string | undefined }): Sql;
}

const PERIOD = /^\d{4}-(0[1-9]|1[0-2])$/;

/**
 * Makes a transform out of functions over its own parameter type; `reads` and `build` check what they are given.
 * @throws DefinitionError `transform-parameters` or `transform-period` where that does not fit.
 */
export function defineTransform<S extends z.ZodType>(definition: Definition<S>): Transform {
  const { name, parameters, over } = definition;
  const checked = (raw: unknown): z.output<S> => {
    const result = parameters.safeParse(raw ?? {});
    if (result.success) return result.data;
    const issues = result.error.issues.map((issue) => [issue.path.join('.'), issue.message].filter((part) => part !== '').join(': '));
    throw new DefinitionError('transform-parameters', `the parameters of ${name} do not fit: ${issues.join('; ')}`);
  };
  return {
    name,
    parameters,
    over,
    reads: (raw) => definition.reads(checked(raw)),
    build: (input) => {
      if (input.period !== undefined && !PERIOD.test(input.period))
        throw new DefinitionError('transform-period', `${name} needs a reference month written as YYYY-MM`);
      return definition.build({ from: input.from, with: checked(input.with), period: input.period });
    },
  };
}

/** The reference month of a step that cannot do without. */
export function requiredPeriod(transform: string, period: string | undefined): string {
  if (period !== undefined) return period;
  throw new DefinitionError('transform-period', `${transform} works on one reference month; give the period (YYYY-MM)`);
}
