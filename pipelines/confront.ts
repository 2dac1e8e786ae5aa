import type { Session } from '../engine/session.ts';
import { id, sql, trusted } from '../engine/sql.ts';

/** A rule confronted with the rows of one step in one month: passes, fails, missings and errors kept apart (as validate does). */
export interface Confrontation {
  readonly rule: string;
  readonly step: string;
  readonly period: string | null;
  readonly severity: 'error' | 'warning';
  readonly passes: number;
  readonly fails: number;
  readonly missing: number;
  /** More fails than the rule allows (`at_most`, a share of the rows; none by default). */
  readonly failed: boolean;
}

export interface ConfrontedRule {
  readonly name: string;
  readonly on: string;
  /** Has passed the parse gate. */
  readonly expr: string;
  readonly severity: 'error' | 'warning';
  readonly at_most?: number;
}

export async function confront(session: Session, rule: ConfrontedRule, relation: string, period: string | null): Promise<Confrontation> {
  const expression = trusted(`(${rule.expr})`);
  const row = await session.row<{ passes: bigint; fails: bigint; missing: bigint }>(sql`
    SELECT count(*) FILTER (${expression}) AS passes, count(*) FILTER (NOT ${expression}) AS fails, count(*) FILTER (${expression} IS NULL) AS missing
    FROM ${id(relation)}`);
  const counts = { passes: Number(row.passes), fails: Number(row.fails), missing: Number(row.missing) };
  const total = counts.passes + counts.fails + counts.missing;
  return {
    rule: rule.name,
    step: rule.on,
    period,
    severity: rule.severity,
    ...counts,
    failed: counts.fails + (rule.at_most === undefined ? 0 : counts.missing) > (rule.at_most ?? 0) * total,
  };
}
