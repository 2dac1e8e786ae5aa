import type { Session } from '../../engine/session.ts';
import { id, type Sql, sql } from '../../engine/sql.ts';
import { type NameForm, nameForm, nameLevel } from './name-distance.ts';
import { soundCode, soundsOf } from './sounds.ts';

/** Makes a table (name, code) with the blocking code of the first word of every name that a SELECT of one column `name` gives. */
export async function makeSoundCodes(session: Session, table: string, names: Sql): Promise<void> {
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE link_word AS SELECT DISTINCT name FROM (${names}) WHERE name IS NOT NULL ORDER BY name`,
  );
  const words = (await session.columns(sql`SELECT name FROM link_word ORDER BY name`))['name'] as string[] | undefined;
  const codes = (words ?? []).map((name) => soundCode(soundsOf(name.split(' ', 1)[0] ?? '')));
  await session.run(sql`CREATE OR REPLACE TEMP TABLE ${id(table)} AS
    SELECT w.name, c.code FROM (SELECT name, row_number() OVER (ORDER BY name) AS n FROM link_word) AS w JOIN (${listed(codes)}) AS c ON c.n = w.n`);
}

/**
 * Makes `link_name_level` (a, b, level) for every pair of names (a, b) that a SELECT gives, equal ones left out.
 * The distinct names leave the engine once as text, their pairs as numbers in typed arrays; what comes back is one digit a pair. Nothing is written.
 */
export async function makeNameLevels(session: Session, pairs: Sql): Promise<void> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_named AS SELECT DISTINCT a, b FROM (${pairs}) WHERE a <> b`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_word AS
    SELECT name, (row_number() OVER (ORDER BY name) - 1)::INTEGER AS n FROM (SELECT a AS name FROM link_named UNION SELECT b FROM link_named)`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_numbered AS
    SELECT l.n AS a, r.n AS b, row_number() OVER (ORDER BY l.n, r.n) AS n
    FROM link_named AS p JOIN link_word AS l ON l.name = p.a JOIN link_word AS r ON r.name = p.b`);
  const words = (await session.columns(sql`SELECT name FROM link_word ORDER BY n`))['name'] as string[] | undefined;
  const forms = (words ?? []).map(nameForm);
  const { a = new Int32Array(), b = new Int32Array() } = await session.numbers(sql`SELECT a, b FROM link_numbered ORDER BY n`);
  const levels = Array.from(a, (left, index) => String(nameLevel(forms[left] as NameForm, forms[b[index] as number] as NameForm)));
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_name_level AS
    SELECT l.name AS a, r.name AS b, c.code::TINYINT AS level
    FROM link_numbered AS p JOIN (${listed(levels)}) AS c ON c.n = p.n JOIN link_word AS l ON l.n = p.a JOIN link_word AS r ON r.n = p.b`);
}

/** Texts without spaces as a relation (n from 1, code). */
function listed(texts: readonly string[]): Sql {
  if (texts.length === 0) return sql`SELECT 0::BIGINT AS n, '' AS code WHERE false`;
  return sql`SELECT unnest(range(1, ${texts.length}::BIGINT + 1)) AS n, unnest(string_split(${texts.join(' ')}::VARCHAR, ' ')) AS code`;
}
