import type { CellTable, MeasureColumn } from '../../engine/cell-table.ts';
import type { ProtectionPolicy } from '../protection-policy.ts';
import { type CellContributors, cellContributors } from './cell-contributors.ts';
import type { CodeDimension } from './code-dimension.ts';
import type { InnerTable } from './inner-table.ts';
import { type ProtectCells, protectCells } from './protect-cells.ts';
import type { ProtectDefinition } from './protect-definition.ts';

/** Kind of contributor that counts the units of the file. */
const UNIT = 'unit';

/** Marks by cell: what has to be published, what suppressed. */
export interface ForcedCells {
  readonly publish: Uint8Array;
  readonly suppress: Uint8Array;
}

/** Linked tables ready to be protected: cells with contributors, matrix, rules; plain data. Cells that no table publishes come last. */
export interface ProtectTable {
  readonly definition: ProtectDefinition;
  readonly dimensions: readonly CodeDimension[];
  readonly inner: InnerTable;
  readonly tables: readonly (readonly number[])[];
  readonly grid: ProtectCells;
  readonly cells: CellTable;
  readonly contributors: readonly CellContributors[];
  readonly policy: ProtectionPolicy;
  readonly forced: ForcedCells;
  /** What is published: the (weighted) sum of the measure, or the (weighted) number of units. */
  readonly values: Float64Array;
  /** Units of the file by cell, unweighted. */
  readonly frequency: Float64Array;
  readonly isFrequency: boolean;
}

export interface ProtectTableInput {
  readonly definition: ProtectDefinition;
  readonly dimensions: readonly CodeDimension[];
  readonly inner: InnerTable;
  readonly tables: readonly (readonly number[])[];
  /** Forced cells, by key of codes as `keyOf` gives it. */
  readonly forced?: ReadonlyMap<string, 'publish' | 'suppress'> | undefined;
  /** Least minimum that rules may state: 3, and lower only where nothing is published. */
  readonly floor: number;
}

/** Cells of linked tables from the finest ones: sums, units, contributors of every kind with the largest that the rules need. */
export function protectTable(input: ProtectTableInput): ProtectTable {
  const { definition, dimensions, inner, tables } = input;
  const grid = protectCells(dimensions, inner, tables);
  const { columns } = grid.system;
  const frequency = sums(columns, inner.frequency);
  const weight = inner.weight === undefined ? undefined : sums(columns, inner.weight);
  const isFrequency = inner.value === undefined;
  const values = inner.value === undefined ? (weight ?? frequency) : sums(columns, inner.value);
  const comparison = definition.rules?.comparison;
  const rules = definition.contributors ?? {};
  const policy: ProtectionPolicy = {
    min_frequency: definition.rules?.min_frequency,
    floor: input.floor,
    contributors: Object.fromEntries(
      Object.entries(rules).map(([kind, rule]) => [
        kind,
        { ...rule, ...(rule.dominance && { dominance: rule.dominance.map((each) => ({ ...(comparison && { comparison }), ...each })) }) },
      ]),
    ),
  };
  const measure = definition.measure ?? UNIT;
  const contributors = inner.kinds.map((entries) => {
    const rule = policy.contributors[entries.kind] ?? {};
    const top = Math.max(0, rule.p_percent === undefined && rule.pq === undefined ? 0 : 2, ...(rule.dominance ?? []).map(({ n }) => n));
    return cellContributors(columns, inner.rows, entries, { measure, top, weights: definition.rules?.weights ?? 'default' });
  });
  const published: MeasureColumn = { name: measure, kind: isFrequency ? 'count' : 'sum', values };
  const cells: CellTable = {
    table: definition.title?.en ?? measure,
    partition: '',
    size: grid.system.size,
    dimensions: dimensions.map(({ name, codes, parent }) => ({ name, codes, parent })),
    keys: grid.keys,
    measures: [published],
    contributors: [{ kind: UNIT, n: Int32Array.from(frequency), bases: [] }, ...contributors],
    identities: [],
  };
  return {
    definition,
    dimensions,
    inner,
    tables,
    grid,
    cells,
    contributors,
    policy,
    values,
    frequency,
    isFrequency,
    forced: forcedCells(cells, grid, input.forced),
  };
}

/** The key of a cell by its codes. */
export function keyOf(codes: readonly string[]): string {
  return JSON.stringify(codes);
}

/** Codes of a cell. */
export function codesOf(cells: CellTable, cell: number): string[] {
  return cells.dimensions.map(({ codes }, d) => codes[cells.keys[d]?.[cell] ?? 0] ?? '');
}

function sums(columns: readonly Int32Array[], of: Float64Array): Float64Array {
  return Float64Array.from(columns, (column) => {
    let sum = 0;
    for (const row of column) sum += of[row] as number;
    return sum;
  });
}

function forcedCells(cells: CellTable, grid: ProtectCells, forced: ReadonlyMap<string, 'publish' | 'suppress'> | undefined): ForcedCells {
  const publish = new Uint8Array(cells.size);
  const suppress = new Uint8Array(cells.size);
  for (let cell = 0; forced !== undefined && cell < grid.size; cell++) {
    const status = forced.get(keyOf(codesOf(cells, cell)));
    if (status === 'publish') publish[cell] = 1;
    if (status === 'suppress') suppress[cell] = 1;
  }
  return { publish, suppress };
}
