import { type Sql, sql } from '../../engine/sql.ts';

/**
 * Macros of names in any script, to run once per session (case-studies.md section 0):
 * `name_text(x)`, what is compared as a whole: NFC, no niqqud or accents, small letters, final letters as common ones, geresh and gershayim dropped,
 * maqaf and hyphen as spaces, no space after Abu, Al, Ben and Abd;
 * `name_skeleton(x)`, the same without yod and vav inside a word; `name_script(x)`, the script's ISO 15924 code;
 * `name_agrees(a, b)`, equal skeletons, or equal first words; `birth_agrees(a, b)`, equal dates, or equal years where one day is 1 January.
 */
export function nameMacros(): Sql[] {
  return [
    sql`CREATE OR REPLACE MACRO name_text(x) AS nullif(trim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
      translate(lower(strip_accents(nfc_normalize(x))), 'ךםןףץ־-', 'כמנפצ  '), '[׳״''"\u2018\u2019\u201c\u201d\u0060.]', '', 'g'), '\\s+', ' ', 'g'),
      '(^| )(עבד|abd|عبد) (אל|al|el|ال) ?', '\\1\\2\\3', 'g'), '(^| )(אבו|אל|בנ|עבד|abu|al|el|ben|abd|ابو|ال|عبد) ', '\\1\\2', 'g')), '')`,
    // Twice: of neighbouring vowel letters with one consonant between them the first pass sees only one.
    sql`CREATE OR REPLACE MACRO without_matres(x) AS regexp_replace(x, '([^ ])[יו]+([^ ])', '\\1\\2', 'g')`,
    sql`CREATE OR REPLACE MACRO name_skeleton(x) AS without_matres(without_matres(name_text(x)))`,
    sql`CREATE OR REPLACE MACRO name_script(x) AS CASE WHEN x IS NULL THEN NULL WHEN regexp_matches(x, '\\p{Hebrew}') THEN 'Hebr' WHEN regexp_matches(x, '\\p{Latin}') THEN 'Latn'
      WHEN regexp_matches(x, '\\p{Arabic}') THEN 'Arab' WHEN regexp_matches(x, '\\p{Cyrillic}') THEN 'Cyrl' END`,
    sql`CREATE OR REPLACE MACRO name_agrees(a, b) AS a IS NOT NULL AND b IS NOT NULL AND (a = b OR string_split(a, ' ')[1] = string_split(b, ' ')[1])`,
    sql`CREATE OR REPLACE MACRO birth_agrees(a, b) AS a IS NOT NULL AND b IS NOT NULL AND
      (a = b OR (year(a) = year(b) AND ((month(a) = 1 AND day(a) = 1) OR (month(b) = 1 AND day(b) = 1))))`,
  ];
}
