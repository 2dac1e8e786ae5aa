import type { CellTable } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import { disclosedCells, eliminate } from './elimination.ts';
import { type AuditState, repairIntervals } from './interval-audit.ts';
import type { ProtectionPolicy } from './protection-policy.ts';
import type { Singleton } from './singleton.ts';
import type { TableSystem } from './table-system.ts';
import { repairUnions } from './union-rule.ts';

export interface SuppressionStart {
  readonly primary: Uint8Array;
  readonly forced: Uint8Array;
  /** Cells that may be published, the ones most wanted first. */
  readonly order: Int32Array;
  /** 1 for each cell that no table publishes: never a candidate, unknown to an attacker. */
  readonly hidden?: Uint8Array | undefined;
  readonly singleton?: Singleton | undefined;
  /** A pattern that protects already: secondary cells of the first round, in place of those of elimination. */
  readonly secondary?: Uint8Array | undefined;
  /** Completed with the reasons of secondary cells. */
  readonly reason: (string | null)[];
  /** Completed with the cells that nothing protects. */
  readonly unsafe: Map<number, string>;
}

/** Cells that an attack finds too narrow. */
export type Audit = (state: AuditState) => readonly number[];

/**
 * Elimination, then union rule and audit; what they find is suppressed too and protected in the next round, until nothing is found.
 * Without an audit a single elimination: no proof against anything but exact disclosure. Errors: `suppression-not-exact`.
 */
export function suppressInRounds(
  cells: CellTable,
  system: TableSystem,
  policy: ProtectionPolicy,
  start: SuppressionStart,
  audit: Audit | undefined,
): { suppressed: Uint8Array; rounds: number; repaired: number } {
  const { primary, forced, reason, unsafe, singleton, order } = start;
  const cost = cells.contributors[0]?.n ?? new Int32Array(cells.size);
  const repaired = new Map<number, number>();
  let protectedCells = primary;
  let added = 0;
  for (let round = 1; ; round++) {
    const given = round === 1 ? start.secondary : undefined;
    const found =
      given === undefined ? eliminate({ ...system, primary: protectedCells, forced, order, singleton }) : { secondary: given, unsafe: [] };
    for (const cell of found.unsafe) unsafe.set(cell, 'elimination: forced cells determine it');
    const suppressed = protectedCells.map((flag, cell) => flag | (found.secondary[cell] ?? 0) | (start.hidden?.[cell] ?? 0));
    note(reason, found.secondary, given === undefined ? 'elimination' : 'optimal');
    if (audit === undefined) return { suppressed, rounds: round, repaired: 0 };
    let repair = repairUnions(cells, system, policy, { suppressed, forced, cost });
    let by = 'union';
    if (repair.extra.length === 0) {
      for (const [cell, why] of repair.unsafe) unsafe.set(cell, why);
      const state = { suppressed, primary, forced, cost, repaired };
      const failing = audit(state).filter((cell) => !unsafe.has(cell));
      repair = repairIntervals(system, failing, state);
      by = 'interval';
    }
    if (repair.extra.length === 0) {
      for (const [cell, why] of repair.unsafe) unsafe.set(cell, why);
      requireExact(cells, system, suppressed, start);
      return { suppressed, rounds: round, repaired: added };
    }
    const extra = new Uint8Array(cells.size);
    for (const cell of repair.extra) extra[cell] = 1;
    added += repair.extra.length;
    note(reason, extra, by);
    protectedCells = suppressed.map((flag, cell) => (flag | (extra[cell] ?? 0)) & (start.hidden?.[cell] === 1 ? 0 : 1));
  }
}

/** The last word, with another prime than elimination used: no suppressed cell is a combination of published ones. */
function requireExact(cells: CellTable, system: TableSystem, suppressed: Uint8Array, { unsafe, hidden }: SuppressionStart): void {
  const disclosed = disclosedCells(system.rows, system.columns, suppressed).filter((cell) => !unsafe.has(cell) && hidden?.[cell] !== 1);
  if (disclosed.length === 0) return;
  throw new DisclosureError(
    'suppression-not-exact',
    `Table ${cells.table}: ${disclosed.length} suppressed cells can be computed; report this.`,
  );
}

function note(reason: (string | null)[], flags: Uint8Array, why: string): void {
  flags.forEach((flag, cell) => {
    if (flag === 1) reason[cell] ??= why;
  });
}
