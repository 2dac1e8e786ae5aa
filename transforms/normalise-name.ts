import { type Sql, sql } from '../engine/sql.ts';

/**
 * Macros `name_text(x)` (what is compared as a whole) and `name_skeleton(x)` (without inner yod and vav) for Hebrew and Latin names:
 * NFC, no niqqud, final letters as common ones, geresh and gershayim dropped, maqaf and hyphen as spaces (case-studies.md section 0).
 * Statements to run once per session.
 */
export function nameMacros(): Sql[] {
  return [
    sql`CREATE OR REPLACE MACRO name_text(x) AS trim(regexp_replace(
      regexp_replace(translate(lower(strip_accents(nfc_normalize(x))), 'ךםןףץ־-', 'כמנפצ  '), '[׳״''"\u2018\u2019\u201c\u201d\u0060.]', '', 'g'), '\\s+', ' ', 'g'))`,
    sql`CREATE OR REPLACE MACRO name_skeleton(x) AS regexp_replace(name_text(x), '([^ ])[יו]+', '\\1', 'g')`,
    sql`CREATE OR REPLACE MACRO name_agrees(a, b) AS a IS NOT NULL AND b IS NOT NULL AND (a = b OR string_split(a, ' ')[1] = string_split(b, ' ')[1])`,
    sql`CREATE OR REPLACE MACRO birth_agrees(a, b) AS a IS NOT NULL AND b IS NOT NULL AND
      (a = b OR (year(a) = year(b) AND ((month(a) = 1 AND day(a) = 1) OR (month(b) = 1 AND day(b) = 1))))`,
  ];
}
