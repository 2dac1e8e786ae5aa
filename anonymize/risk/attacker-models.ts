import type { Session } from '../../engine/session.ts';
import { id, join, literal, sql } from '../../engine/sql.ts';
import type { CellTable } from './cell-table.ts';

export interface AttackerRisk {
  /** Largest and mean chance of a right match. */
  readonly max: number;
  readonly average: number;
  /** Share of records with a chance above `above`. */
  readonly records_at_risk: number;
  readonly above: number;
}

export interface AttackerRisks {
  /** Knows that the person is in the file: 1 / fk. */
  readonly prosecutor: AttackerRisk;
  /** Does not know it: 1 / frequency in the population. */
  readonly journalist: AttackerRisk & { readonly success_rate: number };
  /** Wants many matches, right on average: sum of (n / N) / records. */
  readonly marketer: { readonly average: number };
  /** Where the frequencies in the population come from. */
  readonly population: 'register' | 'weights' | 'file';
}

/** A chance of more than 1 in 5 counts as at risk. */
const ABOVE = 0.2;

/**
 * Makes `attacked` (`n`, `cells`, `fk`, `population`; with a register a row for each `cell`): the frequency in the population is counted in the register `population`
 * (columns `k0 …` as text) where there is one, else the sum of the weights, else fk; never below fk. Source: El Emam and Dankar (2008).
 */
export async function attackerRisks(session: Session, table: CellTable, hasRegister: boolean): Promise<AttackerRisks> {
  await session.run(
    hasRegister
      ? sql`CREATE TEMP TABLE attacked AS SELECT cell, n, 1::DOUBLE AS cells, fk, greatest(fw, fk) AS population FROM frequencies`
      : sql`CREATE TEMP VIEW attacked AS SELECT n, cells, fk, greatest(fw, fk) AS population FROM risk_pairs`,
  );
  if (hasRegister) await countInRegister(session, table);
  const found = await session.row<
    Record<'records' | 'classes' | 'persons' | 'mine' | 'myMost' | 'myMany' | 'theirs' | 'theirMost' | 'theirMany', number>
  >(sql`
    SELECT coalesce(sum(n), 0) AS records, coalesce(sum(cells), 0) AS classes, coalesce(sum(cells * population), 0) AS persons,
      coalesce(sum(n / fk), 0) AS mine, coalesce(max(1 / fk), 0) AS "myMost", coalesce(sum(n) FILTER (1 / fk > ${literal(ABOVE)}), 0) AS "myMany",
      coalesce(sum(n / population), 0) AS theirs, coalesce(max(1 / population), 0) AS "theirMost",
      coalesce(sum(n) FILTER (1 / population > ${literal(ABOVE)}), 0) AS "theirMany" FROM attacked`);
  const of = (count: number): number => count / Math.max(1, found.records);
  const average = of(found.theirs);
  return {
    prosecutor: { max: found.myMost, average: of(found.mine), records_at_risk: of(found.myMany), above: ABOVE },
    journalist: {
      max: found.theirMost,
      average,
      records_at_risk: of(found.theirMany),
      above: ABOVE,
      success_rate: Math.max(found.persons === 0 ? 0 : found.classes / found.persons, average),
    },
    marketer: { average },
    population: hasRegister ? 'register' : table.isWeighted ? 'weights' : 'file',
  };
}

/** Counts each cell in the register on the keys that it has a value of. */
async function countInRegister(session: Session, { keys }: CellTable): Promise<void> {
  const patterns = await session.rows<{ missing: bigint }>(sql`SELECT DISTINCT missing FROM cells ORDER BY missing`);
  for (const { missing } of patterns) {
    const known = keys.map((_, key) => key).filter((key) => (missing & (1n << BigInt(key))) === 0n);
    const texts = known.map((key) => sql`${id(`k${key}`)}::VARCHAR AS ${id(`k${key}`)}`);
    const names = known.map((key) => id(`k${key}`));
    const counted =
      known.length === 0
        ? sql`SELECT cell, (SELECT count(*) FROM population)::DOUBLE AS found FROM cells WHERE missing = ${literal(missing)}`
        : sql`SELECT cell, found FROM (SELECT cell, ${join(texts)} FROM cells WHERE missing = ${literal(missing)}) AS mine
            JOIN (SELECT ${join(names)}, count(*)::DOUBLE AS found FROM population GROUP BY ${join(names)}) AS theirs USING (${join(names)})`;
    await session.run(
      sql`UPDATE attacked SET population = greatest(register.found, fk) FROM (${counted}) AS register WHERE attacked.cell = register.cell`,
    );
  }
}
