import type { CellTable } from '../engine/cell-table.ts';
import { topSum } from './dominance.ts';
import { brokenRules, type Contributions } from './primary-rules.ts';
import type { ProtectionPolicy } from './protection-policy.ts';

/** What one unit of a further kind of contributor (a holding) adds to the change of a code between two vintages. */
export interface NetChange {
  readonly span: string;
  readonly code: string;
  readonly kind: string;
  readonly unit: string;
  /** Of persons who stand under several codes or contributors in this change: they may add nothing to a sum. */
  readonly moves: boolean;
  /** Net, by basis as in `CellTable.contributors`, the count of units last. */
  readonly nets: readonly number[];
}

/** The change between two vintages by code: its cells without the units that move, the codes with such, and the net changes by code. */
export interface Change {
  readonly cells: CellTable;
  readonly parts: ReadonlyMap<string, number>;
  readonly moved: ReadonlySet<string>;
  readonly nets: ReadonlyMap<string, readonly NetChange[]>;
}

/**
 * Whether the change of these codes together passes the primary rules; undefined: of all. What a unit adds to several codes is added up
 * with its sign, so that nothing that cancels counts; the rules must hold with and without the units that move. Units of the first kind
 * that do not move stand under one code. Nobody: safe. Source: docs/methods/vintages.md.
 */
export function changeIsSafe(change: Change, policy: ProtectionPolicy, codes: readonly string[] | undefined): boolean {
  const { cells, parts, moved, nets } = change;
  const chosen = codes ?? [...new Set([...parts.keys(), ...moved])];
  const own = chosen.flatMap((code) => parts.get(code) ?? []);
  if (own.length === 0) return !chosen.some((code) => moved.has(code));
  const rows = chosen.flatMap((code) => nets.get(code) ?? []);
  return [true, false].every(
    (withMoves) =>
      brokenRules(
        cells,
        policy,
        contributionsOf(
          cells,
          own,
          rows.filter(({ moves }) => withMoves || !moves),
        ),
      ).length === 0,
  );
}

function contributionsOf(cells: CellTable, own: readonly number[], rows: readonly NetChange[]): Contributions {
  const units = cells.contributors.map(({ kind }) => netOf(rows.filter((row) => row.kind === kind)));
  const values = (kind: number, basis: number): number[] =>
    kind === 0
      ? own.flatMap((cell) => cells.contributors[0]?.bases[basis]?.top.map((column) => column[cell] ?? 0) ?? [])
      : (units[kind] ?? []).map((nets) => Math.abs(nets[basis] ?? 0));
  const sum = (of: readonly number[]): number => of.reduce((total, one) => total + one, 0);
  return {
    n: (kind) =>
      kind === 0
        ? sum(own.map((cell) => cells.contributors[0]?.n[cell] ?? 0))
        : (units[kind] ?? []).filter((nets) => nets.some((net) => net !== 0)).length,
    total: (kind, basis) =>
      kind === 0 ? sum(own.map((cell) => cells.contributors[0]?.bases[basis]?.total[cell] ?? 0)) : sum(values(kind, basis)),
    largest: (kind, basis, n) =>
      topSum(
        values(kind, basis).sort((left, right) => right - left),
        n,
      ),
    // Requests are of files under `protect`; tables of pipelines have none.
    requested: () => 0,
  };
}

/** The nets of each unit over all its rows. */
function netOf(rows: readonly NetChange[]): number[][] {
  const units = new Map<string, number[]>();
  for (const { unit, nets } of rows) {
    const before = units.get(unit);
    units.set(
      unit,
      nets.map((net, basis) => net + (before?.[basis] ?? 0)),
    );
  }
  return [...units.values()];
}
