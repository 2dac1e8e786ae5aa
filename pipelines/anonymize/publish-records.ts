import { join as joinPath } from 'node:path';
import type { MicrodataPolicy } from '../../anonymize/microdata/microdata-policy.ts';
import type { Session } from '../../engine/session.ts';
import { id, join, literal, type Sql, sql } from '../../engine/sql.ts';
import { numberAtRandom, numberOf, type Shuffle } from './random-numbers.ts';

/**
 * Writes `data.parquet` and `data.csv` of `released` as it may leave: numbers at random where there were pseudonyms, and the records in the
 * order of their values, households together. So the order follows from what is published, and tells nothing of the order in which
 * they came.
 */
export async function publishRecords(session: Session, folder: string, policy: MicrodataPolicy, shuffle: Shuffle): Promise<void> {
  const names = (await session.describe(sql`SELECT * FROM released`)).map(({ name }) => name);
  const joins: Sql[] = [];
  const values: Sql[] = [];
  for (const name of names) {
    if (policy.variables[name]?.action !== 'pseudonym') {
      values.push(id('released', name));
      continue;
    }
    const numbers = `number ${name}`;
    await numberAtRandom(session, numbers, 'released', name, shuffle);
    const { value, join } = numberOf(numbers, 'released', name);
    values.push(sql`${value} AS ${id(name)}`);
    joins.push(join);
  }
  const home = policy.household === undefined ? [] : [sql`TRY_CAST(${id(policy.household)} AS BIGINT)`];
  const [parquet, csv] = [joinPath(folder, 'data.parquet'), joinPath(folder, 'data.csv')];
  await session.run(sql`COPY (SELECT * FROM (SELECT ${join(values)} FROM released ${join(joins, ' ')}) AS published
    ORDER BY ${join([...home, ...names.map((name) => id(name))])}) TO ${literal(parquet)} (FORMAT parquet, COMPRESSION zstd)`);
  await session.run(sql`COPY (SELECT * FROM read_parquet(${literal(parquet)})) TO ${literal(csv)} (FORMAT csv, HEADER)`);
}
