import { dot, factorise, substitute } from './cholesky.ts';

/** Probabilities p of largest entropy: sum of `equal` row x p = its value; `atLeast` row x p >= its value; p >= lower. */
export interface EntropyProblem {
  readonly lower: Float64Array;
  readonly equal: readonly LinearRow[];
  readonly atLeast: readonly LinearRow[];
}

export interface LinearRow {
  readonly factors: ArrayLike<number>;
  readonly value: number;
}

const MOST_STEPS = 150;
/** Of the constraints and of complementarity; and of the gradient, which leaves p a relative error of that size. */
const TOLERANCE = 1e-12;
const GRADIENT_TOLERANCE = 1e-9;
/** Share of the way to the nearest bound that a step may go. */
const BACK_OFF = 0.995;

/**
 * Maximises - sum p ln p by Newton's method on the primal-dual barrier equations, from any start: all constraints are linear and the objective is
 * strictly concave, so the solution is unique. Returns undefined where it does not converge, which means that nothing satisfies the constraints.
 * Cost: some 20 to 50 Cholesky factorisations of the size of p. Source: S. Boyd, L. Vandenberghe, Convex Optimization (2004), 11.7.
 */
export function maximiseEntropy(problem: EntropyProblem): Float64Array | undefined {
  const { lower, equal, atLeast } = problem;
  const n = lower.length;
  const p = new Float64Array(n).fill(1 / n);
  const y = new Float64Array(equal.length);
  const margin = marginsOf(problem, p);
  const slack = margin.map((value) => Math.max(value, 0.1 / n));
  const dual = slack.map((value) => 1 / (n * value));
  for (let step = 0; step < MOST_STEPS; step++) {
    const gap = slack.reduce((sum, s, row) => sum + s * (dual[row] as number), 0) / slack.length;
    const gradient = p.map((value) => Math.log(value) + 1);
    addMultiples(gradient, equal, y, -1);
    addMultiples(gradient, atLeast, dual.subarray(n), -1);
    for (let j = 0; j < n; j++) gradient[j] = (gradient[j] as number) - (dual[j] as number);
    const primal = equal.map((row) => dot(row.factors, p) - row.value);
    const open = marginsOf(problem, p).map((value, row) => value - (slack[row] as number));
    const worst = Math.max(gap, largest(primal), largest(open));
    if (worst < TOLERANCE && largest(gradient) < GRADIENT_TOLERANCE) return p;
    if (!Number.isFinite(worst + largest(gradient))) return undefined;
    const target = gap * 0.1;
    const weight = slack.map((s, row) => (dual[row] as number) / s);
    const pull = slack.map((s, row) => (target - s * (dual[row] as number)) / s - (weight[row] as number) * (open[row] as number));
    const right = gradient.map((value, j) => (pull[j] as number) - value);
    addMultiples(right, atLeast, pull.subarray(n), 1);
    const direction = newtonStep(problem, p, weight, right, primal);
    if (direction === undefined) return undefined;
    const { dp, dy } = direction;
    const ds = rowsTimes(problem, dp).map((value, row) => value + (open[row] as number));
    const dz = slack.map((s, row) => (target - s * (dual[row] as number) - (dual[row] as number) * (ds[row] as number)) / s);
    const length = Math.min(stepLength(p, dp), stepLength(slack, ds), stepLength(dual, dz));
    if (length < 1e-12) return undefined;
    move(p, dp, length);
    move(y, dy, length);
    move(slack, ds, length);
    move(dual, dz, length);
  }
  return undefined;
}

/** Solves the two blocks of the Newton equations: (1/p + G'WG) dp - A'dy = right, A dp = - primal residual. */
function newtonStep(problem: EntropyProblem, p: Float64Array, weight: Float64Array, right: Float64Array, primal: readonly number[]) {
  const n = p.length;
  const matrix = Array.from({ length: n }, (_, j) => {
    const row = new Float64Array(n);
    row[j] = 1 / (p[j] as number) + (weight[j] as number);
    return row;
  });
  problem.atLeast.forEach(({ factors }, number) => {
    const support = Array.from({ length: n }, (_, j) => j).filter((j) => factors[j] !== 0);
    for (const a of support) {
      for (const b of support) {
        const row = matrix[a] as Float64Array;
        row[b] = (row[b] as number) + (weight[n + number] as number) * (factors[a] as number) * (factors[b] as number);
      }
    }
  });
  if (!factorise(matrix)) return undefined;
  const first = substitute(matrix, right);
  const columns = problem.equal.map(({ factors }) => substitute(matrix, factors));
  const small = problem.equal.map(({ factors }) => Float64Array.from(columns, (column) => dot(factors, column)));
  if (!factorise(small)) return undefined;
  const dy = substitute(
    small,
    problem.equal.map(({ factors }, row) => -(primal[row] as number) - dot(factors, first)),
  );
  const dp = first;
  columns.forEach((column, row) => {
    move(dp, column, dy[row] as number);
  });
  return { dp, dy };
}

/** The bounds, then the rows of `atLeast`, applied to a vector. */
function rowsTimes({ atLeast }: EntropyProblem, p: Float64Array): Float64Array {
  return Float64Array.from([...p, ...atLeast.map(({ factors }) => dot(factors, p))]);
}

function marginsOf(problem: EntropyProblem, p: Float64Array): Float64Array {
  const values = rowsTimes(problem, p);
  problem.lower.forEach((bound, j) => {
    values[j] = (values[j] as number) - bound;
  });
  problem.atLeast.forEach(({ value }, row) => {
    values[p.length + row] = (values[p.length + row] as number) - value;
  });
  return values;
}

function addMultiples(into: Float64Array, rows: readonly LinearRow[], by: ArrayLike<number>, sign: number): void {
  rows.forEach(({ factors }, row) => {
    move(into, factors, sign * (by[row] as number));
  });
}

function move(point: Float64Array, direction: ArrayLike<number>, length: number): void {
  for (let j = 0; j < point.length; j++) point[j] = (point[j] as number) + length * (direction[j] as number);
}

function stepLength(point: Float64Array, direction: Float64Array): number {
  let length = 1;
  for (let j = 0; j < point.length; j++) {
    const change = direction[j] as number;
    if (change < 0) length = Math.min(length, (-BACK_OFF * (point[j] as number)) / change);
  }
  return length;
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let j = 0; j < values.length; j++) most = Math.max(most, Math.abs(values[j] as number));
  return most;
}
