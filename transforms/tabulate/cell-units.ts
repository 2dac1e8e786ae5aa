import { largeFloat64Array, largeInt32Array } from '../../engine/large-array.ts';
import { gather, sortRows } from '../../engine/radix-sort.ts';
import { newScratch, type Scratch } from '../../engine/scratch.ts';
import type { Margin } from './cell-lattice.ts';
import { NULL_NUMBER } from './number-column.ts';

/** Distinct units per cell, and per basis the sum of absolute contributions by unit and the largest of them, rank by rank. */
export interface UnitCells {
  readonly n: Int32Array;
  readonly bases: readonly UnitBasis[];
}

interface UnitBasis {
  readonly total: Float64Array;
  readonly top: readonly Float64Array[];
}

/** Units that stand in several cells of a margin: unit u has the entries `starts[u]` to `starts[u + 1]`, each with its cell and sums. */
interface Entries {
  readonly starts: Int32Array;
  readonly cell: Int32Array;
  readonly sums: readonly Float64Array[];
}

/** The same before joining: a unit may have many rows in a cell. */
interface Rows {
  readonly starts: Int32Array;
  readonly cell: Int32Array;
  readonly sums: readonly (Int32Array | Float64Array)[];
}

/** Units of one kind in one margin. A unit in a single cell is additive from there on; the others are followed entry by entry. */
export interface UnitState {
  readonly all: UnitCells;
  readonly single: UnitCells;
  /** Made when first asked for. */
  readonly several: () => Entries;
}

export interface UnitColumns {
  /** Unit of each row. */
  readonly unit: Int32Array;
  /** What units contribute; an unknown amount is 0. */
  readonly bases: readonly (Int32Array | Float64Array)[];
  readonly top: number;
}

/** The units of rows in the finest cells. Rows may come in any order; those that come by unit are not sorted again. */
export function finestUnits(cell: Int32Array, size: number, { unit, bases, top }: UnitColumns): UnitState {
  const scratch = newScratch();
  const single = noUnits(size, bases.length, top);
  const { keys, columns } = sortRows(unit, [cell, ...bases], scratch);
  const starts = runStarts(keys as Int32Array);
  if (keys !== unit) scratch.give(keys as Int32Array);
  const [sortedCell, ...sums] = columns;
  const state = joinEntries({ starts, cell: sortedCell as Int32Array, sums }, single, scratch);
  if (keys !== unit) for (const column of columns) if (column instanceof Int32Array) scratch.give(column);
  return state;
}

/** Where each run of equal units begins, and the end. */
function runStarts(unit: Int32Array): Int32Array {
  const starts = largeInt32Array(unit.length + 1);
  let units = 0;
  for (let row = 0; row < unit.length; row++) if (row === 0 || unit[row] !== unit[row - 1]) starts[units++] = row;
  starts[units] = unit.length;
  return starts.slice(0, units + 1);
}

/**
 * The units of a margin from those of the margin it comes from. `isFunction`: every unit has one code in the dimension rolled up, so
 * that no unit stands in two of the cells that are joined, and everything is additive.
 */
export function rolledUnits(from: UnitState, margin: Margin, isFunction: boolean, scratch: Scratch): UnitState {
  if (margin.isSame) return from;
  const { up, size } = margin;
  if (isFunction) {
    const single = from.all === from.single ? undefined : rollUnits(from.single, up, size);
    const all = rollUnits(from.all, up, size);
    return { all, single: single ?? all, several: once(() => ({ ...from.several(), cell: gather(up, from.several().cell) })) };
  }
  const { starts, cell, sums } = from.several();
  return joinEntries({ starts, cell: gather(up, cell), sums }, rollUnits(from.single, up, size), scratch);
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Whether every unit has one leaf in a dimension. */
export function isFunctionOf({ several }: UnitState, leaves: Int32Array): boolean {
  const { starts, cell } = several();
  for (let u = 0; u + 1 < starts.length; u++) {
    const leaf = leaves[cell[starts[u] as number] as number];
    for (let entry = (starts[u] as number) + 1; entry < (starts[u + 1] as number); entry++)
      if (leaves[cell[entry] as number] !== leaf) return false;
  }
  return true;
}

/** n, then per basis the total and the ranks. */
export function unitColumns({ n, bases }: UnitCells): (Int32Array | Float64Array)[] {
  return [n, ...bases.flatMap(({ total, top }) => [total, ...top])];
}

/** One entry for each unit and cell; a unit that is left with one entry joins the single ones, which are changed. */
function joinEntries({ starts, cell, sums }: Rows, single: UnitCells, scratch: Scratch): UnitState {
  const size = single.n.length;
  const entryOf = new Int32Array(size).fill(-1);
  const target = scratch.takeAtLeast(cell.length);
  const cells = scratch.takeAtLeast(cell.length);
  const alone = largeInt32Array(starts.length);
  const keptStarts = largeInt32Array(starts.length);
  let [entries, units, lone] = [0, 0, 0];
  for (let u = 0; u + 1 < starts.length; u++) {
    const [from, to, start] = [starts[u] as number, starts[u + 1] as number, entries];
    for (let row = from; row < to; row++) {
      const at = cell[row] as number;
      let entry = entryOf[at] as number;
      if (entry < start) {
        entry = entries++;
        entryOf[at] = entry;
        cells[entry] = at;
      }
      target[row] = entry;
    }
    if (entries === start + 1) {
      entries = start;
      entryOf[cells[start] as number] = -1;
      alone[lone] = cells[start] as number;
      target.fill(~lone, from, to);
      lone++;
    } else keptStarts[++units] = entries;
  }
  const added = sums.map((values) => addUp(values, target, entries, lone));
  addEntries(
    single,
    alone.subarray(0, lone),
    added.map((sum) => sum.lone),
  );
  const several = { starts: keptStarts.slice(0, units + 1), cell: cells.slice(0, entries), sums: added.map((sum) => sum.kept) };
  scratch.give(target);
  scratch.give(cells);
  const all = entries === 0 ? single : copyUnits(single, size);
  addEntries(all, several.cell, several.sums);
  return { all, single, several: () => several };
}

/** Sums by entry; `target` below 0 is the complement of a number among those that stand alone. */
function addUp(values: Int32Array | Float64Array, target: Int32Array, entries: number, lone: number) {
  const sum = { kept: largeFloat64Array(entries), lone: largeFloat64Array(lone) };
  if (values instanceof Int32Array) addWhole(values, target, sum.kept, sum.lone);
  else addReal(values, target, sum.kept, sum.lone);
  return sum;
}

function addWhole(values: Int32Array, target: Int32Array, kept: Float64Array, lone: Float64Array): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (value === NULL_NUMBER) continue;
    const to = target[row] as number;
    if (to >= 0) kept[to] = (kept[to] as number) + value;
    else lone[~to] = (lone[~to] as number) + value;
  }
}

function addReal(values: Float64Array, target: Int32Array, kept: Float64Array, lone: Float64Array): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    const to = target[row] as number;
    if (to >= 0) kept[to] = (kept[to] as number) + value;
    else lone[~to] = (lone[~to] as number) + value;
  }
}

function addEntries({ n, bases }: UnitCells, cell: Int32Array, sums: readonly Float64Array[]): void {
  for (let entry = 0; entry < cell.length; entry++) n[cell[entry] as number] = (n[cell[entry] as number] as number) + 1;
  for (const [b, { total, top }] of bases.entries()) {
    const sum = sums[b] as Float64Array;
    const least = top.at(-1);
    for (let entry = 0; entry < cell.length; entry++) {
      const at = cell[entry] as number;
      const value = Math.abs(sum[entry] as number);
      total[at] = (total[at] as number) + value;
      if (least !== undefined && value > (least[at] as number)) insertTop(top, at, value);
    }
  }
}

function insertTop(top: readonly Float64Array[], cell: number, contribution: number): void {
  let value = contribution;
  for (let r = 0; r < top.length && value > 0; r++) {
    const rank = top[r] as Float64Array;
    const current = rank[cell] as number;
    if (value <= current) continue;
    rank[cell] = value;
    value = current;
  }
}

function rollUnits(from: UnitCells, up: Int32Array, size: number): UnitCells {
  const to = noUnits(size, from.bases.length, from.bases[0]?.top.length ?? 0);
  for (let cell = 0; cell < up.length; cell++) {
    const at = up[cell] as number;
    to.n[at] = (to.n[at] as number) + (from.n[cell] as number);
    for (let b = 0; b < from.bases.length; b++) {
      const source = from.bases[b] as UnitBasis;
      const target = to.bases[b] as UnitBasis;
      target.total[at] = (target.total[at] as number) + (source.total[cell] as number);
      for (const rank of source.top) insertTop(target.top, at, rank[cell] as number);
    }
  }
  return to;
}

function noUnits(size: number, bases: number, top: number): UnitCells {
  const basis = (): UnitBasis => ({ total: new Float64Array(size), top: Array.from({ length: top }, () => new Float64Array(size)) });
  return { n: new Int32Array(size), bases: Array.from({ length: bases }, basis) };
}

function copyUnits({ n, bases }: UnitCells, size: number): UnitCells {
  const copy = noUnits(size, bases.length, bases[0]?.top.length ?? 0);
  copy.n.set(n);
  for (const [b, basis] of copy.bases.entries()) {
    basis.total.set((bases[b] as UnitBasis).total);
    for (const [r, rank] of basis.top.entries()) rank.set((bases[b] as UnitBasis).top[r] as Float64Array);
  }
  return copy;
}
