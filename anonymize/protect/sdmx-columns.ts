import * as z from 'zod';

/** Types of SDMX-CSV 2.0 for the column STRUCTURE. */
const TYPES = ['dataflow', 'datastructure', 'dataprovision'] as const;

const ComponentId = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_@$-]*$/, { error: 'must be an SDMX id: a letter, then letters, digits, _ @ $ -' });
const FixedValue = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_@$.:/-]{0,99}$/, { error: 'must be a code or a period, such as "2024" or 2024-03' });

/** What the public files say of their structure; every key but `id` may be left out. */
export const SdmxStructure = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,99}:[A-Za-z0-9_@$-]{1,100}\(\d+(\.\d+){1,2}\)$/, {
      error: 'must be AGENCY:ID(VERSION), such as IL_CBS:PLACES(1.0.0)',
    })
    .describe('STRUCTURE_ID: agency, id and version, such as `IL_CBS:PLACES(1.0.0)`'),
  type: z.enum(TYPES).default('dataflow').describe('STRUCTURE: what the id names'),
  action: z.enum(['I', 'A', 'R', 'M', 'D']).default('I').describe('ACTION: information, append, replace, merge, delete'),
  fixed: z
    .record(ComponentId, FixedValue)
    .default({})
    .describe('Components with one value in the whole table, such as `{ FREQ: A, TIME_PERIOD: "2024" }`; columns before the dimensions'),
});
export type SdmxStructure = z.output<typeof SdmxStructure>;

const RESERVED = ['STRUCTURE', 'STRUCTURE_ID', 'ACTION', 'OBS_VALUE', 'OBS_STATUS', 'CONF_STATUS'];

/** Columns before the dimensions, with the one value that each has in every row. */
export function leadingColumns({ id, type, action, fixed }: SdmxStructure): readonly (readonly [name: string, value: string])[] {
  return [['STRUCTURE', type], ['STRUCTURE_ID', id], ['ACTION', action], ...Object.entries(fixed)];
}

/** Names of columns that cannot be components beside this structure: not an SDMX id, reserved, or there twice (in any case of letters). */
export function unfitNames({ fixed }: SdmxStructure, dimensions: readonly string[]): string[] {
  const names = [...Object.keys(fixed), ...dimensions];
  const seen = new Set(RESERVED);
  return names.filter((name) => {
    const isTaken = seen.has(name.toUpperCase());
    seen.add(name.toUpperCase());
    return isTaken || !ComponentId.safeParse(name).success;
  });
}
