/** Households by number; an area is a number within its level, level 0 the widest. */
export interface Homes {
  /** Equal where households are alike in what must stay equal. */
  readonly profile: Int32Array;
  /** By level: the area of each household, told apart by all wider levels too. */
  readonly area: readonly Int32Array[];
  /** The widest level at which a member is rarer than asked; the number of levels where nobody is. */
  readonly level: Int32Array;
  /** Largest risk of a member, 1 / records like it in its smallest area. */
  readonly risk: Float64Array;
  /** A uniform draw in (0, 1). */
  readonly draw: Float64Array;
}

export interface Pairing {
  /** For each household the one whose place it takes; its own number where it stays. */
  readonly partner: Int32Array;
  readonly pairs: number;
  /** Households that stay although their turn came: no other was left. */
  readonly alone: number;
}

/**
 * Targeted record swapping: up to `most` pairs of households of one profile and of two areas. Those at risk at the widest level come first, then by
 * risk / Exp(1), a weighted sample without replacement; each takes the first in that order that is free and lives in another area of the level
 * at which it is at risk (of the narrowest where it is not). Source: docs/methods/swap-households.md. Cost: a sort, and each list of
 * one profile once for every area that looks for a partner in it.
 */
export function pairHouseholds({ profile, area, level, risk, draw }: Homes, most: number): Pairing {
  const homes = profile.length;
  const priority = risk.map((each, home) => each / -Math.log(draw[home] as number));
  const order = Int32Array.from(profile.keys()).sort(
    (a, b) => (level[a] as number) - (level[b] as number) || (priority[b] as number) - (priority[a] as number) || a - b,
  );
  const alike = listsOf(order, profile);
  const partner = Int32Array.from(profile.keys());
  const isFree = (home: number): boolean => partner[home] === home;
  const seen = new Map<string, number>();
  const failed: number[] = [];
  let pairs = 0;
  for (let at = 0; at < homes && pairs < most; at++) {
    const home = order[at] as number;
    if (!isFree(home)) continue;
    const across = Math.min(level[home] as number, area.length - 1);
    const places = area[across] as Int32Array;
    const list = alike.get(profile[home] as number) as readonly number[];
    const name = `${profile[home]} ${across} ${places[home]}`;
    let place = seen.get(name) ?? 0;
    while (place < list.length && (!isFree(list[place] as number) || places[list[place] as number] === places[home])) place++;
    seen.set(name, place);
    const other = list[place];
    if (other === undefined) {
      failed.push(home);
      continue;
    }
    partner[home] = other;
    partner[other] = home;
    pairs++;
  }
  return { partner, pairs, alone: failed.filter(isFree).length };
}

function listsOf(order: Int32Array, profile: Int32Array): Map<number, number[]> {
  const lists = new Map<number, number[]>();
  for (const home of order) {
    const list = lists.get(profile[home] as number);
    if (list === undefined) lists.set(profile[home] as number, [home]);
    else list.push(home);
  }
  return lists;
}
