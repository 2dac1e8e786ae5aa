import type { Session } from '../../engine/session.ts';
import { type Sql, sql } from '../../engine/sql.ts';
import { canonicalId, isPlaceholder, isValidId } from '../pseudonymise.ts';
import { makeSoundCodes } from './name-batch.ts';

/**
 * Prepares the spine for name matching, once per session: `link_person` = `spine_person` with a number `n`, the blocking codes of both names and the share
 * of persons with the same skeleton, and `link_code` (name, code). An empty `spine_employer` is made where the spine has none.
 */
export async function preparePersons(session: Session): Promise<void> {
  await session.run(sql`CREATE TEMP TABLE IF NOT EXISTS spine_employer (id VARCHAR, pseudonym UUID)`);
  await makeSoundCodes(session, 'link_code', sql`SELECT given AS name FROM spine_person UNION SELECT family FROM spine_person`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_person AS
    WITH given AS (SELECT given_skeleton, count(*) / sum(count(*)) OVER () AS share FROM spine_person GROUP BY given_skeleton),
    family AS (SELECT family_skeleton, count(*) / sum(count(*)) OVER () AS share FROM spine_person GROUP BY family_skeleton)
    SELECT row_number() OVER (ORDER BY s.id) AS n, s.*, cg.code AS given_code, cf.code AS family_code, g.share AS given_share, f.share AS family_share
    FROM spine_person AS s LEFT JOIN link_code AS cg ON cg.name = s.given LEFT JOIN link_code AS cf ON cf.name = s.family
      LEFT JOIN given AS g ON g.given_skeleton = s.given_skeleton LEFT JOIN family AS f ON f.family_skeleton = s.family_skeleton`);
}

/**
 * `link_row` (n, _row, id, id_kind, is_valid, birth_date, sex, script, names and skeletons): one row per row of `incoming`. `id` is there only where it can be
 * a person's: placeholders, numbers of companies and of other kinds are not.
 */
export function rowTable(): Sql {
  return sql`CREATE OR REPLACE TEMP TABLE link_row AS
    WITH text AS (
      SELECT _row, coalesce(id_type, 'national') AS id_type, birth_date, sex, nullif(trim(id), '') AS raw_id, name_text(given_name) AS given, name_text(family_name) AS family FROM incoming
    ), number AS (
      SELECT *, CASE WHEN id_type = 'national' AND regexp_full_match(raw_id, '[0-9][0-9 /-]*') AND length(regexp_replace(raw_id, '[^0-9]', '', 'g')) <= 9
        THEN ${canonicalId(sql`raw_id`)} END AS digits FROM text
    ), kind AS (
      SELECT *, CASE WHEN id_type <> 'national' THEN id_type WHEN raw_id IS NULL THEN 'missing' WHEN digits IS NULL AND regexp_matches(raw_id, '[A-Za-z]') THEN 'passport' WHEN digits IS NULL THEN 'unreadable'
        WHEN ${isPlaceholder(sql`digits`)} THEN 'placeholder'
        WHEN digits IN (SELECT id FROM spine_employer) AND digits NOT IN (SELECT id FROM spine_person) THEN 'company' ELSE 'national' END AS id_kind
      FROM number
    )
    SELECT _row * 2 + 1 AS n, _row, raw_id, id_type, id_kind, CASE WHEN id_kind = 'national' THEN digits END AS id,
      CASE WHEN id_kind = 'national' THEN ${isValidId(sql`digits`)} ELSE FALSE END AS is_valid, birth_date, sex, given, without_matres(without_matres(given)) AS given_skeleton,
      family, without_matres(without_matres(family)) AS family_skeleton, coalesce(name_script(given), name_script(family)) AS script, TRUE AS is_straight
    FROM kind`;
}

/** `link_open`: the rows that no identifier has settled, each twice: with its names as they are, and exchanged (`is_straight` false, `n` even). */
export function openTable(): Sql {
  return sql`CREATE OR REPLACE TEMP TABLE link_open AS
    WITH open AS (SELECT r.* FROM link_row AS r ANTI JOIN link_exact AS e ON e._row = r._row WHERE r.id_type = 'national'),
    read AS (
      SELECT * FROM open
      UNION ALL
      SELECT * REPLACE (n - 1 AS n, family AS given, family_skeleton AS given_skeleton, given AS family, given_skeleton AS family_skeleton, FALSE AS is_straight)
      FROM open WHERE given IS NOT NULL AND family IS NOT NULL AND given <> family
    )
    SELECT read.*, read.id IN (SELECT id FROM spine_person) AS is_taken, cg.code AS given_code, cf.code AS family_code
    FROM read LEFT JOIN link_open_code AS cg ON cg.name = read.given LEFT JOIN link_open_code AS cf ON cf.name = read.family`;
}

/** `link_near` (id, near): the identifiers one digit or one transposition of neighbours away from that of an open row. */
export function nearTable(): Sql {
  return sql`CREATE OR REPLACE TEMP TABLE link_near AS
    WITH open AS (SELECT DISTINCT id FROM link_open WHERE id IS NOT NULL)
    SELECT id, substr(id, 1, p - 1) || d || substr(id, p + 1) AS near
    FROM open, range(1, 10) AS t(p), (SELECT unnest(['0','1','2','3','4','5','6','7','8','9']) AS d)
    WHERE substr(id, p, 1) <> d
    UNION
    SELECT id, substr(id, 1, p - 1) || substr(id, p + 1, 1) || substr(id, p, 1) || substr(id, p + 2) AS near
    FROM open, range(1, 9) AS t(p)
    WHERE substr(id, p, 1) <> substr(id, p + 1, 1)`;
}
