import type { Session } from '../../engine/session.ts';
import { type Sql, sql } from '../../engine/sql.ts';
import { type HmacPads, pseudonym } from '../pseudonymise.ts';
import { assignPersons } from './assign-persons.ts';
import { blockedPairs } from './blocking.ts';
import { comparePairs } from './comparison.ts';
import { makeSoundCodes } from './name-batch.ts';
import { PERSON_COMPARISONS, PERSON_RULES } from './person-comparisons.ts';
import { estimatePersonModel, samplePairs } from './person-model.ts';
import { nearTable, openTable, rowTable } from './person-tables.ts';
import { scorePairs } from './score-pairs.ts';

const ROWS = { left: sql`link_row`, right: sql`link_person` };
const OPEN = { left: sql`link_open`, right: sql`link_person` };

/**
 * Person linkage at the door (docs/methods/linkage.md). Reads `incoming` (_row, id, id_type, given_name, family_name, birth_date, sex) and the prepared spine
 * (`preparePersons`); makes `person_link` (_row, pseudonym, unit, outcome, method, id_kind, quality), one row per row of `incoming`. In three stages: exact
 * identifiers whose details agree; one neighbour of the identifier whose date of birth and a name agree; the rest by the weights of Fellegi and Sunter.
 * Everything lies in temporary tables of the session. Cost: a hash join for all rows; what is compared in detail are the rows that it leaves open.
 */
export async function linkPersons(session: Session, pads: HmacPads): Promise<void> {
  await session.run(rowTable());
  await linkExact(session);
  await makeSoundCodes(
    session,
    'link_open_code',
    sql`SELECT unnest([given, family]) AS name FROM link_row ANTI JOIN link_exact USING (_row) WHERE id_type = 'national'`,
  );
  await session.run(openTable());
  await session.run(nearTable());
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_pair AS ${blockedPairs(PERSON_RULES, OPEN.left, OPEN.right)}`);
  await comparePairs(session, 'link_compared', 'link_pair', OPEN, PERSON_COMPARISONS);
  const model = await estimatePersonModel(session);
  await scorePairs(session, 'link_scored', 'link_compared', OPEN, model);
  for (const statement of assignPersons()) await session.run(statement);
  await session.run(personLink(pads));
}

/**
 * `link_exact` (_row, pseudonym): rows whose identifier is that of a person with an agreeing date of birth and given name; where skeletons and 1 January do not
 * settle it, two of the three details must be near. Leaves `link_sample_level`, from which the model is estimated.
 */
async function linkExact(session: Session): Promise<void> {
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_same AS
    SELECT r.n AS l, s.n AS r, r._row, r.script, s.pseudonym,
      birth_agrees(r.birth_date, s.birth_date) AND name_agrees(r.given_skeleton, s.given_skeleton) AND (r.sex IS NULL OR s.sex IS NULL OR r.sex = s.sex) AS is_plain
    FROM link_row AS r JOIN link_person AS s ON s.id = r.id`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_sample AS
    SELECT 'unclear' AS rule, l, r FROM link_same WHERE NOT is_plain UNION ALL ${samplePairs()}`);
  await comparePairs(session, 'link_sample_level', 'link_sample', ROWS, PERSON_COMPARISONS, ['identifier']);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE link_exact AS
    SELECT _row, pseudonym FROM link_same WHERE is_plain
    UNION ALL
    SELECT s._row, s.pseudonym FROM link_same AS s JOIN link_sample_level AS c ON c.rule = 'unclear' AND c.l = s.l AND c.r = s.r
    WHERE (c.birth_date >= 2 AND c.given >= 2) OR (c.birth_date >= 1 AND c.given >= 2 AND c.family >= 2)`);
}

/** `person_link`: a pseudonym of the register for whoever was identified; for all others one that no person of the register has, made of the clear text `unit`. */
function personLink(pads: HmacPads): Sql {
  return sql`CREATE OR REPLACE TEMP TABLE person_link AS
    SELECT _row, coalesce(registered, ${pseudonym(sql`unit`, pads)}) AS pseudonym, * EXCLUDE (_row, registered) FROM (
      SELECT r._row,
        CASE WHEN e._row IS NOT NULL THEN e.pseudonym WHEN a.decision = 'link' THEN a.pseudonym END AS registered,
        CASE
          WHEN e._row IS NOT NULL OR a.decision = 'link' THEN NULL
          WHEN r.is_valid AND a.known_id IS NULL THEN 'person|1|' || r.id
          WHEN r.id_type <> 'national' AND r.raw_id IS NOT NULL THEN 'person|' || r.id_type || '|' || r.raw_id
          ELSE 'person|unlinked|' || coalesce(r.raw_id, '') || '|' || coalesce(r.birth_date::VARCHAR, '') || '|' || coalesce(r.given, '') || '|' || coalesce(r.family, '')
        END AS unit,
        CASE
          WHEN e._row IS NOT NULL OR (a.decision = 'link' AND a.method = 'id') THEN 'linked'
          WHEN a.decision = 'link' THEN 'repaired'
          WHEN r.id_type <> 'national' THEN 'out_of_register'
          WHEN a.decision = 'ambiguous' THEN 'ambiguous'
          WHEN r.id_kind = 'passport' OR (r.is_valid AND a.known_id IS NULL) THEN 'out_of_register'
          ELSE 'failed'
        END AS outcome,
        CASE WHEN e._row IS NOT NULL THEN 'id' WHEN a.decision = 'link' THEN a.method END AS method,
        r.id_kind,
        CASE WHEN e._row IS NOT NULL THEN 1.0 WHEN a.decision = 'link' THEN a.quality END::DOUBLE AS quality
      FROM link_row AS r
      LEFT JOIN link_exact AS e ON e._row = r._row
      LEFT JOIN link_assigned AS a ON a._row = r._row)`;
}
