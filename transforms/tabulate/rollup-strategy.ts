import { join, type Sql, sql } from '../../engine/sql.ts';
import type { KernelInput } from './kernel.ts';
import { namedSums, type PartitionColumns, sumsInSql } from './kernel-input.ts';
import { knownNumber, type PartitionFacts } from './partition.ts';
import type { TabulateTable } from './table.ts';

/** The finest cells of a table without contributors and quantiles: `key` and its sums, added up by the engine. */
export function rollUpSelect(rows: Sql, table: TabulateTable, facts: PartitionFacts): Sql {
  const sums = sumsInSql(table, facts, (column) => knownNumber(facts, column));
  return sql`SELECT ${join([sql`key`, ...sums])} FROM (${rows}) GROUP BY key`;
}

/** Those cells as rows of the kernel, which rolls them up. */
export function rollUpColumns(table: TabulateTable, facts: PartitionFacts, columns: PartitionColumns): KernelInput {
  const sums = namedSums(table, facts).map((_, s) => ({
    of: { values: columns[`s${s}`] ?? new Float64Array(0), scale: 1, hasNull: false },
    where: undefined,
  }));
  return { dimensions: facts.dimensions, key: columns['key'] ?? new Int32Array(0), sums, units: [], quantiles: [] };
}
