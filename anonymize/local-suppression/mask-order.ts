/** Keys up to which every combination of suppressed keys is tried; beyond, those of at most `FEW`, then all keys at once. */
const MANY = 14;
const FEW = 3;

/**
 * Bit masks of the keys to suppress, the cheapest first: fewer keys before more; of equally many those that spare the important keys.
 * `importance`: keys (numbers), the most important first; a key that is not named comes behind, with more values the less important.
 */
export function maskOrder(keys: number, importance: readonly number[], values: readonly number[]): number[] {
  const rest = [...Array(keys).keys()]
    .filter((key) => !importance.includes(key))
    .sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  const ranked = [...importance, ...rest];
  const masks: number[] = [];
  for (let size = 1; size <= keys; size++) if (keys <= MANY || size <= FEW || size === keys) masks.push(...combinations(ranked, size));
  return masks;
}

/** Masks of `size` of the keys, those of the least important keys first. */
function combinations(ranked: readonly number[], size: number): number[] {
  if (size === 0) return [0];
  return ranked.flatMap((_, at) => {
    const place = ranked.length - 1 - at;
    return combinations(ranked.slice(0, place), size - 1).map((mask) => mask | (1 << (ranked[place] as number)));
  });
}
