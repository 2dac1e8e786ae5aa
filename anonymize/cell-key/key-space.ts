import { DisclosureError } from '../../engine/errors.ts';
import { type Sql, sql } from '../../engine/sql.ts';

/** Record keys and cell keys are whole numbers from 0 to this less 1: eight decimal digits, one space for every table. */
export const KEY_SPACE = 100_000_000;

const LEADING_DIGIT = KEY_SPACE / 10;

/**
 * Cell keys: the sum of the record keys of the units that contribute to a cell, modulo 10^8. `cellOf[r]` is the cell of record r, -1 for none;
 * `contributes[r]` 0 leaves a record out (a 0/1 variable, or a zero value where zeros have no key). Whole numbers, so neither the order nor
 * the partition of the records matters. A unit counts once in a cell: give distinct units, not rows.
 */
export function cellKeys(recordKeys: Uint32Array, cellOf: Int32Array, cells: number, contributes?: ArrayLike<number>): Uint32Array {
  const keys = new Uint32Array(cells);
  for (let record = 0; record < cellOf.length; record++) {
    const cell = cellOf[record] as number;
    if (cell < 0 || (contributes !== undefined && contributes[record] === 0)) continue;
    keys[cell] = ((keys[cell] as number) + (recordKeys[record] as number)) % KEY_SPACE;
  }
  return keys;
}

/** Cell key in SQL over a column of record keys, one row per unit; exact, since DuckDB sums whole numbers as HUGEINT. */
export function cellKey(recordKey: Sql): Sql {
  return sql`CAST(coalesce(sum(${recordKey}), 0) % 100000000 AS UINTEGER)`;
}

/** The key for the n-th component of noise: its eight digits turned left by `times` places. */
export function turnKey(key: number, times: number): number {
  let turned = key;
  for (let time = 0; time < times; time++) turned = (turned % LEADING_DIGIT) * 10 + Math.floor(turned / LEADING_DIGIT);
  return turned;
}

/** Errors: `cell-key-range` where a key is no whole number of the space, or their number is not that of the cells. */
export function requireKeys(keys: ArrayLike<number>, cells: number): void {
  let wrong = keys.length === cells ? 0 : 1;
  for (let cell = 0; cell < keys.length; cell++) {
    const key = keys[cell] as number;
    if (!(Number.isInteger(key) && key >= 0 && key < KEY_SPACE)) wrong++;
  }
  if (wrong === 0) return;
  throw new DisclosureError(
    'cell-key-range',
    `Every cell needs a cell key: a whole number from 0 to ${KEY_SPACE - 1}, the sum of its units' record keys modulo ${KEY_SPACE}. ` +
      'Keys written as decimal fractions must be multiplied by 100000000 and rounded first.',
    { rule: 'cell-key', facts: { wrong } },
  );
}
