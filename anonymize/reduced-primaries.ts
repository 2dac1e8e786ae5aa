import { inverse, positionOf, product, rowWeight, type SparseColumn, subtractProduct } from './sparse-column.ts';

/**
 * The columns of the cells to protect, kept reduced by every pivot. Two columns are proportional when a linear hash divided by the value
 * in the first row is the same (a number modulo the prime) and the columns agree; proportional ones are merged: they stay so.
 */
export class ReducedPrimaries {
  /** Members whose column became zero: what is published determines them. */
  readonly unsafe: number[] = [];
  private readonly prime: number;
  private readonly columns: (Hashed | undefined)[] = [];
  private readonly members: number[][] = [];
  private readonly byHash = new Map<number, number[]>();
  /** Bit c of row r: column c stands in row r. */
  private readonly bits: Int32Array;
  private readonly words: number;
  private readonly inRow: Int32Array;
  private readonly rowBuffer: Int32Array;
  private readonly valueBuffer: Float64Array;

  /** Room for `capacity` columns over `rows` rows. */
  constructor(rows: number, capacity: number, prime: number) {
    this.prime = prime;
    this.words = (capacity + 31) >> 5;
    this.bits = new Int32Array(rows * this.words);
    this.inRow = new Int32Array(rows);
    this.rowBuffer = new Int32Array(rows);
    this.valueBuffer = new Float64Array(rows);
  }

  add(member: number, column: SparseColumn): void {
    const number = this.columns.length;
    this.columns.push(undefined);
    this.members.push([member]);
    for (const row of column.rows) this.flip(number, row, 1);
    this.store(number, { column, sum: this.sumOf(column) });
  }

  hasProportionalTo(column: SparseColumn): boolean {
    return this.find(this.keyOf(column, this.sumOf(column)), column) !== undefined;
  }

  /** Whether one of these columns has all its rows among `rows` (ascending). */
  hasWithin(rows: Int32Array): boolean {
    const among = new Set(rows);
    return this.columns.some((each) => each?.column.rows.every((row) => among.has(row)));
  }

  /** Position in `column` of the row of the highest rank, then with the fewest of these columns: any pivot is right, this one fills in least. */
  bestPivot(column: SparseColumn, rank: ArrayLike<number>): number {
    let best = 0;
    let highest = Number.NEGATIVE_INFINITY;
    let fewest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < column.rows.length; i++) {
      const row = column.rows[i] as number;
      const own = rank[row] ?? 0;
      const count = this.inRow[row] as number;
      if (own < highest || (own === highest && count >= fewest)) continue;
      highest = own;
      fewest = count;
      best = i;
    }
    return best;
  }

  /** Subtracts a new pivot from every column that stands in its row. */
  eliminate(pivot: SparseColumn, at: number): void {
    const row = pivot.rows[at] as number;
    const sum = this.sumOf(pivot);
    for (let word = 0; word < this.words && (this.inRow[row] as number) > 0; word++) {
      let bits = this.bits[row * this.words + word] as number;
      for (; bits !== 0; bits &= bits - 1) {
        const number = word * 32 + (31 - Math.clz32(bits & -bits));
        const old = this.columns[number] as Hashed;
        const value = old.column.values[positionOf(old.column, row)] as number;
        this.forget(number, old);
        const column = this.subtract(number, old.column, value, pivot);
        this.store(number, { column, sum: subtractProduct(old.sum, value, sum, this.prime) });
      }
    }
  }

  /** b - v a, with the bits of the rows that come and go. */
  private subtract(number: number, b: SparseColumn, v: number, a: SparseColumn): SparseColumn {
    const { rowBuffer, valueBuffer, prime } = this;
    let size = 0;
    let i = 0;
    let j = 0;
    while (i < b.rows.length || j < a.rows.length) {
      const rowB = i < b.rows.length ? (b.rows[i] as number) : 0x7fffffff;
      const rowA = j < a.rows.length ? (a.rows[j] as number) : 0x7fffffff;
      let value: number;
      if (rowB < rowA) value = b.values[i++] as number;
      else {
        value = subtractProduct(rowB === rowA ? (b.values[i++] as number) : 0, v, a.values[j++] as number, prime);
        if (rowB !== rowA) this.flip(number, rowA, 1);
        else if (value === 0) this.flip(number, rowA, -1);
      }
      if (value === 0) continue;
      rowBuffer[size] = rowB < rowA ? rowB : rowA;
      valueBuffer[size++] = value;
    }
    return { rows: rowBuffer.slice(0, size), values: valueBuffer.slice(0, size) };
  }

  private store(number: number, hashed: Hashed): void {
    const { column, sum } = hashed;
    const members = this.members[number] ?? [];
    if (column.rows.length === 0) {
      this.unsafe.push(...members);
      return;
    }
    const key = this.keyOf(column, sum);
    const same = this.find(key, column);
    if (same !== undefined) {
      this.members[same]?.push(...members);
      for (const row of column.rows) this.flip(number, row, -1);
      return;
    }
    this.columns[number] = hashed;
    const bucket = this.byHash.get(key);
    if (bucket === undefined) this.byHash.set(key, [number]);
    else bucket.push(number);
  }

  private forget(number: number, { column, sum }: Hashed): void {
    this.columns[number] = undefined;
    const key = this.keyOf(column, sum);
    const left = (this.byHash.get(key) ?? []).filter((each) => each !== number);
    if (left.length === 0) this.byHash.delete(key);
    else this.byHash.set(key, left);
  }

  private find(key: number, column: SparseColumn): number | undefined {
    return this.byHash.get(key)?.find((number) => isProportional((this.columns[number] as Hashed).column, column, this.prime));
  }

  private keyOf(column: SparseColumn, sum: number): number {
    return product(sum, inverse(column.values[0] ?? 1, this.prime), this.prime);
  }

  private sumOf(column: SparseColumn): number {
    let sum = 0;
    for (let i = 0; i < column.rows.length; i++) {
      const weight = rowWeight(column.rows[i] as number, this.prime);
      sum = subtractProduct(sum, this.prime - (column.values[i] as number), weight, this.prime);
    }
    return sum;
  }

  private flip(number: number, row: number, step: 1 | -1): void {
    const at = row * this.words + (number >> 5);
    this.bits[at] = (this.bits[at] as number) ^ (1 << (number & 31));
    this.inRow[row] = (this.inRow[row] as number) + step;
  }
}

interface Hashed {
  readonly column: SparseColumn;
  /** The linear hash of the column. */
  readonly sum: number;
}

function isProportional(a: SparseColumn, b: SparseColumn, p: number): boolean {
  if (a.rows.length !== b.rows.length) return false;
  const [firstA, firstB] = [a.values[0] ?? 1, b.values[0] ?? 1];
  for (let i = 0; i < a.rows.length; i++) {
    if (a.rows[i] !== b.rows[i]) return false;
    if (product(a.values[i] as number, firstB, p) !== product(b.values[i] as number, firstA, p)) return false;
  }
  return true;
}
