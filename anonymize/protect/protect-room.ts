import type { ProtectTable } from './protect-table.ts';

/** What an attacker takes for granted of every cell, and what must stay open around an unsafe one. */
export interface Room {
  readonly floor: number;
  readonly ceiling: number;
  readonly below: (cell: number) => number;
  readonly above: (cell: number) => number;
}

const PERCENT = 15;
const COUNT_WIDTH = 2;

/** What is asked of the intervals of a measure: per cent of a value, and whether it is a count of units. */
interface AskedRoom {
  readonly values: Float64Array;
  readonly intervals: { readonly lower: number; readonly upper: number } | undefined;
  readonly isCount: boolean;
}

/**
 * Counts: an interval at least 2 wide with one more than the truth inside; sums: per cent of the value on each side. Nothing is below 0 where
 * no cell is; no cell is above twice the largest.
 */
export function roomOf({ values, intervals, isCount }: AskedRoom): Room {
  const most = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const floor = values.some((value) => value < 0) ? -2 * most : 0;
  const { lower, upper } = intervals ?? (isCount ? { lower: 0, upper: 0 } : { lower: PERCENT, upper: PERCENT });
  const share = (cell: number, percent: number): number => (Math.abs(values[cell] ?? 0) * percent) / 100;
  const room = (cell: number): number => (values[cell] ?? 0) - floor;
  const least = (cell: number): number => Math.min(1, room(cell));
  return {
    floor,
    ceiling: 2 * most,
    below: (cell) => Math.min(room(cell), Math.max(share(cell, lower), isCount ? least(cell) : 0)),
    above: (cell) => Math.max(share(cell, upper), isCount ? COUNT_WIDTH - least(cell) : 0),
  };
}

/** The room of a table to protect; weighted numbers of units are no counts, but nothing is asked beside their width where nothing is stated. */
export function protectRoom({ definition, isFrequency, values, inner }: ProtectTable): Room {
  const intervals = definition.intervals ?? (isFrequency ? { lower: 0, upper: 0 } : undefined);
  return roomOf({ values, intervals, isCount: isFrequency && inner.weight === undefined });
}
