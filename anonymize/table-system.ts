import type { CellTable } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';

/**
 * The additive relations of a table: for each dimension and each cell that has children in it, parent = sum of children.
 * Cells are renumbered nowhere; `order` lists them by key (totals first), so that nothing depends on the order of rows.
 */
export interface TableSystem {
  readonly size: number;
  /** Cells by key: the canonical order for every loop and tie. */
  readonly order: Int32Array;
  /** Position of each cell in `order`. */
  readonly position: Int32Array;
  /** Number of inner cells (all keys are leaves): rows of the matrix that defines the cells. */
  readonly rows: number;
  /** Inner cells below each cell, ascending. */
  readonly columns: readonly Int32Array[];
  /** Per inner cell: in how many dimensions it has the most frequent code; pivots there keep elimination sparse. */
  readonly pivotRank: Uint8Array;
  readonly relations: readonly Relation[];
  /** Numbers of the relations in which each cell stands. */
  readonly relationsOf: readonly (readonly number[])[];
}

/** parent = sum of children, inside one dimension; children absent from the table have no contributor and are zero. */
export interface Relation {
  readonly dimension: number;
  readonly parent: number;
  readonly children: readonly number[];
}

/** Builds the system. Errors: `table-cell-twice`, `table-margin-missing` (every margin of every cell must be a cell). */
export function tableSystem(cells: CellTable): TableSystem {
  const index = indexByKey(cells);
  const order = Int32Array.from(index.sorted);
  const relations = new Map<number, { dimension: number; parent: number; children: number[] }>();
  for (const cell of order) {
    cells.dimensions.forEach((dimension, d) => {
      const code = cells.keys[d]?.[cell] ?? 0;
      const above = dimension.parent[code] ?? -1;
      if (above < 0) return;
      const parent = index.neighbour(cell, d, above);
      if (parent === undefined) throw marginMissing(cells, dimension.name);
      const id = parent * cells.dimensions.length + d;
      const relation = relations.get(id) ?? { dimension: d, parent, children: [] };
      relation.children.push(cell);
      relations.set(id, relation);
    });
  }
  const list = [...relations.values()];
  const relationsOf: number[][] = Array.from({ length: cells.size }, () => []);
  list.forEach(({ parent, children }, number) => {
    for (const cell of [parent, ...children]) relationsOf[cell]?.push(number);
  });
  const position = new Int32Array(cells.size);
  order.forEach((cell, at) => {
    position[cell] = at;
  });
  return { size: cells.size, order, position, relations: list, relationsOf, ...innerColumns(cells, order, index) };
}

/** The cell of each inner row of a system. */
export function innerCells(cells: CellTable, system: TableSystem): Int32Array {
  const inner = new Int32Array(system.rows);
  for (const cell of system.order) {
    const column = system.columns[cell];
    if (column?.length === 1 && isInner(cells, cell)) inner[column[0] ?? 0] = cell;
  }
  return inner;
}

/**
 * Every count and every sum must be additive over the inner cells; else a margin shows a remainder that nobody protects.
 * Errors: `table-not-additive`.
 */
export function requireAdditive(cells: CellTable, system: TableSystem): void {
  const inner = innerCells(cells, system);
  for (const measure of cells.measures) {
    if (measure.kind !== 'count' && measure.kind !== 'sum') continue;
    system.columns.forEach((column, cell) => {
      let sum = 0;
      for (const row of column) sum += measure.values[inner[row] ?? 0] ?? 0;
      const value = measure.values[cell] ?? 0;
      if (column.length > 0 && Math.abs(sum - value) <= 1e-9 * Math.max(1, Math.abs(value))) return;
      throw new DisclosureError(
        'table-not-additive',
        `Table ${cells.table}: a margin of ${measure.name} is not the sum of its parts. Give every unit a code in every dimension ` +
          '(unknown is a code too), so that no remainder can be computed from the published cells.',
      );
    });
  }
}

interface KeyIndex {
  readonly sorted: number[];
  neighbour(cell: number, dimension: number, code: number): number | undefined;
}

function indexByKey(cells: CellTable): KeyIndex {
  const strides: number[] = [];
  let capacity = 1;
  for (let d = cells.dimensions.length - 1; d >= 0; d--) {
    strides[d] = capacity;
    capacity *= cells.dimensions[d]?.codes.length ?? 1;
  }
  if (capacity > Number.MAX_SAFE_INTEGER) {
    throw new DisclosureError('table-too-wide', `Table ${cells.table} has too many combinations of codes; split it.`);
  }
  const keyOf = new Float64Array(cells.size);
  cells.keys.forEach((codes, d) => {
    for (let cell = 0; cell < cells.size; cell++) keyOf[cell] = (keyOf[cell] ?? 0) + (codes[cell] ?? 0) * (strides[d] ?? 1);
  });
  const cellOf = new Map<number, number>();
  keyOf.forEach((key, cell) => {
    if (cellOf.has(key)) throw new DisclosureError('table-cell-twice', `Table ${cells.table} has two cells with the same key.`);
    cellOf.set(key, cell);
  });
  return {
    sorted: [...cellOf.keys()].sort((a, b) => a - b).map((key) => cellOf.get(key) ?? 0),
    neighbour: (cell, d, code) => cellOf.get((keyOf[cell] ?? 0) + (code - (cells.keys[d]?.[cell] ?? 0)) * (strides[d] ?? 1)),
  };
}

function innerColumns(cells: CellTable, order: Int32Array, index: KeyIndex): Pick<TableSystem, 'rows' | 'columns' | 'pivotRank'> {
  const lists: number[][] = Array.from({ length: cells.size }, () => []);
  const inner = order.filter((cell) => isInner(cells, cell));
  inner.forEach((cell, row) => {
    let above = [cell];
    cells.dimensions.forEach((dimension, d) => {
      above = above.flatMap((each) => {
        const line = [each];
        for (let code = dimension.parent[cells.keys[d]?.[cell] ?? 0] ?? -1; code >= 0; code = dimension.parent[code] ?? -1) {
          const parent = index.neighbour(each, d, code);
          if (parent === undefined) throw marginMissing(cells, dimension.name);
          line.push(parent);
        }
        return line;
      });
    });
    for (const each of above) lists[each]?.push(row);
  });
  return { rows: inner.length, columns: lists.map((list) => Int32Array.from(list)), pivotRank: pivotRank(cells, inner) };
}

function pivotRank(cells: CellTable, inner: Int32Array): Uint8Array {
  const rank = new Uint8Array(inner.length);
  cells.dimensions.forEach(({ codes }, d) => {
    const count = new Int32Array(codes.length);
    const codeOf = (cell: number) => cells.keys[d]?.[cell] ?? 0;
    for (const cell of inner) count[codeOf(cell)] = (count[codeOf(cell)] ?? 0) + 1;
    const most = count.indexOf(count.reduce((max, value) => Math.max(max, value), 0));
    inner.forEach((cell, row) => {
      if (codeOf(cell) === most) rank[row] = (rank[row] ?? 0) + 1;
    });
  });
  return rank;
}

const leavesOf = new WeakMap<CellTable, readonly Uint8Array[]>();

/** True where no dimension has a code below the cell's. */
function isInner(cells: CellTable, cell: number): boolean {
  let leaves = leavesOf.get(cells);
  if (leaves === undefined) {
    leaves = cells.dimensions.map(({ codes, parent }) => {
      const leaf = new Uint8Array(codes.length).fill(1);
      for (const above of parent) if (above >= 0) leaf[above] = 0;
      return leaf;
    });
    leavesOf.set(cells, leaves);
  }
  return leaves.every((leaf, d) => leaf[cells.keys[d]?.[cell] ?? 0] === 1);
}

function marginMissing(cells: CellTable, dimension: string): DisclosureError {
  return new DisclosureError(
    'table-margin-missing',
    `Table ${cells.table}: a cell has no total over ${dimension}; tabulate every margin, disclosure control needs all of them.`,
  );
}
