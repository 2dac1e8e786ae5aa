import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Session } from '../engine/session.ts';
import { id, type Sql, sql, trusted } from '../engine/sql.ts';
import { transforms } from '../transforms/index.ts';
import { scratchFolder } from './scratch.ts';

/** A transform over a table. */
export function built(name: string, from: string, parameters: object = {}, period?: string): Sql {
  const transform = transforms[name];
  if (transform === undefined) throw new Error(`no transform ${name}`);
  return transform.build({ from: id(from), with: parameters, ...(period !== undefined && { period }) });
}

/** The SELECT of a step's file, as the pipeline runs it. */
export function step(name: string, month = '2024-01'): Sql {
  const text = readFileSync(join('pipelines/dwelling_occupancy', `${name}.sql`), 'utf8');
  return trusted(text.replaceAll('$reference_period', `'${month}'`));
}

/** A session for one test file that may read these folders, with tables by name. */
export function dwellingSession(...folders: readonly string[]) {
  const scratch = scratchFolder();
  let session: Session;
  beforeAll(async () => {
    const allowedDirectories = [scratch, ...folders].map((folder) => `${folder}/`);
    session = await Session.open({ temporaryDirectory: scratch, allowedDirectories, onRawError: console.error });
  });
  afterAll(() => session.close());
  return {
    table: (name: string, select: Sql) => session.run(sql`CREATE OR REPLACE TABLE ${id(name)} AS ${select}`),
    run: (statement: Sql) => session.run(statement),
    rows: <T = Record<string, unknown>>(query: Sql) => session.rows<T>(query),
    row: <T>(query: Sql) => session.row<T>(query),
  };
}
