/**
 * The first distinct units of each cell from one end of the rows, up to `cap`: at `cell x cap + i` the i-th unit and the place at which it
 * first stands, ascending. Additive over cells: the first of a union are among the first of its parts, so no margin reads a row.
 */
export interface FirstUnits {
  readonly cap: number;
  readonly count: Int32Array;
  readonly unit: Int32Array;
  readonly place: Int32Array;
}

export function noFirstUnits(size: number, cap: number): FirstUnits {
  return { cap, count: new Int32Array(size), unit: new Int32Array(size * cap), place: new Int32Array(size * cap) };
}

/** Takes in that `unit` stands in `cell` at `place`; a unit keeps its first place, a cell its `cap` first. */
export function addUnit(first: FirstUnits, cell: number, unit: number, place: number): void {
  const { cap, count, unit: units, place: places } = first;
  const from = cell * cap;
  let end = from + (count[cell] as number);
  if (end === from + cap && place >= (places[end - 1] as number)) return;
  for (let at = from; at < end; at++) {
    if (units[at] !== unit) continue;
    if ((places[at] as number) <= place) return;
    for (let next = at + 1; next < end; next++) {
      units[next - 1] = units[next] as number;
      places[next - 1] = places[next] as number;
    }
    end--;
    break;
  }
  if (end === from + cap) end--;
  let at = end;
  for (; at > from && (places[at - 1] as number) > place; at--) {
    units[at] = units[at - 1] as number;
    places[at] = places[at - 1] as number;
  }
  units[at] = unit;
  places[at] = place;
  count[cell] = end + 1 - from;
}

/** The first units of a margin from those of the margin it comes from. */
export function rollFirstUnits(from: FirstUnits, up: Int32Array, size: number): FirstUnits {
  const { cap, count, unit, place } = from;
  const to = noFirstUnits(size, cap);
  for (let cell = 0; cell < up.length; cell++) {
    const end = cell * cap + (count[cell] as number);
    for (let at = cell * cap; at < end; at++) addUnit(to, up[cell] as number, unit[at] as number, place[at] as number);
  }
  return to;
}

/** How many distinct units, up to `cap`, stand at or before a place in a cell. */
export function unitsUpTo({ cap, count, place }: FirstUnits, cell: number, last: number): number {
  let found = 0;
  while (found < (count[cell] as number) && (place[cell * cap + found] as number) <= last) found++;
  return found;
}
