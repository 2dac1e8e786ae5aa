import type { Highs, ModelData } from 'highs';
import { DisclosureError } from '../../engine/errors.ts';
import { protectRoom, type Room } from './protect-room.ts';
import type { ProtectTable } from './protect-table.ts';

export interface OptimalResult {
  /** 1 for each cell to suppress besides the primary ones. */
  readonly secondary: Uint8Array;
  /** Sum of the costs of secondary cells, and the bound below which none can be: equal where the optimum was proven. */
  readonly cost: number;
  readonly bound: number;
}

/** Cells of the table up to which the programme is built: it has two variables for each cell and unsafe cell. */
const MOST_CELLS = 300;
const MOST_PRIMARY = 40;
const MOST_NODES = 2000;

/** The cheapest pattern of a small table, by the values that it withholds. Errors: `protect-too-large`, `protect-impossible`. */
export function optimumOf(table: ProtectTable, primary: Uint8Array, solver: Highs): OptimalResult {
  const count = primary.reduce((sum, flag) => sum + flag, 0);
  if (table.grid.size > MOST_CELLS || count > MOST_PRIMARY)
    throw new DisclosureError(
      'protect-too-large',
      `method: optimal is for tables of at most ${MOST_CELLS} cells and ${MOST_PRIMARY} unsafe ones; this one has ${table.grid.size} and ${count}. Use method: suppress.`,
      { facts: { cells: table.grid.size, primary: count } },
    );
  const room = protectRoom(table);
  const found = optimalSuppression(solver, table, primary, (cell) => Math.abs(table.values[cell] ?? 0), room);
  if (found !== undefined) return found;
  throw new DisclosureError(
    'protect-impossible',
    'No pattern protects the unsafe cells while the forced ones are published. Force fewer cells, or merge codes.',
  );
}

/**
 * Cell suppression at least cost: for each unsafe cell p two tables of changes d with all sums 0, |d_c| within the attacker's bounds where c
 * is suppressed and 0 where it is published, d_p >= room above and <= -room below. A mixed integer programme; without a clock, so the same
 * table always. Undefined where no pattern protects. Source: Fischetti & Salazar, JASA 95 (2000); compact form, small tables only.
 */
function optimalSuppression(
  highs: Highs,
  { grid, values, forced }: ProtectTable,
  primary: Uint8Array,
  cost: (cell: number) => number,
  room: Room,
): OptimalResult | undefined {
  const { size } = grid;
  const relations = grid.system.relations.filter(({ parent, children }) => [parent, ...children].every((cell) => cell < size));
  const unsafe = Array.from(primary.keys()).filter((cell) => primary[cell] === 1);
  const attacks = unsafe.flatMap(
    (cell) =>
      [
        { cell, sign: 1 },
        { cell, sign: -1 },
      ] as const,
  );
  const columns = size * (1 + attacks.length);
  const lower = new Float64Array(columns);
  const upper = new Float64Array(columns).fill(1);
  const price = new Float64Array(columns);
  const integrality = Int32Array.from({ length: columns }, (_, column) => (column < size ? 1 : 0));
  for (let cell = 0; cell < size; cell++) {
    price[cell] = primary[cell] === 1 ? 0 : Math.max(1e-3, cost(cell));
    lower[cell] = primary[cell] === 1 || forced.suppress[cell] === 1 ? 1 : 0;
    upper[cell] = forced.publish[cell] === 1 ? 0 : 1;
  }
  const matrix: { terms: [number, number][]; low: number; high: number }[] = [];
  attacks.forEach(({ cell: target, sign }, attack) => {
    const at = (cell: number): number => size * (1 + attack) + cell;
    for (let cell = 0; cell < size; cell++) {
      const value = values[cell] ?? 0;
      const [down, up] = [Math.max(0, value - room.floor), Math.max(0, room.ceiling - value)];
      lower[at(cell)] = -down;
      upper[at(cell)] = up;
      matrix.push({
        terms: [
          [at(cell), 1],
          [cell, -up],
        ],
        low: Number.NEGATIVE_INFINITY,
        high: 0,
      });
      matrix.push({
        terms: [
          [at(cell), 1],
          [cell, down],
        ],
        low: 0,
        high: Number.POSITIVE_INFINITY,
      });
    }
    if (sign === 1) lower[at(target)] = room.above(target);
    else upper[at(target)] = -room.below(target);
    for (const { parent, children } of relations)
      matrix.push({ terms: [[at(parent), -1], ...children.map((child): [number, number] => [at(child), 1])], low: 0, high: 0 });
  });
  return solve(highs, { lower, upper, price, integrality, matrix, size, primary });
}

interface Programme {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly price: Float64Array;
  readonly integrality: Int32Array;
  readonly matrix: readonly { readonly terms: readonly (readonly [number, number])[]; readonly low: number; readonly high: number }[];
  readonly size: number;
  readonly primary: Uint8Array;
}

function solve(highs: Highs, { lower, upper, price, integrality, matrix, size, primary }: Programme): OptimalResult | undefined {
  const finite = (value: number): number => (Number.isFinite(value) ? value : Math.sign(value) * highs.infinity);
  const starts = [0];
  for (const { terms } of matrix) starts.push((starts.at(-1) ?? 0) + terms.length);
  const data: ModelData = {
    numCols: lower.length,
    numRows: matrix.length,
    colCost: price,
    colLower: lower,
    colUpper: upper,
    rowLower: matrix.map(({ low }) => finite(low)),
    rowUpper: matrix.map(({ high }) => finite(high)),
    integrality,
    matrix: {
      format: 'csr',
      numRows: matrix.length,
      numCols: lower.length,
      starts: Int32Array.from(starts),
      indices: Int32Array.from(matrix.flatMap(({ terms }) => terms.map(([column]) => column))),
      values: Float64Array.from(matrix.flatMap(({ terms }) => terms.map(([, factor]) => factor))),
    },
  };
  return highs.withModel(data, (model) => {
    model.options.set({ output_flag: false, mip_max_nodes: MOST_NODES, random_seed: 1 });
    model.run();
    const { colValue } = model.getSolution();
    if (colValue.length !== lower.length || !colValue.some((value) => value > 0.5)) return undefined;
    const secondary = Uint8Array.from({ length: size }, (_, cell) => ((colValue[cell] ?? 0) > 0.5 && primary[cell] !== 1 ? 1 : 0));
    const cost = secondary.reduce((sum, flag, cell) => sum + flag * (price[cell] ?? 0), 0);
    return { secondary, cost, bound: Math.min(cost, Number(model.info.get('mip_dual_bound'))) };
  });
}
