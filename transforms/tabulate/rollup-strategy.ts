import { id, join, type Sql, sql } from '../../engine/sql.ts';
import type { KernelInput } from './kernel.ts';
import { kernelInput, namedSums, type PartitionColumns } from './kernel-input.ts';
import type { PartitionFacts } from './partition.ts';
import type { TabulateTable } from './table.ts';

/** The finest cells of a table without contributors and quantiles: `key` and its sums, added up by the engine. */
export function rollUpSelect(rows: Sql, table: TabulateTable, facts: PartitionFacts): Sql {
  const known = (column: string): Sql => {
    const i = facts.numbers.findIndex((number) => number.column === column);
    const value = id(`n${i}`);
    return facts.numbers[i]?.isInt32 === true ? sql`nullif(${value}, -2147483648)` : sql`CASE WHEN NOT isnan(${value}) THEN ${value} END`;
  };
  const sums = namedSums(table, facts).map(({ of, where }, s) => {
    const counted = where === undefined ? sql`TRUE` : sql`${known(where)} IS NOT NULL`;
    const sum = of === undefined ? sql`count(*) FILTER (${counted})` : sql`coalesce(sum(${known(of)}) FILTER (${counted}), 0)`;
    return sql`${sum}::DOUBLE AS ${id(`s${s}`)}`;
  });
  return sql`SELECT ${join([sql`key`, ...sums])} FROM (${rows}) GROUP BY key`;
}

/** Those cells as rows of the kernel, which rolls them up. */
export function rollUpColumns(table: TabulateTable, facts: PartitionFacts, columns: PartitionColumns): KernelInput {
  const { dimensions } = kernelInput(table, facts, columns);
  const sums = namedSums(table, facts).map((_, s) => ({
    of: { values: columns[`s${s}`] ?? new Float64Array(0), scale: 1, hasNull: false },
    where: undefined,
  }));
  return { dimensions, key: columns['key'] ?? new Int32Array(0), sums, units: [], quantiles: [] };
}
