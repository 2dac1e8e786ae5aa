import type { Contract } from '../contract.ts';
import { columnNames } from '../contract-problems.ts';
import { type DeliveryPlace, deliveryProblem } from './delivery-problem.ts';

/** More columns than this are refused before their names are compared. */
export const MAX_COLUMNS = 4096;

/**
 * Finds the variable of every column of a file, by name, in any order. Names that the contract does not know are given by their
 * position only: a file without a header has a record in its first line.
 * @returns the names of the variables in the order of the file's columns
 * @throws DeliveryError `delivery-header` that tells everything that is wrong with the header
 */
export function checkHeader(header: readonly string[], contract: Contract, place: DeliveryPlace): string[] {
  if (header.length > MAX_COLUMNS) {
    throw deliveryProblem('delivery-header', `has ${header.length} columns; the contract has ${contract.variables.length}`, place);
  }
  const known = new Map(contract.variables.flatMap((variable) => columnNames(variable).map((name) => [name, variable] as const)));
  const found = header.map((name) => known.get(name));
  const present = new Set(found.filter((variable) => variable !== undefined));
  const missing = contract.variables.filter((variable) => !present.has(variable)).map((variable) => columnNames(variable)[0]!);
  const doubled = [...present].filter((variable) => found.indexOf(variable) !== found.lastIndexOf(variable));
  const unknown = header.flatMap((name, index) => (known.has(name) ? [] : [{ name, position: index + 1 }]));
  const alike = unknown.filter(({ name }) => isMixedScript(name) || known.has(name.normalize('NFKC').trim()));
  if (missing.length + doubled.length + unknown.length === 0) return found.map((variable) => variable!.name);
  if (present.size === 0) {
    const message = `none of the expected columns is in the first line: is the header missing, or the delimiter another? Expected: ${list(missing)}`;
    throw deliveryProblem('delivery-header', message, place, { missing: missing.length, unknown: unknown.length });
  }
  const parts = [
    missing.length > 0 && `missing: ${list(missing)}`,
    doubled.length > 0 && `more than once: ${list(doubled.map((variable) => columnNames(variable)[0]!))}`,
    unknown.length > 0 && `not in the contract: the columns at ${list(unknown.map(({ position }) => String(position)))}`,
    alike.length > 0 &&
      `of them, letters of another script, spaces or look-alikes at ${list(alike.map(({ position }) => String(position)))}`,
  ].filter((part) => part !== false);
  const facts = { missing: missing.length, doubled: doubled.length, unknown: unknown.length, alike: alike.length };
  throw deliveryProblem('delivery-header', `the columns do not fit the contract; ${parts.join('; ')}`, place, facts);
}

function list(names: readonly string[]): string {
  return names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');
}

/** Latin letters together with those of another script: the sign of a look-alike name. */
function isMixedScript(name: string): boolean {
  return /\p{Script=Latin}/u.test(name) && /(?!\p{Script=Latin})\p{L}/u.test(name);
}
