import { type Sql, sql } from '../../engine/sql.ts';
import { canonicalId, type HmacPads, pseudonym } from '../pseudonymise.ts';

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
