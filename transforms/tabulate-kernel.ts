/** Dense index of every cell of every margin: code 0 of a dimension is its total, so one array of `cells` entries holds them all. */
export interface CellSpace {
  /** Codes per dimension without the total. */
  readonly counts: readonly number[];
  readonly strides: readonly number[];
  readonly cells: number;
}

export function cellSpace(counts: readonly number[]): CellSpace {
  const strides: number[] = [];
  let cells = 1;
  for (const count of [...counts].reverse()) {
    strides.unshift(cells);
    cells *= count + 1;
  }
  return { counts, strides, cells };
}

type Codes = readonly Int32Array[];
type Numbers = Float64Array | Int32Array;

/** Calls `visit(row, cell)` for every row and every margin that the row belongs to: margin by margin, rows in the given order. */
function eachMargin(space: CellSpace, codes: Codes, size: number, pass: (cells: Int32Array) => void): void {
  const cells = new Int32Array(size);
  for (let mask = 0; mask < 1 << codes.length; mask++) {
    cells.fill(0);
    for (const [dimension, column] of codes.entries()) {
      if ((mask & (1 << dimension)) === 0) continue;
      const stride = space.strides[dimension] ?? 0;
      for (let row = 0; row < size; row++) cells[row] = (cells[row] as number) + stride * (column[row] as number);
    }
    pass(cells);
  }
}

/** Sums of each column, and the number of rows, in every cell of every margin. Exact while sums stay below 2^53. */
export function sumCells(
  space: CellSpace,
  codes: Codes,
  columns: readonly Numbers[],
  size: number,
): { rows: Float64Array; sums: Float64Array[] } {
  const rows = new Float64Array(space.cells);
  const sums = columns.map(() => new Float64Array(space.cells));
  eachMargin(space, codes, size, (cells) => {
    for (let row = 0; row < size; row++) rows[cells[row] as number] = (rows[cells[row] as number] as number) + 1;
    for (const [index, column] of columns.entries()) {
      const sum = sums[index] as Float64Array;
      for (let row = 0; row < size; row++) sum[cells[row] as number] = (sum[cells[row] as number] as number) + (column[row] as number);
    }
  });
  return { rows, sums };
}

export interface UnitCells {
  readonly n: Int32Array;
  readonly bases: readonly { total: Float64Array; top: Float64Array[] }[];
}

/** Distinct units per cell, and per basis the largest `top` sums per unit (absolute). Rows come sorted by `unit`. */
export function unitCells(space: CellSpace, codes: Codes, unit: Int32Array, bases: readonly Numbers[], top: number): UnitCells {
  const n = new Int32Array(space.cells);
  const results = bases.map(() => ({
    total: new Float64Array(space.cells),
    top: Array.from({ length: top }, () => new Float64Array(space.cells)),
  }));
  eachMargin(space, codes, unit.length, (cells) => {
    const last = new Int32Array(space.cells).fill(-1);
    for (let row = 0; row < unit.length; row++) {
      const cell = cells[row] as number;
      if (last[cell] !== unit[row]) {
        last[cell] = unit[row] as number;
        n[cell] = (n[cell] as number) + 1;
      }
    }
    for (const [index, basis] of bases.entries())
      contributions(cells, unit, basis, results[index] as { total: Float64Array; top: Float64Array[] });
  });
  return { n, bases: results };
}

function contributions(cells: Int32Array, unit: Int32Array, basis: Numbers, result: { total: Float64Array; top: Float64Array[] }): void {
  const size = result.total.length;
  const last = new Int32Array(size).fill(-1);
  const running = new Float64Array(size);
  const flush = (cell: number): void => {
    let value = Math.abs(running[cell] as number);
    result.total[cell] = (result.total[cell] as number) + value;
    for (const rank of result.top) {
      const current = rank[cell] as number;
      if (value > current) {
        rank[cell] = value;
        value = current;
      }
    }
  };
  for (let row = 0; row < unit.length; row++) {
    const cell = cells[row] as number;
    if (last[cell] !== unit[row]) {
      if (last[cell] !== -1) flush(cell);
      last[cell] = unit[row] as number;
      running[cell] = 0;
    }
    running[cell] = (running[cell] as number) + (basis[row] as number);
  }
  for (let cell = 0; cell < size; cell++) if (last[cell] !== -1) flush(cell);
}

export interface QuantileInput {
  /** Ascending; ties in a total order. */
  readonly value: Numbers;
  readonly weight: Numbers | undefined;
  readonly at: readonly number[];
  /** Units per kind whose distinct number on each side is counted, up to `cap`. */
  readonly sides: readonly { readonly unit: Int32Array; readonly cap: number }[];
}

export interface QuantileCells {
  readonly values: Float64Array[];
  /** `[quantile][kind]` */
  readonly sides: { below: Int32Array; above: Int32Array }[][];
}

/**
 * Quantiles in every cell of every margin by one walk in value order per margin. Without weights: type 7 of Hyndman and Fan
 * (h = (n - 1) q, linear between neighbours). With weights: the smallest value whose cumulated weight reaches q of the cell's weight.
 */
export function quantileCells(space: CellSpace, codes: Codes, input: QuantileInput): QuantileCells {
  const size = input.value.length;
  const values = input.at.map(() => new Float64Array(space.cells).fill(Number.NaN));
  const sides = input.at.map(() => input.sides.map(() => ({ below: new Int32Array(space.cells), above: new Int32Array(space.cells) })));
  eachMargin(space, codes, size, (cells) => {
    const weight = new Float64Array(space.cells);
    for (let row = 0; row < size; row++)
      weight[cells[row] as number] = (weight[cells[row] as number] as number) + Number(input.weight?.[row] ?? 1);
    for (const [q, at] of input.at.entries()) {
      const reached = new Int32Array(space.cells).fill(-1);
      walkQuantile(cells, input, weight, at, values[q] as Float64Array, reached);
      for (const [kind, side] of input.sides.entries())
        countSides(cells, side, reached, sides[q]?.[kind] as { below: Int32Array; above: Int32Array });
    }
  });
  return { values, sides };
}

const SCALE = 10_000;

function walkQuantile(
  cells: Int32Array,
  input: QuantileInput,
  weight: Float64Array,
  at: number,
  values: Float64Array,
  reached: Int32Array,
): void {
  const cumulated = new Float64Array(weight.length);
  const scaled = Math.round(at * SCALE);
  const pending = new Float64Array(weight.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row] as number;
    const before = cumulated[cell] as number;
    const value = input.value[row] as number;
    if (input.weight !== undefined) {
      cumulated[cell] = before + (input.weight[row] as number);
      if (reached[cell] === -1 && (cumulated[cell] as number) * SCALE >= scaled * (weight[cell] as number)) {
        reached[cell] = row;
        values[cell] = value;
      }
      continue;
    }
    cumulated[cell] = before + 1;
    const h = (((weight[cell] as number) - 1) * scaled) / SCALE;
    const low = Math.floor(h);
    if (before === low) {
      reached[cell] = row;
      values[cell] = value;
      pending[cell] = h - low;
    } else if (before === low + 1 && (pending[cell] as number) > 0) {
      values[cell] = (values[cell] as number) + (pending[cell] as number) * (value - (values[cell] as number));
    }
  }
}

function countSides(
  cells: Int32Array,
  side: { unit: Int32Array; cap: number },
  reached: Int32Array,
  out: { below: Int32Array; above: Int32Array },
): void {
  const count = (from: number, step: 1 | -1, target: Int32Array): void => {
    const seen = Array.from({ length: side.cap }, () => new Int32Array(reached.length).fill(-1));
    const found = new Int32Array(reached.length);
    for (let row = from; row >= 0 && row < cells.length; row += step) {
      const cell = cells[row] as number;
      const unit = side.unit[row] as number;
      const known = found[cell] as number;
      let isNew = known < side.cap;
      for (let rank = 0; isNew && rank < known; rank++) isNew = (seen[rank] as Int32Array)[cell] !== unit;
      if (isNew) {
        (seen[known] as Int32Array)[cell] = unit;
        found[cell] = known + 1;
      }
      if (reached[cell] === row) target[cell] = found[cell] as number;
    }
  };
  count(0, 1, out.below);
  count(cells.length - 1, -1, out.above);
}
