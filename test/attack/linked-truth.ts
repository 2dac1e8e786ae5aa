import type { Session } from '../../engine/session.ts';
import { literal, sql } from '../../engine/sql.ts';
import type { Store } from '../../engine/store.ts';

/** What is true of a month of linked tables, only to judge an attack. */
export interface LinkedTruth {
  /** Jobs of a cell (`A|HAIFA|F`) by how they begin and end (`hired-stays`), and of an industry (`A|_T|_T`) what is `created`, `destroyed` and `replaced`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Keys of a table that a rule calls unsafe. */
  readonly unsafe: ReadonlySet<string>;
}

/** Reads the truth of a month from the datasets that the run left in its data root. */
export async function readLinkedTruth(session: Session, store: Store, period: string): Promise<LinkedTruth> {
  const file = async (dataset: `${string}@integrated` | `${string}@tabulated`) => {
    const manifest = await store.manifest(`employment_earnings.${dataset}`);
    const part = manifest?.parts.find(({ partition }) => partition === period);
    if (part === undefined) throw new Error(`no ${dataset} of ${period}`);
    return sql`read_parquet(${literal(await store.partPath(part))})`;
  };
  const counts = new Map<string, number>();
  const rows = await session.rows<{ cell: string; atom: string; n: number }>(sql`
    SELECT concat_ws('|', coalesce(industry, '_U'), coalesce(district, '_U'), coalesce(sex, '_U')) AS cell,
      concat_ws('-', CASE WHEN at_start = 1 THEN 'old' WHEN recall = 1 THEN 'recalled' ELSE 'hired' END, CASE WHEN at_end = 1 THEN 'stays' ELSE 'ends' END) AS atom,
      count(*)::DOUBLE AS n
    FROM ${await file('flow@integrated')} GROUP BY ALL`);
  for (const { cell, atom, n } of rows) counts.set(`${cell} ${atom}`, n);
  const employers = await session.rows<Record<string, string | number>>(sql`
    SELECT coalesce(industry, '_U') AS industry, sum(created)::DOUBLE AS created, sum(destroyed)::DOUBLE AS destroyed, sum(replaced)::DOUBLE AS replaced
    FROM ${await file('employer_flow@integrated')} GROUP BY ALL`);
  for (const row of employers)
    for (const name of ['created', 'destroyed', 'replaced']) counts.set(`${row['industry']}|_T|_T ${name}`, Number(row[name]));
  const unsafe = new Set<string>();
  for (const table of ['job_flows', 'hires']) {
    const keys = await session.rows<{ key: string }>(
      sql`SELECT concat_ws('|', industry, district, sex) AS key FROM ${await file(`${table}@tabulated`)} WHERE status = 'primary'`,
    );
    for (const { key } of keys) unsafe.add(key);
  }
  return { counts, unsafe };
}
