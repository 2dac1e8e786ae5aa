import { join, type Sql, sql } from '../engine/sql.ts';
import { canonicalId, type HmacPads, isValidId, pseudonym } from './pseudonymise.ts';

/** How an identifier of a delivery met the identity spine; `failed` and `ambiguous` wait for name matching. */
export const LINK_OUTCOMES = ['linked', 'repaired', 'out_of_register', 'ambiguous', 'failed'] as const;
export type LinkOutcome = (typeof LINK_OUTCOMES)[number];

/**
 * Person linkage at the door. Reads `incoming` (_row, id, id_type, given_name, family_name, birth_date) and `spine_person`
 * (id, given, given_skeleton, family, family_skeleton, birth_date, pseudonym); makes `person_link` (_row, pseudonym, outcome, method).
 * Rules (case-studies.md section 0):
 * an exact id counts only if two of birth date, given and family name agree;
 * a wrong digit or a transposition is repaired only if exactly one neighbour of the id is in the spine and birth date and a name agree;
 * a row without a usable id is taken when birth date and both names agree with exactly one person;
 * passports, temporary numbers and valid ids that the spine lacks are out of register.
 * Cost: one hash join per delivery, and 89 look-ups per unresolved id.
 */
export function linkPersons(pads: HmacPads): Sql[] {
  const reported = sql`${canonicalId(sql`id`)}`;
  return [
    sql`CREATE OR REPLACE TEMP TABLE link_row AS
      SELECT _row, id_type, birth_date, id AS raw_id,
        CASE WHEN coalesce(id_type, 'national') = 'national' AND id IS NOT NULL AND regexp_full_match(trim(id), '[0-9]{1,9}') THEN ${reported} END AS id,
        name_text(given_name) AS given, name_skeleton(given_name) AS given_skeleton,
        name_text(family_name) AS family, name_skeleton(family_name) AS family_skeleton
      FROM incoming`,
    sql`CREATE OR REPLACE TEMP TABLE link_exact AS
      SELECT r._row, s.pseudonym
      FROM link_row AS r JOIN spine_person AS s ON s.id = r.id
      WHERE birth_agrees(r.birth_date, s.birth_date)::INTEGER
        + name_agrees(r.given_skeleton, s.given_skeleton)::INTEGER
        + name_agrees(r.family_skeleton, s.family_skeleton)::INTEGER >= 2`,
    sql`CREATE OR REPLACE TEMP TABLE link_open AS
      SELECT r.* FROM link_row AS r ANTI JOIN link_exact AS e ON e._row = r._row
      WHERE coalesce(r.id_type, 'national') = 'national'`,
    ...repair(),
    sql`CREATE OR REPLACE TEMP TABLE link_details AS
      SELECT o._row, any_value(s.pseudonym ORDER BY s.pseudonym) AS pseudonym, count(*) AS found
      FROM link_open AS o JOIN spine_person AS s
        ON s.birth_date = o.birth_date AND s.given_skeleton = o.given_skeleton AND s.family_skeleton = o.family_skeleton
      GROUP BY o._row`,
    sql`CREATE OR REPLACE TEMP TABLE person_link AS
      SELECT r._row,
        CASE
          WHEN e._row IS NOT NULL THEN e.pseudonym
          WHEN n.found = 1 AND n.agreeing = 1 THEN n.pseudonym
          WHEN d.found = 1 THEN d.pseudonym
          WHEN r.id IS NOT NULL AND ${isValidId(sql`r.id`)} AND x._row IS NULL THEN ${pseudonym(sql`'person|1|' || r.id`, pads)}
          WHEN coalesce(r.id_type, 'national') <> 'national' AND r.raw_id IS NOT NULL THEN ${pseudonym(sql`'person|' || r.id_type || '|' || r.raw_id`, pads)}
          ELSE ${pseudonym(sql`'person|unlinked|' || coalesce(r.raw_id, '') || '|' || coalesce(r.birth_date::VARCHAR, '') || '|' || coalesce(r.given, '') || '|' || coalesce(r.family, '')`, pads)}
        END AS pseudonym,
        CASE
          WHEN e._row IS NOT NULL THEN 'linked'
          WHEN n.found = 1 AND n.agreeing = 1 THEN 'repaired'
          WHEN d.found = 1 THEN 'repaired'
          WHEN coalesce(r.id_type, 'national') <> 'national' THEN 'out_of_register'
          WHEN d.found > 1 OR n.agreeing > 1 THEN 'ambiguous'
          WHEN r.id IS NOT NULL AND ${isValidId(sql`r.id`)} AND x._row IS NULL AND coalesce(n.agreeing, 0) = 0 THEN 'out_of_register'
          ELSE 'failed'
        END AS outcome,
        CASE
          WHEN e._row IS NOT NULL THEN 'id'
          WHEN n.found = 1 AND n.agreeing = 1 THEN 'neighbour'
          WHEN d.found = 1 THEN 'details'
        END AS method
      FROM link_row AS r
      LEFT JOIN link_exact AS e ON e._row = r._row
      LEFT JOIN link_neighbour AS n ON n._row = r._row
      LEFT JOIN link_details AS d ON d._row = r._row
      LEFT JOIN (SELECT o._row FROM link_open AS o SEMI JOIN spine_person AS s ON s.id = o.id) AS x ON x._row = r._row`,
  ];
}

/** `link_neighbour` (_row, found, agreeing, pseudonym): people of the spine whose id is one digit or one transposition away. */
function repair(): Sql[] {
  return [
    sql`CREATE OR REPLACE TEMP TABLE link_near AS
      SELECT id, substr(id, 1, p - 1) || d || substr(id, p + 1) AS near
      FROM (SELECT DISTINCT id FROM link_open WHERE id IS NOT NULL), range(1, 10) AS t(p), (SELECT unnest(['0','1','2','3','4','5','6','7','8','9']) AS d)
      WHERE substr(id, p, 1) <> d
      UNION
      SELECT id, substr(id, 1, p - 1) || substr(id, p + 1, 1) || substr(id, p, 1) || substr(id, p + 2) AS near
      FROM (SELECT DISTINCT id FROM link_open WHERE id IS NOT NULL), range(1, 9) AS t(p)
      WHERE substr(id, p, 1) <> substr(id, p + 1, 1)`,
    sql`CREATE OR REPLACE TEMP TABLE link_neighbour AS
      SELECT o._row, count(*) AS found,
        count(*) FILTER (WHERE ${join([sql`birth_agrees(o.birth_date, s.birth_date)`, sql`(name_agrees(o.given_skeleton, s.given_skeleton) OR name_agrees(o.family_skeleton, s.family_skeleton))`], ' AND ')}) AS agreeing,
        min(s.pseudonym) AS pseudonym
      FROM link_open AS o JOIN link_near AS n ON n.id = o.id JOIN spine_person AS s ON s.id = n.near
      GROUP BY o._row`,
  ];
}

/** Employers: makes `employer_link` (_row, pseudonym, outcome) from `incoming_employer` (_row, id) and `spine_employer` (id, pseudonym). */
export function linkEmployers(pads: HmacPads): Sql[] {
  return [
    sql`CREATE OR REPLACE TEMP TABLE employer_link AS
      SELECT r._row,
        coalesce(s.pseudonym, ${pseudonym(sql`'employer|1|' || coalesce(r.id, '')`, pads)}) AS pseudonym,
        CASE WHEN s.id IS NOT NULL THEN 'linked' WHEN r.id IS NULL THEN 'failed' ELSE 'out_of_register' END AS outcome
      FROM incoming_employer AS r LEFT JOIN spine_employer AS s ON s.id = ${canonicalId(sql`r.id`)}`,
  ];
}
