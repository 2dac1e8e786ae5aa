import * as z from 'zod';
import { CellKeyParameters } from '../cell-key/ptable-parameters.ts';
import { Dominance, percentage } from '../disclosure-policy.ts';
import { Rounding } from '../rounding/rounding-parameters.ts';
import { SdmxStructure } from './sdmx-columns.ts';

const Column = z.string().min(1).max(200);

/** A dimension of the file: its hierarchies (none: flat) and the code of its total. */
const ProtectDimension = z.strictObject({
  hierarchy: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .exactOptional()
    .describe('File with the hierarchy, or several that need not be nested: `levels,codes` with @ for depth, `code,parent`, or .hrc'),
  total: z.string().min(1).exactOptional().describe('Code of the total (default: the root of the hierarchy, else `_T`)'),
});

/** Rules for one kind of contributor; the key is its column. */
const ProtectContributor = z.strictObject({
  min: z.int().min(1).exactOptional().describe('Unsafe when 0 < contributors < min'),
  dominance: z.array(Dominance).min(1).exactOptional().describe('(n, k) rules; one that fires is enough'),
  p_percent: percentage(1, 'p_percent')
    .exactOptional()
    .describe('p% rule: the second largest must not estimate the largest within p per cent'),
  pq: z
    .strictObject({ p: percentage(1, 'p'), q: percentage(1, 'q') })
    .exactOptional()
    .describe('(p, q) rule: others are known to q per cent before publication; p% is q = 100'),
  request: z
    .strictObject({
      column: Column.describe('Column with the flag of a contributor that asked for protection'),
      percent: z.record(z.string().min(1), percentage(1, 'percent')).describe('For each value of the flag: per cent of the cell'),
    })
    .exactOptional()
    .describe('Request rule: unsafe when a contributor that asked for it contributes more than this share of the cell'),
  group: Column.exactOptional().describe('Column that joins contributors into one, such as a holding'),
  exclude: z.array(z.string().min(1)).min(1).exactOptional().describe('Contributors that do not count and are never among the largest'),
});
export type ProtectContributor = z.output<typeof ProtectContributor>;

const SINGLETONS = ['auto', 'none', 'any_sum', 'any_sum_not_primary', 'any_sum0', 'sub_sum', 'sub_space', 'contributor'] as const;

/**
 * A table to protect, as `twinstat protect FILE --table table.yaml` reads it. A rule that is left out is not applied. Percentages are
 * written 0 to 100. Sources: Handbook on SDC (rules), methods named in docs/methods.
 */
export const ProtectDefinition = z
  .strictObject({
    title: z
      .strictObject({ en: z.string().min(1), he: z.string().min(1) })
      .exactOptional()
      .describe('What people read'),
    dimensions: z
      .record(Column, z.union([ProtectDimension, z.null()]))
      .exactOptional()
      .describe('Dimensions by column; flat ones may be named in `tables` alone'),
    measure: Column.exactOptional().describe('Column that is summed; left out: frequency table'),
    frequency: Column.exactOptional().describe('Column of counts, where a row of the file is not one unit but an aggregate'),
    contributors: z.record(Column, ProtectContributor).exactOptional().describe('Who contributes, and the rules for them'),
    weight: Column.exactOptional().describe('Column of sampling weights'),
    tables: z.array(z.array(Column).min(1).max(8)).min(1).max(30).exactOptional().describe('Dimensions of each table; several are linked'),
    rules: z
      .strictObject({
        min_frequency: z.int().min(1).exactOptional().describe('Unsafe when 0 < n < min_frequency, n the number of units'),
        group_disclosure: z
          .strictObject({ share: percentage(50, 'share'), min_other: z.int().min(1) })
          .exactOptional()
          .describe('Unsafe when a whole margin is (nearly) in one category'),
        comparison: z.enum(['gt', 'gte']).exactOptional().describe('Dominance above k (`gt`, the default) or from k on'),
        protect_zeros: z.boolean().exactOptional().describe('Empty cells are unsafe too; they are then made cells'),
        secondary_zeros: z.boolean().exactOptional().describe('Empty cells may be suppressed to protect others; they are then made cells'),
        weights: z.enum(['default', 'tau_argus']).exactOptional().describe('How weights enter the dominance rules'),
      })
      .exactOptional()
      .describe('Rules of every kind of contributor'),
    method: z.enum(['suppress', 'optimal', 'cell_key', 'round', 'none']).default('suppress').describe('How cells are protected'),
    singleton: z.enum(SINGLETONS).default('auto').describe('Protection against a contributor that stands alone in a cell'),
    keep_first: z
      .enum(['size', 'contributors', 'order'])
      .default('size')
      .describe(
        'Cells that are published rather than others: large ones, those with many contributors of the first kind, or by their codes',
      ),
    intervals: z
      .strictObject({ lower: z.number().min(0).max(100), upper: z.number().min(0).max(10_000) })
      .exactOptional()
      .describe('Room that an attacker must be left around an unsafe cell, in per cent of its value (default 15 and 15; counts: 2 wide)'),
    forced: z.string().min(1).exactOptional().describe('File with cells that must be published or suppressed: dimensions and `status`'),
    record_keys: z
      .union([
        z.strictObject({ column: Column.describe('Column of record keys, whole numbers from 0 to 99,999,999') }),
        z.strictObject({ id: Column.describe('Column of the unit, whose key follows from the key file') }),
      ])
      .exactOptional()
      .describe('Where the record keys of `cell_key` and of random rounding come from'),
    cell_key: CellKeyParameters.exactOptional().describe('Parameters of method `cell_key` (docs/methods/cell-key.md)'),
    round: Rounding.exactOptional().describe('Parameters of method `round` (docs/methods/rounding.md)'),
    structure: SdmxStructure.exactOptional().describe(
      'Structure of the public files in SDMX-CSV 2.0; without it they have no STRUCTURE, STRUCTURE_ID and ACTION',
    ),
  })
  .refine(({ dimensions, tables }) => dimensions !== undefined || tables !== undefined, { error: 'name `dimensions` or `tables`' });
export type ProtectDefinition = z.output<typeof ProtectDefinition>;
