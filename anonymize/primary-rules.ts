import type { CellTable } from '../engine/cell-table.ts';
import { isDominated, topSum } from './dominance.ts';
import { isBelowMinimum } from './min-frequency.ts';
import { isWithinPPercent } from './p-percent.ts';
import { isWithinPq } from './pq.ts';
import { minimumOf, type ProtectionPolicy } from './protection-policy.ts';
import { isRequested } from './request-rule.ts';

/** What the rules look at: a cell, or the union of several cells with bounds that can only make it look less safe. */
export interface Contributions {
  /** Distinct units of the kind at position `kind` in `CellTable.contributors`. */
  n(kind: number): number;
  /** Sum of all contributions to a basis, and of its `n` largest. */
  total(kind: number, basis: number): number;
  largest(kind: number, basis: number, n: number): number;
  /** Largest contribution to a basis of a unit with the request at position `request` in `ContributionBasis.requests`. */
  requested(kind: number, basis: number, request: number): number;
}

/** Every rule that calls the contributions unsafe, for every kind of contributor and every basis; empty where they are safe. */
export function brokenRules(cells: CellTable, policy: ProtectionPolicy, from: Contributions): string[] {
  const broken: string[] = [];
  cells.contributors.forEach((columns, kind) => {
    const rules = policy.contributors[columns.kind] ?? {};
    const n = from.n(kind);
    const min = minimumOf(cells, policy, columns.kind);
    const fired = (rule: string) => broken.push(`${columns.kind}: ${rule}, n=${n}`);
    if (min !== undefined && isBelowMinimum(n, min)) fired(`min_frequency ${min}`);
    columns.bases.forEach((basis, b) => {
      const total = from.total(kind, b);
      for (const rule of rules.dominance ?? []) {
        if (isDominated(from.largest(kind, b, rule.n), total, rule)) fired(`dominance (${rule.n},${rule.k}) of ${basis.measure}`);
      }
      const asked = basis.requests?.find(({ percent }, request) => isRequested(from.requested(kind, b, request), total, percent));
      if (asked !== undefined) fired(`request ${asked.percent}`);
      if (rules.p_percent === undefined && rules.pq === undefined) return;
      const first = from.largest(kind, b, 1);
      const second = from.largest(kind, b, 2) - first;
      if (rules.p_percent !== undefined && isWithinPPercent(first, second, total, rules.p_percent))
        fired(`p_percent ${rules.p_percent} of ${basis.measure}`);
      if (rules.pq !== undefined && isWithinPq(first, second, total, rules.pq))
        fired(`pq (${rules.pq.p},${rules.pq.q}) of ${basis.measure}`);
    });
  });
  return broken;
}

/** The contributions of one cell as they are. */
export function contributionsOf(cells: CellTable, cell: number): Contributions {
  const basisAt = (kind: number, basis: number) => cells.contributors[kind]?.bases[basis];
  return {
    n: (kind) => cells.contributors[kind]?.n[cell] ?? 0,
    total: (kind, basis) => basisAt(kind, basis)?.total[cell] ?? 0,
    largest: (kind, basis, n) => topSum(basisAt(kind, basis)?.top.map((column) => column[cell] ?? 0) ?? [], n),
    requested: (kind, basis, request) => basisAt(kind, basis)?.requests?.[request]?.largest[cell] ?? 0,
  };
}

/** Primary suppression: per cell the rules that fired (with kind, basis and n; internal), or null where the cell is safe. */
export function primaryReasons(cells: CellTable, policy: ProtectionPolicy): (string | null)[] {
  const reasons: (string | null)[] = [];
  for (let cell = 0; cell < cells.size; cell++) {
    const broken = brokenRules(cells, policy, contributionsOf(cells, cell));
    reasons.push(broken.length === 0 ? null : broken.join('; '));
  }
  return reasons;
}
