import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql, trusted } from '../../engine/sql.ts';
import type { Contract, ContractRule } from '../contract.ts';
import type { ReadingTables } from './typed-records.ts';

/** Outcome of the rules that do not reject: rows that break a warning, and rows for which a rule has no answer. */
export interface RuleCounts {
  readonly warnings: Record<string, number>;
  readonly missing: Record<string, number>;
}

/**
 * Checks whole rows: the derived partition, the rules of the contract, then identical keys, of which the first row stands that nothing
 * else rejects. The expressions have passed the parse gate.
 */
export async function checkRows(session: Session, contract: Contract, tables: ReadingTables): Promise<RuleCounts> {
  const { partition } = contract;
  if (partition !== undefined && contract.derived.some(({ name }) => name === partition)) {
    await reject(session, tables, partition, 'required', sql`${id(partition)} IS NULL`);
    await reject(session, tables, partition, 'type', sql`NOT regexp_full_match(${id(partition)}, '[0-9]{4}-(0[1-9]|1[0-2])')`);
  }
  for (const rule of contract.rules)
    if (rule.severity === 'error') await reject(session, tables, null, rule.name, sql`NOT ${outcome(rule)}`);
  const counts = await countOutcomes(session, contract.rules, tables);
  await rejectDuplicates(session, contract.key, tables);
  return counts;
}

async function reject(session: Session, tables: ReadingTables, column: string | null, rule: string, when: Sql): Promise<void> {
  await session.run(
    sql`INSERT INTO ${id(tables.rejected)} SELECT _row, ${literal(column)}, ${literal(rule)} FROM ${id(tables.base)} WHERE ${when}`,
  );
}

async function countOutcomes(session: Session, rules: readonly ContractRule[], tables: ReadingTables): Promise<RuleCounts> {
  const counts: RuleCounts = { warnings: {}, missing: {} };
  if (rules.length === 0) return counts;
  const columns = rules.flatMap((rule, index) => [
    sql`count(*) FILTER (NOT ${outcome(rule)}) AS ${id(`f${index}`)}`,
    sql`count(*) FILTER (${outcome(rule)} IS NULL) AS ${id(`m${index}`)}`,
  ]);
  const row = await session.row<Record<string, bigint>>(sql`SELECT ${join(columns)} FROM ${id(tables.base)}`);
  for (const [index, { name, severity }] of rules.entries()) {
    const fails = Number(row[`f${index}`]);
    const missing = Number(row[`m${index}`]);
    if (severity === 'warning' && fails > 0) counts.warnings[name] = fails;
    if (missing > 0) counts.missing[name] = missing;
  }
  return counts;
}

async function rejectDuplicates(session: Session, key: readonly string[], tables: ReadingTables): Promise<void> {
  if (key.length === 0) return;
  const columns = join(key.map((name) => id(name)));
  const candidates = sql`(SELECT _row, ${columns} FROM ${id(tables.base)} ANTI JOIN ${id(tables.rejected)} ON row = _row)`;
  await session.run(sql`INSERT INTO ${id(tables.rejected)}
    SELECT c._row, ${literal(key.join(', '))}, 'duplicate' FROM ${candidates} AS c
    JOIN (SELECT ${columns}, min(_row) AS first_row FROM ${candidates} GROUP BY ${columns} HAVING count(*) > 1) AS d USING (${columns})
    WHERE c._row > d.first_row`);
}

function outcome({ expr }: ContractRule): Sql {
  return sql`TRY(CAST((${trusted(expr)}
  ) AS BOOLEAN))`;
}
