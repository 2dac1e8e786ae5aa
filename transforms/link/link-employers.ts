import { type Sql, sql } from '../../engine/sql.ts';
import { canonicalId, type HmacPads, pseudonym } from '../pseudonymise.ts';

/**
 * Employers: makes `employer_link` (_row, pseudonym, unit, outcome) from `incoming_employer` (_row, id) and `spine_employer` (id, pseudonym). `unit`: the clear
 * text of which the pseudonym is made where the register does not know the employer.
 */
export function linkEmployers(pads: HmacPads): Sql[] {
  return [
    sql`CREATE OR REPLACE TEMP TABLE employer_link AS
      SELECT _row, coalesce(registered, ${pseudonym(sql`unit`, pads)}) AS pseudonym, unit, outcome FROM (
        SELECT r._row, s.pseudonym AS registered,
          CASE WHEN s.id IS NULL THEN 'employer|1|' || coalesce(r.id, '') END AS unit,
          CASE WHEN s.id IS NOT NULL THEN 'linked' WHEN r.id IS NULL THEN 'failed' ELSE 'out_of_register' END AS outcome
        FROM incoming_employer AS r LEFT JOIN spine_employer AS s ON s.id = ${canonicalId(sql`r.id`)})`,
  ];
}
