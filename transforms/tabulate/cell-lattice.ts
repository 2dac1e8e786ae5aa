import { largeInt32Array } from '../../engine/large-array.ts';
import { sortedOrder } from '../../engine/radix-sort.ts';

/** A dimension as the kernel sees it: `levels[l][leaf]` is the node of a leaf at level l; level 0 is the finest, the last is the total (node 0). */
export interface LatticeDimension {
  readonly nodes: number;
  readonly levels: readonly Int32Array[];
}

/** The combinations of leaves that occur, ascending by key. */
export interface FinestCells {
  readonly size: number;
  /** Cell of each row. */
  readonly cell: Int32Array;
  /** Per dimension: the leaf of each cell. */
  readonly leaves: readonly Int32Array[];
}

/** The cells of one margin: one level in each dimension. */
export interface Margin {
  readonly levels: readonly number[];
  readonly size: number;
  /** Key of each cell over the nodes of all dimensions: what tells cells of all margins apart. */
  readonly keys: Float64Array;
  /** For each cell of the margin that it comes from (one level finer in one dimension): its cell here. */
  readonly up: Int32Array;
  /** Nothing was joined: every result is that of the margin it comes from. */
  readonly isSame: boolean;
  /** The dimension that was rolled up; undefined for the finest margin. */
  readonly along: number | undefined;
}

/** Dense counters up to here; above, keys are sorted. */
const DENSE = 1 << 24;

/** Ranks the keys (mixed radix over `counts` leaves) of rows among those that occur; Int32 keys are overwritten with their cells. */
export function finestCells(key: Int32Array | Float64Array, counts: readonly number[]): FinestCells {
  const space = counts.reduce((product, count) => product * count, 1);
  const { cell, distinct } = space <= DENSE ? rankDense(key, space) : rankSorted(key);
  let stride = space;
  const leaves = counts.map((count) => {
    stride /= count;
    const over = stride;
    return Int32Array.from(distinct, (each) => Math.floor(each / over) % count);
  });
  return { size: distinct.length, cell, leaves };
}

function rankDense(key: Int32Array | Float64Array, space: number): { cell: Int32Array; distinct: Float64Array } {
  const rank = new Int32Array(space);
  for (let row = 0; row < key.length; row++) rank[key[row] as number] = 1;
  let size = 0;
  for (let at = 0; at < space; at++) {
    if (rank[at] === 0) continue;
    rank[at] = size++;
  }
  const distinct = new Float64Array(size);
  const cell = key instanceof Int32Array ? key : largeInt32Array(key.length);
  for (let row = 0; row < key.length; row++) {
    const at = key[row] as number;
    const number = rank[at] as number;
    cell[row] = number;
    distinct[number] = at;
  }
  return { cell, distinct };
}

function rankSorted(key: Int32Array | Float64Array): { cell: Int32Array; distinct: Float64Array } {
  const order = sortedOrder(key);
  const cell = largeInt32Array(key.length);
  const distinct: number[] = [];
  let last = Number.NaN;
  for (let at = 0; at < order.length; at++) {
    const row = order[at] as number;
    if (key[row] !== last) {
      last = key[row] as number;
      distinct.push(last);
    }
    cell[row] = distinct.length - 1;
  }
  return { cell, distinct: Float64Array.from(distinct) };
}

/** Visits a margin with what was computed for the margin it comes from; returns what its own descendants need. */
export type Visit<State> = (margin: Margin, from: State | undefined) => State;

/**
 * Walks all margins, each once, from the finest down; a margin comes from the one that is a level finer in the last dimension of
 * `order` that is above its finest level. What is rolled up first saves most: broad dimensions first, those that decide nothing last.
 */
export function walkMargins<State>(
  finest: FinestCells,
  dimensions: readonly LatticeDimension[],
  order: readonly number[],
  visit: Visit<State>,
): void {
  const strides = nodeStrides(dimensions);
  const keys = new Float64Array(finest.size);
  for (const [d, { levels }] of dimensions.entries()) {
    const nodes = levels[0] as Int32Array;
    const leaf = finest.leaves[d] as Int32Array;
    for (let cell = 0; cell < finest.size; cell++)
      keys[cell] = (keys[cell] as number) + (nodes[leaf[cell] as number] as number) * (strides[d] as number);
  }
  const parents = dimensions.map(nextLevels);
  const down = (margin: Margin, state: State, from: number): void => {
    for (let position = from; position < order.length; position++) {
      const d = order[position] as number;
      const next = parents[d]?.[margin.levels[d] as number];
      if (next === undefined) continue;
      const joined = joinCells(rolledKeys(margin.keys, next, dimensions[d]?.nodes ?? 1, strides[d] as number));
      const child: Margin = {
        levels: margin.levels.map((level, each) => (each === d ? level + 1 : level)),
        ...joined,
        isSame: joined.size === margin.size && joined.up.every((cell, at) => cell === at),
        along: d,
      };
      down(child, visit(child, state), position);
    }
  };
  const up = Int32Array.from(keys, (_, cell) => cell);
  const first: Margin = { levels: dimensions.map(() => 0), size: finest.size, keys, up, isSame: false, along: undefined };
  down(first, visit(first, undefined), 0);
}

/** Nodes that stand for themselves one level up too (a branch that ends early); the finer margin leaves their cells out. */
export function repeatedNodes({ nodes, levels }: LatticeDimension): (Uint8Array | undefined)[] {
  return nextLevels({ nodes, levels }).map((next, level) => {
    const repeated = new Uint8Array(nodes);
    for (const node of levels[level] as Int32Array) if (next[node] === node) repeated[node] = 1;
    return repeated.includes(1) ? repeated : undefined;
  });
}

/** 1 for each cell that a coarser margin shows too; undefined where there is none. */
export function repeatedCells(
  { levels, keys, size }: Pick<Margin, 'levels' | 'keys' | 'size'>,
  dimensions: readonly LatticeDimension[],
  repeated: readonly (readonly (Uint8Array | undefined)[])[],
): Uint8Array | undefined {
  const strides = nodeStrides(dimensions);
  let flags: Uint8Array | undefined;
  for (const [d, level] of levels.entries()) {
    const nodes = repeated[d]?.[level];
    if (nodes === undefined) continue;
    flags ??= new Uint8Array(size);
    for (let cell = 0; cell < size; cell++)
      if (nodes[Math.floor((keys[cell] as number) / (strides[d] as number)) % nodes.length] === 1) flags[cell] = 1;
  }
  return flags;
}

/** Strides of the keys over all nodes. */
export function nodeStrides(dimensions: readonly { readonly nodes: number }[]): number[] {
  const strides: number[] = [];
  let next = 1;
  for (const { nodes } of dimensions.toReversed()) {
    strides.unshift(next);
    next *= nodes;
  }
  return strides;
}

/** Per level below the total: for each node of the level, its node one level up. */
function nextLevels({ nodes, levels }: LatticeDimension): Int32Array[] {
  return levels.slice(1).map((above, level) => {
    const next = new Int32Array(nodes);
    const own = levels[level] as Int32Array;
    for (let leaf = 0; leaf < own.length; leaf++) next[own[leaf] as number] = above[leaf] as number;
    return next;
  });
}

function rolledKeys(keys: Float64Array, next: Int32Array, nodes: number, stride: number): Float64Array {
  const rolled = new Float64Array(keys.length);
  for (let cell = 0; cell < keys.length; cell++) {
    const key = keys[cell] as number;
    const node = Math.floor(key / stride) % nodes;
    rolled[cell] = key + ((next[node] as number) - node) * stride;
  }
  return rolled;
}

/** Cells with one key become one; numbered by ascending key. */
function joinCells(keys: Float64Array): { size: number; keys: Float64Array; up: Int32Array } {
  const order = sortedOrder(keys);
  const up = new Int32Array(keys.length);
  const distinct = new Float64Array(keys.length);
  let size = 0;
  for (let at = 0; at < order.length; at++) {
    const key = keys[order[at] as number] as number;
    if (size === 0 || distinct[size - 1] !== key) distinct[size++] = key;
    up[order[at] as number] = size - 1;
  }
  return { size, keys: distinct.slice(0, size), up };
}
