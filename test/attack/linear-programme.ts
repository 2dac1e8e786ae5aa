import loadHighs, { type Highs, type Model } from 'highs';

/** Variables of an attack, in one line: what they may be, and what is known of their sums. */
export interface LinearProblem {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** low <= sum of factor x variable <= high. */
  readonly rows: readonly { readonly terms: ReadonlyMap<number, number>; readonly low: number; readonly high: number }[];
}

// The package declares its types for require; for import, the function is the default itself.
const load = loadHighs as unknown as typeof loadHighs.default;
let runtime: Promise<Highs> | undefined;

/** Opens a problem for repeated solving from the last basis; `close` it. */
export async function openProgramme(problem: LinearProblem): Promise<LinearProgramme> {
  runtime ??= load();
  return new LinearProgramme(await runtime, problem);
}

/** One linear programme of which only the objective changes between runs. */
export class LinearProgramme {
  readonly #highs: Highs;
  readonly #model: Model & { dispose(): void };
  readonly #size: number;

  constructor(highs: Highs, { lower, upper, rows }: LinearProblem) {
    this.#highs = highs;
    this.#size = lower.length;
    const starts = new Int32Array(rows.length + 1);
    rows.forEach(({ terms }, row) => {
      starts[row + 1] = (starts[row] ?? 0) + terms.size;
    });
    this.#model = highs.createModel({
      numCols: lower.length,
      numRows: rows.length,
      colCost: new Float64Array(lower.length),
      colLower: lower,
      colUpper: upper.map((value) => (value === Number.POSITIVE_INFINITY ? highs.infinity : value)),
      rowLower: rows.map(({ low }) => low),
      rowUpper: rows.map(({ high }) => (high === Number.POSITIVE_INFINITY ? highs.infinity : high)),
      matrix: {
        format: 'csr',
        numRows: rows.length,
        numCols: lower.length,
        starts,
        indices: rows.flatMap(({ terms }) => [...terms.keys()]),
        values: rows.flatMap(({ terms }) => [...terms.values()]),
      },
    });
    this.#model.options.set({ output_flag: false, solver: 'simplex', presolve: 'off' });
  }

  /** A solution that is largest in the objective (variable: weight); undefined when there is none. */
  maximise(objective: ReadonlyMap<number, number>): Float64Array | undefined {
    const model = this.#model;
    const costs = new Float64Array(this.#size);
    for (const [variable, weight] of objective) costs[variable] = -weight;
    model.changeColsCost({ kind: 'range', from: 0, to: this.#size - 1 }, costs);
    const isSolved = () => model.getModelStatus() === this.#highs.constants.modelStatus.optimal;
    model.run();
    if (!isSolved()) {
      // From the last basis the simplex method can lose its way numerically; then once more from nothing.
      model.clearSolver();
      model.run();
    }
    return isSolved() ? model.getSolution().colValue : undefined;
  }

  close(): void {
    this.#model.dispose();
  }
}
