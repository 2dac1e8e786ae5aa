/** A sparse vector over a prime field: ascending rows, values 1 to p - 1. */
export interface SparseColumn {
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

/** The two primes below 2^26: products of two residues stay exact in a double. */
export const PRIME = 67108859;
export const SECOND_PRIME = 67108837;

/** a - v w modulo p, for residues. */
export function subtractProduct(a: number, v: number, w: number, p: number): number {
  const x = a - v * w;
  const r = x - Math.floor(x / p) * p;
  return r < 0 ? r + p : r >= p ? r - p : r;
}

/** The column times the inverse of its value at position `at`, so that this value becomes 1. */
export function scaled(column: SparseColumn, at: number, p: number): SparseColumn {
  const pivot = column.values[at] ?? 1;
  if (pivot === 1) return column;
  const factor = inverse(pivot, p);
  return { rows: column.rows, values: column.values.map((value) => product(value, factor, p)) };
}

/** Position of a row in a column, -1 where it is zero. */
export function positionOf(column: SparseColumn, row: number): number {
  let low = 0;
  let high = column.rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = column.rows[middle] as number;
    if (found === row) return middle;
    if (found < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** A fixed linear functional, value by value: the hash of a sum is the sum of the hashes. */
export function rowWeight(row: number, p: number): number {
  let x = Math.imul(row + 1, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 6) % p;
}

/** Product of two residues. */
export function product(v: number, w: number, p: number): number {
  return v === 1 ? w : w === 1 ? v : subtractProduct(0, p - v, w, p);
}

/** Inverse of a residue other than 0. */
export function inverse(value: number, p: number): number {
  let [r0, r1, t0, t1] = [p, value, 0, 1];
  while (r1 !== 0) {
    const quotient = Math.floor(r0 / r1);
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return t0 < 0 ? t0 + p : t0;
}

/** Numerators and denominators of the fractions that occur stay far below this, so that a residue tells which fraction it is. */
const FRACTION = 5792;

/** Whether a residue is a negative fraction: the one with a small numerator and denominator. */
export function isNegative(value: number, p = PRIME): boolean {
  let [r0, r1, t0, t1] = [p, value, 0, 1];
  while (r1 > FRACTION) {
    const quotient = Math.floor(r0 / r1);
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return t1 < 0;
}
