import type { Identity } from '../../engine/cell-table.ts';

/** A measure of a table: `column`, `weight` and `per` are columns of the relation; 0 < at < 1. */
export type TabulateMeasure = { readonly name: string } & (
  | { readonly kind: 'count' }
  | { readonly kind: 'distinct'; readonly column: string }
  | { readonly kind: 'sum'; readonly column: string; readonly per?: string | undefined }
  | { readonly kind: 'mean'; readonly column: string; readonly weight?: string | undefined; readonly per?: string | undefined }
  | { readonly kind: 'quantile'; readonly column: string; readonly at: number; readonly weight?: string | undefined }
);

export interface TabulateDimension {
  readonly name: string;
  /** Columns above it, from the broadest down. */
  readonly hierarchy: readonly string[];
}

export interface TabulateTable {
  readonly name: string;
  /** NULL becomes `_U`, the total is `_T`. */
  readonly by: readonly TabulateDimension[];
  readonly measures: readonly TabulateMeasure[];
  /** Kinds of contributors: the column of the unit, the column it is grouped by, how many largest ones and how many on each side of a quantile matter. */
  readonly contributors: Readonly<
    Record<string, { readonly group?: string | undefined; readonly min?: number | undefined; readonly top?: number | undefined }>
  >;
  /** Measures that add up in every cell. */
  readonly identities?: readonly Identity[];
}

export type Quantile = Extract<TabulateMeasure, { kind: 'quantile' }>;

/** Quantiles of one column under one weight: they share an order of the rows. */
export function quantileGroups(table: TabulateTable): Quantile[][] {
  const groups = new Map<string, Quantile[]>();
  for (const measure of table.measures) {
    if (measure.kind !== 'quantile') continue;
    const key = JSON.stringify([measure.column, measure.weight ?? null]);
    groups.set(key, [...(groups.get(key) ?? []), measure]);
  }
  return [...groups.values()];
}

/** Columns that are read as numbers. */
export function numberColumns(table: TabulateTable): string[] {
  const columns = table.measures.flatMap((measure) => {
    if (measure.kind === 'count' || measure.kind === 'distinct') return [];
    return 'weight' in measure && measure.weight !== undefined ? [measure.column, measure.weight] : [measure.column];
  });
  return [...new Set(columns)];
}

/** Columns that must have one value in the whole partition. */
export function perColumns(table: TabulateTable): string[] {
  return [...new Set(table.measures.flatMap((measure) => ('per' in measure && measure.per !== undefined ? [measure.per] : [])))];
}

/** Kinds whose units are counted on each side of a quantile: every further kind that has a minimum (docs/methods/quantile-rule.md). */
export function sidedKinds(table: TabulateTable): { readonly kind: string; readonly cap: number }[] {
  return Object.entries(table.contributors).flatMap(([kind, { min }], number) =>
    number > 0 && min !== undefined ? [{ kind, cap: Math.max(3, min) }] : [],
  );
}

/** What units contribute: the measures that are sums. */
export function baseMeasures(table: TabulateTable): Extract<TabulateMeasure, { kind: 'sum' }>[] {
  return table.measures.filter((measure) => measure.kind === 'sum');
}
