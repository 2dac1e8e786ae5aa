import { type Sql, sql } from '../../engine/sql.ts';
import { NAME_LEVEL } from './name-distance.ts';
import { ID_LEVEL } from './person-comparisons.ts';

/** Least probability of a match that is taken, and least advance over the second best person, in bits. */
const PROBABILITY = 0.9;
const MARGIN = 5;
/** From this probability on somebody fits, though not surely enough. */
const PERHAPS = 0.5;

/**
 * Decides for each open row: makes `link_assigned` (_row, decision `link` | `ambiguous` | `none`, pseudonym, method, quality, known_id).
 * One neighbour of the identifier in the spine, whose date of birth and a name agree, is taken (repair). Else the best person by weight is taken if she is
 * probable enough, two of date of birth, given and family name agree, the given name at least where the
 * identifier does not speak for her (else it may be a twin), the second best is `MARGIN` bits behind, and nobody fits the details better by so much
 * (an identifier of one twin under the name of the other is ambiguous).
 */
export function assignPersons(): Sql[] {
  return [
    sql`CREATE OR REPLACE TEMP TABLE link_candidate AS
      SELECT l._row, c.r, p.pseudonym, c.identifier, c.birth_date, c.given, c.family, c.weight, c.probability, c.weight - c.weight_identifier AS details,
        (coalesce(c.birth_date, 0) >= 2)::INTEGER + (coalesce(c.given, 0) >= 2)::INTEGER + (coalesce(c.family, 0) >= 2)::INTEGER AS agreeing
      FROM link_scored AS c JOIN link_open AS l ON l.n = c.l JOIN link_person AS p ON p.n = c.r
      QUALIFY row_number() OVER (PARTITION BY l._row, c.r ORDER BY c.weight DESC, c.l DESC) = 1`,
    sql`CREATE OR REPLACE TEMP TABLE link_ranked AS
      SELECT *, row_number() OVER rank AS place, lead(weight) OVER rank AS second_weight, max(details) OVER (PARTITION BY _row) AS best_details,
        count(*) FILTER (identifier >= ${ID_LEVEL.near}) OVER (PARTITION BY _row) AS near_ids,
        max(CASE WHEN identifier = ${ID_LEVEL.equal} AND agreeing >= 2 THEN r END) OVER (PARTITION BY _row) AS owner
      FROM link_candidate WINDOW rank AS (PARTITION BY _row ORDER BY weight DESC, r)`,
    sql`CREATE OR REPLACE TEMP TABLE link_assigned AS
      WITH best AS (
        SELECT *, best_details - details < ${MARGIN} AND coalesce(owner, r) = r AS is_free, identifier = ${ID_LEVEL.near} AND near_ids = 1 AND birth_date >= 4 AND (given >= 2 OR family >= 2) AND is_free AS is_repair,
          probability >= ${PROBABILITY} AND agreeing >= 2 AND (given >= ${NAME_LEVEL.alike} OR identifier >= ${ID_LEVEL.near}) AND weight - coalesce(second_weight, -1000) >= ${MARGIN} AND is_free AS is_sure
        FROM link_ranked WHERE place = 1
      )
      SELECT o._row, p.id AS known_id, b.pseudonym, b.probability AS quality,
        CASE WHEN b.is_repair OR b.is_sure THEN 'link' WHEN b.probability >= ${PERHAPS} AND b.agreeing >= 2 THEN 'ambiguous' ELSE 'none' END AS decision,
        CASE WHEN b.identifier = ${ID_LEVEL.equal} THEN 'id' WHEN b.identifier = ${ID_LEVEL.near} THEN 'repair' ELSE 'name' END AS method
      FROM (SELECT DISTINCT _row, id FROM link_open) AS o LEFT JOIN best AS b ON b._row = o._row LEFT JOIN link_person AS p ON p.id = o.id`,
  ];
}
