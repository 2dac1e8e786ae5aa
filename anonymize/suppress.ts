import type { Highs } from 'highs';
import type { CellTable } from '../engine/cell-table.ts';
import { DisclosureError } from '../engine/errors.ts';
import { orderByFrequency, orderByMagnitude } from './candidate-order.ts';
import { auditIntervals } from './interval-audit.ts';
import { FREE, type Pattern, PRIMARY, SECONDARY } from './pattern.ts';
import { primaryReasons } from './primary-rules.ts';
import { ProgrammeAudit } from './programme-audit.ts';
import { type ProtectionPolicy, requireValidPolicy } from './protection-policy.ts';
import { withheldQuantiles } from './quantile-rule.ts';
import { suppressInRounds } from './suppression-rounds.ts';
import { requireAdditive, type TableSystem, tableSystem } from './table-system.ts';

export interface SuppressOptions {
  /** Cells that must be published. */
  readonly forced?: readonly number[];
  /** Measure whose large values are kept published first; otherwise cells with many units of the first kind of contributor. */
  readonly keep?: string;
  /** Attacks what bounds and moves let pass by linear programmes too. */
  readonly solver?: Highs | undefined;
}

/**
 * Cell suppression of one table in one period: primary rules, elimination, then union rule and interval audit; what they find is
 * suppressed too and protected in the next round, until nothing is found. One pattern for all measures; the same cells in any order of
 * rows give the same pattern. Errors: `policy-invalid`, `table-not-additive`, `table-margin-missing`, `suppression-not-exact`, `audit-too-large`.
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
  const start = { primary, forced, reason, unsafe, order: candidateOrder(cells, system, options.keep) };
  const programmes = options.solver && new ProgrammeAudit(cells, system, options.solver);
  const found = suppressInRounds(cells, system, policy, start, (state) => {
    const narrow = auditIntervals(cells, system, state).filter((cell) => !unsafe.has(cell));
    return narrow.length > 0 || programmes === undefined ? narrow : programmes.failing(state);
  });
  const status = found.suppressed.map((flag, cell) => (flag !== 1 ? FREE : primary[cell] === 1 ? PRIMARY : SECONDARY));
  const unprotected = [...unsafe].map(([cell, why]) => ({ cell, why })).sort((a, b) => a.cell - b.cell);
  const withheld = Object.fromEntries(
    cells.measures.filter(({ kind }) => kind === 'quantile').map((measure) => [measure.name, withheldQuantiles(cells, measure, policy)]),
  );
  return { status, reason, forced, unsafe: unprotected, withheld, summary: summarise(status, reason, found.rounds) };
}

function candidateOrder(cells: CellTable, system: TableSystem, keep: string | undefined): Int32Array {
  if (keep === undefined) return orderByFrequency(system, cells.contributors[0]?.n ?? new Int32Array(cells.size));
  const measure = cells.measures.find(({ name }) => name === keep);
  if (measure === undefined) throw new DisclosureError('measure-unknown', `Table ${cells.table} has no measure ${keep} to keep.`);
  return orderByMagnitude(system, measure.values);
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
