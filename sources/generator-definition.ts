import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { id, literal, type Sql, sql, trusted } from '../engine/sql.ts';
import { addMonths, daysBetween, type GeneratedSource, SOURCES } from './generator-plan.ts';
import { type GeneratorScript, parseGeneratorScript } from './generator-script.ts';

/** Sum of the upper halves of the first million draws of stream `checksum` at seed 0. */
export const DRAWS_CHECKSUM = '2148434768341018';

/** The folder with `random.sql` and the sources: beside this file, or beside the built package. */
export function definitionFolder(): string {
  const here = import.meta.dirname;
  const found = [here, join(here, '..', '..', 'sources')].find((folder) => existsSync(join(folder, 'random.sql')));
  if (found === undefined) throw new EngineError('generate-no-definition', 'sources/random.sql is missing; install the package again');
  return found;
}

export async function readScripts(folder: string): Promise<Record<GeneratedSource, GeneratorScript>> {
  const read = async (source: string) =>
    [source, parseGeneratorScript(await readFile(join(folder, source, 'generate.sql'), 'utf8'))] as const;
  return Object.fromEntries(await Promise.all(Object.keys(SOURCES).map(read))) as Record<GeneratedSource, GeneratorScript>;
}

/** SHA-256 of everything that the data are made by. */
export async function definitionHash(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['random.sql', 'localities.csv', 'names.csv', ...Object.keys(SOURCES).map((source) => join(source, 'generate.sql'))]) {
    hash.update(await readFile(join(folder, file))).update('\0');
  }
  return hash.digest('hex');
}

/** What the SQL of a run knows by name: `seed()`, `persons()`, … */
export interface Country {
  readonly seed: number;
  readonly persons: number;
  readonly firstMonth: string;
  /** Months that the job spells cover. */
  readonly months: number;
}

/** Gives a session the macros, the constants and the small tables. @throws EngineError `generate-hash-changed` */
export async function prepareSession(session: Session, folder: string, { seed, persons, firstMonth, months }: Country): Promise<void> {
  if ((await checksumOfDraws(session)) !== DRAWS_CHECKSUM) {
    throw new EngineError(
      'generate-hash-changed',
      "DuckDB's hash() gives other values than the version that this generator was made with; no seed would give its old data. Install the pinned version",
    );
  }
  const days = daysBetween(firstMonth, addMonths(firstMonth, months));
  const constants: readonly (readonly [string, Sql])[] = [
    ['seed', literal(seed)],
    ['persons', literal(persons)],
    ['outsiders', literal(Math.round(persons * 0.0195))],
    ['employers', literal(Math.max(20, Math.ceil(persons / 28)))],
    ['first_day', sql`DATE ${literal(`${firstMonth}-01`)}`],
    ['last_day', literal(days - 1)],
  ];
  for (const [name, value] of constants) await session.run(sql`CREATE OR REPLACE MACRO ${id(name)}() AS ${value}`);
  await session.run(sql`CREATE TEMP TABLE locality AS SELECT code::INTEGER AS code, district::INTEGER AS district, population::BIGINT AS population,
    arabic_names::INTEGER AS arabic_names FROM read_csv(${literal(join(folder, 'localities.csv'))}, header = true, all_varchar = true)`);
  await session.run(sql`CREATE TEMP TABLE name AS SELECT kind, origin, coalesce(sex, '') AS sex, rank::INTEGER AS rank, hebrew, latin, native
    FROM read_csv(${literal(join(folder, 'names.csv'))}, header = true, all_varchar = true)`);
}

/** The sum that `DRAWS_CHECKSUM` records; another one means that DuckDB's hash() has changed and no seed gives its old data. */
export async function checksumOfDraws(session: Session): Promise<string> {
  await session.run(sql`CREATE OR REPLACE MACRO seed() AS 0`);
  await runRandom(session, definitionFolder());
  const { checksum } = await session.row<{ checksum: string }>(
    sql`SELECT sum(bits('checksum', draw) >> 32)::VARCHAR AS checksum FROM range(1000000) AS r(draw)`,
  );
  return checksum;
}

async function runRandom(session: Session, folder: string): Promise<void> {
  const text = await readFile(join(folder, 'random.sql'), 'utf8');
  for (const statement of text.split(/;[ \t]*$/m)) if (statement.trim() !== '') await session.run(trusted(statement));
}
