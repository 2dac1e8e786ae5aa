import { ReducedPrimaries } from './reduced-primaries.ts';
import type { Singleton } from './singleton.ts';
import { SingletonTest } from './singleton-test.ts';
import { SparseBasis } from './sparse-basis.ts';
import { PRIME, positionOf, SECOND_PRIME, type SparseColumn } from './sparse-column.ts';

export interface EliminationInput {
  /** Number of inner cells. */
  readonly rows: number;
  /** Inner cells below each cell, ascending. */
  readonly columns: readonly Int32Array[];
  /** 1 for each cell to protect. */
  readonly primary: Uint8Array;
  /** 1 for each cell that must be published. */
  readonly forced?: Uint8Array;
  /** Per inner cell: pivots are sought in high ranks first. Changes the time, never the result. */
  readonly pivotRank: ArrayLike<number>;
  /** All cells that may be published, the ones most wanted first. */
  readonly order: Int32Array;
  /** Rows whose unit knows its own value, and how that is met; without it only exact disclosure to outsiders is. */
  readonly singleton?: Singleton | undefined;
}

export interface Elimination {
  /** 1 for each cell to suppress besides the primary ones. */
  readonly secondary: Uint8Array;
  /** Primary cells that the forced ones determine. */
  readonly unsafe: readonly number[];
}

/**
 * Secondary suppression by Gaussian elimination (Langsrud 2024): candidates are published in order as long as no primary cell becomes a
 * linear combination of published cells; a candidate that would make one so is suppressed. Cells over the same inner cells are one
 * column. Arithmetic is exact modulo a prime; `disclosedCells` checks the outcome modulo another.
 */
export function eliminate(input: EliminationInput): Elimination {
  const { rows, columns, order } = input;
  const classOf = mergeEqualColumns(columns);
  const isPrimary = flagged(classOf, input.primary);
  const isForced = flagged(classOf, input.forced);
  const virtual = input.singleton?.virtual ?? [];
  const primaries = new ReducedPrimaries(
    rows,
    input.primary.reduce((sum, flag) => sum + flag, virtual.length),
    PRIME,
  );
  const basis = new SparseBasis(rows, PRIME);
  const test = new SingletonTest(input);
  const secondary = new Uint8Array(columns.length);
  const untested: number[] = [];
  for (const cell of order) {
    if (classOf[cell] !== cell || isPrimary[cell] !== 1 || isForced[cell] === 1) continue;
    if (test.isLeftToTest(columns[cell] as Int32Array)) untested.push(cell);
    else primaries.add(cell, test.unknownOf(unitColumn(columns[cell])));
  }
  for (const column of virtual) primaries.add(VIRTUAL, unitColumn(column));
  const publish = (reduced: SparseColumn): void => {
    if (reduced.rows.length === 0) return;
    const at = primaries.bestPivot(reduced, test.pivotRank);
    const pivot = basis.add(reduced, at);
    const unknown = test.unknownOf(pivot);
    const kept = positionOf(unknown, pivot.rows[at] as number);
    if (kept >= 0) primaries.eliminate(unknown, kept);
  };
  /** Cells left to the rule about singletons that forced ones determine. */
  const determined: number[] = [];
  for (const wanted of [1, 0]) {
    for (const cell of order) {
      const column = classOf[cell] as number;
      if (column !== cell && columns[cell] !== undefined) continue;
      if (isForced[column] !== wanted || (wanted === 0 && isPrimary[column] === 1)) continue;
      const reduced = basis.reduce(columns[column] as Int32Array);
      if (reduced.rows.length === 0) continue;
      const isForbidden = wanted === 0 && test.forbids(reduced);
      if (isForbidden && test.allowsSafeSum(reduced)) {
        // Whoever knows the sum may know its parts: rows that are known stand in no column any more.
        const told = test.toldWith(reduced.rows);
        if (!primaries.hasWithin(reducedRows(basis, told))) {
          for (const row of told) publish(basis.reduce(Int32Array.of(row)));
          test.learn(told);
          continue;
        }
      }
      if (isForbidden || (wanted === 0 && primaries.hasProportionalTo(test.unknownOf(reduced)))) secondary[column] = 1;
      else publish(reduced);
    }
    if (wanted === 1) determined.push(...untested.filter((cell) => basis.reduce(columns[cell] as Int32Array).rows.length === 0));
  }
  const unsafe = new Set([...primaries.unsafe.filter((cell) => cell !== VIRTUAL), ...determined]);
  return spread(input, classOf, { isPrimary, isForced, secondary, unsafe });
}

/** Rows in which what is left of these inner cells stands, ascending. */
function reducedRows(basis: SparseBasis, rows: Int32Array): Int32Array {
  const found = new Set<number>();
  for (const row of rows) for (const left of basis.reduce(Int32Array.of(row)).rows) found.add(left);
  return Int32Array.from(found).sort();
}

/** Member of the primaries that is no cell. */
const VIRTUAL = -1;

/** Suppressed cells that are a linear combination of published ones, computed modulo another prime than the suppression. */
export function disclosedCells(rows: number, columns: readonly Int32Array[], suppressed: Uint8Array): number[] {
  const basis = new SparseBasis(rows, SECOND_PRIME);
  const published = columns.map((_, cell) => cell).filter((cell) => suppressed[cell] !== 1);
  const length = (cell: number) => columns[cell]?.length ?? 0;
  published.sort((a, b) => length(a) - length(b) || a - b);
  for (const cell of published) {
    const reduced = basis.reduce(columns[cell] as Int32Array);
    if (reduced.rows.length > 0) basis.add(reduced, reduced.rows.length - 1);
  }
  const disclosed: number[] = [];
  for (let cell = 0; cell < columns.length; cell++) {
    if (suppressed[cell] === 1 && basis.reduce(columns[cell] as Int32Array).rows.length === 0) disclosed.push(cell);
  }
  return disclosed;
}

/** For each cell the first cell over the same inner cells. */
function mergeEqualColumns(columns: readonly Int32Array[]): Int32Array {
  const buckets = new Map<number, number[]>();
  return Int32Array.from(columns, (column, cell) => {
    let hash = column.length;
    for (const row of column) hash = Math.imul(hash ^ row, 0x9e3779b1) ^ (hash >>> 15);
    const bucket = buckets.get(hash) ?? [];
    const same = bucket.find((other) => equalRows(columns[other] as Int32Array, column));
    if (same !== undefined) return same;
    bucket.push(cell);
    buckets.set(hash, bucket);
    return cell;
  });
}

function equalRows(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((row, i) => row === b[i]);
}

function flagged(classOf: Int32Array, flags: Uint8Array | undefined): Uint8Array {
  const out = new Uint8Array(classOf.length);
  flags?.forEach((flag, cell) => {
    if (flag === 1) out[classOf[cell] as number] = 1;
  });
  return out;
}

function unitColumn(rows: Int32Array | undefined): SparseColumn {
  const at = rows ?? new Int32Array();
  return { rows: at, values: new Float64Array(at.length).fill(1) };
}

interface ByClass {
  readonly isPrimary: Uint8Array;
  readonly isForced: Uint8Array;
  readonly secondary: Uint8Array;
  readonly unsafe: ReadonlySet<number>;
}

/** From one status per column back to cells: what holds for one of several equal cells holds for all. */
function spread(input: EliminationInput, classOf: Int32Array, status: ByClass): Elimination {
  const secondary = new Uint8Array(classOf.length);
  const unsafe: number[] = [];
  classOf.forEach((column, cell) => {
    const isPrimary = input.primary[cell] === 1;
    const suppressed = status.isForced[column] !== 1 && (status.isPrimary[column] === 1 || status.secondary[column] === 1);
    if (suppressed && !isPrimary) secondary[cell] = 1;
    if (isPrimary && (status.isForced[column] === 1 || status.unsafe.has(column))) unsafe.push(cell);
  });
  return { secondary, unsafe };
}
