import type { Highs, Model } from 'highs';
import type { FreeMove } from './free-moves.ts';

/** What the changes of unknown numbers may be: sums of multiples of the moves, between bounds that hold 0. */
export interface AttackProblem {
  /** A basis of the changes that the relations allow; the first variable of each stands in no other and changes by 1. */
  readonly moves: readonly FreeMove[];
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * An attacker's linear programme over the *changes* of suppressed cells: the truth is the zero vector and always feasible, so nothing
 * depends on how sums were rounded. Its unknowns are the multiples of the moves, so the truth is where the simplex method starts. Only the
 * objective changes between solutions, each starts from the last basis. Close it.
 */
export class AttackProgramme {
  readonly #highs: Highs;
  readonly #model: Model & { dispose(): void };
  readonly #problem: AttackProblem;
  /** For each variable the moves that change it, and by how much. */
  readonly #movesOf: readonly (readonly [number, number][])[];
  #objective: readonly number[] = [];
  /** Programmes solved so far. */
  solved = 0;

  constructor(highs: Highs, problem: AttackProblem) {
    this.#highs = highs;
    this.#problem = problem;
    this.#movesOf = byVariable(problem);
    this.#model = highs.createModel(modelOf(highs, problem, this.#movesOf));
    this.#model.options.set({ output_flag: false, solver: 'simplex', presolve: 'off', simplex_strategy: 4, random_seed: 1 });
  }

  /** A feasible change that is largest in the sum of `sign` x variable; undefined when the solver finds no optimum. */
  furthest(variables: readonly number[], sign: 1 | -1): Float64Array | undefined {
    const costs = new Map(this.#objective.map((move) => [move, 0]));
    for (const variable of variables) {
      for (const [move, change] of this.#movesOf[variable] ?? []) costs.set(move, (costs.get(move) ?? 0) - sign * change);
    }
    const touched = [...costs.keys()].sort((a, b) => a - b);
    this.#model.changeColsCost(
      { kind: 'set', indices: Int32Array.from(touched) },
      Float64Array.from(touched, (move) => costs.get(move) ?? 0),
    );
    this.#objective = touched.filter((move) => costs.get(move) !== 0);
    this.solved++;
    if (this.#run()) return this.#change();
    // From the last basis the simplex method can lose its way numerically; then once more from nothing.
    this.#model.clearSolver();
    return this.#run() ? this.#change() : undefined;
  }

  #run(): boolean {
    this.#model.run();
    return this.#model.getModelStatus() === this.#highs.constants.modelStatus.optimal;
  }

  #change(): Float64Array {
    const multiples = this.#model.getSolution().colValue;
    const change = new Float64Array(this.#problem.lower.length);
    this.#problem.moves.forEach(({ variables, changes }, move) => {
      const times = multiples[move] ?? 0;
      variables.forEach((variable, k) => {
        change[variable] = (change[variable] as number) + times * (changes[k] as number);
      });
    });
    return change;
  }

  close(): void {
    this.#model.dispose();
  }
}

/** Multiples without bounds, one row for each variable: with all multiples at 0 the simplex method starts inside the bounds. */
function modelOf(
  highs: Highs,
  { moves, lower, upper }: AttackProblem,
  movesOf: readonly (readonly [number, number][])[],
): Parameters<Highs['createModel']>[0] {
  const finite = (value: number): number => (Number.isFinite(value) ? value : Math.sign(value) * highs.infinity);
  const bound = movesOf.map((_, variable) => variable).filter((variable) => (movesOf[variable]?.length ?? 0) > 0);
  const entries = bound.map((variable) => movesOf[variable] ?? []);
  const starts = new Int32Array(bound.length + 1);
  entries.forEach((row, at) => {
    starts[at + 1] = (starts[at] as number) + row.length;
  });
  const rowBound = (limit: Float64Array) => Float64Array.from(bound, (variable) => finite(limit[variable] as number));
  return {
    numCols: moves.length,
    numRows: bound.length,
    colCost: new Float64Array(moves.length),
    colLower: new Float64Array(moves.length).fill(-highs.infinity),
    colUpper: new Float64Array(moves.length).fill(highs.infinity),
    rowLower: rowBound(lower),
    rowUpper: rowBound(upper),
    matrix: {
      format: 'csr',
      numRows: bound.length,
      numCols: moves.length,
      starts,
      indices: Int32Array.from(entries.flat(), ([move]) => move),
      values: Float64Array.from(entries.flat(), ([, change]) => change),
    },
  };
}

function byVariable({ moves, lower }: AttackProblem): [number, number][][] {
  const of: [number, number][][] = Array.from({ length: lower.length }, () => []);
  moves.forEach(({ variables, changes }, move) => {
    variables.forEach((variable, k) => {
      of[variable]?.push([move, changes[k] as number]);
    });
  });
  return of;
}
