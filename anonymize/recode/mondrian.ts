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

/**
 * Multidimensional recoding: all records, cut in two at the weighted median of the key that reaches widest, again and again, while both
 * sides keep what is required; a key that cannot be cut gives way to the next widest. Undefined where the file as a whole does not hold.
 * What is required of sensitive variables needs `strict`. Source: LeFevre, DeWitt and Ramakrishnan (2006). Cost: classes x keys for each
 * depth of cuts, and a sort.
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
  const done: Partition[] = [];
  const waiting: Items[] = [all];
  for (let items = waiting.pop(); items !== undefined; items = waiting.pop()) {
    const partition = { ...items, ...boundsOf(table, items, orders) };
    const halves = cut(table, orders, partition, mode, isAllowed);
    if (halves === undefined) done.push(partition);
    else waiting.push(halves[1], halves[0]);
  }
  return done;
}

function cut(
  table: ClassTable,
  orders: readonly KeyOrder[],
  { rows, n, from, to }: Partition,
  mode: MondrianMode,
  isAllowed: (side: Items) => boolean,
): [Items, Items] | undefined {
  const keys = orders
    .map(({ width }, key) => ({ key, width: width(from[key] as number, to[key] as number) }))
    .filter(({ key }) => from[key] !== to[key])
    .sort((a, b) => b.width - a.width || a.key - b.key);
  for (const { key } of keys) {
    const ranks = rows.map((row) => orders[key]?.rank[table.codes[row * orders.length + key] as number] as number);
    const halves = mode === 'strict' ? halfStrict(rows, n, ranks) : halfRelaxed(rows, n, ranks);
    if (halves.every(isAllowed)) return halves;
  }
  return undefined;
}

/** Between two values, where the sides differ least. */
function halfStrict(rows: Int32Array, n: Float64Array, ranks: Int32Array): [Items, Items] {
  const order = byRank(ranks);
  const total = sum(n);
  let [below, best, place] = [0, Number.POSITIVE_INFINITY, 0];
  for (let at = 1; at < order.length; at++) {
    below += n[order[at - 1] as number] as number;
    if (ranks[order[at - 1] as number] === ranks[order[at] as number] || Math.abs(2 * below - total) >= best) continue;
    best = Math.abs(2 * below - total);
    place = at;
  }
  const side = (places: Int32Array): Items => ({
    rows: places.map((at) => rows[at] as number),
    n: Float64Array.from(places, (at) => n[at] as number),
  });
  return [side(order.subarray(0, place)), side(order.subarray(place))];
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

function boundsOf({ codes }: ClassTable, { rows }: Items, orders: readonly KeyOrder[]): Pick<Partition, 'from' | 'to'> {
  const from = new Int32Array(orders.length).fill(2 ** 31 - 1);
  const to = new Int32Array(orders.length).fill(-1);
  for (const row of rows) {
    for (const [key, { rank }] of orders.entries()) {
      const place = rank[codes[row * orders.length + key] as number] as number;
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
  return n.reduce((total, records) => total + records, 0);
}
