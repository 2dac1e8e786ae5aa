import { type SparseColumn, scaled, subtractProduct } from './sparse-column.ts';

/**
 * A growing basis of columns over a prime field, in the order of their making. Every pivot column has 1 in its pivot row and 0 in the
 * pivot rows of all earlier ones, so a column is reduced by visiting its pivots once, oldest first (left-looking elimination).
 */
export class SparseBasis {
  readonly prime: number;
  private readonly pivots: SparseColumn[] = [];
  private readonly pivotOfRow: Int32Array;
  private readonly rowOfPivot: number[] = [];
  private readonly work: Float64Array;
  private readonly seen: Uint8Array;
  private readonly touched: Int32Array;
  private readonly heap: number[] = [];

  constructor(rows: number, prime: number) {
    this.prime = prime;
    this.pivotOfRow = new Int32Array(rows).fill(-1);
    this.work = new Float64Array(rows);
    this.seen = new Uint8Array(rows);
    this.touched = new Int32Array(rows);
  }

  /** What is left of a 0/1 column after all pivots; no rows when the basis spans it. */
  reduce(rows: Int32Array): SparseColumn {
    const { work, seen, touched, heap, pivotOfRow, prime } = this;
    let size = 0;
    for (const row of rows) {
      work[row] = 1;
      seen[row] = 1;
      touched[size++] = row;
      const pivot = pivotOfRow[row] as number;
      if (pivot >= 0) pushHeap(heap, pivot);
    }
    while (heap.length > 0) {
      const number = popHeap(heap);
      const value = work[this.rowOfPivot[number] as number] as number;
      if (value === 0) continue;
      const pivot = this.pivots[number] as SparseColumn;
      for (let i = 0; i < pivot.rows.length; i++) {
        const row = pivot.rows[i] as number;
        work[row] = subtractProduct(work[row] as number, value, pivot.values[i] as number, prime);
        if (seen[row] === 1) continue;
        seen[row] = 1;
        touched[size++] = row;
        const next = pivotOfRow[row] as number;
        if (next > number) pushHeap(heap, next);
      }
    }
    return this.gather(size);
  }

  /** Makes a reduced column a pivot in `row`; returns it scaled to 1 there. */
  add(column: SparseColumn, at: number): SparseColumn {
    const pivot = scaled(column, at, this.prime);
    const row = pivot.rows[at] as number;
    this.pivotOfRow[row] = this.pivots.length;
    this.rowOfPivot.push(row);
    this.pivots.push(pivot);
    return pivot;
  }

  private gather(size: number): SparseColumn {
    const { work, seen, touched } = this;
    let kept = 0;
    for (let i = 0; i < size; i++) {
      const row = touched[i] as number;
      seen[row] = 0;
      if (work[row] !== 0) touched[kept++] = row;
    }
    const rows = touched.slice(0, kept).sort();
    const values = new Float64Array(kept);
    for (let i = 0; i < kept; i++) {
      values[i] = work[rows[i] as number] as number;
      work[rows[i] as number] = 0;
    }
    return { rows, values };
  }
}

function pushHeap(heap: number[], value: number): void {
  let at = heap.length;
  heap.push(value);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as number;
    if (above <= value) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = value;
}

function popHeap(heap: number[]): number {
  const first = heap[0] as number;
  const last = heap.pop() as number;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
    if ((heap[child] as number) >= last) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = last;
  return first;
}
