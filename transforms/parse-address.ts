import * as z from 'zod';
import { id, literal, type Sql, sql } from '../engine/sql.ts';
import { Column } from './column.ts';
import { defineTransform } from './transform.ts';

/** What stands before the name of a street, with its abbreviations; final letters as common ones. */
const STREET_TYPES = 'רחוב|רח|שדרות|שדרת|שדרה|שד|סמטת|סמטה|סמ|דרכ|כיכר|ככר';
const APARTMENT = ' (?:דירה|דיר|ד) ?(?:מספר |מס )?(\\d+)(?: ?- ?(\\d+))? ';
const SLASH = '(\\d+ ?[א-ד]?) ?/ ?(\\d+)';
const FLOOR = ' (?:קומה|ק) ?\\d+ ';
const ENTRANCE = ' (?:כניסה|כנ) ?([א-ת]) ';
const LETTER = ' (\\d+) ?([א-ד]) ';
const LAST_NUMBER = '(\\d+)[^\\d]*$';

/**
 * The parts of a Hebrew address written as free text. Columns: those of the input, and street_key VARCHAR (name of the street for
 * comparison: no kind of street, geresh, gershayim, niqqud, final letters, inner yod and vav, blanks), house INTEGER, entrance_key VARCHAR
 * (one letter), apartment_from and apartment_to INTEGER (equal but for a meter of several apartments). A part that is not there is NULL;
 * without a house number nothing can be told apart, so street_key is NULL too. Source: docs/methods/parse-address.md.
 */
export const parseAddress = defineTransform({
  name: 'parse_address',
  over: 'all',
  parameters: z.strictObject({ address: Column.default('address_text') }),
  reads: ({ address }) => [address],
  build: ({ from, with: { address } }) => sql`-- One row per row of the input, with the parts of its address.
WITH cleaned AS (
  SELECT *, ${cleaned(id(address))} AS _text FROM ${from}
),
cut AS (
  SELECT *, regexp_replace(regexp_replace(regexp_replace(_text, ${literal(APARTMENT)}, ' '), ${literal(SLASH)}, '\\1 '), ${literal(FLOOR)}, ' ') AS _place FROM cleaned
),
placed AS (
  SELECT *, regexp_replace(regexp_replace(_place, ${literal(ENTRANCE)}, ' '), ${literal(LETTER)}, ' \\1 ') AS _street FROM cut
)
SELECT * EXCLUDE (_text, _place, _street),
  CASE WHEN regexp_matches(_street, ${literal(LAST_NUMBER)}) THEN nullif(${skeleton(sql`regexp_replace(_street, ${literal(LAST_NUMBER)}, '')`)}, '') END AS street_key,
  TRY_CAST(nullif(regexp_extract(_street, ${literal(LAST_NUMBER)}, 1), '') AS INTEGER) AS house,
  coalesce(nullif(regexp_extract(_place, ${literal(ENTRANCE)}, 1), ''), nullif(regexp_extract(_place, ${literal(LETTER)}, 2), '')) AS entrance_key,
  TRY_CAST(coalesce(nullif(regexp_extract(_text, ${literal(APARTMENT)}, 1), ''), nullif(regexp_extract(_text, ${literal(SLASH)}, 2), '')) AS INTEGER) AS apartment_from,
  TRY_CAST(coalesce(nullif(regexp_extract(_text, ${literal(APARTMENT)}, 2), ''), nullif(regexp_extract(_text, ${literal(APARTMENT)}, 1), ''), nullif(regexp_extract(_text, ${literal(SLASH)}, 2), '')) AS INTEGER) AS apartment_to
FROM placed`,
});

/** Between blanks: NFC, no niqqud, final letters as common ones, geresh and gershayim dropped, maqaf, commas and points as blanks. */
function cleaned(text: Sql): Sql {
  const letters = sql`translate(strip_accents(nfc_normalize(${text})), 'ךםןףץ־,.;:()', 'כמנפצ       ')`;
  const plain = sql`regexp_replace(${letters}, '[׳״''"\u2018\u2019\u201c\u201d\u0060\u00b4]', '', 'g')`;
  return sql`' ' || trim(regexp_replace(regexp_replace(${plain}, '([א-ת])-([א-ת])', '\\1 \\2', 'g'), '\\s+', ' ', 'g')) || ' '`;
}

function skeleton(street: Sql): Sql {
  const name = sql`regexp_replace(trim(${street}), ${literal(`^(?:${STREET_TYPES}) `)}, '')`;
  return sql`replace(regexp_replace(${name}, '([^ ])[יו]+', '\\1', 'g'), ' ', '')`;
}
