/** Eigenvalues of a symmetric matrix, descending, by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, section 8.5). */
export function eigenvalues(matrix: readonly Float64Array[]): Float64Array {
  const a = matrix.map((row) => Float64Array.from(row));
  const size = a.length;
  const scale = a.reduce((sum, row) => sum + row.reduce((part, value) => part + value * value, 0), 0);
  for (let sweep = 0; sweep < 60 && offDiagonal(a) > 1e-30 * scale; sweep++)
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, p, q);
  return Float64Array.from(a, (row, i) => row[i] as number)
    .sort()
    .reverse();
}

function offDiagonal(a: readonly Float64Array[]): number {
  return a.reduce((sum, row, i) => sum + row.reduce((part, value, j) => (i === j ? part : part + value * value), 0), 0);
}

/** Makes element (p, q) zero. */
function rotate(a: readonly Float64Array[], p: number, q: number): void {
  const [rowP, rowQ] = [a[p] as Float64Array, a[q] as Float64Array];
  const between = rowP[q] as number;
  if (between === 0) return;
  const theta = ((rowQ[q] as number) - (rowP[p] as number)) / (2 * between);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (const row of a) {
    const [x, y] = [row[p] as number, row[q] as number];
    row[p] = cosine * x - sine * y;
    row[q] = sine * x + cosine * y;
  }
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [rowP[k] as number, rowQ[k] as number];
    rowP[k] = cosine * x - sine * y;
    rowQ[k] = sine * x + cosine * y;
  }
}
