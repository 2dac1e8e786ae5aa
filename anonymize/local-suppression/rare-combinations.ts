import type { PackedClasses } from './packed-classes.ts';
import { ProjectionCounts } from './projection-counts.ts';
import type { CellSuppression } from './suppress-cells.ts';

/** Any values of at most `size` keys that a record shows are shown by `k` records. */
export interface CombinationRequirement {
  readonly size: number;
  readonly k: number;
}

/** Sets of keys, as bits, and how many records must share their values: the most that any requirement of their size or more asks. */
export function combinationSets(keys: number, required: readonly CombinationRequirement[]): { set: number; k: number }[] {
  const largest = Math.max(0, ...required.map(({ size }) => size));
  const sets: { set: number; k: number }[] = [];
  const extend = (set: number, size: number, next: number): void => {
    if (size > 0) sets.push({ set, k: Math.max(...required.filter((one) => one.size >= size).map(({ k }) => k)) });
    if (size < largest) for (let key = next; key < keys; key++) extend(set | (1 << key), size + 1, key + 1);
  };
  extend(0, 0, 0);
  return sets;
}

/**
 * Suppresses on until no combination is rare: `suppress` protects the classes whose keys are hidden so far; then each class that shows a rare
 * combination takes the first mask of `order` that breaks all of its rare ones; that may make others rare, and is repeated until none is left.
 * Hidden keys only become more, so it ends. Cost: sets x classes for each round.
 */
export function suppressCombinations(
  classes: PackedClasses,
  missing: Int32Array,
  sets: readonly { set: number; k: number }[],
  order: readonly number[],
  suppress: (hidden: Int32Array) => CellSuppression,
): CellSuppression {
  const hidden = missing.slice();
  for (;;) {
    const found = suppress(hidden);
    for (let row = 0; row < classes.size; row++) hidden[row] = (hidden[row] as number) | (found.masks[row] as number);
    const rare = rareSets(classes, hidden, found.removed, sets);
    if (rare.size === 0) return found;
    for (const [row, broken] of rare) {
      const mask = order.find((each) => broken.every((set) => (each & set) !== 0));
      if (mask !== undefined) hidden[row] = (hidden[row] as number) | mask;
    }
  }
}

/** For each class that stays the rare sets of keys that it shows. */
function rareSets(
  classes: PackedClasses,
  hidden: Int32Array,
  removed: Uint8Array,
  sets: readonly { set: number; k: number }[],
): Map<number, number[]> {
  const all = 2 ** classes.keys - 1;
  const rare = new Map<number, number[]>();
  const shown = new Int32Array(classes.size);
  for (const { set, k } of sets) {
    let count = 0;
    for (let row = 0; row < classes.size; row++) if (removed[row] === 0 && ((hidden[row] as number) & set) === 0) shown[count++] = row;
    const counts = new ProjectionCounts(classes, all & ~set);
    for (const [at, group] of counts.add(shown.subarray(0, count)).entries()) {
      if (counts.of(group) >= k) continue;
      const row = shown[at] as number;
      const broken = rare.get(row);
      if (broken === undefined) rare.set(row, [set]);
      else broken.push(set);
    }
  }
  return rare;
}
