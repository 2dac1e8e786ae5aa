import * as z from 'zod';
import { type Loaded, loadDefinition, Name, Text } from '../engine/definitions.ts';
import { contractProblems } from './contract-problems.ts';

/** Types of variables. MONEY: decimal with at most two places, kept as BIGINT agorot. PERIOD_M: `2024-03`, kept as VARCHAR. */
export const VariableType = z.enum(['VARCHAR', 'INTEGER', 'BIGINT', 'DOUBLE', 'MONEY', 'DATE', 'TIMESTAMP', 'BOOLEAN', 'PERIOD_M']);
export type VariableType = z.output<typeof VariableType>;

const VariableRole = z.enum(['direct_identifier', 'key_variable', 'sensitive', 'numeric', 'weight', 'contributor', 'other']);

const positive = z.int().min(1);
const header = z.string().min(1).max(200);
const expression = z.string().min(1).max(4000);
const duration = z.string().regex(/^P(\d+Y)?(\d+M)?(\d+D)?$/, { error: 'must be an ISO 8601 duration such as P10Y' });
const period = z.string().regex(/^[A-Z]{1,2}$/, { error: 'must be a code of SDMX CL_FREQ such as M' });

/** One column of a delivery. `min` and `max` are in the unit of the delivery (ILS for MONEY), inclusive. */
export const Variable = z.strictObject({
  name: Name.describe('Name inside the institute'),
  column: header.exactOptional().describe('Name in the file, where it differs from `name`'),
  renamed_from: z.array(header).exactOptional().describe('Older names in the file, newest first'),
  type: VariableType.describe('MONEY: a decimal with at most 2 places, kept as whole agorot. PERIOD_M: a month such as `2024-03`'),
  role: VariableRole.describe('What the variable is for disclosure control. A `direct_identifier` never gets past the door'),
  identifier: z.enum(['person', 'employer']).exactOptional().describe('The unit that it identifies: a pseudonym takes its place'),
  required: z.boolean().default(false).describe('A row without it is rejected'),
  unit: z.string().min(1).exactOptional().describe('Unit of measure, such as `ILS`'),
  codelist: z.array(z.string().min(1)).min(1).exactOptional().describe('The codes allowed; quote those with a leading zero'),
  pattern: z.string().min(1).max(1000).exactOptional().describe('Regular expression that the whole value matches'),
  min: z.number().exactOptional().describe('Smallest value allowed, in the unit of the delivery (ILS for MONEY)'),
  max: z.number().exactOptional().describe('Largest value allowed, in the unit of the delivery'),
  max_length: positive.exactOptional().describe('Most characters allowed'),
  label: Text.describe('What people read'),
});
export type Variable = z.output<typeof Variable>;

/** A column computed after typing by an SQL expression over the variables. */
const DerivedVariable = z.strictObject({
  name: Name.describe('Name of the new column'),
  type: VariableType.describe('Type of the result'),
  expr: expression.describe('SQL expression over the variables and earlier derived columns'),
  label: Text.exactOptional().describe('What people read'),
});

/** A condition on a row; an error rejects the row, a warning is counted. */
export const ContractRule = z.strictObject({
  name: Name.describe('Name in reports and in the record of rejected rows'),
  expr: expression.describe('SQL condition that holds for a good row; unknown (NULL) does not reject'),
  severity: z.enum(['error', 'warning']).describe('`error`: the row is rejected; `warning`: it is counted'),
});
export type ContractRule = z.output<typeof ContractRule>;

const DeliveryFormat = z.strictObject({
  type: z.enum(['csv', 'parquet']).describe('Kind of file'),
  encoding: z
    .enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1255'])
    .default('utf-8')
    .describe('Encoding of a csv; another one is refused, with a hint which it looks like'),
  delimiter: z.enum([',', ';', '\t', '|']).default(',').describe('Between the fields of a csv'),
  compression: z.enum(['none', 'gzip', 'zstd', 'auto']).default('auto').describe('`auto` looks at the first bytes'),
  max_line_bytes: positive
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('Longest line of a csv, in bytes'),
  max_bytes: positive.default(20_000_000_000).describe('Largest file after decompression, in bytes'),
  max_ratio: z.number().min(1).default(100).describe('Most bytes out of one compressed byte'),
});

const Spine = z.strictObject({
  kind: z.enum(['person', 'employer']).describe('The unit of the register'),
  id: Name.describe('Variable with the identifier'),
  given_name: Name.exactOptional().describe('Variable with the given name'),
  family_name: Name.exactOptional().describe('Variable with the family name'),
  birth_date: Name.exactOptional().describe('Variable with the date of birth'),
  sex: Name.exactOptional().describe('Variable with the sex'),
});

const LinkPerson = z.strictObject({
  id: Name.describe('Variable with the identifier as reported'),
  id_type: Name.exactOptional().describe('Variable that tells `national` from passports and temporary numbers'),
  given_name: Name.exactOptional().describe('Variable with the given name'),
  family_name: Name.exactOptional().describe('Variable with the family name'),
  birth_date: Name.exactOptional().describe('Variable with the date of birth'),
  sex: Name.exactOptional().describe('Variable with the sex, coded as in the register: who differs is not compared'),
});

const LinkEmployer = z.strictObject({ id: Name.describe('Variable with the identifier as reported') });

/** What a supplier delivers and what we hold it to: variables, roles, legal basis, retention, limits. The file `sources/<source>/contract.yaml`. */
export const Contract = z
  .strictObject({
    source: Name.describe('Name of the source: that of its folder and of the dataset'),
    title: Text.describe('What people read'),
    supplier: Text.describe('Who delivers'),
    legal_basis: z.array(z.string().min(1)).min(1).describe('Codes of the legal basis'),
    purpose: z.string().min(1).describe('What the data may be used for'),
    retention: duration.describe('How long the data are kept, such as `P10Y`'),
    delivery: z
      .strictObject({
        kind: z.enum(['increment', 'snapshot']).describe('`increment`: a delivery adds rows; `snapshot`: the newest replaces the dataset'),
        frequency: period.describe('Code of SDMX CL_FREQ, such as `M`'),
      })
      .describe('How deliveries come'),
    format: DeliveryFormat.describe('The file'),
    reject_limit: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe('Share of rejected rows (0 to 1) over which the whole delivery is refused'),
    key: z.array(Name).default([]).describe('Variables that make a row unique in a delivery: the second row with one key is rejected'),
    partition: Name.exactOptional().describe('Variable or derived column of type PERIOD_M by which the dataset is split'),
    spine: Spine.exactOptional().describe('Only for registers that feed the identity spine'),
    link: z
      .strictObject({
        person: LinkPerson.exactOptional().describe('How persons are identified'),
        employer: LinkEmployer.exactOptional().describe('How employers are identified'),
      })
      .exactOptional()
      .describe('Identifiers that are linked with the spine and become pseudonyms'),
    variables: z.array(Variable).min(1).max(2000).describe('Every column of the file; a file with others, or without one, is refused'),
    derived: z.array(DerivedVariable).default([]).describe('Columns that are computed after typing'),
    rules: z.array(ContractRule).default([]).describe('Conditions on a row'),
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
