import { join as path } from 'node:path';
import { id, join, literal, type Sql, sql } from '../engine/sql.ts';
import type { Task } from './bench-case.ts';
import { viewMonth } from './core-sides.ts';
import { ALL_MARGINS, MARGIN_KEYS, QUANTILES } from './payroll-table.ts';
import { writeSelect } from './write-cells.ts';

const COUNTS = sql`SELECT ${MARGIN_KEYS}, count(*) AS n, sum(pay) AS pay FROM payroll GROUP BY ${ALL_MARGINS}`;

const LIST = sql`[${join(QUANTILES.map((at) => literal(at)))}]`;

const VALUES = sql`SELECT * EXCLUDE (q), ${join(QUANTILES.map((_, at) => sql`q[${literal(at + 1)}] AS ${id(`q${at}`)}`))}
  FROM (SELECT ${MARGIN_KEYS}, quantile_cont(pay, ${LIST}) AS q FROM payroll GROUP BY ${ALL_MARGINS})`;

const EMPLOYERS = sql`SELECT ${MARGIN_KEYS}, count(DISTINCT employer_id) AS employers FROM payroll GROUP BY ${ALL_MARGINS}`;

const LARGEST = sql`SELECT * EXCLUDE (top), top[1] AS top1, coalesce(top[2], 0) AS top2
  FROM (
    SELECT region, industry, sex_code, age, max(pay, 2) AS top
    FROM (SELECT ${MARGIN_KEYS}, sum(pay) AS pay FROM payroll GROUP BY employer_id, ${ALL_MARGINS})
    GROUP BY ALL
  )`;

/** n and sum of every margin by one statement with GROUPING SETS. */
export const countsBySets = (task: Task): Promise<void> => write(task, { counts: COUNTS });

/** The cube as one would write it: a statement with GROUPING SETS for each kind of measure. */
export const cubeBySets = (task: Task): Promise<void> =>
  write(task, { counts: COUNTS, quantiles: VALUES, employers: EMPLOYERS, largest: LARGEST });

async function write({ session, files, output }: Task, statements: Readonly<Record<string, Sql>>): Promise<void> {
  await viewMonth(session, files[0] ?? '');
  for (const [name, select] of Object.entries(statements)) await writeSelect(session, select, path(output, `${name}.parquet`));
}
