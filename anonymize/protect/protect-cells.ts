import { DefinitionError } from '../../engine/errors.ts';
import type { Relation, TableSystem } from '../table-system.ts';
import type { CodeDimension } from './code-dimension.ts';
import type { InnerTable } from './inner-table.ts';

/** The cells of linked tables over one common inner table: published ones first, then inner cells that no table publishes. */
export interface ProtectCells {
  /** Number of published cells. */
  readonly size: number;
  /** Per dimension: code number of each cell, hidden ones too. */
  readonly keys: readonly Int32Array[];
  readonly system: TableSystem;
}

/** More cells than that do not fit the matrix. */
const MOST_CELLS = 5_000_000;

/**
 * Builds the cells and the matrix of a release: a cell for each combination of codes with a row below it, in each table (dimensions
 * that a table leaves out are at their total). `tables` are numbers of dimensions. Cost: rows x combinations of the codes above them.
 * Errors: `protect-too-wide`.
 */
export function protectCells(
  dimensions: readonly CodeDimension[],
  inner: InnerTable,
  tables: readonly (readonly number[])[],
): ProtectCells {
  const strides = stridesOf(dimensions);
  const lists = new Map<number, number[]>();
  for (const table of tables) addCells(dimensions, inner, new Set(table), strides, lists);
  const published = lists.size;
  if (published > MOST_CELLS)
    throw new DefinitionError('protect-too-wide', `the tables have over ${MOST_CELLS} cells; publish fewer details`);
  const isWhole = tables.some((table) => table.length === dimensions.length);
  const inTables = [...lists.keys()].sort((a, b) => a - b);
  const hidden: number[] = [];
  if (!isWhole) {
    for (let row = 0; row < inner.rows; row++) {
      const key = innerKey(dimensions, inner, strides, row);
      if (lists.has(key)) continue;
      hidden.push(key);
      lists.set(key, [row]);
    }
  }
  const order = [...inTables, ...hidden];
  const cellOf = new Map(order.map((key, cell) => [key, cell]));
  const keys = dimensions.map(({ codes }, d) => Int32Array.from(order, (key) => Math.floor(key / (strides[d] as number)) % codes.length));
  const columns = order.map((key) => Int32Array.from(lists.get(key) ?? []));
  const relations = [
    ...tables.flatMap((table) => relationsOf(dimensions, table, keys, published, strides, cellOf)),
    ...(isWhole ? [] : innerRelations(dimensions, inner, tables, strides, cellOf)),
  ];
  return {
    size: published,
    keys,
    system: systemOf(order.length, inner.rows, columns, dedupe(relations), pivotRank(dimensions, inner)),
  };
}

function stridesOf(dimensions: readonly CodeDimension[]): number[] {
  let stride = 1;
  const strides = dimensions.toReversed().map(({ codes }) => {
    const own = stride;
    stride *= codes.length;
    return own;
  });
  if (stride > Number.MAX_SAFE_INTEGER)
    throw new DefinitionError('protect-too-wide', 'the dimensions have over 2^53 combinations of codes');
  return strides.reverse();
}

function addCells(
  dimensions: readonly CodeDimension[],
  inner: InnerTable,
  table: ReadonlySet<number>,
  strides: readonly number[],
  lists: Map<number, number[]>,
): void {
  const steps = dimensions.map(({ above }, d) =>
    table.has(d) ? above.map((codes) => Float64Array.from(codes, (code) => code * (strides[d] as number))) : [new Float64Array(1)],
  );
  const seen = new Set<number>();
  for (const key of lists.keys()) seen.add(key);
  for (let row = 0; row < inner.rows; row++) {
    let keys = new Float64Array(1);
    for (let d = 0; d < dimensions.length; d++) {
      if (!table.has(d)) continue;
      const own = steps[d]?.[inner.leaves[d]?.[row] ?? 0] as Float64Array;
      const next = new Float64Array(keys.length * own.length);
      for (let i = 0; i < keys.length; i++)
        for (let j = 0; j < own.length; j++) next[i * own.length + j] = (keys[i] as number) + (own[j] as number);
      keys = next;
    }
    for (const key of keys) {
      if (seen.has(key)) continue;
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [row]);
      else list.push(row);
    }
  }
}

function innerKey(dimensions: readonly CodeDimension[], inner: InnerTable, strides: readonly number[], row: number): number {
  return dimensions.reduce((key, { leafCodes }, d) => key + (leafCodes[inner.leaves[d]?.[row] ?? 0] ?? 0) * (strides[d] as number), 0);
}

/** For each cell of a table and each way in which its code is a sum: parent = sum of the children that exist. */
function relationsOf(
  dimensions: readonly CodeDimension[],
  table: readonly number[],
  keys: readonly Int32Array[],
  published: number,
  strides: readonly number[],
  cellOf: ReadonlyMap<number, number>,
): Relation[] {
  const found: Relation[] = [];
  const inTable = new Set(table);
  const outside = dimensions.flatMap((_, d) => (inTable.has(d) ? [] : [d]));
  for (const d of table) {
    const groupsByParent = new Map<number, Int32Array[]>();
    for (const { parent, children } of dimensions[d]?.groups ?? [])
      groupsByParent.set(parent, [...(groupsByParent.get(parent) ?? []), children]);
    const stride = strides[d] as number;
    for (let cell = 0; cell < published; cell++) {
      if (outside.some((each) => keys[each]?.[cell] !== 0)) continue;
      const own = keys[d]?.[cell] ?? 0;
      const key = dimensions.reduce((sum, _, each) => sum + (keys[each]?.[cell] ?? 0) * (strides[each] as number), 0);
      for (const children of groupsByParent.get(own) ?? []) {
        const cells: number[] = [];
        for (const code of children) {
          const child = cellOf.get(key + (code - own) * stride);
          if (child !== undefined) cells.push(child);
        }
        if (cells.length > 0) found.push({ dimension: d, parent: cell, children: cells });
      }
    }
  }
  return found;
}

/** What ties linked tables: each finest cell of a table is the sum of the inner cells below it. */
function innerRelations(
  dimensions: readonly CodeDimension[],
  inner: InnerTable,
  tables: readonly (readonly number[])[],
  strides: readonly number[],
  cellOf: ReadonlyMap<number, number>,
): Relation[] {
  return tables.flatMap((table) => {
    const children = new Map<number, number[]>();
    const inTable = new Set(table);
    for (let row = 0; row < inner.rows; row++) {
      const whole = innerKey(dimensions, inner, strides, row);
      const key = dimensions.reduce(
        (sum, { leafCodes }, d) => sum + (inTable.has(d) ? (leafCodes[inner.leaves[d]?.[row] ?? 0] ?? 0) * (strides[d] as number) : 0),
        0,
      );
      const parent = cellOf.get(key) ?? 0;
      const list = children.get(parent);
      if (list === undefined) children.set(parent, [cellOf.get(whole) ?? 0]);
      else list.push(cellOf.get(whole) ?? 0);
    }
    return [...children].map(([parent, list]): Relation => ({ dimension: -1, parent, children: list }));
  });
}

function dedupe(relations: readonly Relation[]): Relation[] {
  const seen = new Map<string, Relation>();
  for (const relation of relations) {
    if (relation.children.length === 1 && relation.children[0] === relation.parent) continue;
    seen.set(`${relation.parent}=${relation.children.join('+')}`, relation);
  }
  return [...seen.values()];
}

function systemOf(
  size: number,
  rows: number,
  columns: readonly Int32Array[],
  relations: readonly Relation[],
  rank: Uint8Array,
): TableSystem {
  const relationsOfCell: number[][] = Array.from({ length: size }, () => []);
  relations.forEach(({ parent, children }, number) => {
    for (const cell of [parent, ...children]) relationsOfCell[cell]?.push(number);
  });
  const order = Int32Array.from({ length: size }, (_, cell) => cell);
  return { size, order, position: order, rows, columns, pivotRank: rank, relations, relationsOf: relationsOfCell };
}

/**
 * Of how many codes above a row its leaves are the most frequent, over all dimensions: the reference categories of the margins. Pivots
 * there keep elimination sparse, as they keep the columns of finer cells out of the coarser ones.
 */
function pivotRank(dimensions: readonly CodeDimension[], { rows, leaves }: InnerTable): Uint8Array {
  const rank = new Uint8Array(rows);
  dimensions.forEach(({ above, codes }, d) => {
    const column = leaves[d] as Int32Array;
    const count = new Int32Array(above.length);
    for (const leaf of column) count[leaf] = (count[leaf] ?? 0) + 1;
    const reference = new Int32Array(codes.length).fill(-1);
    above.forEach((list, leaf) => {
      for (const code of list)
        if (reference[code] === -1 || (count[leaf] ?? 0) > (count[reference[code] as number] ?? 0)) reference[code] = leaf;
    });
    const own = above.map((list, leaf) => list.reduce((sum, code) => sum + (reference[code] === leaf ? 1 : 0), 0));
    column.forEach((leaf, row) => {
      rank[row] = Math.min(200, (rank[row] ?? 0) + (own[leaf] ?? 0));
    });
  });
  return rank;
}
