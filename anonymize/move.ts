import type { TableSystem } from './table-system.ts';

/** Whole-number changes of suppressed cells that leave every relation and every published cell as it is. */
export type Move = ReadonlyMap<number, number>;

export interface MoveSearch {
  readonly suppressed: Uint8Array;
  /** Whether a cell may change by so much. */
  readonly allows: (cell: number, change: number) => boolean;
  /** Cells that can give more come first. */
  readonly capacity: ArrayLike<number>;
  /** Cells that may be tried before the search gives up. */
  readonly budget: number;
}

const MAX_CHANGE = 3;

/**
 * Looks for a move in which `start` changes by `change`: repairs the broken relation with the fewest cells left, depth first, the
 * change that mends most relations first. A move is a proof: the table plus the move is another table with the same published cells.
 * None found within the budget proves nothing.
 */
export function findMove(system: TableSystem, start: number, change: number, search: MoveSearch): Move | undefined {
  if (!search.allows(start, change)) return undefined;
  const moved = new Map<number, number>();
  const imbalance = new Map<number, number>();
  const shift = (cell: number, by: number) => {
    for (const number of system.relationsOf[cell] ?? []) {
      const sign = system.relations[number]?.parent === cell ? -1 : 1;
      const left = (imbalance.get(number) ?? 0) + sign * by;
      if (left === 0) imbalance.delete(number);
      else imbalance.set(number, left);
    }
  };
  let tried = 0;
  const mend = (): boolean => {
    const options = tightest(system, search, moved, imbalance);
    if (options === undefined) return true;
    for (const { cell, by } of options) {
      if (++tried > search.budget) return false;
      moved.set(cell, by);
      shift(cell, by);
      if (mend()) return true;
      shift(cell, -by);
      moved.delete(cell);
    }
    return false;
  };
  moved.set(start, change);
  shift(start, change);
  return mend() ? moved : undefined;
}

interface Option {
  readonly cell: number;
  readonly by: number;
  readonly mends: number;
}

/** Ways to mend the broken relation that has the fewest; undefined when none is broken. */
function tightest(
  system: TableSystem,
  search: MoveSearch,
  moved: ReadonlyMap<number, number>,
  imbalance: ReadonlyMap<number, number>,
): readonly Option[] | undefined {
  let best: Option[] | undefined;
  for (const [number, left] of imbalance) {
    const relation = system.relations[number];
    if (relation === undefined) continue;
    const options: Option[] = [];
    const consider = (cell: number, by: number) => {
      if (search.suppressed[cell] !== 1 || moved.has(cell) || Math.abs(by) > MAX_CHANGE || !search.allows(cell, by)) return;
      options.push({ cell, by, mends: mended(system, imbalance, cell, by) });
    };
    consider(relation.parent, left);
    for (const cell of relation.children) consider(cell, -left);
    if (best === undefined || options.length < best.length) best = options;
    if (best.length === 0) return best;
  }
  const capacity = (cell: number) => search.capacity[cell] ?? 0;
  return best?.sort(
    (a, b) => b.mends - a.mends || capacity(b.cell) - capacity(a.cell) || (system.position[a.cell] ?? 0) - (system.position[b.cell] ?? 0),
  );
}

/** Relations that a change mends, less those that it breaks. */
function mended(system: TableSystem, imbalance: ReadonlyMap<number, number>, cell: number, by: number): number {
  let mends = 0;
  for (const number of system.relationsOf[cell] ?? []) {
    const before = imbalance.get(number) ?? 0;
    const after = before + (system.relations[number]?.parent === cell ? -by : by);
    if (after === 0) mends++;
    else if (before === 0) mends--;
  }
  return mends;
}
