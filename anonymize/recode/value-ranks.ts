import { DefinitionError } from '../../engine/errors.ts';
import { valueHierarchy } from './value-hierarchy.ts';

/**
 * Places of values (by their codes) in their order: that of the lines of a hierarchy file, else that of numbers. Errors: `hierarchy-leaf`;
 * `value-order` where there is no file and a value is no number, since the order of texts says nothing.
 */
export function valueRanks(name: string, rows: readonly (readonly string[])[] | undefined, values: readonly string[]): Int32Array {
  if (rows !== undefined) {
    valueHierarchy(name, rows, values);
    const places = new Map(rows.map(([leaf], place) => [leaf, place]));
    return Int32Array.from(values, (value) => places.get(value) as number);
  }
  const numbers = values.map(Number);
  if (numbers.some((number, at) => Number.isNaN(number) || values[at]?.trim() === ''))
    throw new DefinitionError(
      'value-order',
      `${name} holds values that are no numbers: their order is that of the lines of a hierarchy file; give one`,
      { rule: name },
    );
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const places = new Map(sorted.map((number, place) => [number, place]));
  return Int32Array.from(numbers, (number) => places.get(number) as number);
}
