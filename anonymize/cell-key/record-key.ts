import { createHmac, type KeyObject } from 'node:crypto';
import { domainKey, type MasterKey } from '../../engine/keys.ts';
import { join, literal, type Sql, sql } from '../../engine/sql.ts';
import { KEY_SPACE } from './key-space.ts';

/** Key pads of HMAC-SHA-256, as `hmacPads` of the engine makes them. */
export interface KeyPads {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

/** Words of 32 bits from here on are drawn again: 42 x 10^8 is the last multiple of the space, so that every key is as frequent. */
const ACCEPTED = Math.floor(2 ** 32 / KEY_SPACE) * KEY_SPACE;
const WORDS = 8;

/** The HMAC key of the record keys of one kind of unit (person, job, employer): an HKDF label of its own, never that of a pseudonym. */
export function recordKeySecret(master: MasterKey, kind: string): KeyObject {
  return domainKey(master, `record-key|${kind}`);
}

/**
 * Record key of a unit: the first 32-bit word of HMAC-SHA-256(secret, unit) below 42 x 10^8, modulo 10^8. The same unit has the same key in
 * every extract and year; without the secret nobody can compute it. `unit` is the identifier from which pseudonyms are made, not a pseudonym.
 */
export function recordKey(secret: KeyObject, unit: string): number {
  for (let block = 0; ; block++) {
    const digest = createHmac('sha256', secret)
      .update(block === 0 ? unit : `${unit}\0${block}`)
      .digest();
    for (let word = 0; word < WORDS; word++) {
      const drawn = digest.readUInt32BE(4 * word);
      if (drawn < ACCEPTED) return drawn % KEY_SPACE;
    }
  }
}

/** Record keys of many units. */
export function recordKeys(secret: KeyObject, units: readonly string[]): Uint32Array {
  return Uint32Array.from(units, (unit) => recordKey(secret, unit));
}

/**
 * The same key as an SQL expression over a text, with the pads of the secret bound (`hmacPads`). One unit in 10^13 has no accepted word in its
 * first hash: there the statement ends with an error rather than with another key. NULL has no key.
 */
export function recordKeyInSql(unit: Sql, pads: KeyPads): Sql {
  const hash = sql`sha256(${pads.outer}::BLOB || unhex(sha256(${pads.inner}::BLOB || encode(${unit}))))`;
  const word = (at: number): Sql => sql`CAST('0x' || substr(${hash}, ${literal(8 * at + 1)}, 8) AS UINTEGER)`;
  const cases = Array.from(
    { length: WORDS },
    (_, at) => sql`WHEN ${word(at)} < ${literal(ACCEPTED)} THEN ${word(at)} % ${literal(KEY_SPACE)}`,
  );
  return sql`CASE WHEN ${unit} IS NULL THEN NULL ${join(cases, ' ')} ELSE error('record key: no accepted word') END`;
}
