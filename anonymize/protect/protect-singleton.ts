import { contributorSingleton, frequencySingleton, type Singleton } from '../singleton.ts';
import type { ProtectTable } from './protect-table.ts';

/**
 * How units that stand alone are met. `auto`: in frequency tables `any_sum` where a count of 1 is unsafe; in magnitude tables by
 * contributor.
 */
export function singletonOf(table: ProtectTable, primary: Uint8Array): Singleton | undefined {
  const { definition, grid, isFrequency, inner, policy } = table;
  const cells = Array.from({ length: grid.size }, (_, cell) => cell);
  const { singleton } = definition;
  if (singleton === 'none') return undefined;
  if (singleton === 'contributor' || (singleton === 'auto' && !isFrequency)) {
    const owner = rowOwners(table);
    const unsafe = new Uint8Array(inner.rows);
    const isCell = new Uint8Array(inner.rows);
    for (const cell of cells) {
      const column = grid.system.columns[cell] as Int32Array;
      if (column.length !== 1) continue;
      isCell[column[0] as number] = 1;
      if (primary[cell] === 1) unsafe[column[0] as number] = 1;
    }
    return contributorSingleton(grid.system, cells, { owner, unsafe, isCell });
  }
  const rule = singleton === 'auto' ? 'any_sum' : singleton;
  if (singleton === 'auto' && (policy.min_frequency ?? 0) < 2) return undefined;
  return frequencySingleton(grid.system, cells, inner.frequency, rule);
}

/** The unit that is alone in each inner cell, else -1: in magnitude tables a contributor of the first kind, else the single unit itself. */
export function rowOwners({ inner, isFrequency }: ProtectTable): Int32Array {
  const owner = new Int32Array(inner.rows).fill(-1);
  const [kind] = inner.kinds;
  if (kind === undefined || isFrequency) return owner.map((_, row) => (inner.frequency[row] === 1 ? row : -1));
  const several = new Uint8Array(inner.rows);
  kind.row.forEach((row, entry) => {
    const unit = kind.unit[entry] as number;
    if (owner[row] === -1) owner[row] = unit;
    else if (owner[row] !== unit) several[row] = 1;
  });
  return owner.map((unit, row) => (several[row] === 1 ? -1 : unit));
}
