import type { CellTable } from '../../engine/cell-table.ts';
import type { Session } from '../../engine/session.ts';
import { type CellColumns, cellCollector } from './cell-columns.ts';
import { cellTable } from './cell-table.ts';
import { tabulateKernel } from './kernel.ts';
import { kernelInput, type PartitionColumns, requireDeclaredKinds } from './kernel-input.ts';
import { type PartitionFacts, partitionFacts, partitionSelect } from './partition.ts';
import { planTable, type Strategy, type TablePlan } from './plan.ts';
import { rollUpColumns, rollUpSelect } from './rollup-strategy.ts';
import { tabulateSql } from './sql-strategy.ts';
import type { TabulateTable } from './table.ts';

/** One partition, read: either its rows, for `cellsOf` in any thread, or (SQL) its cells. */
export interface ReadPartition {
  readonly table: TabulateTable;
  readonly partition: string;
  readonly facts: PartitionFacts;
  readonly plan: TablePlan;
  readonly columns: PartitionColumns;
  readonly cells: CellColumns | undefined;
}

export interface TabulateOptions {
  /** Bytes that rows and cells may take outside the engine; decides between kernel and SQL. */
  readonly memory?: number | undefined;
  /** Instead of what the plan says; every strategy that a table allows gives the same cells. */
  readonly strategy?: Strategy | undefined;
}

/**
 * All cells of all margins of a table in one partition, with n and top contributions per kind of contributor. The same cells for every
 * strategy, any order of the rows and any number of threads. Cost: docs/methods/tabulate.md.
 */
export async function tabulate(
  session: Session,
  relation: string,
  table: TabulateTable,
  partition: string,
  options: TabulateOptions = {},
): Promise<CellTable> {
  return cellsOf(await readPartition(session, relation, table, partition, options));
}

/** Reads what the strategy of the plan needs. */
export async function readPartition(
  session: Session,
  relation: string,
  table: TabulateTable,
  partition: string,
  options: TabulateOptions = {},
): Promise<ReadPartition> {
  requireDeclaredKinds(table);
  const facts = await partitionFacts(session, relation, table);
  const planned = planTable(table, facts, options.memory);
  const plan = options.strategy === undefined ? planned : { ...planned, strategy: options.strategy };
  const read = { table, partition, facts, plan };
  if (facts.rows === 0) return { ...read, columns: {}, cells: cellCollector().finish() };
  if (plan.strategy === 'sql') return { ...read, columns: {}, cells: await tabulateSql(session, relation, table, facts) };
  const select = partitionSelect(relation, facts);
  return {
    ...read,
    columns: await (plan.strategy === 'rollup' ? session.numbers(rollUpSelect(select, table, facts)) : session.numbers(select, facts.rows)),
    cells: undefined,
  };
}

/** The cells of a partition that was read. Pure: computes on typed arrays alone. */
export function cellsOf({ table, partition, facts, plan, columns, cells }: ReadPartition): CellTable {
  if (cells !== undefined) return cellTable(table, facts, cells, partition);
  const input = plan.strategy === 'rollup' ? rollUpColumns(table, facts, columns) : kernelInput(table, facts, columns);
  return cellTable(table, facts, tabulateKernel(input), partition);
}

/** The buffers of the rows, to hand a partition to another thread without a copy. */
export function columnBuffers({ columns }: ReadPartition): ArrayBuffer[] {
  return Object.values(columns).map((column) => column.buffer as ArrayBuffer);
}
