import type { CellTable, MeasureColumn } from '../engine/cell-table.ts';
import type { TableSystem } from './table-system.ts';

/** Half width of the interval that must stay open around a primary sum, as a percentage of its value. */
export const PROTECTION_PERCENT = 15;
/** Width that must stay open around a primary count. */
export const COUNT_WIDTH = 2;

/** An additive measure, and what an attacker takes for granted of every cell of it. */
export interface AttackedMeasure {
  readonly values: Float64Array;
  readonly isCount: boolean;
  readonly floor: number;
  readonly ceiling: number;
}

/** The measures that relations attack: an attacker knows that every cell has a contributor, that sums are not negative where none is, and the order of magnitude. */
export function attackedMeasures(cells: CellTable, system: TableSystem): AttackedMeasure[] {
  return cells.measures
    .filter((measure) => isAdditive(measure, system))
    .map(({ kind, values }) => {
      const most = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const isCount = kind !== 'sum';
      return { values, isCount, floor: isCount ? 1 : values.some((value) => value < 0) ? -2 * most : 0, ceiling: 2 * most };
    });
}

/** Counts and sums are (`requireAdditive`); a number of distinct units is where no unit stands in two cells, and then it is as open to sums. */
function isAdditive({ kind, values }: MeasureColumn, { relations }: TableSystem): boolean {
  if (kind !== 'distinct') return kind === 'count' || kind === 'sum';
  return relations.every(({ parent, children }) => children.reduce((sum, cell) => sum + (values[cell] ?? 0), 0) === values[parent]);
}
