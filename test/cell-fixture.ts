import type { CellTable, Dimension } from '../engine/cell-table.ts';

/** One unit of the micro data: its codes, who contributes, and how much. */
export interface Row {
  readonly codes: readonly string[];
  readonly ids: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Measures are `n` (rows) and `value` (their sum); `codes` lists all leaf codes by dimension, in order. */
export function cellsOf(rows: readonly Row[], codes: Readonly<Record<string, readonly string[]>>, topN = 3): CellTable {
  const dimensions: Dimension[] = Object.entries(codes).map(([name, leaves]) => ({
    name,
    codes: ['_T', ...leaves],
    parent: Int32Array.from({ length: leaves.length + 1 }, (_, i) => (i === 0 ? -1 : 0)),
  }));
  const members = new Map<string, Row[]>();
  for (const row of rows) {
    const key = row.codes.map((code, d) => dimensions[d]?.codes.indexOf(code) ?? -1);
    for (let mask = 0; mask < 1 << key.length; mask++) {
      const name = key.map((code, d) => ((mask >> d) & 1 ? 0 : code)).join(',');
      const group = members.get(name);
      if (group === undefined) members.set(name, [row]);
      else group.push(row);
    }
  }
  const groups = [...members.values()];
  const keys = dimensions.map((_, d) => Int32Array.from(members.keys(), (name) => Number(name.split(',')[d])));
  const kinds = Object.keys(rows[0]?.ids ?? {});
  const sums = kinds.map((kind) => groups.map((group) => byUnit(group, kind)));
  return {
    table: 'fixture',
    partition: '2024-01',
    size: groups.length,
    dimensions,
    keys,
    measures: [
      { name: 'n', kind: 'count', values: Float64Array.from(groups, (group) => group.length) },
      { name: 'value', kind: 'sum', values: Float64Array.from(groups, total) },
      { name: 'average', kind: 'mean', values: Float64Array.from(groups, (group) => total(group) / group.length) },
    ],
    contributors: kinds.map((kind, k) => ({
      kind,
      n: Int32Array.from(sums[k] ?? [], (units) => units.length),
      bases: [
        {
          measure: 'value',
          total: Float64Array.from(sums[k] ?? [], (units) => units.reduce((sum, x) => sum + x, 0)),
          top: Array.from({ length: topN }, (_, rank) => Float64Array.from(sums[k] ?? [], (units) => units[rank] ?? 0)),
        },
      ],
    })),
    identities: [],
  };
}

/** The same cells in another order of rows: row `i` is row `order[i]` of the original. */
export function permuted(cells: CellTable, order: readonly number[]): CellTable {
  const ints = (column: Int32Array) => Int32Array.from(order, (cell) => column[cell] ?? 0);
  const floats = (column: Float64Array) => Float64Array.from(order, (cell) => column[cell] ?? 0);
  return {
    ...cells,
    keys: cells.keys.map(ints),
    measures: cells.measures.map((measure) => ({ ...measure, values: floats(measure.values) })),
    contributors: cells.contributors.map(({ kind, n, bases }) => ({
      kind,
      n: ints(n),
      bases: bases.map((basis) => ({ measure: basis.measure, total: floats(basis.total), top: basis.top.map(floats) })),
    })),
  };
}

/** `A|_T` for each cell. */
export function namesOf(cells: CellTable): string[] {
  return Array.from({ length: cells.size }, (_, cell) =>
    cells.dimensions.map(({ codes }, d) => codes[cells.keys[d]?.[cell] ?? 0]).join('|'),
  );
}

function total(group: readonly Row[]): number {
  return group.reduce((sum, row) => sum + row.value, 0);
}

function byUnit(group: readonly Row[], kind: string): number[] {
  const units = new Map<string, number>();
  for (const { ids, value } of group) units.set(ids[kind] ?? '', (units.get(ids[kind] ?? '') ?? 0) + value);
  return [...units.values()].map(Math.abs).sort((a, b) => b - a);
}
