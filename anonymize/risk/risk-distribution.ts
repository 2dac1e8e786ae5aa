import type { Session } from '../../engine/session.ts';
import { join, literal, sql } from '../../engine/sql.ts';

/** Records in one class of a measure: from `from` up to, not including, `below` (null: no end). */
export interface RecordsWithin {
  readonly from: number;
  readonly below: number | null;
  readonly records: number;
}

export interface RiskDistribution {
  /** By fk, the records that an intruder cannot tell apart. */
  readonly class_sizes: readonly RecordsWithin[];
  readonly risks: readonly RecordsWithin[];
}

const SIZES = [0, 2, 3, 4, 5, 10, 20, 50, 100];
const RISKS = [0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5];

/** How the records of `risk_pairs` spread over class sizes and risks. */
export async function riskDistribution(session: Session): Promise<RiskDistribution> {
  return { class_sizes: await within(session, 'fk', SIZES), risks: await within(session, 'risk', RISKS) };
}

async function within(session: Session, measure: 'fk' | 'risk', starts: readonly number[]): Promise<RecordsWithin[]> {
  const value = measure === 'fk' ? sql`fk` : sql`risk`;
  const upto = starts.map((start) => sql`coalesce(sum(n) FILTER (${value} >= ${literal(start)}), 0)`);
  const { counts } = await session.row<{ counts: readonly number[] }>(sql`SELECT [${join(upto)}] AS counts FROM risk_pairs`);
  return starts.map((from, at) => ({ from, below: starts[at + 1] ?? null, records: (counts[at] ?? 0) - (counts[at + 1] ?? 0) }));
}
