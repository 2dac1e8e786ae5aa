import * as z from 'zod';
import { type Loaded, loadDefinition, Name, Text } from '../engine/definitions.ts';
import { contractProblems } from './contract-problems.ts';

/** Types of variables. MONEY: decimal with at most two places, kept as BIGINT agorot. PERIOD_M: `2024-03`, kept as VARCHAR. */
export const VariableType = z.enum(['VARCHAR', 'INTEGER', 'BIGINT', 'DOUBLE', 'MONEY', 'DATE', 'TIMESTAMP', 'BOOLEAN', 'PERIOD_M']);
export type VariableType = z.output<typeof VariableType>;

export const VariableRole = z.enum(['direct_identifier', 'key_variable', 'sensitive', 'numeric', 'weight', 'contributor', 'other']);
export type VariableRole = z.output<typeof VariableRole>;

const positive = z.int().min(1);
const header = z.string().min(1).max(200);
const expression = z.string().min(1).max(4000);
const duration = z.string().regex(/^P(\d+Y)?(\d+M)?(\d+D)?$/, { error: 'must be an ISO 8601 duration such as P10Y' });
const period = z.string().regex(/^[A-Z]{1,2}$/, { error: 'must be a code of SDMX CL_FREQ such as M' });

/** One column of a delivery. `min` and `max` are in the unit of the delivery (ILS for MONEY), inclusive. */
export const Variable = z.strictObject({
  name: Name,
  column: header.exactOptional(),
  renamed_from: z.array(header).exactOptional(),
  type: VariableType,
  role: VariableRole,
  identifier: z.enum(['person', 'employer']).exactOptional(),
  required: z.boolean().default(false),
  unit: z.string().min(1).exactOptional(),
  codelist: z.array(z.string().min(1)).min(1).exactOptional(),
  pattern: z.string().min(1).max(1000).exactOptional(),
  min: z.number().exactOptional(),
  max: z.number().exactOptional(),
  max_length: positive.exactOptional(),
  label: Text,
});
export type Variable = z.output<typeof Variable>;

/** A column computed after typing by an SQL expression over the variables. */
export const DerivedVariable = z.strictObject({ name: Name, type: VariableType, expr: expression, label: Text.exactOptional() });
export type DerivedVariable = z.output<typeof DerivedVariable>;

/** A condition on a row; an error rejects the row, a warning is counted. */
export const ContractRule = z.strictObject({ name: Name, expr: expression, severity: z.enum(['error', 'warning']) });
export type ContractRule = z.output<typeof ContractRule>;

export const DeliveryFormat = z.strictObject({
  type: z.enum(['csv', 'parquet']),
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1255']).default('utf-8'),
  delimiter: z.enum([',', ';', '\t', '|']).default(','),
  compression: z.enum(['none', 'gzip', 'zstd', 'auto']).default('auto'),
  max_line_bytes: positive.max(64 * 1024 * 1024).default(1024 * 1024),
  max_bytes: positive.default(20_000_000_000),
  max_ratio: z.number().min(1).default(100),
});
export type DeliveryFormat = z.output<typeof DeliveryFormat>;

const Spine = z.strictObject({
  kind: z.enum(['person', 'employer']),
  id: Name,
  given_name: Name.exactOptional(),
  family_name: Name.exactOptional(),
  birth_date: Name.exactOptional(),
  sex: Name.exactOptional(),
});

const LinkPerson = z.strictObject({
  id: Name,
  id_type: Name.exactOptional(),
  given_name: Name.exactOptional(),
  family_name: Name.exactOptional(),
  birth_date: Name.exactOptional(),
});

/** What a supplier delivers and what we hold it to: variables, roles, legal basis, retention, limits. The file `sources/<source>/contract.yaml`. */
export const Contract = z
  .strictObject({
    source: Name,
    title: Text,
    supplier: Text,
    legal_basis: z.array(z.string().min(1)).min(1),
    purpose: z.string().min(1),
    retention: duration,
    delivery: z.strictObject({ kind: z.enum(['increment', 'snapshot']), frequency: period }),
    format: DeliveryFormat,
    reject_limit: z.number().min(0).max(1).default(0.05),
    key: z.array(Name).default([]),
    partition: Name.exactOptional(),
    spine: Spine.exactOptional(),
    link: z.strictObject({ person: LinkPerson.exactOptional(), employer: z.strictObject({ id: Name }).exactOptional() }).exactOptional(),
    variables: z.array(Variable).min(1).max(2000),
    derived: z.array(DerivedVariable).default([]),
    rules: z.array(ContractRule).default([]),
  })
  .superRefine((contract, context) => {
    for (const { path, message } of contractProblems(contract)) {
      context.addIssue({ code: 'custom', path: [...path], message, params: { code: 'contract-inconsistent' }, input: contract });
    }
  });
export type Contract = z.output<typeof Contract>;

/** Reads a contract. @throws DefinitionError with every problem, each with file, line and column. */
export function loadContract(file: string): Promise<Loaded<Contract>> {
  return loadDefinition(file, Contract);
}
