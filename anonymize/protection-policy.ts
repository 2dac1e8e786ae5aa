import type { CellTable } from '../engine/cell-table.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import type { DominanceRule } from './dominance.ts';
import type { PqRule } from './pq.ts';

/** Rules for one kind of contributor; percentages are written 0 to 100. */
export interface ContributorRules {
  readonly min?: number | undefined;
  readonly dominance?: readonly DominanceRule[] | undefined;
  readonly p_percent?: number | undefined;
  readonly pq?: PqRule | undefined;
  readonly group?: string | undefined;
}

/** What disclosure control reads of a disclosure policy and of the contributors of a table. */
export interface ProtectionPolicy {
  /** For the first kind of contributor, where it states none itself; undefined: no such rule. */
  readonly min_frequency: number | undefined;
  readonly contributors: Readonly<Record<string, ContributorRules>>;
  /** Least minimum of the first kind (default: `FLOOR`); lower only for comparisons that are never published. */
  readonly floor?: number | undefined;
}

/** Floor of every minimum count of the first kind of contributor (persons), for every command. */
export const FLOOR = 3;

/** The minimum that holds for one kind: its own, else `min_frequency` for the first kind, which has a floor of 3. */
export function minimumOf(cells: CellTable, policy: ProtectionPolicy, kind: string): number | undefined {
  const own = policy.contributors[kind]?.min;
  if (cells.contributors[0]?.kind !== kind) return own;
  const min = own ?? policy.min_frequency;
  return min === undefined ? undefined : Math.max(min, policy.floor ?? FLOOR);
}

/** Errors: `policy-invalid` with every problem: percentages out of range, kinds without columns, too few top contributions kept. */
export function requireValidPolicy(cells: CellTable, policy: ProtectionPolicy): void {
  const problems: Problem[] = [];
  const problem = (message: string) => problems.push({ code: 'policy-invalid', message });
  if (!Number.isInteger(policy.min_frequency) || (policy.min_frequency ?? 0) < FLOOR)
    problem(`min_frequency must be a whole number from ${FLOOR}.`);
  for (const columns of cells.contributors) {
    if (policy.contributors[columns.kind] === undefined) problem(`${columns.kind} contributes to ${cells.table} but has no rules.`);
  }
  if (cells.contributors.length === 0) problem(`table ${cells.table} names no contributors.`);
  for (const [kind, rules] of Object.entries(policy.contributors)) {
    const columns = cells.contributors.find((candidate) => candidate.kind === kind);
    if (columns === undefined) {
      problem(`table ${cells.table} has no columns of ${kind}.`);
      continue;
    }
    if (rules.min !== undefined && (!Number.isInteger(rules.min) || rules.min < 1)) problem(`${kind}: min must be a whole number from 1.`);
    const p = rules.p_percent;
    if (p !== undefined && !(p >= 1 && p <= 100)) problem(`${kind}: p_percent is a percentage from 1 to 100.`);
    for (const { n, k } of rules.dominance ?? []) {
      if (!(k >= 50 && k <= 100)) problem(`${kind}: dominance k is a percentage from 50 to 100.`);
      if (!Number.isInteger(n) || n < 1) problem(`${kind}: dominance n must be a whole number from 1.`);
    }
    const needed = Math.max(p === undefined ? 0 : 2, ...(rules.dominance ?? []).map(({ n }) => n));
    for (const basis of columns.bases) {
      if (basis.top.length < needed)
        problem(`${kind}: ${needed} largest contributions to ${basis.measure} are needed, not ${basis.top.length}.`);
    }
    if (needed > 0 && columns.bases.length === 0) problem(`${kind}: dominance and p_percent need contributions to a measure.`);
  }
  if (problems.length === 0) return;
  const message = problems.map((each) => each.message).join(' ');
  throw new DefinitionError('policy-invalid', `Table ${cells.table}: ${message}`, { problems });
}
