import { DeliveryError } from '../../engine/errors.ts';

export interface DeliveryPlace {
  /** Base name of the file. */
  readonly file: string;
  readonly line?: number | undefined;
  /** Characters from the start of the line, from 1. */
  readonly column?: number | undefined;
  /** Name of the column by the contract. */
  readonly field?: string | undefined;
}

/**
 * What is wrong with a file as a whole, and where. `rule` is the code without its first word; the message never quotes the file.
 * Exit code 3.
 */
export function deliveryProblem(
  code: `delivery-${string}`,
  message: string,
  place: DeliveryPlace,
  facts: Readonly<Record<string, string | number | boolean>> = {},
): DeliveryError {
  const { file, line, column, field } = place;
  const at = { file, ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
  const where = [
    line === undefined ? '' : `, line ${line}`,
    column === undefined ? '' : `, character ${column}`,
    field === undefined ? '' : `, column ${field}`,
  ];
  return new DeliveryError(code, `${file}${where.join('')}: ${message}`, {
    at,
    rule: code.slice('delivery-'.length),
    facts: field === undefined ? facts : { ...facts, field },
  });
}
