import { newScratch } from '../../engine/scratch.ts';
import { type CellColumns, type Column, cellCollector } from './cell-columns.ts';
import {
  type FinestCells,
  finestCells,
  type LatticeDimension,
  type Margin,
  repeatedCells,
  repeatedNodes,
  walkMargins,
} from './cell-lattice.ts';
import {
  type QuantileColumns,
  type QuantileRows,
  type QuantileState,
  quantileCells,
  rolledQuantiles,
  startQuantiles,
} from './cell-quantiles.ts';
import { finestSums, rollUp, type SumSpec } from './cell-sums.ts';
import { finestUnits, isFunctionOf, rolledUnits, type UnitColumns, type UnitState, unitColumns } from './cell-units.ts';

/** One partition of a table as columns of numbers, one entry a row, in any order. */
export interface KernelInput {
  readonly dimensions: readonly LatticeDimension[];
  /** Leaves of all dimensions in one number: mixed radix, the first dimension has the largest stride. An Int32 column is overwritten. */
  readonly key: Int32Array | Float64Array;
  /** What is summed; the first is the number of rows. */
  readonly sums: readonly SumSpec[];
  readonly units: readonly UnitColumns[];
  readonly quantiles: readonly QuantileColumns[];
}

/** One kind of result, carried from margin to margin. */
interface Pass<State> {
  start(): State;
  roll(from: State, margin: Margin): State;
  columns(state: State): Column[];
  /** The dimensions in the order in which they are rolled up. */
  order(start: State): readonly number[];
}

/**
 * Every cell of every margin of one partition, ascending by key. Columns: the sums; per kind of unit n, then per basis the total and the
 * largest contributions rank by rank; per group of quantiles the values, then per quantile and kind the units below and above.
 *
 * Sums, each kind of unit and each group of quantiles are walked one after the other, so that the rows of only one stand in memory in its
 * order. Rows are read once for the finest cells, once to sort them by unit or by value, and once per margin for each group of quantiles;
 * everything else is rolled up from margin to margin. Memory: some ten words for each row, and the cells.
 */
export function tabulateKernel(input: KernelInput): CellColumns {
  const { dimensions, sums, units, quantiles } = input;
  const finest = finestCells(
    input.key,
    dimensions.map(({ levels }) => levels[0]?.length ?? 1),
  );
  const found = [
    runPass(finest, dimensions, sumsPass(finest, sums)),
    ...units.map((kind) => runPass(finest, dimensions, unitsPass(finest, kind))),
    ...quantiles.map((group) => runPass(finest, dimensions, quantilesPass(finest, group))),
  ];
  return { keys: found[0]?.keys ?? new Float64Array(0), columns: found.flatMap(({ columns }) => columns) };
}

function runPass<State>(finest: FinestCells, dimensions: readonly LatticeDimension[], pass: Pass<State>): CellColumns {
  const cells = cellCollector();
  const repeated = dimensions.map(repeatedNodes);
  const first = pass.start();
  walkMargins<State>(finest, dimensions, pass.order(first), (margin, from) => {
    const state = from === undefined ? first : pass.roll(from, margin);
    cells.add(margin.keys, repeatedCells(margin, dimensions, repeated), pass.columns(state));
    return state;
  });
  return cells.finish();
}

function sumsPass({ cell, size, leaves }: FinestCells, sums: readonly SumSpec[]): Pass<readonly Float64Array[]> {
  return {
    start: () => sums.map((spec) => finestSums(cell, size, spec)),
    roll: (from, margin) => from.map((sum) => rollUp(sum, margin.up, margin.size)),
    columns: (state) => [...state],
    order: () => byBreadth(leaves),
  };
}

/** Dimensions in which no unit has two codes come last: rolling them up needs no entry. */
function unitsPass({ cell, size, leaves }: FinestCells, kind: UnitColumns): Pass<UnitState> {
  let functions: readonly boolean[] = [];
  const scratch = newScratch();
  return {
    start: () => finestUnits(cell, size, kind),
    roll: (from, margin) => rolledUnits(from, margin, functions[margin.along ?? -1] === true, scratch),
    columns: (state) => unitColumns(state.all),
    order: (start) => {
      functions = leaves.map((each) => isFunctionOf(start, each));
      const order = byBreadth(leaves);
      return [...order.filter((d) => functions[d] !== true), ...order.filter((d) => functions[d] === true)];
    },
  };
}

function quantilesPass({ cell, size, leaves }: FinestCells, group: QuantileColumns): Pass<QuantileState> {
  let rows: QuantileRows | undefined;
  return {
    start: () => {
      const started = startQuantiles(cell, size, group);
      rows = started.rows;
      return started.state;
    },
    roll: (from, margin) => rolledQuantiles(rows as QuantileRows, from, margin),
    columns: quantileCells,
    order: () => byBreadth(leaves),
  };
}

/** The broad dimensions first: what comes after them has fewer cells to roll up. */
function byBreadth(leaves: readonly Int32Array[]): number[] {
  const breadth = leaves.map((each) => new Set(each).size);
  return leaves.map((_, d) => d).sort((a, b) => (breadth[b] as number) - (breadth[a] as number) || a - b);
}
