import { type Sql, sql } from '../engine/sql.ts';

/** Key pads of HMAC-SHA-256 (key xor ipad, key xor opad; 64 bytes each): bound as BLOBs, never part of the text. */
export interface HmacPads {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

/** HMAC-SHA-256 of a text expression, its first 128 bits as a UUID: the pseudonym (RFC 2104; reliability.md 1.7). */
export function pseudonym(message: Sql, pads: HmacPads): Sql {
  return sql`CAST(left(sha256(${pads.outer}::BLOB || unhex(sha256(${pads.inner}::BLOB || encode(${message})))), 32) AS UUID)`;
}

/** Message of a national id in canonical form: nine digits with leading zeros. */
export function canonicalId(column: Sql): Sql {
  return sql`lpad(regexp_replace(${column}, '[^0-9]', '', 'g'), 9, '0')`;
}

/** Numbers that stand for "not known": all zeros, one repeated digit, counting up or down. */
export function isPlaceholder(column: Sql): Sql {
  return sql`regexp_full_match(${column}, '0{9}|1{9}|2{9}|3{9}|4{9}|5{9}|6{9}|7{9}|8{9}|9{9}|123456782|123456789|012345678|987654321')`;
}

/** True where a nine-digit id has a right check digit and is no placeholder (`isPlaceholder`). */
export function isValidId(column: Sql): Sql {
  const digit = (index: number): Sql => sql`CAST(substr(${column}, ${index}, 1) AS INTEGER)`;
  const doubled = (index: number): Sql =>
    sql`(CASE WHEN ${digit(index)} * 2 > 9 THEN ${digit(index)} * 2 - 9 ELSE ${digit(index)} * 2 END)`;
  const sum = [1, 3, 5, 7, 9]
    .map(digit)
    .concat([2, 4, 6, 8].map(doubled))
    .reduce((left, right) => sql`${left} + ${right}`);
  return sql`(regexp_full_match(${column}, '[0-9]{9}') AND NOT ${isPlaceholder(column)} AND (${sum}) % 10 = 0)`;
}
