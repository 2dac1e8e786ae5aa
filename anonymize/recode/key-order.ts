import type { ValueHierarchy } from './value-hierarchy.ts';

/** The values of a key in one order, in which neighbours may become one value. */
export interface KeyOrder {
  /** By code: its place from 0. */
  readonly rank: Int32Array;
  /** How far a range of places reaches, of 1 for all; 0 for a single one. */
  readonly width: (from: number, to: number) => number;
  /** Share of the leaves of the hierarchy that a range of places covers: 1 for all. */
  readonly share: (from: number, to: number) => number;
  /**
   * What the values of a range of places are called: a single one as it is, numbers `[20,35]`, others `{north;Eilat}` by the highest values
   * of the hierarchy that cover them, all of them as the last level. An unknown value in a range is `missing`.
   */
  readonly label: (from: number, to: number) => string;
}

const UNKNOWN = 'missing';

/** Numbers by size where `isFlat` (the hierarchy only has intervals, or one step) and every known value is one; others along the hierarchy. */
export function keyOrder({ codes, labels, shares }: ValueHierarchy, values: readonly string[], isFlat: boolean): KeyOrder {
  const known = values.filter((value) => value !== '');
  const isNumeric = isFlat && known.every((value) => value.trim() !== '' && Number.isFinite(Number(value)));
  const pathOrder = (one: number, other: number): number => {
    for (let level = codes.length - 1; level >= 0; level--) {
      const difference = (codes[level]?.[one] as number) - (codes[level]?.[other] as number);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const numberOf = (code: number): number => (values[code] === '' ? Number.POSITIVE_INFINITY : Number(values[code]));
  const bySize = (one: number, other: number): number =>
    numberOf(one) === numberOf(other) ? one - other : numberOf(one) - numberOf(other);
  const sorted = Int32Array.from(values, (_, code) => code).sort(isNumeric ? bySize : pathOrder);
  const rank = new Int32Array(values.length);
  for (const [place, code] of sorted.entries()) rank[code] = place;
  const last = values.length - 1;
  const shareTo = new Float64Array(values.length + 1);
  for (const [place, code] of sorted.entries())
    shareTo[place + 1] = (shareTo[place] as number) + (shares[0]?.[codes[0]?.[code] as number] ?? 0);
  const share = (from: number, to: number): number =>
    from === 0 && to === last && last > 0 ? 1 : (shareTo[to + 1] as number) - (shareTo[from] as number);
  const single = (place: number): string => values[sorted[place] as number] as string;
  const whole = labels.at(-1)?.[0] ?? '';
  const named = (from: number, to: number, range: () => string): string =>
    from === to ? single(from) : from === 0 && to === last ? whole : range();
  if (!isNumeric) {
    const cover = coverOf(sorted, codes, labels);
    return {
      rank,
      share,
      width: (from, to) => (to - from) / Math.max(1, last),
      label: (from, to) => named(from, to, () => braced(cover(from, to))),
    };
  }
  const sizes = Float64Array.from(sorted, numberOf);
  const range = (sizes[known.length - 1] ?? 0) - (sizes[0] ?? 0) || 1;
  return {
    rank,
    share,
    width: (from, to) => (from === to ? 0 : to >= known.length ? 1 : ((sizes[to] as number) - (sizes[from] as number)) / range),
    label: (from, to) =>
      named(from, to, () => {
        const end = Math.min(to, known.length - 1);
        const numbers = from === end ? single(from) : `[${single(from)},${single(end)}]`;
        return braced(end < to ? [numbers, UNKNOWN] : [numbers]);
      }),
  };
}

function braced(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] as string) : `{${parts.join(';')}}`;
}

/** The fewest values of a hierarchy that are exactly a range of places: at each place the widest that fits, at its lowest level. */
function coverOf(
  sorted: Int32Array,
  codes: ValueHierarchy['codes'],
  labels: ValueHierarchy['labels'],
): (from: number, to: number) => string[] {
  const ends = codes.map((level) => {
    const end = new Int32Array(sorted.length);
    for (let place = sorted.length - 1; place >= 0; place--) {
      const isInside = place + 1 < sorted.length && level[sorted[place + 1] as number] === level[sorted[place] as number];
      end[place] = isInside ? (end[place + 1] as number) : place;
    }
    return end;
  });
  const isStart = (level: number, place: number): boolean => place === 0 || ends[level]?.[place - 1] !== ends[level]?.[place];
  return (from, to) => {
    const parts: string[] = [];
    for (let place = from; place <= to; ) {
      let [level, end] = [0, place];
      for (let higher = 1; higher < codes.length; higher++) {
        const reach = ends[higher]?.[place] as number;
        if (isStart(higher, place) && reach <= to && reach > end) [level, end] = [higher, reach];
      }
      const label = labels[level]?.[codes[level]?.[sorted[place] as number] as number] as string;
      parts.push(label === '' ? UNKNOWN : label);
      place = end + 1;
    }
    return parts;
  };
}
