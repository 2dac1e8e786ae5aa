import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Session } from '../engine/session.ts';
import { literal, type Sql, sql } from '../engine/sql.ts';
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

  it('is the same whether keys can be packed into a number or not, with wildcards and either formula', async () => {
    const records = (town: Sql, name: string): Promise<void> =>
      withSession((session) =>
        session.run(sql`COPY (SELECT ${town} AS town, nullif(hash(i + 1000) % 40, 3)::INTEGER AS age, (hash(i + 2000) % 1000)::INTEGER AS a,
          (hash(i + 2000) % 1000)::INTEGER AS b, (hash(i + 2000) % 1000)::INTEGER AS c, 1.5 + i % 7 AS w
          FROM range(6000) AS r(i)) TO ${literal(join(scratch, name))} (FORMAT parquet)`),
      );
    const town = sql`nullif(hash(i) % 5, 2)`;
    await records(sql`${town}::INTEGER`, 'packed.parquet');
    await records(sql`${town}::DOUBLE`, 'real.parquet');
    for (const keys of ['town,age', 'town,age,a,b,c'])
      for (const formula of ['approximate', 'exact']) {
        const options = ['--keys', keys, '--weight', 'w', '--alpha', '0.5', '--formula', formula, '--quiet', '--json'];
        const reports: unknown[] = [];
        for (const name of ['packed', 'real']) {
          const { code, stdout } = await runCommand(['risk', `${name}.parquet`, ...options, '--records', `${name}-risks.parquet`], {
            cwd: scratch,
          });
          expect(code).toBe(0);
          const { violations, unique, wildcards, cells } = JSON.parse(stdout);
          reports.push({ violations, unique, wildcards, cells });
        }
        expect(reports[0]).toEqual(reports[1]);
        const risks = ['packed', 'real'].map((name) => literal(join(scratch, `${name}-risks.parquet`))) as [Sql, Sql];
        const differing = await withSession((session) =>
          session.row(sql`SELECT count(*)::INTEGER AS records, count(*) FILTER (a.record <> row OR abs(a.fk - b.fk) > 1e-9 OR abs(a.fk_weighted - b.fk_weighted) > 1e-6
            OR abs(a.risk - b.risk) > 1e-9 OR a.risk IS NULL)::INTEGER AS wrong
            FROM (SELECT *, row_number() OVER () AS row FROM read_parquet(${risks[0]})) AS a JOIN read_parquet(${risks[1]}) AS b ON a.record = b.record`),
        );
        expect(differing).toEqual({ records: 6000, wrong: 0 });
      }
  });

  it('comes from tables that keep every number and every gap', async () => {
    const values = Float64Array.from({ length: 5000 }, (_, row) => (row === 10 || row === 4100 ? Number.NaN : row / 3));
    await withSession(async (session) => {
      await session.createTable('given', [
        { name: 'real', type: 'DOUBLE', values },
        { name: 'whole', type: 'INTEGER', values: Int32Array.from(values.keys()) },
        { name: 'big', type: 'BIGINT', values: Array.from(values, (_, row) => (row === 2048 ? null : BigInt(row) * 10n ** 15n)) },
        { name: 'text', type: 'VARCHAR', values: Array.from(values, (_, row) => (row === 3 ? null : `text that is long enough ${row}`)) },
      ]);
      const found =
        await session.row(sql`SELECT count(*)::INTEGER AS rows, count(*) FILTER (real IS NULL AND whole IN (10, 4100))::INTEGER AS gaps,
        count(*) FILTER (real = whole / 3 AND whole = rowid)::INTEGER AS kept, count(*) FILTER (big = whole * 1000000000000000::BIGINT)::INTEGER AS big,
        count(*) FILTER (text = 'text that is long enough ' || whole)::INTEGER AS texts FROM given`);
      expect(found).toEqual({ rows: 5000, gaps: 2, kept: 4998, big: 4999, texts: 4999 });
    });
  });
});
