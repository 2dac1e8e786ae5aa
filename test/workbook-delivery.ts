import type { Contract } from '../sources/contract.ts';
import { contractOf, type RawContract } from './reading-fixture.ts';
import { CANARY } from './refusal.ts';
import { row, type WorkbookText, workbook } from './xlsx-writer.ts';

const VARIABLES = ['id INTEGER', 'name VARCHAR', 'pay MONEY', 'day DATE', 'at TIMESTAMP', 'active BOOLEAN', 'share DOUBLE'];
/** Names of the columns that a workbook of these tests has. */
export const NAMES = VARIABLES.map((text) => text.split(' ')[0]!);
export const HEADER = row(1, NAMES);

/** The contract of these workbooks: options of XLSX, of the format, and more keys. */
export function workbookContract(options?: object, format: object = {}, more: RawContract = {}): Contract {
  return contractOf(VARIABLES, { format: { type: 'xlsx', ...(options && { xlsx: options }), ...format }, ...more });
}

/** A record that the contract accepts. */
export const good = (number: number, id = number): string => row(number, [id, `${CANARY} ${id}`, 1.5]);

/** A workbook of the header and these rows. */
export const book = (rows: string, more: Partial<WorkbookText> = {}): Buffer => workbook({ rows: HEADER + rows, ...more });
