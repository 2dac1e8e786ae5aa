import type { TableSystem } from './table-system.ts';

/**
 * `any_sum`: no sum of singletons alone is published; `any_sum_not_primary`: one is, where no unsafe cell is among them, and its parts count
 * as known from then on; `any_sum0`: the same for empty inner cells, and no total of 0 is suppressed with one of its parts alone;
 * `sub_sum`: singletons of a cell are protected as one; `sub_space`: every unsafe cell is protected as if all singletons were known;
 * `contributor`: by unit.
 */
export type SingletonRule = 'any_sum' | 'any_sum_not_primary' | 'any_sum0' | 'sub_sum' | 'sub_space' | 'contributor';

/** Rows whose value somebody knows or infers: a single unit its own part, everybody the parts of a total of 0. */
export interface Singleton {
  readonly rule: SingletonRule;
  /** 1 for each inner cell with a single unit; `any_sum0`: without units. */
  readonly rows: Uint8Array;
  /** Sums of inner cells (row numbers, ascending) that must not be disclosed although they are no cells. */
  readonly virtual: readonly Int32Array[];
}

/** Frequency tables: inner cells of one unit, or of none. Source: Langsrud 2024; SingletonDefault of SSBtools 1.8. */
export function frequencySingleton(
  system: TableSystem,
  cells: Iterable<number>,
  frequency: ArrayLike<number>,
  rule: Exclude<SingletonRule, 'contributor'>,
): Singleton {
  const units = rule === 'any_sum0' ? 0 : 1;
  const rows = Uint8Array.from({ length: system.rows }, (_, row) => (frequency[row] === units ? 1 : 0));
  if (rule !== 'sub_sum') return { rule, rows, virtual: [] };
  const groups = [...cells].map((cell) => (system.columns[cell] as Int32Array).filter((row) => rows[row] === 1));
  return { rule, rows, virtual: distinct(groups.filter((group) => group.length > 1)) };
}

/**
 * Magnitude tables: a unit that is alone in an inner cell can subtract itself. Sums of the unsafe inner cells of a cell, and of a cell less
 * one of its parts, are protected where they belong to one unit, or to two of which one stands alone. `owner`: the unit that is alone in
 * each inner cell, else -1; `unsafe`: 1 for each inner cell that is suppressed; `isCell`: 1 for each inner cell that a table publishes.
 * Source: NumSingleton of SSBtools 1.8 (methods T and H).
 */
export function contributorSingleton(
  system: TableSystem,
  cells: Iterable<number>,
  { owner, unsafe, isCell }: { readonly owner: Int32Array; readonly unsafe: Uint8Array; readonly isCell: Uint8Array },
): Singleton {
  const rows = Uint8Array.from(owner, (unit) => (unit >= 0 ? 1 : 0));
  const virtual: Int32Array[] = [];
  owner.forEach((unit, row) => {
    if (unit >= 0 && isCell[row] !== 1) virtual.push(Int32Array.of(row));
  });
  const consider = (column: Int32Array): void => {
    const group = column.filter((row) => unsafe[row] === 1);
    if (group.length < 2) return;
    const units = new Set(Array.from(group, (row) => ((owner[row] as number) >= 0 ? (owner[row] as number) : -1 - row)));
    if (units.size <= 2 && group.some((row) => rows[row] === 1)) virtual.push(group);
  };
  for (const cell of cells) consider(system.columns[cell] as Int32Array);
  for (const { parent, children } of system.relations) {
    for (const child of children) {
      const part = new Set(system.columns[child]);
      consider((system.columns[parent] as Int32Array).filter((row) => !part.has(row)));
    }
  }
  return { rule: 'contributor', rows, virtual: distinct(virtual) };
}

function distinct(columns: readonly Int32Array[]): Int32Array[] {
  return [...new Map(columns.map((column) => [column.join(), column])).values()];
}
