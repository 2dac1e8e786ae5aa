import type { TableModel } from './table-model.ts';

/** Inner cells in groups that stand in the same shared cells: a change of a shared cell is one number for a whole group. */
export interface CandidateGroups {
  readonly members: readonly (readonly number[])[];
  /** 1 for each cell that is shared: it holds whole groups only. */
  readonly isShared: Uint8Array;
  /** Groups of each shared cell; cells that hold all candidates are left out. */
  readonly groupsOf: ReadonlyMap<number, readonly number[]>;
}

/**
 * Divides candidates by the largest cells first, as long as there are at most `limit` groups; cells that would make more stay unshared. Cost: one pass
 * over the matrix.
 */
export function groupCandidates(model: TableModel, candidates: readonly number[], limit: number): CandidateGroups {
  const groupOf = new Int32Array(model.inner).fill(-1);
  for (const row of candidates) groupOf[row] = 0;
  const sizes = [candidates.length];
  const isShared = new Uint8Array(model.cells);
  const inside = (cell: number) =>
    model.rows.subarray(model.starts[cell], model.starts[cell + 1]).filter((row) => (groupOf[row] as number) >= 0);
  const length = (cell: number) => (model.starts[cell + 1] as number) - (model.starts[cell] as number);
  const largestFirst = Array.from({ length: model.cells }, (_, cell) => cell).sort((a, b) => length(b) - length(a) || a - b);
  for (const cell of largestFirst) {
    const rows = inside(cell);
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(groupOf[row] as number, (counts.get(groupOf[row] as number) ?? 0) + 1);
    const divided = [...counts].filter(([group, count]) => count < (sizes[group] as number));
    if (sizes.length + divided.length > limit) continue;
    isShared[cell] = 1;
    const next = new Map(divided.map(([group, count]) => [group, divide(sizes, group, count)]));
    for (const row of rows) groupOf[row] = next.get(groupOf[row] as number) ?? (groupOf[row] as number);
  }
  const members = sizes.map((): number[] => []);
  for (const row of candidates) members[groupOf[row] as number]?.push(row);
  const groupsOf = new Map<number, number[]>();
  for (let cell = 0; cell < model.cells; cell++) {
    if (isShared[cell] === 0) continue;
    const rows = inside(cell);
    if (rows.length < candidates.length) groupsOf.set(cell, [...new Set([...rows].map((row) => groupOf[row] as number))]);
  }
  return { members, isShared, groupsOf };
}

/** Takes so many members out of a group into a new one; returns its number. */
function divide(sizes: number[], group: number, count: number): number {
  sizes[group] = (sizes[group] as number) - count;
  return sizes.push(count) - 1;
}
