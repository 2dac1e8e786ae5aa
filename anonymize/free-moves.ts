/** Rows of a homogeneous system as sparse lists: numbers of variables and their factors. */
export interface SparseRows {
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly factors: Float64Array;
}

/** A change of some variables that every row leaves at 0. */
export interface FreeMove {
  readonly variables: Int32Array;
  readonly changes: Float64Array;
}

/** Factors below this come from rounding: a row's own are 1 and -1. */
const ZERO = 1e-9;

/**
 * A basis of all changes that every row leaves at 0, one for each variable that the rows do not bind: elimination of the shortest row first, on
 * the variable that stands in the fewest rows. The first variable of a move stands in no other and changes by 1.
 */
export function freeMoves(size: number, rows: SparseRows): FreeMove[] {
  const left = rowMaps(rows);
  const inRow: Set<number>[] = Array.from({ length: size }, () => new Set());
  left.forEach((row, number) => {
    for (const variable of row.keys()) inRow[variable]?.add(number);
  });
  const queue = new ShortestFirst(left);
  const pivots = new Map<number, Map<number, number>>();
  for (let number = queue.next(); number !== undefined; number = queue.next()) {
    const row = left[number] as Map<number, number>;
    if (row.size === 0) continue;
    const pivot = scarcest(row, inRow);
    const scale = 1 / (row.get(pivot) as number);
    for (const [variable, factor] of row) row.set(variable, factor * scale);
    row.delete(pivot);
    pivots.set(pivot, row);
    for (const other of inRow[pivot] as Set<number>) {
      if (other === number) continue;
      const target = left[other] as Map<number, number>;
      const times = target.get(pivot) as number;
      target.delete(pivot);
      for (const [variable, factor] of row) {
        const value = (target.get(variable) ?? 0) - times * factor;
        if (Math.abs(value) < ZERO) {
          target.delete(variable);
          inRow[variable]?.delete(other);
        } else {
          target.set(variable, value);
          inRow[variable]?.add(other);
        }
      }
      queue.changed(other);
    }
    inRow[pivot] = new Set();
  }
  return movesOf(size, pivots);
}
function movesOf(size: number, pivots: ReadonlyMap<number, ReadonlyMap<number, number>>): FreeMove[] {
  const of = new Map<number, [number, number][]>();
  for (let variable = 0; variable < size; variable++) if (!pivots.has(variable)) of.set(variable, [[variable, 1]]);
  for (const [pivot, row] of pivots) for (const [variable, factor] of row) of.get(variable)?.push([pivot, -factor]);
  return [...of.values()].map((entries) => ({
    variables: Int32Array.from(entries, ([variable]) => variable),
    changes: Float64Array.from(entries, ([, change]) => change),
  }));
}

function rowMaps({ starts, indices, factors }: SparseRows): Map<number, number>[] {
  return Array.from({ length: starts.length - 1 }, (_, row) => {
    const map = new Map<number, number>();
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) map.set(indices[at] as number, factors[at] as number);
    return map;
  });
}

function scarcest(row: ReadonlyMap<number, number>, inRow: readonly Set<number>[]): number {
  let best = -1;
  let fewest = Number.POSITIVE_INFINITY;
  for (const variable of row.keys()) {
    const count = inRow[variable]?.size ?? 0;
    if (count >= fewest) continue;
    best = variable;
    fewest = count;
  }
  return best;
}

/** Rows by their present length, each given out once. */
class ShortestFirst {
  readonly #rows: readonly Map<number, number>[];
  readonly #byLength: number[][] = [];
  readonly #given: Uint8Array;

  constructor(rows: readonly Map<number, number>[]) {
    this.#rows = rows;
    this.#given = new Uint8Array(rows.length);
    rows.forEach((_, number) => {
      this.changed(number);
    });
  }

  changed(number: number): void {
    if (this.#given[number] === 1) return;
    const length = this.#rows[number]?.size ?? 0;
    this.#byLength[length] ??= [];
    this.#byLength[length]?.push(number);
  }

  next(): number | undefined {
    for (let length = 0; length < this.#byLength.length; length++) {
      const bucket = this.#byLength[length];
      while (bucket !== undefined && bucket.length > 0) {
        const number = bucket.pop() as number;
        if (this.#given[number] === 1 || this.#rows[number]?.size !== length) continue;
        this.#given[number] = 1;
        return number;
      }
    }
    return undefined;
  }
}
