import { SparseBasis } from './sparse-basis.ts';
import { inverse, product, SECOND_PRIME, type SparseColumn, subtractProduct } from './sparse-column.ts';
import type { TableSystem } from './table-system.ts';

export interface InsiderAttack {
  /** 1 for each cell whose value is not published. */
  readonly suppressed: Uint8Array;
  /** Unsafe cells that nobody may compute. */
  readonly targets: readonly number[];
  /** The unit that is alone in each inner cell and so knows it, else -1. */
  readonly owner: Int32Array;
}

/**
 * What units that stand alone compute exactly with their own contributions: targets that are combinations of published cells and of the
 * inner cells of one unit, and hold more than its own. Exact modulo a prime. Cost: one elimination of the published cells,
 * then per unit a small one over what is left of its cells.
 */
export function insiderDisclosures(system: TableSystem, { suppressed, targets, owner }: InsiderAttack): number[] {
  const basis = new SparseBasis(system.rows, SECOND_PRIME);
  const published = system.order.filter((cell) => suppressed[cell] !== 1);
  const length = (cell: number) => system.columns[cell]?.length ?? 0;
  for (const cell of [...published].sort((a, b) => length(a) - length(b) || a - b)) {
    const reduced = basis.reduce(system.columns[cell] as Int32Array);
    if (reduced.rows.length > 0) basis.add(reduced, reduced.rows.length - 1);
  }
  const left = new Map<number, SparseColumn[]>();
  owner.forEach((unit, row) => {
    if (unit < 0) return;
    const reduced = basis.reduce(Int32Array.of(row));
    if (reduced.rows.length > 0) left.set(unit, [...(left.get(unit) ?? []), reduced]);
  });
  const open = targets.map((cell) => ({ cell, reduced: basis.reduce(system.columns[cell] as Int32Array) }));
  const byRow = new Map<number, number[]>();
  open.forEach(({ reduced }, index) => {
    const first = reduced.rows[0];
    if (first !== undefined) byRow.set(first, [...(byRow.get(first) ?? []), index]);
  });
  const found = new Set<number>();
  for (const [unit, columns] of left) {
    const span = spanOf(columns);
    const support = new Set(columns.flatMap(({ rows }) => [...rows]));
    for (const row of support) {
      for (const index of byRow.get(row) ?? []) {
        const target = open[index];
        if (target === undefined || found.has(target.cell)) continue;
        const isOwn = (system.columns[target.cell] as Int32Array).every((each) => owner[each] === unit);
        if (!isOwn && target.reduced.rows.every((each) => support.has(each)) && isSpanned(target.reduced, span)) found.add(target.cell);
      }
    }
  }
  return [...found].sort((a, b) => a - b);
}

type Vector = Map<number, number>;

interface Pivot {
  readonly row: number;
  readonly vector: Vector;
}

function spanOf(columns: readonly SparseColumn[]): Pivot[] {
  const pivots: Pivot[] = [];
  for (const column of columns) {
    const vector = reducedBy(column, pivots);
    const [row] = vector.keys();
    if (row === undefined) continue;
    const factor = inverse(vector.get(row) ?? 1, SECOND_PRIME);
    for (const [each, value] of vector) vector.set(each, product(value, factor, SECOND_PRIME));
    pivots.push({ row, vector });
  }
  return pivots;
}

function isSpanned(column: SparseColumn, pivots: readonly Pivot[]): boolean {
  return reducedBy(column, pivots).size === 0;
}

function reducedBy({ rows, values }: SparseColumn, pivots: readonly Pivot[]): Vector {
  const vector: Vector = new Map(Array.from(rows, (row, at) => [row, values[at] ?? 0]));
  for (const pivot of pivots) {
    const factor = vector.get(pivot.row);
    if (factor === undefined) continue;
    for (const [row, value] of pivot.vector) {
      const next = subtractProduct(vector.get(row) ?? 0, factor, value, SECOND_PRIME);
      if (next === 0) vector.delete(row);
      else vector.set(row, next);
    }
  }
  return vector;
}
