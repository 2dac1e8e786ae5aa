import { groupDisclosures } from '../group-disclosure.ts';
import { primaryReasons } from '../primary-rules.ts';
import type { ProtectTable } from './protect-table.ts';

/** Primary rules of every cell: those of contributors, their requests, zeros, group disclosure. Per cell what fired with n, or null. */
export function primaryOf({ cells, grid, policy, definition, frequency }: ProtectTable): (string | null)[] {
  const reason = primaryReasons(cells, policy);
  const { protect_zeros, group_disclosure } = definition.rules ?? {};
  const add = (cell: number, why: string): void => {
    reason[cell] = reason[cell] === null ? why : `${reason[cell]}; ${why}`;
  };
  if (protect_zeros === true) {
    for (let cell = 0; cell < grid.size; cell++) if (frequency[cell] === 0) add(cell, 'protect_zeros, n=0');
  }
  if (group_disclosure !== undefined) {
    const { share, min_other } = group_disclosure;
    for (const cell of groupDisclosures(grid.system, frequency, group_disclosure))
      if (cell < grid.size) add(cell, `group_disclosure (${share}, ${min_other}), n=${frequency[cell]}`);
  }
  return reason;
}
