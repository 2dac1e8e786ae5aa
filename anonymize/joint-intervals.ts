import type { Highs } from 'highs';
import { DisclosureError } from '../engine/errors.ts';
import { codesOfKey, innerRows, type JointRow, joinKeys } from './joint-attack.ts';
import { linearAudit } from './linear-audit.ts';
import type { CodeDimension } from './protect/code-dimension.ts';
import { protectCells } from './protect/protect-cells.ts';
import { roomOf } from './protect/protect-room.ts';

/** One protected table with its true values; codes by dimension, the total where the table leaves it out. */
export interface ProtectedCells {
  /** Numbers of the dimensions that it has. */
  readonly has: readonly number[];
  readonly codes: readonly (readonly string[])[];
  readonly values: readonly number[];
  readonly isShown: readonly boolean[];
  /** Whether a primary rule calls the cell unsafe. */
  readonly isUnsafe: readonly boolean[];
}

export interface AskedIntervals {
  /** Per cent of the value, as in table.yaml; undefined: its defaults. */
  readonly intervals: { readonly lower: number; readonly upper: number } | undefined;
  readonly isCount: boolean;
}

interface KnownCell {
  value: number;
  isShown: boolean;
  isUnsafe: boolean;
}

/** Finest combinations of one attack by programmes. */
const MOST_ROWS = 20_000;

/**
 * Unsafe cells (by their codes) that no table shows and whose interval, with all tables together, is narrower than asked. The tables are one system
 * of linear relations; what none of them shows is open to the attacker. Same attack as that of `protect`. Errors: `compare-code`,
 * `compare-too-wide`, `compare-populations`.
 */
export function narrowTogether(
  highs: Highs,
  dimensions: readonly CodeDimension[],
  tables: readonly ProtectedCells[],
  asked: AskedIntervals,
): string[][] {
  const keyOf = joinKeys(dimensions);
  const keyed = tables.map(({ codes }) => new Map(codes.map((cell) => [keyOf(cell), true])));
  const known = new Map<string, KnownCell>();
  for (const { codes, values, isShown, isUnsafe } of tables) {
    codes.forEach((cell, at) => {
      const key = keyOf(cell);
      const old = known.get(key) ?? { value: values[at] ?? 0, isShown: false, isUnsafe: false };
      known.set(key, { value: old.value, isShown: old.isShown || isShown[at] === true, isUnsafe: old.isUnsafe || isUnsafe[at] === true });
    });
  }
  const rows = innerRows(dimensions, keyed, MOST_ROWS);
  const inner = {
    rows: rows.length,
    leaves: dimensions.map((_, d) => Int32Array.from(rows, ({ leaves }) => leaves[d] ?? 0)),
    frequency: new Float64Array(rows.length),
    value: undefined,
    weight: undefined,
    kinds: [],
  };
  const { keys, system } = protectCells(
    dimensions,
    inner,
    tables.map(({ has }) => has),
  );
  const names = Array.from({ length: system.size }, (_, cell) => keys.map((numbers) => numbers[cell]).join());
  const finest = completed(highs, rows, known);
  const values = Float64Array.from(
    names,
    (key, cell) => known.get(key)?.value ?? (system.columns[cell] as Int32Array).reduce((sum, row) => sum + (finest[row] as number), 0),
  );
  const suppressed = Uint8Array.from(names, (key) => (known.get(key)?.isShown === true ? 0 : 1));
  const targets = [...names.keys()].filter((cell) => suppressed[cell] === 1 && known.get(names[cell] ?? '')?.isUnsafe === true);
  const { failing } = linearAudit(highs, system, { values, suppressed, targets, ...roomOf({ values, ...asked }), isExact: false });
  return failing.map((cell) => codesOfKey(dimensions, names[cell] ?? ''));
}

/** Values of the finest combinations with which all cells of the tables add up: the attack starts there. Error: `compare-populations`. */
function completed(highs: Highs, rows: readonly JointRow[], known: ReadonlyMap<string, KnownCell>): Float64Array {
  const below = new Map<string, number[]>([...known.keys()].map((key) => [key, []]));
  rows.forEach(({ above }, row) => {
    for (const key of above) below.get(key)?.push(row);
  });
  const sums = [...known].map(([key, { value }]) => ({ value, rows: below.get(key) ?? [] }));
  const most = sums.reduce((max, { value }) => Math.max(max, Math.abs(value)), 0) || 1;
  const starts = [0];
  for (const sum of sums) starts.push((starts.at(-1) ?? 0) + sum.rows.length);
  const indices = Int32Array.from(sums.flatMap((sum) => sum.rows));
  const bound = (slack: number) => Float64Array.from(sums, ({ value }) => value / most + slack);
  const model = highs.createModel({
    numCols: rows.length,
    numRows: sums.length,
    colCost: new Float64Array(rows.length),
    colLower: new Float64Array(rows.length).fill(sums.some(({ value }) => value < 0) ? -highs.infinity : 0),
    colUpper: new Float64Array(rows.length).fill(highs.infinity),
    rowLower: bound(-ROUNDED),
    rowUpper: bound(ROUNDED),
    matrix: {
      format: 'csr',
      numRows: sums.length,
      numCols: rows.length,
      starts: Int32Array.from(starts),
      indices,
      values: new Float64Array(indices.length).fill(1),
    },
  });
  try {
    model.options.set({ output_flag: false, random_seed: 1 });
    model.run();
    if (model.getModelStatus() === highs.constants.modelStatus.optimal)
      return Float64Array.from(model.getSolution().colValue, (value) => value * most);
  } finally {
    model.dispose();
  }
  throw new DisclosureError(
    'compare-populations',
    'The tables do not add up to one population, so intervals cannot be attacked: compare tables of the same file and measure.',
  );
}

/** Share of the largest value that rounding of written values may take from a sum. */
const ROUNDED = 1e-7;
