import { type CellColumns, type Column, cellCollector } from './cell-columns.ts';
import { type FinestCells, finestCells, type LatticeDimension, repeatedCells, repeatedNodes, walkMargins } from './cell-lattice.ts';
import {
  finestQuantiles,
  type QuantileColumns,
  type QuantileState,
  quantileCells,
  quantileRows,
  rolledQuantiles,
} from './cell-quantiles.ts';
import { finestSums, rollUp, type SumSpec } from './cell-sums.ts';
import { finestUnits, isFunctionOf, rolledUnits, type UnitColumns, type UnitState, unitColumns } from './cell-units.ts';

/** One partition of a table as columns of numbers, one entry a row, in any order. */
export interface KernelInput {
  readonly dimensions: readonly LatticeDimension[];
  /** Leaves of all dimensions in one number: mixed radix, the first dimension has the largest stride. */
  readonly key: Int32Array | Float64Array;
  /** What is summed; the first is the number of rows. */
  readonly sums: readonly SumSpec[];
  readonly units: readonly UnitColumns[];
  readonly quantiles: readonly QuantileColumns[];
}

/** Per margin, in the order of the input: sums by cell, units by kind, quantiles by group. */
interface State {
  readonly sums: readonly Float64Array[];
  readonly units: readonly UnitState[];
  readonly quantiles: readonly QuantileState[];
}

/**
 * Every cell of every margin of one partition, ascending by key. Columns: the sums; per kind of unit n, then per basis the total and the
 * largest contributions rank by rank; per group of quantiles the values, then per quantile and kind the units below and above.
 *
 * Rows are read once for the finest cells, once per order (each kind of unit, each value) to sort them, and once per margin for each
 * group of quantiles; everything else is rolled up from margin to margin. Memory: a few words for each row, and the cells.
 */
export function tabulateKernel(input: KernelInput): CellColumns {
  const { dimensions, sums, units, quantiles } = input;
  const finest = finestCells(
    input.key,
    dimensions.map(({ levels }) => levels[0]?.length ?? 1),
  );
  const { cell, size } = finest;
  const rows = quantiles.map((group) => quantileRows(cell, group));
  const first: State = {
    sums: sums.map((spec) => finestSums(cell, size, spec)),
    units: units.map((kind) => finestUnits(cell, size, kind)),
    quantiles: rows.map((group) => finestQuantiles(group, size)),
  };
  const functions = first.units.map((kind) => finest.leaves.map((leaves) => isFunctionOf(kind, leaves)));
  const cells = cellCollector();
  const repeated = dimensions.map(repeatedNodes);
  walkMargins<State>(finest, dimensions, rollUpOrder(finest, first.units, functions), (margin, from) => {
    const { along, up } = margin;
    const state: State =
      from === undefined || along === undefined
        ? first
        : {
            sums: from.sums.map((sum) => rollUp(sum, up, margin.size)),
            units: from.units.map((kind, index) => rolledUnits(kind, margin, functions[index]?.[along] === true)),
            quantiles: from.quantiles.map((group, index) => rolledQuantiles(rows[index] as (typeof rows)[number], group, margin)),
          };
    cells.add(margin.keys, repeatedCells(margin, dimensions, repeated), stateColumns(state));
    return state;
  });
  return cells.finish();
}

function stateColumns({ sums, units, quantiles }: State): Column[] {
  return [...sums, ...units.flatMap((kind) => unitColumns(kind.all)), ...quantiles.flatMap(quantileCells)];
}

/** Dimensions in which no unit has two codes come last: rolling them up needs no entry; before them the broad ones. */
function rollUpOrder({ leaves, size }: FinestCells, units: readonly UnitState[], functions: readonly (readonly boolean[])[]): number[] {
  const entries = units.map((kind) => kind.several().cell.length);
  const weight = (d: number): number => entries.reduce((sum, count, kind) => sum + (functions[kind]?.[d] === true ? 0 : count), 0);
  const breadth = (d: number): number => new Set((leaves[d] as Int32Array).subarray(0, size)).size;
  const facts = leaves.map((_, d) => ({ d, weight: weight(d), breadth: breadth(d) }));
  return facts.sort((a, b) => b.weight - a.weight || b.breadth - a.breadth || a.d - b.d).map(({ d }) => d);
}
