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

/** Where a value stands in a record of fixed width, in characters. */
const Position = z.strictObject({
  start: positive.max(65_536).describe('First character, counted from 1 after decoding, whatever bytes a character takes'),
  width: positive.max(65_536).describe('Number of characters; spaces on both sides are padding'),
  fill: z.literal('zeros').exactOptional().describe('A number is padded with zeros on the left; codes (VARCHAR) keep theirs'),
  decimals: positive.max(15).exactOptional().describe('Digits after a decimal point that is not written: `0001250` with 2 is 12.50'),
  date: z.enum(['yyyymmdd', 'ddmmyyyy', 'yyyymm']).exactOptional().describe('A DATE or PERIOD_M written in digits alone'),
});

/** One column of a delivery. `min` and `max` are in the unit of the delivery (ILS for MONEY), inclusive. */
export const Variable = z.strictObject({
  name: Name.describe('Name inside the institute'),
  column: header.exactOptional().describe('Name in the file, where it differs from `name`'),
  renamed_from: z.array(header).exactOptional().describe('Older names in the file, newest first'),
  position: Position.exactOptional().describe('Only in a file of type fixed_width: where the value stands'),
  path: z
    .array(header)
    .min(2)
    .max(8)
    .exactOptional()
    .describe('Only in a file of type json_lines: the keys from the outermost object in, where the value is nested'),
  type: VariableType.describe('MONEY: a decimal with at most 2 places, kept as whole agorot. PERIOD_M: a month such as `2024-03`'),
  role: VariableRole.describe('What the variable is for disclosure control. A `direct_identifier` never gets past the door'),
  identifier: z
    .enum(['person', 'employer', 'household', 'dwelling'])
    .exactOptional()
    .describe('The unit that it identifies: a pseudonym takes its place'),
  record_key: z
    .literal(true)
    .exactOptional()
    .describe('A record key is kept beside the pseudonym as `<name>_record_key`, for tables that are protected by cell keys'),
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

/** The column beside the pseudonym of a variable that holds the record key of its unit (docs/methods/cell-key.md). */
export function recordKeyColumn(name: string): string {
  return `${name}_record_key`;
}

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

const FixedWidth = z.strictObject({
  record_length: positive.max(65_536).exactOptional().describe('Characters of a record; without it, the end of the last variable'),
  short_records: z
    .enum(['reject', 'pad'])
    .default('reject')
    .describe('`pad`: spaces at the end of a record may have been cut off; a longer record is always rejected'),
});

const JsonLines = z.strictObject({
  omitted_keys: z.enum(['reject', 'empty']).default('reject').describe('`empty`: a key that is left out means no value, as null does'),
});

const Xlsx = z.strictObject({
  sheet: z.string().min(1).max(31).exactOptional().describe('Name of the sheet; without it, the workbook has only one'),
  header_row: positive.max(1000).default(1).describe('Row with the names of the columns; what stands above it is not read'),
  formulas: z
    .enum(['reject', 'cached'])
    .default('reject')
    .describe('`reject`: a record with a formula is rejected; `cached`: the value that was last computed is taken'),
  text_numbers: z.enum(['reject', 'accept']).default('reject').describe('Whether a number may be stored as text'),
  other_sheets: z.enum(['none', 'visible', 'any']).default('none').describe('Other sheets that the workbook may have; they are not read'),
  max_shared_bytes: positive
    .max(1024 * 1024 * 1024)
    .default(256 * 1024 * 1024)
    .describe('Most bytes of shared strings, which are held in memory'),
});

const DeliveryFormat = z.strictObject({
  type: z.enum(['csv', 'fixed_width', 'json_lines', 'parquet', 'xlsx']).describe('Kind of file'),
  encoding: z
    .enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1255'])
    .default('utf-8')
    .describe('Encoding of a text file; another one is refused, with a hint which it looks like'),
  delimiter: z.enum([',', ';', '\t', '|']).default(',').describe('Between the fields of a csv'),
  compression: z.enum(['none', 'gzip', 'zstd', 'auto']).default('auto').describe('`auto` looks at the first bytes'),
  max_line_bytes: positive
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('Longest record of a text file or a workbook, in bytes of UTF-8'),
  max_bytes: positive.default(20_000_000_000).describe('Largest file after decompression, in bytes'),
  max_ratio: z.number().min(1).default(100).describe('Most bytes out of one compressed byte'),
  fixed_width: FixedWidth.exactOptional().describe('Only in a file of type fixed_width'),
  json_lines: JsonLines.exactOptional().describe('Only in a file of type json_lines'),
  xlsx: Xlsx.exactOptional().describe('Only in a file of type xlsx'),
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
