import { join } from 'node:path';
import type { CellTable } from '../engine/cell-table.ts';
import type { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { WorkerPool } from '../engine/worker-pool.ts';
import type { TabulateTable } from '../transforms/tabulate/table.ts';
import { columnBuffers, type ReadPartition, readPartition, tabulate } from '../transforms/tabulate/tabulate.ts';
import type { Task } from './bench-case.ts';
import { CUBE_TABLE, ROLLUP_TABLE } from './payroll-table.ts';
import { writeCells } from './write-cells.ts';

/** The aggregation core on one month, in one thread of ours. */
export const cubeByCore = (task: Task): Promise<void> => oneMonth(task, CUBE_TABLE);

/** The core on a table of n and sum alone, for which it plans the roll-up. */
export const rollUpByCore = (task: Task): Promise<void> => oneMonth(task, ROLLUP_TABLE);

async function oneMonth({ session, files, output }: Task, table: TabulateTable): Promise<void> {
  await viewMonth(session, files[0] ?? '');
  await writeCells(session, await tabulate(session, 'payroll', table, 'month-1'), join(output, '1.parquet'));
}

/** Month after month as a run does it: read by this thread, computed by a pool of workers, no more read ahead than there are workers. */
export async function monthsByCore({ session, files, output, threads }: Task): Promise<void> {
  const pool = new WorkerPool<ReadPartition, CellTable>('bench/cells-worker', threads);
  const begun: Promise<CellTable>[] = [];
  let written = 0;
  const writeNext = async (): Promise<void> => {
    written++;
    await writeCells(session, await (begun.shift() as Promise<CellTable>), join(output, `${written}.parquet`));
  };
  for (const [index, file] of files.entries()) {
    await viewMonth(session, file);
    const read = await readPartition(session, 'payroll', CUBE_TABLE, `month-${index + 1}`);
    begun.push(pool.run(read, columnBuffers(read)));
    while (begun.length >= threads) await writeNext();
  }
  while (begun.length > 0) await writeNext();
  await pool.close();
}

/** The rows of a month as the view `payroll`. */
export async function viewMonth(session: Session, file: string): Promise<void> {
  await session.run(sql`CREATE OR REPLACE TEMP VIEW payroll AS SELECT * FROM read_parquet(${literal(file)})`);
}
