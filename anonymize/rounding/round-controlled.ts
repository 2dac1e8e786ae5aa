import type { Highs, ModelData } from 'highs';
import { DisclosureError, EngineError } from '../../engine/errors.ts';
import { loadSolver } from '../solver.ts';
import { requireRoundable, type TableModel, totalsOf } from './table-model.ts';

export interface ControlledOptions {
  readonly base: number;
  /** Weight of each published cell in the distance; left out: 1. */
  readonly weights?: ArrayLike<number>;
  /** How many multiples beyond the two around its value a cell may move where that alone has no solution (default 2). */
  readonly maxSteps?: number;
  /** Branches that are searched at most; the best table until then is taken. No clock: the same table always. */
  readonly maxNodes?: number;
}

export interface ControlledTable {
  readonly inner: Float64Array;
  readonly cells: Float64Array;
  /** Sum of weight x |rounded - true|. */
  readonly distance: number;
  /** Steps that were needed: 0 means that every cell is one of the two multiples around its value. */
  readonly steps: number;
  /** Whether no other table of so many steps is nearer. */
  readonly isOptimal: boolean;
}

const MOST_CELLS = 5000;
const MOST_NODES = 20_000;

/**
 * Controlled rounding: every published cell becomes a multiple of the base next to its value (multiples stay), and the table stays additive; of all
 * such tables one with the least sum of weight x |rounded - true|, by a mixed integer programme over the inner cells. For small tables.
 * Errors: `rounding-input`, `rounding-too-large`, `rounding-impossible`.
 * Source: L. H. Cox, A constructive procedure for unbiased controlled rounding, JASA 82 (1987); Handbook on SDC, 5.4.
 */
export async function roundControlled(model: TableModel, counts: Float64Array, options: ControlledOptions): Promise<ControlledTable> {
  const { base, maxSteps = 2 } = options;
  requireRoundable(model, counts, base);
  if (Math.max(model.inner, model.cells) > MOST_CELLS) {
    throw new DisclosureError(
      'rounding-too-large',
      `Controlled rounding is for tables of at most ${MOST_CELLS} cells; take small-count rounding, which is additive too, or split the table.`,
      { rule: 'rounding', facts: { cells: model.cells } },
    );
  }
  const highs = await loadSolver();
  for (let steps = 0; steps <= maxSteps; steps++) {
    const found = solve(highs, model, counts, options, steps);
    if (found !== undefined) return found;
  }
  throw new DisclosureError(
    'rounding-impossible',
    `No additive table of multiples of ${base} has every cell within ${maxSteps + 1} multiples of its value; allow more steps (maxSteps).`,
    { rule: 'rounding' },
  );
}

/** In units of the base: how far a cell may be from the multiple below its value. */
function range(value: number, base: number, steps: number): { readonly low: number; readonly high: number } {
  const below = Math.floor(value / base);
  return { low: Math.max(0, below - steps), high: below + (value % base === 0 ? 0 : 1) + steps };
}

function solve(
  highs: Highs,
  model: TableModel,
  counts: Float64Array,
  options: ControlledOptions,
  steps: number,
): ControlledTable | undefined {
  const { base, maxNodes = MOST_NODES } = options;
  const status = highs.constants.modelStatus;
  const solution = highs.withModel(programme(highs, model, counts, options, steps), (opened) => {
    opened.options.set({ output_flag: false, mip_rel_gap: 0, mip_max_nodes: maxNodes, random_seed: 0 });
    opened.run();
    const isOptimal = opened.getModelStatus() === status.optimal;
    return opened.getModelStatus() === status.infeasible ? undefined : { isOptimal, values: opened.getSolution().colValue };
  });
  if (solution === undefined || solution.values.length < model.inner) return undefined;
  const inner = counts.map((_, row) => Math.round(solution.values[row] as number) * base);
  const cells = totalsOf(model, inner);
  const truth = totalsOf(model, counts);
  const isWithin = cells.every((value, cell) => {
    const { low, high } = range(truth[cell] as number, base, steps);
    return value >= low * base && value <= high * base;
  });
  if (!isWithin && !solution.isOptimal) return undefined;
  if (!isWithin) throw new EngineError('rounding-solver', 'The solver gave a table that breaks its own bounds; nothing was rounded.');
  const distance = cells.reduce((sum, value, cell) => sum + weightOf(options, cell) * Math.abs(value - (truth[cell] as number)), 0);
  return { inner, cells, distance, steps, isOptimal: solution.isOptimal };
}

/**
 * Columns: inner cells in units of the base (whole), then for each published cell its distance d >= +-(z - y / base). Rows: bounds of the published
 * cells, then the two sides of each distance.
 */
function programme(highs: Highs, model: TableModel, counts: Float64Array, options: ControlledOptions, steps: number): ModelData {
  const { base } = options;
  const { inner, cells, starts, rows } = model;
  const truth = totalsOf(model, counts);
  const bounds = [...truth].map((value) => range(value, base, steps));
  const own = [...counts].map((value) => range(value, base, steps));
  const matrix: { starts: number[]; indices: number[]; values: number[] } = { starts: [0], indices: [], values: [] };
  const addRow = (cell: number, sign: number, distance: number): void => {
    for (let at = starts[cell] as number; at < (starts[cell + 1] as number); at++) {
      matrix.indices.push(rows[at] as number);
      matrix.values.push(sign);
    }
    if (distance !== 0) {
      matrix.indices.push(inner + cell);
      matrix.values.push(distance);
    }
    matrix.starts.push(matrix.indices.length);
  };
  for (let cell = 0; cell < cells; cell++) addRow(cell, 1, 0);
  for (let cell = 0; cell < cells; cell++) addRow(cell, 1, -1);
  for (let cell = 0; cell < cells; cell++) addRow(cell, -1, -1);
  const units = truth.map((value) => value / base);
  return {
    numCols: inner + cells,
    numRows: 3 * cells,
    colCost: Float64Array.from([...new Float64Array(inner), ...truth.map((_, cell) => base * weightOf(options, cell))]),
    colLower: Float64Array.from([...own.map(({ low }) => low), ...new Float64Array(cells)]),
    colUpper: Float64Array.from([...own.map(({ high }) => high), ...new Float64Array(cells).fill(highs.infinity)]),
    rowLower: Float64Array.from([...bounds.map(({ low }) => low), ...new Float64Array(2 * cells).fill(-highs.infinity)]),
    rowUpper: Float64Array.from([...bounds.map(({ high }) => high), ...units, ...units.map((value) => -value)]),
    integrality: Int32Array.from({ length: inner + cells }, (_, column) => (column < inner ? 1 : 0)),
    matrix: { format: 'csr', numRows: 3 * cells, numCols: inner + cells, ...matrix },
  };
}

function weightOf({ weights }: ControlledOptions, cell: number): number {
  return weights === undefined ? 1 : (weights[cell] as number);
}
