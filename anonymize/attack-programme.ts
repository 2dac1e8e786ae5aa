import type { Highs, Model } from 'highs';

/** What the changes of unknown numbers may be: between bounds that hold 0, and adding up to 0 in every row. */
export interface AttackProblem {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Rows as sparse lists: numbers of variables and their factors. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly factors: Float64Array;
}

/**
 * An attacker's linear programme over the *changes* of suppressed cells: the truth is the zero vector and always feasible, so nothing
 * depends on how sums were rounded. Only the objective changes between solutions, each starts from the last basis. Close it.
 */
export class AttackProgramme {
  readonly #highs: Highs;
  readonly #model: Model & { dispose(): void };
  readonly #size: number;
  #objective: readonly number[] = [];
  /** Programmes solved so far. */
  solved = 0;

  constructor(highs: Highs, { lower, upper, starts, indices, factors }: AttackProblem) {
    this.#highs = highs;
    this.#size = lower.length;
    const rows = starts.length - 1;
    const finite = (value: number): number => (Number.isFinite(value) ? value : Math.sign(value) * highs.infinity);
    this.#model = highs.createModel({
      numCols: this.#size,
      numRows: rows,
      colCost: new Float64Array(this.#size),
      colLower: lower.map(finite),
      colUpper: upper.map(finite),
      rowLower: new Float64Array(rows),
      rowUpper: new Float64Array(rows),
      matrix: { format: 'csr', numRows: rows, numCols: this.#size, starts, indices, values: factors },
    });
    this.#model.options.set({ output_flag: false, solver: 'simplex', presolve: 'off', simplex_strategy: 4, random_seed: 1 });
  }

  /** A feasible change that is largest in the sum of `sign` x variable; undefined when the solver finds no optimum. */
  furthest(variables: readonly number[], sign: 1 | -1): Float64Array | undefined {
    const model = this.#model;
    const touched = [...new Set([...this.#objective, ...variables])].sort((a, b) => a - b);
    const isWanted = new Set(variables);
    const costs = Float64Array.from(touched, (variable) => (isWanted.has(variable) ? -sign : 0));
    model.changeColsCost({ kind: 'set', indices: Int32Array.from(touched) }, costs);
    this.#objective = variables;
    this.solved++;
    if (this.#run()) return model.getSolution().colValue;
    // From the last basis the simplex method can lose its way numerically; then once more from nothing.
    model.clearSolver();
    return this.#run() ? model.getSolution().colValue : undefined;
  }

  #run(): boolean {
    this.#model.run();
    return this.#model.getModelStatus() === this.#highs.constants.modelStatus.optimal;
  }

  close(): void {
    this.#model.dispose();
  }
}
