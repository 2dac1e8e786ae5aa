/** Cholesky in place, lower triangle; false where the matrix is not positive definite. */
export function factorise(matrix: readonly Float64Array[]): boolean {
  for (let i = 0; i < matrix.length; i++) {
    const row = matrix[i] as Float64Array;
    for (let j = 0; j <= i; j++) {
      const other = matrix[j] as Float64Array;
      let sum = row[j] as number;
      for (let k = 0; k < j; k++) sum -= (row[k] as number) * (other[k] as number);
      if (i === j && !(sum > 0)) return false;
      row[j] = i === j ? Math.sqrt(sum) : sum / (other[j] as number);
    }
  }
  return true;
}

/** Solves L L' x = right, L the triangle of `factorise`. */
export function substitute(triangle: readonly Float64Array[], right: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(right);
  for (let i = 0; i < x.length; i++) {
    let sum = x[i] as number;
    for (let k = 0; k < i; k++) sum -= (triangle[i]?.[k] as number) * (x[k] as number);
    x[i] = sum / (triangle[i]?.[i] as number);
  }
  for (let i = x.length - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let k = i + 1; k < x.length; k++) sum -= (triangle[k]?.[i] as number) * (x[k] as number);
    x[i] = sum / (triangle[i]?.[i] as number);
  }
  return x;
}

/** Inner product. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}
