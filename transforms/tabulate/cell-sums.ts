import { NULL_NUMBER, type NumberColumn, nullOf } from './number-column.ts';

/** What is added up: a column (left out: 1 for every row), over the rows in which `where` is known. */
export interface SumSpec {
  readonly of: NumberColumn | undefined;
  readonly where: NumberColumn | undefined;
}

/** Sums of one column in every finest cell: of whole numbers whose absolute values stay below 2^53, so in any order the same. */
export function finestSums(cell: Int32Array, size: number, { of, where }: SumSpec): Float64Array {
  const sums = new Float64Array(size);
  const isCounted = where === undefined ? undefined : known(where);
  if (of === undefined) count(cell, isCounted, sums);
  else if (of.values instanceof Int32Array) addWhole(cell, of.values, isCounted, sums);
  else addReal(cell, of.values, isCounted, sums);
  return sums;
}

function count(cell: Int32Array, isCounted: Uint8Array | undefined, sums: Float64Array): void {
  for (let row = 0; row < cell.length; row++) {
    const at = cell[row] as number;
    if (isCounted === undefined || isCounted[row] === 1) sums[at] = (sums[at] as number) + 1;
  }
}

function addWhole(cell: Int32Array, values: Int32Array, isCounted: Uint8Array | undefined, sums: Float64Array): void {
  for (let row = 0; row < cell.length; row++) {
    const value = values[row] as number;
    if (value === NULL_NUMBER || isCounted?.[row] === 0) continue;
    const at = cell[row] as number;
    sums[at] = (sums[at] as number) + value;
  }
}

function addReal(cell: Int32Array, values: Float64Array, isCounted: Uint8Array | undefined, sums: Float64Array): void {
  for (let row = 0; row < cell.length; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value) || isCounted?.[row] === 0) continue;
    const at = cell[row] as number;
    sums[at] = (sums[at] as number) + value;
  }
}

/** 1 where the value of a row is known. */
export function known({ values }: NumberColumn): Uint8Array {
  const none = nullOf(values);
  const flags = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    flags[row] = value === none || Number.isNaN(value) ? 0 : 1;
  }
  return flags;
}

/** Sums of a margin from those of the margin it comes from. */
export function rollUp(from: Float64Array, up: Int32Array, size: number): Float64Array {
  const sums = new Float64Array(size);
  for (let cell = 0; cell < up.length; cell++) sums[up[cell] as number] = (sums[up[cell] as number] as number) + (from[cell] as number);
  return sums;
}
