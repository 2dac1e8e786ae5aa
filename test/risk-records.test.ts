import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const RECORDS = 300_000;

async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const session = await Session.open({ temporaryDirectory: join(scratch, 'spill'), allowedDirectories: [`${scratch}/`], threads: 4 });
  return work(session).finally(() => session.close());
}

/** Records of several row groups: `number` is their place, some keys are missing, some combinations occur once. */
async function writeFileOf(name: string, format: 'parquet' | 'csv', hidden: string): Promise<void> {
  const keys = sql`SELECT i + 1 AS number, nullif('a' || hash(i) % 300, 'a7') AS town, nullif(hash(i + 1000000) % 900, 3) AS age, 1 + i % 5 AS w`;
  const rest = hidden === 'file_row_number' ? sql`, 7 AS file_row_number` : hidden === 'rowid' ? sql`, 7 AS rowid` : sql``;
  const options = format === 'parquet' ? sql`(FORMAT parquet, ROW_GROUP_SIZE 20000)` : sql`(FORMAT csv, HEADER)`;
  await withSession((session) =>
    session.run(sql`COPY (${keys}${rest} FROM range(${literal(RECORDS)}) AS r(i)) TO ${literal(join(scratch, name))} ${options}`),
  );
}

async function wrongRecords(file: string, format: 'parquet' | 'csv', policy: 'own-category' | 'exclude'): Promise<unknown> {
  const [source, out] = [literal(join(scratch, file)), literal(join(scratch, 'out.parquet'))];
  const read = format === 'parquet' ? sql`read_parquet(${source})` : sql`read_csv(${source}, nullstr = '')`;
  const isJudged = policy === 'exclude' ? sql`town IS NOT NULL AND age IS NOT NULL` : sql`true`;
  return withSession((session) =>
    session.row(sql`
      WITH risks AS (SELECT *, row_number() OVER () AS place FROM read_parquet(${out})),
        wanted AS (SELECT number, CASE WHEN ${isJudged} THEN count(*) OVER mine END AS fk, CASE WHEN ${isJudged} THEN sum(w) OVER mine END AS fw FROM ${read} WINDOW mine AS (PARTITION BY town, age))
      SELECT count(*)::INTEGER AS records, count(*) FILTER (place <> record)::INTEGER AS moved,
        count(*) FILTER (risks.fk IS DISTINCT FROM wanted.fk OR risks.fk_weighted IS DISTINCT FROM wanted.fw OR (risk IS NULL) <> (wanted.fk IS NULL))::INTEGER AS wrong,
        count(*) FILTER (risks.fk = 1)::INTEGER > 0 AS singles
      FROM risks JOIN wanted ON record = number`),
  );
}

describe('the file of risks by record', () => {
  it.each([
    ['parquet', ''],
    ['csv', ''],
    ['parquet', 'file_row_number'],
    ['csv', 'rowid'],
  ] as const)('keeps the order of a %s file with several threads and tells every record its own class %s', async (format, hidden) => {
    const file = `records${hidden}.${format}`;
    await writeFileOf(file, format, hidden);
    for (const policy of ['own-category', 'exclude'] as const) {
      const options = ['--keys', 'town,age', '--weight', 'w', '--missing', policy, '--records', 'out.parquet', '--threads', '4', '--quiet'];
      const { code, stderr } = await runCommand(['risk', file, ...options], { cwd: scratch });
      expect([code, stderr]).toEqual([0, '']);
      expect(await wrongRecords(file, format, policy)).toEqual({ records: RECORDS, moved: 0, wrong: 0, singles: true });
    }
  });
});
