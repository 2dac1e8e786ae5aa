import type { CellTable } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import { orderByFrequency, orderByMagnitude } from './candidate-order.ts';
import { disclosedCells, eliminate } from './elimination.ts';
import { auditIntervals, repairIntervals } from './interval-audit.ts';
import { FREE, type Pattern, PRIMARY, SECONDARY } from './pattern.ts';
import { primaryReasons } from './primary-rules.ts';
import { type ProtectionPolicy, requireValidPolicy } from './protection-policy.ts';
import { withheldQuantiles } from './quantile-rule.ts';
import { requireAdditive, type TableSystem, tableSystem } from './table-system.ts';
import { repairUnions } from './union-rule.ts';

export interface SuppressOptions {
  /** Cells that must be published. */
  readonly forced?: readonly number[];
  /** Measure whose large values are kept published first; otherwise cells with many units of the first kind of contributor. */
  readonly keep?: string;
}

/**
 * Cell suppression of one table in one period: primary rules, elimination, then union rule and interval audit; what they find is
 * suppressed too and protected in the next round, until nothing is found. One pattern for all measures; the same cells in any order of
 * rows give the same pattern. Errors: `policy-invalid`, `table-not-additive`, `table-margin-missing`, `suppression-not-exact`.
 */
export function suppress(cells: CellTable, policy: ProtectionPolicy, options: SuppressOptions = {}): Pattern {
  requireValidPolicy(cells, policy);
  const system = tableSystem(cells);
  requireAdditive(cells, system);
  const forced = new Uint8Array(cells.size);
  for (const cell of options.forced ?? []) forced[cell] = 1;
  const reason = primaryReasons(cells, policy);
  const primary = Uint8Array.from(reason, (rules, cell) => (rules !== null && forced[cell] !== 1 ? 1 : 0));
  const unsafe = new Map<number, string>();
  reason.forEach((rules, cell) => {
    if (rules !== null && forced[cell] === 1) unsafe.set(cell, `forced: ${rules}`);
  });
  const found = protect(cells, system, policy, { primary, forced, reason, unsafe, order: candidateOrder(cells, system, options.keep) });
  const status = found.suppressed.map((flag, cell) => (flag !== 1 ? FREE : primary[cell] === 1 ? PRIMARY : SECONDARY));
  const unprotected = [...unsafe].map(([cell, why]) => ({ cell, why })).sort((a, b) => a.cell - b.cell);
  const withheld = Object.fromEntries(
    cells.measures.filter(({ kind }) => kind === 'quantile').map((measure) => [measure.name, withheldQuantiles(cells, measure, policy)]),
  );
  return { status, reason, forced, unsafe: unprotected, withheld, summary: summarise(status, reason, found.rounds) };
}

interface Start {
  readonly primary: Uint8Array;
  readonly forced: Uint8Array;
  readonly order: Int32Array;
  /** Completed with the reasons of secondary cells. */
  readonly reason: (string | null)[];
  readonly unsafe: Map<number, string>;
}

function protect(
  cells: CellTable,
  system: TableSystem,
  policy: ProtectionPolicy,
  start: Start,
): { suppressed: Uint8Array; rounds: number } {
  const { primary, forced, reason, unsafe } = start;
  const cost = cells.contributors[0]?.n ?? new Int32Array(cells.size);
  const repaired = new Map<number, number>();
  let protectedCells = primary;
  for (let round = 1; ; round++) {
    const found = eliminate({ ...system, primary: protectedCells, forced, order: start.order });
    for (const cell of found.unsafe) unsafe.set(cell, 'elimination: forced cells determine it');
    const suppressed = protectedCells.map((flag, cell) => flag | (found.secondary[cell] ?? 0));
    note(reason, found.secondary, 'elimination');
    let repair = repairUnions(cells, system, policy, { suppressed, forced, cost });
    let by = 'union';
    if (repair.extra.length === 0) {
      for (const [cell, why] of repair.unsafe) unsafe.set(cell, why);
      const state = { suppressed, primary, forced, cost, repaired };
      const failing = auditIntervals(cells, system, state).filter((cell) => !unsafe.has(cell));
      repair = repairIntervals(system, failing, state);
      by = 'interval';
    }
    if (repair.extra.length === 0) {
      for (const [cell, why] of repair.unsafe) unsafe.set(cell, why);
      requireExact(cells, system, suppressed, unsafe);
      return { suppressed, rounds: round };
    }
    const extra = new Uint8Array(cells.size);
    for (const cell of repair.extra) extra[cell] = 1;
    note(reason, extra, by);
    protectedCells = suppressed.map((flag, cell) => flag | (extra[cell] ?? 0));
  }
}

/** The last word, with another prime than elimination used: no suppressed cell is a combination of published ones. */
function requireExact(cells: CellTable, system: TableSystem, suppressed: Uint8Array, unsafe: ReadonlyMap<number, string>): void {
  const disclosed = disclosedCells(system.rows, system.columns, suppressed).filter((cell) => !unsafe.has(cell));
  if (disclosed.length === 0) return;
  throw new DisclosureError(
    'suppression-not-exact',
    `Table ${cells.table}: ${disclosed.length} suppressed cells can be computed; report this.`,
  );
}

function candidateOrder(cells: CellTable, system: TableSystem, keep: string | undefined): Int32Array {
  if (keep === undefined) return orderByFrequency(system, cells.contributors[0]?.n ?? new Int32Array(cells.size));
  const measure = cells.measures.find(({ name }) => name === keep);
  if (measure === undefined) throw new DisclosureError('measure-unknown', `Table ${cells.table} has no measure ${keep} to keep.`);
  return orderByMagnitude(system, measure.values);
}

function note(reason: (string | null)[], flags: Uint8Array, why: string): void {
  flags.forEach((flag, cell) => {
    if (flag === 1) reason[cell] ??= why;
  });
}

function summarise(status: Uint8Array, reason: readonly (string | null)[], rounds: number): Pattern['summary'] {
  const count = (test: (cell: number) => boolean) => status.reduce((sum, _, cell) => sum + (test(cell) ? 1 : 0), 0);
  const secondaryBy = (why: string) => count((cell) => status[cell] === SECONDARY && reason[cell] === why);
  return {
    cells: status.length,
    primary: count((cell) => status[cell] === PRIMARY),
    secondary: count((cell) => status[cell] === SECONDARY),
    elimination: secondaryBy('elimination'),
    union: secondaryBy('union'),
    interval: secondaryBy('interval'),
    rounds,
  };
}
