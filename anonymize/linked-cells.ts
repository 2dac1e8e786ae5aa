import type { CellTable, ContributorColumns, Dimension, MeasureColumn } from '../engine/cell-table.ts';
import type { ProtectionPolicy } from './protection-policy.ts';
import { innerCells, type TableSystem, tableSystem } from './table-system.ts';

/** A table of a linked group in one month. */
export interface LinkedTable {
  readonly cells: CellTable;
  readonly policy: ProtectionPolicy;
}

/** The keys of several tables of several months over the same flat dimensions: one table without measures, every margin in it. */
export interface LinkedKeys {
  readonly cells: CellTable;
  readonly system: TableSystem;
  /** The number of each cell of a table among the keys. */
  readonly numbersOf: (table: CellTable) => Int32Array;
}

/** A table as an attacker sees it: its cells, how they add up, and the number of each cell among the keys. */
export interface LinkedView {
  readonly cells: CellTable;
  readonly system: TableSystem;
  readonly keys: Int32Array;
}

/** Errors: those of `tableSystem`. */
export function linkedKeys(tables: readonly CellTable[]): LinkedKeys {
  const dimensions = (tables[0]?.dimensions ?? []).map(({ name, codes: [total = ''] }, d): Dimension => {
    const codes = new Set(tables.flatMap((table) => table.dimensions[d]?.codes ?? []));
    codes.delete(total);
    const sorted = [total, ...[...codes].sort()];
    return { name, codes: sorted, parent: Int32Array.from(sorted, (_, code) => (code === 0 ? -1 : 0)) };
  });
  const numberOf = dimensions.map(({ codes }) => new Map(codes.map((code, number) => [code, number])));
  const codesOf = (table: CellTable): Int32Array[] =>
    table.keys.map((keys, d) => keys.map((code) => numberOf[d]?.get(table.dimensions[d]?.codes[code] ?? '') ?? 0));
  const found = new Map<string, number[]>();
  const textsOf = (columns: readonly Int32Array[], size: number): string[] =>
    Array.from({ length: size }, (_, cell) => columns.map((column) => column[cell]).join());
  for (const table of tables) {
    const columns = codesOf(table);
    textsOf(columns, table.size).forEach((text, cell) => {
      if (!found.has(text))
        found.set(
          text,
          columns.map((column) => column[cell] ?? 0),
        );
    });
  }
  const all = [...found.values()];
  const cells: CellTable = {
    table: tables[0]?.table ?? '',
    partition: '',
    size: all.length,
    dimensions,
    keys: dimensions.map((_, d) => Int32Array.from(all, (codes) => codes[d] ?? 0)),
    measures: [],
    contributors: [],
    identities: [],
  };
  const index = new Map([...found.keys()].map((text, number) => [text, number]));
  const numbersOf = (table: CellTable): Int32Array => Int32Array.from(textsOf(codesOf(table), table.size), (text) => index.get(text) ?? -1);
  return { cells, system: tableSystem(cells), numbersOf };
}

/** The table over these keys; keys that it has no cell for are cells without anybody, where everything is 0. */
export function overKeys(table: CellTable, keys: Int32Array, linked: LinkedKeys): CellTable {
  const cellOf = new Map(Array.from(linked.numbersOf(table), (number, cell) => [number, cell]));
  const at = Array.from(keys, (number) => cellOf.get(number));
  const numbers = (values: Float64Array): Float64Array => Float64Array.from(at, (cell) => (cell === undefined ? 0 : (values[cell] ?? 0)));
  const isWider = at.includes(undefined);
  return {
    ...table,
    size: keys.length,
    ...keysOf(linked, keys),
    // A count is taken to be at least 1 in every cell; a sum is not.
    measures: table.measures.map((measure) => ({ ...measure, kind: isWider ? 'sum' : measure.kind, values: numbers(measure.values) })),
    contributors: table.contributors.map(
      ({ kind, n, bases }): ContributorColumns => ({
        kind,
        n: Int32Array.from(at, (cell) => (cell === undefined ? 0 : (n[cell] ?? 0))),
        bases: bases.map(({ measure, total, top }) => ({ measure, total: numbers(total), top: top.map(numbers) })),
      }),
    ),
  };
}

/**
 * What two months share: the inner cells that both have, their margins, and measures that are the same number in both (`jobs_at_end` of one,
 * `jobs_at_start` of the next). Undefined where they share no cell.
 */
export function sharedView(
  linked: LinkedKeys,
  months: readonly [LinkedView, LinkedView],
  measures: readonly MeasureColumn[],
): LinkedView | undefined {
  const [first, second] = months;
  const [before, after] = [new Set(first.keys), new Set(second.keys)];
  const rowOf = new Map<number, number>();
  innerCells(linked.cells, linked.system).forEach((key, row) => {
    if (before.has(key) && after.has(key)) rowOf.set(row, key);
  });
  if (rowOf.size === 0) return undefined;
  const keys = Int32Array.from(linked.system.order).filter((key) => linked.system.columns[key]?.some((row) => rowOf.has(row)));
  const sums = measures.map(({ values }, m) => {
    const cells = new Map(Array.from(months[m]?.keys ?? [], (key, cell) => [key, values[cell] ?? 0]));
    const sum = (key: number): number =>
      (linked.system.columns[key] ?? new Int32Array()).reduce((total, row) => total + (cells.get(rowOf.get(row) ?? -1) ?? 0), 0);
    return Float64Array.from(keys, sum);
  });
  const cells: CellTable = {
    ...linked.cells,
    table: first.cells.table,
    partition: `${first.cells.partition}, ${second.cells.partition}`,
    size: keys.length,
    ...keysOf(linked, keys),
    measures: measures.map(({ name }, m) => ({ name, kind: 'sum', values: sums[m] ?? new Float64Array() })),
  };
  return { cells, system: tableSystem(cells), keys };
}

function keysOf({ cells }: LinkedKeys, keys: Int32Array): Pick<CellTable, 'dimensions' | 'keys'> {
  return { dimensions: cells.dimensions, keys: cells.keys.map((codes) => Int32Array.from(keys, (key) => codes[key] ?? 0)) };
}
