import type { Highs } from 'highs';
import { type Bounds, unknownBounds } from '../bounds.ts';
import { FREE, PRIMARY, SECONDARY } from '../pattern.ts';
import { suppressInRounds } from '../suppression-rounds.ts';
import { optimumOf } from './optimal.ts';
import type { Perturbed } from './perturb.ts';
import { ProtectAudit } from './protect-audit.ts';
import { candidates } from './protect-candidates.ts';
import { primaryOf } from './protect-primary.ts';
import { singletonOf } from './protect-singleton.ts';
import type { ProtectTable } from './protect-table.ts';

export interface ProtectOptions {
  readonly solver: Highs;
  /** False only for comparisons with other tools: nothing but elimination, and never published. */
  readonly audit: boolean;
  readonly onProgress?: ((stage: 'suppress' | 'audit', done: number, all: number) => void) | undefined;
}

/** What was decided about every cell of a protected table, published cells first; internal. */
export interface Protected {
  /** FREE, PRIMARY or SECONDARY, by published cell. */
  readonly status: Uint8Array;
  readonly reason: readonly (string | null)[];
  readonly forced: Uint8Array;
  /** What may be published, by published cell; NaN where it is withheld. */
  readonly published: Float64Array;
  /** What perturbation or rounding cost. */
  readonly loss?: PerturbedLoss | undefined;
  /** What an attacker can make of each cell; both ends are the value where it is published. */
  readonly bounds: Bounds;
  /** The bounds are the attacker's own, not only some that it reaches. */
  readonly isExact: boolean;
  readonly unsafe: readonly { readonly cell: number; readonly why: string }[];
  readonly summary: ProtectSummary;
}

export type PerturbedLoss = Omit<Perturbed, 'published'>;

export interface ProtectSummary {
  readonly cells: number;
  readonly primary: number;
  readonly secondary: number;
  /** Cells that could not be protected, because others had to be published. */
  readonly unsafe: number;
  /** Unsafe cells whose interval was attacked; 0 without an audit. */
  readonly audited: number;
  /** Cells that the audit had suppressed besides. */
  readonly repaired: number;
  readonly rounds: number;
  /** Linear programmes that the audit solved. */
  readonly programmes: number;
  /** Method `optimal`: sum of the values of secondary cells before other attacks, and the bound below which no pattern can be. */
  readonly cost?: number;
  readonly bound?: number;
}

/**
 * Cell suppression of linked tables as one system: primary rules, elimination with protection of singletons, then the attacks (rules on
 * the union of suppressed cells, intervals by linear programming, units that know their own part) and repair, until they find
 * nothing or only cells that forced ones give away. The same input gives the same result. Cost: docs/methods/protect.md.
 */
export function protect(table: ProtectTable, options: ProtectOptions): Protected {
  const { cells, grid, policy, forced, definition } = table;
  const { system } = grid;
  const reason = primaryOf(table);
  const isUnsafe = reason.map((rules) => rules !== null);
  const primary = Uint8Array.from(isUnsafe, (flag, cell) =>
    cell < grid.size && (flag || forced.suppress[cell] === 1) && forced.publish[cell] !== 1 ? 1 : 0,
  );
  const unsafe = new Map<number, string>();
  reason.forEach((rules, cell) => {
    if (rules !== null && forced.publish[cell] === 1) unsafe.set(cell, `forced: ${rules}`);
    if (rules === null && primary[cell] === 1) reason[cell] = 'forced to be suppressed';
  });
  const hidden = Uint8Array.from({ length: cells.size }, (_, cell) => (cell < grid.size ? 0 : 1));
  const audit = options.audit ? new ProtectAudit(table, options) : undefined;
  const optimum = definition.method === 'optimal' ? optimumOf(table, primary, options.solver) : undefined;
  const start = {
    primary,
    forced: forced.publish,
    order: candidates(table),
    hidden,
    singleton: singletonOf(table, primary),
    reason,
    unsafe,
    secondary: optimum?.secondary,
  };
  const found = suppressInRounds(cells, system, policy, start, audit && ((state) => audit.failing(state.suppressed, primary)));
  const status = found.suppressed
    .subarray(0, grid.size)
    .map((flag, cell) => (flag !== 1 ? FREE : primary[cell] === 1 ? PRIMARY : SECONDARY));
  const { bounds, isExact } = audit?.bounds(found.suppressed) ?? { bounds: unknownBounds(table.values, found.suppressed), isExact: false };
  const count = (which: number) => status.reduce((sum, each) => sum + (each === which ? 1 : 0), 0);
  return {
    status,
    published: table.values.slice(0, grid.size).map((value, cell) => (status[cell] === FREE ? value : Number.NaN)),
    reason: reason.slice(0, grid.size),
    forced: forced.publish.subarray(0, grid.size),
    bounds,
    isExact,
    unsafe: [...unsafe].map(([cell, why]) => ({ cell, why })).sort((a, b) => a.cell - b.cell),
    summary: {
      cells: grid.size,
      primary: count(PRIMARY),
      secondary: count(SECONDARY),
      unsafe: unsafe.size,
      audited: audit === undefined ? 0 : count(PRIMARY),
      repaired: found.repaired,
      rounds: found.rounds,
      programmes: audit?.programmes ?? 0,
      ...(optimum && { cost: optimum.cost, bound: optimum.bound }),
    },
  };
}
