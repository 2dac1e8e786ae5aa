import type { ClassTable, Histogram } from './class-table.ts';
import type { KeyOrder } from './key-order.ts';
import { holds, type Requirement, sharesOf } from './requirement.ts';

/** `strict`: all records of a value go to one side of a cut; `relaxed`: those of the middle value may be divided. */
export const MONDRIAN_MODES = ['strict', 'relaxed'] as const;
export type MondrianMode = (typeof MONDRIAN_MODES)[number];

/** Records that become equal: classes of the file (rows), records of each, and for each key the first and last place of its values. */
export interface Partition {
  readonly rows: Int32Array;
  readonly n: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

type Items = Pick<Partition, 'rows' | 'n'>;

/** Ranks that reach no further than so many times their number are counted one by one. */
const CLOSE = 4;

/**
 * Multidimensional recoding: all records, cut in two at the weighted median of the key that reaches widest, again and again, while both
 * sides keep what is required; a key that cannot be cut gives way to the next widest. Undefined where the file as a whole does not hold.
 * What is required of sensitive variables needs `strict`. Source: LeFevre, DeWitt and Ramakrishnan (2006). Cost: classes x keys for each
 * depth of cuts, with `relaxed` a sort.
 */
export function mondrian(
  table: ClassTable,
  orders: readonly KeyOrder[],
  mode: MondrianMode,
  requirement: Requirement,
): Partition[] | undefined {
  if (table.size === 0) return [];
  const all = { rows: Int32Array.from(table.n.keys()), n: table.n };
  const shares = table.histograms?.map((histogram) => sharesOf(histogram)) ?? [];
  const isAllowed = (side: Items): boolean => holds(merged(table, side), requirement, shares);
  if (!isAllowed(all)) return undefined;
  const places = placesOf(table, orders);
  const done: Partition[] = [];
  const waiting: Items[] = [all];
  for (let items = waiting.pop(); items !== undefined; items = waiting.pop()) {
    const partition = { ...items, ...boundsOf(places, items, orders.length) };
    const halves = cut(places, orders, partition, mode, isAllowed);
    if (halves === undefined) done.push(partition);
    else waiting.push(halves[1], halves[0]);
  }
  return done;
}

/** Where the values of every class stand in the orders, row-major. */
function placesOf({ codes }: ClassTable, orders: readonly KeyOrder[]): Int32Array {
  const places = new Int32Array(codes.length);
  for (const [key, { rank }] of orders.entries())
    for (let at = key; at < codes.length; at += orders.length) places[at] = rank[codes[at] as number] as number;
  return places;
}

function cut(
  places: Int32Array,
  orders: readonly KeyOrder[],
  { rows, n, from, to }: Partition,
  mode: MondrianMode,
  isAllowed: (side: Items) => boolean,
): [Items, Items] | undefined {
  const keys = orders
    .map(({ width }, key) => ({ key, width: width(from[key] as number, to[key] as number) }))
    .filter(({ key }) => from[key] !== to[key])
    .sort((a, b) => b.width - a.width || a.key - b.key);
  const ranks = new Int32Array(rows.length);
  for (const { key } of keys) {
    for (let at = 0; at < rows.length; at++) ranks[at] = places[(rows[at] as number) * orders.length + key] as number;
    const halves = mode === 'strict' ? halfStrict(rows, n, ranks) : halfRelaxed(rows, n, ranks);
    if (halves.every(isAllowed)) return halves;
  }
  return undefined;
}

/** Between two values, where the sides differ least; of several such places the first. */
function halfStrict(rows: Int32Array, n: Float64Array, ranks: Int32Array): [Items, Items] {
  const last = lastBelow(ranks, n);
  let left = 0;
  for (let at = 0; at < rows.length; at++) if ((ranks[at] as number) <= last) left++;
  const sides = [left, rows.length - left].map((size) => ({ rows: new Int32Array(size), n: new Float64Array(size) })) as [Items, Items];
  const next = [0, 0] as [number, number];
  for (let at = 0; at < rows.length; at++) {
    const side = (ranks[at] as number) <= last ? 0 : 1;
    const place = next[side]++;
    sides[side].rows[place] = rows[at] as number;
    sides[side].n[place] = n[at] as number;
  }
  return sides;
}

/** The last rank of the lower side: counted by rank where ranks are close together, else sorted. */
function lastBelow(ranks: Int32Array, n: Float64Array): number {
  let [least, most] = [ranks[0] as number, ranks[0] as number];
  for (const rank of ranks) {
    if (rank < least) least = rank;
    if (rank > most) most = rank;
  }
  const isClose = most - least < CLOSE * ranks.length;
  const distinct = isClose ? undefined : Int32Array.from(new Set(ranks)).sort();
  const placeOf = distinct === undefined ? undefined : new Map(Array.from(distinct, (rank, place) => [rank, place]));
  const records = new Float64Array(distinct?.length ?? most - least + 1);
  for (let at = 0; at < ranks.length; at++) {
    const place = placeOf?.get(ranks[at] as number) ?? (ranks[at] as number) - least;
    records[place] = (records[place] as number) + (n[at] as number);
  }
  const total = sum(records);
  let [below, best, last] = [0, Number.POSITIVE_INFINITY, 0];
  for (let place = 0; place < records.length - 1; place++) {
    below += records[place] as number;
    if (Math.abs(2 * below - total) >= best) continue;
    best = Math.abs(2 * below - total);
    last = place;
  }
  return distinct === undefined ? least + last : (distinct[last] as number);
}

/** After half of the records; a class that lies across is divided. */
function halfRelaxed(rows: Int32Array, n: Float64Array, ranks: Int32Array): [Items, Items] {
  const half = Math.floor(sum(n) / 2);
  const left: [row: number, n: number][] = [];
  const right: [row: number, n: number][] = [];
  let below = 0;
  for (const at of byRank(ranks)) {
    const [row, records] = [rows[at] as number, n[at] as number];
    const taken = Math.min(records, half - below);
    if (taken > 0) left.push([row, taken]);
    if (taken < records) right.push([row, records - taken]);
    below += taken;
  }
  const side = (pieces: readonly [number, number][]): Items => ({
    rows: Int32Array.from(pieces, ([row]) => row),
    n: Float64Array.from(pieces, ([, records]) => records),
  });
  return [side(left), side(right)];
}

/** Places by rank, equal ranks in their order. */
function byRank(ranks: Int32Array): Int32Array {
  const packed = Float64Array.from(ranks, (rank, at) => rank * ranks.length + at).sort();
  return Int32Array.from(packed, (one) => one % ranks.length);
}

function boundsOf(places: Int32Array, { rows }: Items, keys: number): Pick<Partition, 'from' | 'to'> {
  const from = new Int32Array(keys).fill(2 ** 31 - 1);
  const to = new Int32Array(keys).fill(-1);
  for (const row of rows) {
    for (let key = 0; key < keys; key++) {
      const place = places[row * keys + key] as number;
      if (place < (from[key] as number)) from[key] = place;
      if (place > (to[key] as number)) to[key] = place;
    }
  }
  return { from, to };
}

/** One class of all items. */
function merged({ histograms }: ClassTable, { rows, n }: Items): { n: number; histograms: Histogram[] } {
  const merge = ({ values, counts, distances }: Histogram): Histogram => {
    const sums = new Float64Array(values);
    for (const row of rows)
      for (let value = 0; value < values; value++) sums[value] = (sums[value] as number) + (counts[row * values + value] as number);
    return { values, counts: sums, distances };
  };
  return { n: sum(n), histograms: histograms?.map(merge) ?? [] };
}

function sum(n: Float64Array): number {
  let total = 0;
  for (const records of n) total += records;
  return total;
}
