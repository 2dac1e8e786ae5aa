import type { PackedClasses } from './packed-classes.ts';
import { ProjectionCounts } from './projection-counts.ts';
import type { CellSuppression } from './suppress-cells.ts';

/** Classes that hide the same keys, by what they still show: who could stand in for a class that shows all. */
interface Helpers {
  /** Helping classes, those of one group side by side, those that cannot be restored themselves first. */
  readonly rows: Int32Array;
  /** First of each group in `rows`, and one past the last; moves past those that have given all. */
  readonly next: Int32Array;
  readonly end: Int32Array;
  /** Records of each group that support nobody yet. */
  readonly spare: Float64Array;
  /** Group of each class that may be restored; -1: none. */
  readonly groupOf: Int32Array;
}

/**
 * Gives complete classes their values back where incomplete records can fill them up to k, each record for one class only (the judge
 * `capacity`). `found`: a suppression by the strict judge. It holds for the others as before: a class that is given back was counted by its
 * group as equal, and is counted now as complete. The classes that save most values for each record of help come first, and take the help that
 * fits the fewest others; a class that helps stays as it is. Cost: patterns of suppressed keys x classes that are suppressed.
 */
export function restoreClasses(classes: PackedClasses, missing: Int32Array, k: number, found: CellSuppression): CellSuppression {
  const { n, size } = classes;
  const masks = found.masks.slice();
  const isHelper = (row: number): boolean => masks[row] !== 0 && found.removed[row] === 0;
  const helping = Int32Array.from({ length: size }, (_, row) => row).filter(isHelper);
  const saved = (row: number): number => (ones(masks[row] as number) * (n[row] as number)) / (k - (n[row] as number));
  const order = helping.filter((row) => missing[row] === 0 && (n[row] as number) < k).sort((a, b) => saved(b) - saved(a) || a - b);
  const patterns = [...new Set(helping.map((row) => masks[row] as number))].sort((a, b) => ones(a) - ones(b) || a - b);
  const helpers = patterns.map((mask) => helpersOf(classes, mask, masks, missing, helping, order));
  const left = n.slice();
  for (const [at, row] of order.entries()) {
    const own = helpers[patterns.indexOf(masks[row] as number)] as Helpers;
    if (left[row] !== n[row]) continue;
    const lack = k - (n[row] as number);
    const spare = helpers.reduce(
      (sum, each) => sum + ((each.groupOf[at] as number) < 0 ? 0 : (each.spare[each.groupOf[at] as number] as number)),
      0,
    );
    if (spare - (n[row] as number) < lack) continue;
    const group = own.groupOf[at] as number;
    own.spare[group] = (own.spare[group] as number) - (n[row] as number);
    left[row] = 0;
    masks[row] = 0;
    for (let needed = lack, pattern = 0; needed > 0; pattern++) needed -= take(helpers[pattern] as Helpers, at, needed, left);
  }
  return { masks, removed: found.removed };
}

/** Takes up to `needed` records of the group that fits; how many. */
function take({ rows, next, end, spare, groupOf }: Helpers, at: number, needed: number, left: Float64Array): number {
  const group = groupOf[at] as number;
  if (group < 0) return 0;
  let taken = 0;
  while (taken < needed && (next[group] as number) < (end[group] as number)) {
    const helper = rows[next[group] as number] as number;
    const units = Math.min(left[helper] as number, needed - taken);
    left[helper] = (left[helper] as number) - units;
    taken += units;
    if (left[helper] === 0) next[group] = (next[group] as number) + 1;
  }
  spare[group] = (spare[group] as number) - taken;
  return taken;
}

function helpersOf(
  classes: PackedClasses,
  mask: number,
  masks: Int32Array,
  missing: Int32Array,
  helping: Int32Array,
  order: Int32Array,
): Helpers {
  const mine = helping.filter((row) => masks[row] === mask);
  const counts = new ProjectionCounts(classes, mask);
  const groups = counts.add(mine);
  const size = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  const spare = Float64Array.from({ length: size }, (_, group) => counts.of(group));
  const groupOf = counts.add(order).map((group) => (group < size ? group : -1));
  const sorted = mine
    .map((_, at) => at)
    .sort(
      (a, b) =>
        (groups[a] as number) - (groups[b] as number) ||
        Number(missing[mine[a] as number] === 0) - Number(missing[mine[b] as number] === 0) ||
        a - b,
    );
  const [next, end] = [new Int32Array(size), new Int32Array(size)];
  for (const [place, at] of sorted.entries()) {
    const group = groups[at] as number;
    if (end[group] === 0) next[group] = place;
    end[group] = place + 1;
  }
  return { rows: sorted.map((at) => mine[at] as number), next, end, spare, groupOf };
}

/** Bits that are set. */
function ones(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
