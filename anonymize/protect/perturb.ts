import { DisclosureError } from '../../engine/errors.ts';
import { type CellSums, cellSums, joinCellSums } from '../cell-key/cell-sums.ts';
import { cellKeys, KEY_SPACE } from '../cell-key/key-space.ts';
import { countsBehindMark, perturbCounts } from '../cell-key/perturb-counts.ts';
import { perturbSums } from '../cell-key/perturb-sums.ts';
import type { SumNoise } from '../cell-key/ptable-parameters.ts';
import type { CellKeyTables } from '../cell-key/ptables-of.ts';
import { magnifiersOf } from '../cell-key/sum-noise.ts';
import { additivityOf, type InformationLoss, informationLoss } from '../information-loss.ts';
import { primaryReasons } from '../primary-rules.ts';
import type { ProtectionPolicy } from '../protection-policy.ts';
import { roundControlled } from '../rounding/round-controlled.ts';
import { roundByKey, roundNearest } from '../rounding/round-counts.ts';
import { roundSmallCounts } from '../rounding/round-small-counts.ts';
import { tableModel } from '../rounding/table-model.ts';
import type { KeyedUnits } from './inner-table.ts';
import type { ProtectTable } from './protect-table.ts';

/** Values of published cells after perturbation or rounding, NaN where suppressed, and what that cost. */
export interface Perturbed {
  readonly published: Float64Array;
  readonly loss: InformationLoss;
  /** Relations among published cells that hold after it, of all whose cells are shown. */
  readonly additive: number;
  readonly relations: number;
}

/** Cell-key perturbation of the tables. `isPublished`: refuse a mark that gives a count away. Errors: those of `perturbCounts` and `perturbSums`, `protect-threshold`, `protect-record-keys`, `protect-sum-noise`. */
export function perturbTable(table: ProtectTable, tables: CellKeyTables, isPublished: boolean): Perturbed {
  const { definition, grid, frequency, values, isFrequency, contributors, inner } = table;
  const units = requireUnits(inner.units);
  const shown = <T extends Float64Array>(column: T): Float64Array => column.subarray(0, grid.size);
  const kinds = [shown(frequency), ...contributors.map(({ n }) => n.subarray(0, grid.size))];
  if (isFrequency) {
    const counts = shown(frequency);
    const cells = { counts, keys: keysOf(table, units), units: kinds, ...(inner.weight && { weighted: shown(values) }) };
    const found = perturbCounts(cells, tables.counts, definition.cell_key?.threshold);
    if (isPublished && found.suppressed.includes(1)) requireAmbiguousMark(tables, definition.cell_key?.threshold);
    return perturbed(table, found.weighted ?? found.counts);
  }
  const noise = definition.cell_key?.sums;
  if (noise === undefined || tables.sums === undefined)
    throw new DisclosureError('protect-sum-noise', 'A measure is perturbed with the parameters under cell_key.sums; they are missing.');
  const sensitive = Uint8Array.from(primaryReasons(table.cells, dominanceAlone(table.policy)), (rules) => (rules === null ? 0 : 1));
  const sums = sumsOf(table, units, noise);
  const cells = {
    totals: sums.totals,
    keys: sums.keys,
    magnifiers: magnifiersOf(sums, noise.magnifier ?? 'top'),
    contributors: sums.nonZero,
    units: kinds,
    sensitive: sensitive.subarray(0, grid.size),
  };
  const found = perturbSums(cells, tables.sums, noise);
  return perturbed(table, found.totals);
}

/** The rules on how contributions are shared out, without those on how many there are. */
function dominanceAlone({ contributors }: ProtectionPolicy): ProtectionPolicy {
  const rules = Object.entries(contributors).map(([kind, rule]) => [kind, { ...rule, min: undefined }] as const);
  return { min_frequency: undefined, contributors: Object.fromEntries(rules) };
}

/** A mark that can only stand for one unit tells that the cell has one. */
function requireAmbiguousMark({ counts }: CellKeyTables, threshold: number | undefined): void {
  if (countsBehindMark(counts, threshold).length > 1) return;
  throw new DisclosureError(
    'protect-threshold',
    'Only cells of a single unit would be withheld, so the mark itself would tell their count: set cell_key.threshold above js + 1.',
    { rule: 'threshold' },
  );
}

/** Rounding of a frequency table. Errors: those of the roundings, `protect-record-keys`, `protect-round`. */
export async function roundTable(table: ProtectTable): Promise<Perturbed> {
  const { definition, grid, inner, frequency, isFrequency } = table;
  const rounding = definition.round ?? { method: 'small_counts', base: 3 };
  if (!isFrequency || inner.weight !== undefined)
    throw new DisclosureError(
      'protect-round',
      'Rounding is for frequency tables without weights; protect sums by suppression or cell keys.',
    );
  const counts = frequency.subarray(0, grid.size);
  const model = tableModel(inner.rows, grid.system.columns.slice(0, grid.size));
  switch (rounding.method) {
    case 'nearest':
      return perturbed(table, roundNearest(counts, rounding.base));
    case 'random':
      return perturbed(table, roundByKey(counts, keysOf(table, requireUnits(inner.units)), rounding.base));
    case 'small_counts': {
      const { max_round, ...options } = rounding;
      const ties = inner.units === undefined ? undefined : rowKeys(inner.units, inner.rows);
      const found = roundSmallCounts(model, inner.frequency, {
        ...options,
        ...(max_round !== undefined && { maxRound: max_round }),
        ...(ties && { ties }),
      });
      return perturbed(table, found.cells);
    }
    case 'controlled': {
      const found = await roundControlled(model, inner.frequency, {
        base: rounding.base,
        ...(rounding.max_steps !== undefined && { maxSteps: rounding.max_steps }),
      });
      return perturbed(table, found.cells);
    }
  }
}

function perturbed({ grid, values }: ProtectTable, published: Float64Array): Perturbed {
  const relations = grid.system.relations.filter(
    ({ parent, children }) => parent < grid.size && children.every((child) => child < grid.size),
  );
  const { complete, additive } = additivityOf(relations, published);
  return { published, loss: informationLoss(values.slice(0, grid.size), published), additive, relations: complete };
}

function requireUnits(units: KeyedUnits | undefined): KeyedUnits {
  if (units !== undefined) return units;
  throw new DisclosureError(
    'protect-record-keys',
    'This method needs record keys: state record_keys with a column of keys, or with the id of the unit and --key-file.',
  );
}

/** Keys of inner cells: sums of their units' record keys. */
function rowKeys({ key, row }: KeyedUnits, rows: number): Uint32Array {
  return cellKeys(key, row, rows);
}

function keysOf({ grid, inner }: ProtectTable, units: KeyedUnits): Uint32Array {
  const keys = rowKeys(units, inner.rows);
  return Uint32Array.from({ length: grid.size }, (_, cell) =>
    (grid.system.columns[cell] as Int32Array).reduce((sum, row) => (sum + (keys[row] as number)) % KEY_SPACE, 0),
  );
}

function sumsOf({ grid, inner }: ProtectTable, units: KeyedUnits, noise: SumNoise): CellSums {
  const most = 'epsilon' in noise.noise ? (noise.noise.epsilon?.length ?? 1) : 1;
  const parts = passesOf(grid.system.columns.slice(0, grid.size), inner.rows).map((cellOf) =>
    cellSums(
      {
        values: units.value,
        weights: units.weight,
        recordKeys: units.key,
        cellOf: Int32Array.from(units.row, (row) => cellOf[row] as number),
      },
      grid.size,
      most,
      noise.zero_keys,
    ),
  );
  return joinCellSums(parts);
}

/** The cells of every row, one list of rows to cells after the other: in each a row has one cell, or -1. */
function passesOf(columns: readonly Int32Array[], rows: number): Int32Array[] {
  const passes: Int32Array[] = [];
  const used = new Int32Array(rows);
  columns.forEach((column, cell) => {
    for (const row of column) {
      const pass = used[row] as number;
      used[row] = pass + 1;
      const cellOf = passes[pass] ?? new Int32Array(rows).fill(-1);
      passes[pass] = cellOf;
      cellOf[row] = cell;
    }
  });
  return passes;
}
