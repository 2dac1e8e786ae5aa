import { join } from 'node:path';
import type { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import type { Task } from './bench-case.ts';
import { type SubsetUniques, subsetsByCounters, subsetsBySql } from './key-subsets.ts';
import { writeSelect } from './write-cells.ts';

/** Records that stand alone in each subset of key variables, by dense counters. */
export const subsetsByCore = (task: Task): Promise<void> => writeSubsets(task, subsetsByCounters);

/** The same by one statement with GROUPING SETS. */
export const subsetsBySets = (task: Task): Promise<void> => writeSubsets(task, subsetsBySql);

async function writeSubsets(
  { session, files, output }: Task,
  count: (session: Session, relation: string) => Promise<SubsetUniques[]>,
): Promise<void> {
  await session.run(sql`CREATE TEMP VIEW record AS SELECT * FROM read_parquet(${literal(files[0] ?? '')})`);
  const found = await count(session, 'record');
  await session.createTable('subset', [
    { name: 'subset', type: 'VARCHAR', values: found.map(({ subset }) => subset) },
    { name: 'combinations', type: 'DOUBLE', values: found.map(({ combinations }) => combinations) },
    { name: 'uniques', type: 'DOUBLE', values: found.map(({ uniques }) => uniques) },
  ]);
  await writeSelect(session, sql`SELECT * FROM subset`, join(output, 'subsets.parquet'));
}
