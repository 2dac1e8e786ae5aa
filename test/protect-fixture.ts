import { type CodeDimension, flatDimension, hierarchicalDimension } from '../anonymize/protect/code-dimension.ts';
import type { InnerContributions, InnerTable } from '../anonymize/protect/inner-table.ts';
import { ProtectDefinition } from '../anonymize/protect/protect-definition.ts';
import { codesOf, type ProtectTable, protectTable } from '../anonymize/protect/protect-table.ts';

/** A row of a file: one unit, or `n` of them. */
export interface ProtectRow {
  readonly codes: readonly string[];
  readonly n?: number;
  readonly value?: number;
  readonly weight?: number;
  readonly by?: Readonly<Record<string, string>>;
  /** Per cent of a cell beyond which its contributors asked for protection. */
  readonly asks?: number;
}

export interface ProtectFixture {
  readonly dimensions: Readonly<Record<string, readonly (readonly [string, string])[] | null>>;
  readonly rows: readonly ProtectRow[];
  readonly definition: Record<string, unknown>;
  readonly tables?: readonly (readonly number[])[];
  readonly forced?: Readonly<Record<string, 'publish' | 'suppress'>>;
  readonly total?: string;
}

/** Five places in two regions. */
export const PLACES = [
  ['p', 'Total'],
  ['q', 'Total'],
  ['p1', 'p'],
  ['p2', 'p'],
  ['q1', 'q'],
  ['q2', 'q'],
  ['q3', 'q'],
] as const;

/** A table to protect from rows in memory; `dimensions`: pairs of code and parent, or null for a flat one. */
export function protectFixture({ dimensions, rows, definition, tables, forced, total = 'Total' }: ProtectFixture): ProtectTable {
  const names = Object.keys(dimensions);
  const coded = names.map((name, d): CodeDimension => {
    const pairs = dimensions[name];
    if (pairs === null || pairs === undefined)
      return flatDimension(name, [...new Set(rows.map(({ codes }) => codes[d] ?? ''))].sort(), total);
    const lines = pairs.map(([code, parent], line) => ({ code, parent, line: line + 1 }));
    return hierarchicalDimension(name, [{ file: name, root: total, lines: [{ code: total, parent: undefined, line: 0 }, ...lines] }]);
  });
  const parsed = ProtectDefinition.parse({ dimensions: Object.fromEntries(names.map((name) => [name, null])), ...definition });
  return protectTable({
    definition: parsed,
    dimensions: coded,
    inner: innerTable(coded, rows, parsed),
    tables: tables ?? [names.map((_, d) => d)],
    forced: forced && new Map(Object.entries(forced)),
    floor: 1,
  });
}

function innerTable(dimensions: readonly CodeDimension[], rows: readonly ProtectRow[], definition: ProtectDefinition): InnerTable {
  const byKey = new Map<string, ProtectRow[]>();
  for (const row of rows) byKey.set(row.codes.join('|'), [...(byKey.get(row.codes.join('|')) ?? []), row]);
  const groups = [...byKey.values()];
  const leafOf = (d: number, code: string) => dimensions[d]?.leaf[dimensions[d]?.codes.indexOf(code) ?? 0] ?? -1;
  const sum = (group: readonly ProtectRow[], of: (row: ProtectRow) => number) => group.reduce((total, row) => total + of(row), 0);
  const weightOf = (row: ProtectRow) => (definition.weight === undefined ? 1 : (row.weight ?? 1));
  return {
    rows: groups.length,
    leaves: dimensions.map((_, d) => Int32Array.from(groups, ([row]) => leafOf(d, row?.codes[d] ?? ''))),
    frequency: Float64Array.from(groups, (group) => sum(group, (row) => row.n ?? 1)),
    value:
      definition.measure === undefined
        ? undefined
        : Float64Array.from(groups, (group) => sum(group, (row) => (row.value ?? 0) * weightOf(row))),
    weight: definition.weight === undefined ? undefined : Float64Array.from(groups, (group) => sum(group, weightOf)),
    kinds: Object.entries(definition.contributors ?? {}).map(([kind, rules]) => contributions(groups, kind, rules.exclude ?? [], weightOf)),
  };
}

function contributions(
  groups: readonly (readonly ProtectRow[])[],
  kind: string,
  excluded: readonly string[],
  weightOf: (row: ProtectRow) => number,
): InnerContributions {
  const units = [...new Set(groups.flatMap((group) => group.map(({ by }) => by?.[kind] ?? '')))].sort();
  const entries = groups.flatMap((group, row) => {
    const own = new Map<string, ProtectRow[]>();
    for (const each of group) own.set(each.by?.[kind] ?? '', [...(own.get(each.by?.[kind] ?? '') ?? []), each]);
    return [...own].map(([unit, of]) => ({ row, unit: units.indexOf(unit), of }));
  });
  const total = (of: readonly ProtectRow[], value: (row: ProtectRow) => number) => of.reduce((sum, row) => sum + value(row), 0);
  return {
    kind,
    units: units.length,
    row: Int32Array.from(entries, ({ row }) => row),
    unit: Int32Array.from(entries, ({ unit }) => unit),
    value: Float64Array.from(entries, ({ of }) => total(of, (row) => row.value ?? 0)),
    weighted: Float64Array.from(entries, ({ of }) => total(of, (row) => (row.value ?? 0) * weightOf(row))),
    weight: Float64Array.from(entries, ({ of }) => total(of, weightOf)),
    isExcluded: Uint8Array.from(units, (unit) => (excluded.includes(unit) ? 1 : 0)),
    asked: Float64Array.from(units, (unit) => {
      const asks = groups.flat().flatMap((row) => (row.by?.[kind] === unit && row.asks !== undefined ? [row.asks] : []));
      return asks.length === 0 ? Number.NaN : Math.min(...asks);
    }),
  };
}

/** Names of the published cells, codes joined by |. */
export function cellNames(table: ProtectTable): string[] {
  return Array.from({ length: table.grid.size }, (_, cell) => codesOf(table.cells, cell).join('|'));
}
