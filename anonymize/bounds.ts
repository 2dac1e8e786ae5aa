import type { TableSystem } from './table-system.ts';

/** What can be inferred about each cell of one measure; both ends are the value itself where a cell is published. */
export interface Bounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Bounds without any attack: nothing is known of a suppressed cell. */
export function unknownBounds(values: Float64Array, suppressed: Uint8Array): Bounds {
  return {
    lower: values.map((value, cell) => (suppressed[cell] === 1 ? Number.NEGATIVE_INFINITY : value)),
    upper: values.map((value, cell) => (suppressed[cell] === 1 ? Number.POSITIVE_INFINITY : value)),
  };
}

/** Sweeps over all relations; stopping early only leaves the bounds wider than an attacker's. */
const MAX_SWEEPS = 60;

/**
 * Bounds of the suppressed cells by propagation over every relation until nothing narrows: parent between the sums of its children's
 * bounds, child between the parent's bounds less its siblings'. `floor` and `ceiling` are what an attacker takes for granted.
 */
export function propagateBounds(
  system: TableSystem,
  suppressed: Uint8Array,
  values: Float64Array,
  { floor, ceiling }: { readonly floor: number; readonly ceiling: number },
): Bounds {
  const lower = values.map((value, cell) => (suppressed[cell] === 1 ? floor : value));
  const upper = values.map((value, cell) => (suppressed[cell] === 1 ? ceiling : value));
  const tolerance = 1e-12 * Math.max(1, Math.abs(ceiling));
  const open = system.relations.filter(
    ({ parent, children }) => suppressed[parent] === 1 || children.some((cell) => suppressed[cell] === 1),
  );
  const narrow = (cell: number, low: number, high: number): boolean => {
    const isLower = low > (lower[cell] as number) + tolerance;
    const isUpper = high < (upper[cell] as number) - tolerance;
    if (isLower) lower[cell] = low;
    if (isUpper) upper[cell] = high;
    return isLower || isUpper;
  };
  for (let sweep = 0, changed = true; changed && sweep < MAX_SWEEPS; sweep++) {
    changed = false;
    for (const { parent, children } of open) {
      let low = 0;
      let high = 0;
      for (const cell of children) {
        low += lower[cell] as number;
        high += upper[cell] as number;
      }
      if (suppressed[parent] === 1 && narrow(parent, low, high)) changed = true;
      const [parentLow, parentHigh] = [lower[parent] as number, upper[parent] as number];
      for (const cell of children) {
        if (suppressed[cell] !== 1) continue;
        const [ownLow, ownHigh] = [lower[cell] as number, upper[cell] as number];
        if (!narrow(cell, parentLow - (high - ownHigh), parentHigh - (low - ownLow))) continue;
        changed = true;
        low += (lower[cell] as number) - ownLow;
        high += (upper[cell] as number) - ownHigh;
      }
    }
  }
  return { lower, upper };
}
