import { DefinitionError } from '../../engine/errors.ts';
import { type LinearRow, maximiseEntropy } from './entropy-solver.ts';
import { keyIntervals } from './key-intervals.ts';
import { modifyPtable } from './modify-ptable.ts';
import { momentsOf, type Ptable, type PtableBlock, ptableOf } from './ptable.ts';
import type { CountPtable, SumPtable } from './ptable-parameters.ts';

/** What a row of a designed table became. */
export interface RowCheck {
  readonly value: number;
  readonly mean: number;
  readonly variance: number;
  readonly stay: number;
  /** How often the row was solved: once, and again for every time that `pstay` was lowered. */
  readonly attempts: number;
  /** `pstay` that was asked for, and the one that was used. */
  readonly asked: number | undefined;
  readonly used: number | undefined;
  /** Which constraints are not met, in words; empty where all are. */
  readonly unmet: readonly string[];
}

export interface DesignedPtable {
  readonly table: Ptable;
  readonly checks: readonly RowCheck[];
}

/** Least probability of any noise. */
const LEAST = 1e-8;
const STAY_STEP = 0.05;
const MOST_ATTEMPTS = 20;
/** How near the variance must come to V. */
const VARIANCE_TOLERANCE = 1e-6;

/**
 * Perturbation table of largest entropy for counts. Row i (1 to D, with `js` to D + js + 1) has noise v = j - i for j in max(0, i - D) to i + D but
 * not 1 to js: maximise - sum p ln p with sum p = 1, sum v p = 0, sum v^2 p <= V (optim 4: = V), p >= 1e-8, p(0) >= pstay, and with `mono`
 * p(v) <= p(v + 1) up to v = 0. Where the variance is not V, pstay is lowered by 0.05 and the row solved again, 20 times at most; what remains
 * unmet is in `checks`. Errors: `ptable-infeasible`, `ptable-parameters`.
 * Source: S. Giessing, Computational issues in the design of transition probabilities, PSD 2016.
 */
export function designCountPtable(parameters: CountPtable): DesignedPtable {
  const { D, js = 0 } = parameters;
  if (js >= D)
    throw new DefinitionError('ptable-parameters', `js is ${js}, D ${D}: counts from 1 to js must reach beyond js, so js must be below D.`);
  const rows = js === 0 ? D : D + js + 1;
  const values = Array.from({ length: rows }, (_, at) => at + 1);
  return design(parameters, values, 1, (j) => j < 1 || j > js);
}

/** The same for magnitudes: v in steps of 1 / `step`, rows for the sizes `icat`. */
export function designSumPtable(parameters: SumPtable): DesignedPtable {
  const { D, step = 2, icat = D === 1 ? [1] : [1, D] } = parameters;
  if (icat.at(-1) !== D || icat.some((value, at) => at > 0 && value <= (icat[at - 1] as number))) {
    throw new DefinitionError(
      'ptable-parameters',
      `icat must ascend and end with D (${D}): larger sizes take the last row, whose noise is symmetric.`,
    );
  }
  return design(parameters, icat, step, () => true);
}

function design(
  parameters: CountPtable | SumPtable,
  values: readonly number[],
  step: number,
  isAllowed: (j: number) => boolean,
): DesignedPtable {
  const { D, V } = parameters;
  const option = <T>(given: T | readonly T[] | undefined, row: number, name: string): T | undefined => {
    if (!Array.isArray(given)) return given as T | undefined;
    if (given.length !== values.length)
      throw new DefinitionError('ptable-parameters', `${name} has ${given.length} entries, the table ${values.length} rows from 1.`);
    return given[row] as T;
  };
  const checks: RowCheck[] = [{ value: 0, mean: 0, variance: 0, stay: 1, attempts: 0, asked: undefined, used: undefined, unmet: [] }];
  const blocks: PtableBlock[] = [{ value: 0, noise: [0], widths: keyIntervals(Float64Array.of(1), [0]) }];
  values.forEach((value, row) => {
    const steps: number[] = [];
    for (let s = Math.max(-value, -D) * step; s <= D * step; s++) if (isAllowed(value + s / step)) steps.push(s);
    const noise = steps.map((s) => s / step);
    const asked = noise.includes(0) ? (option(parameters.pstay, row, 'pstay') ?? undefined) : undefined;
    const isExact = option(parameters.optim, row, 'optim') === 4;
    const found = solveRow({ noise, V, isExact, isMonotone: option(parameters.mono, row, 'mono') ?? true, asked });
    if (found === undefined) throw infeasible(value, noise, V, isExact);
    const block = { value, noise, widths: keyIntervals(found.p, steps) };
    blocks.push(block);
    const unmet = Math.abs(found.variance - V) < VARIANCE_TOLERANCE ? [] : [`variance ${round(found.variance)}, not ${V}`];
    if (asked !== undefined && found.used !== asked) unmet.push(`pstay ${asked} was lowered to ${round(found.used ?? 0)}`);
    checks.push({ value, ...momentsOf(block), attempts: found.attempts, asked, used: found.used, unmet });
  });
  const table = ptableOf(blocks);
  return { table: parameters.modify === undefined ? table : modifyPtable(table, parameters.modify), checks };
}

interface RowProblem {
  readonly noise: readonly number[];
  readonly V: number;
  readonly isExact: boolean;
  readonly isMonotone: boolean;
  readonly asked: number | undefined;
}

/** One row, with the retries of `pstay`; undefined where nothing satisfies its constraints. */
function solveRow({ noise, V, isExact, isMonotone, asked }: RowProblem) {
  const zero = noise.indexOf(0);
  const squares = noise.map((v) => v * v);
  const equal: LinearRow[] = [
    { factors: noise.map(() => 1), value: 1 },
    { factors: noise, value: 0 },
  ];
  if (isExact) equal.push({ factors: squares, value: V });
  const atLeast: LinearRow[] = isExact ? [] : [{ factors: squares.map((square) => -square), value: -V }];
  for (let at = 0; isMonotone && at < zero; at++) {
    atLeast.push({ factors: noise.map((_, j) => (j === at ? -1 : j === at + 1 ? 1 : 0)), value: 0 });
  }
  let best: { p: Float64Array; variance: number; attempts: number; used: number | undefined } | undefined;
  for (let attempts = 1; attempts <= MOST_ATTEMPTS; attempts++) {
    const stay = asked === undefined ? undefined : Math.max(0, asked - (attempts - 1) * STAY_STEP);
    const lower = new Float64Array(noise.length).fill(LEAST);
    if (stay !== undefined) lower[zero] = Math.max(LEAST, stay);
    const p = maximiseEntropy({ lower, equal, atLeast });
    if (p !== undefined) {
      const variance = p.reduce((sum, each, j) => sum + each * (squares[j] as number), 0);
      best = { p, variance, attempts, used: stay };
      if (Math.abs(variance - V) < VARIANCE_TOLERANCE) break;
    }
    if (stay === undefined || stay === 0) break;
  }
  return best;
}

/** With mean 0 the least variance is that of the two smallest noises of opposite sign: (v + a)(v - b) >= 0 for every allowed v. */
function infeasible(value: number, noise: readonly number[], V: number, isExact: boolean): DefinitionError {
  const down = Math.max(...noise.filter((v) => v <= 0));
  const up = Math.min(...noise.filter((v) => v >= 0));
  const least = noise.includes(0) ? 0 : -down * up;
  const why =
    V <= least
      ? `its noise is at least ${-down} down or ${up} up, so its variance is above ${least}; take a larger V or a smaller js`
      : isExact
        ? 'no noise without bias has exactly this variance; take optim 1, another V or mono false'
        : 'no noise without bias satisfies all constraints; take a larger V or a smaller pstay';
  return new DefinitionError('ptable-infeasible', `Perturbation table, row of ${value}, V ${V}: ${why}.`, { facts: { value } });
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
