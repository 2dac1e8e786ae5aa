import { createHmac, type KeyObject } from 'node:crypto';
import { largeFloat64Array } from '../../engine/large-array.ts';
import { literal, type Sql, sql } from '../../engine/sql.ts';
import type { KeyPads } from '../cell-key/record-key.ts';

/**
 * A uniform number in (0, 1) for each record from the secret, what it is drawn for, and the record's id: the same at any number of threads and
 * in any order of the records, and of no use to anybody without the secret. 52 bits of HMAC-SHA-256; `purpose` must be without NUL.
 */
export function recordDraws(secret: KeyObject, purpose: string, records: ArrayLike<string | number>): Float64Array {
  const draws = largeFloat64Array(records.length);
  for (let at = 0; at < records.length; at++) {
    const digest = createHmac('sha256', secret).update(`${purpose}\0${records[at]}`).digest();
    draws[at] = ((digest.readUInt32BE(0) >>> 6) * 2 ** 26 + (digest.readUInt32BE(4) >>> 6) + 0.5) / 2 ** 52;
  }
  return draws;
}

/** The same draw as an SQL expression over a text, with the pads of the secret bound (`hmacPads`). */
export function recordDrawInSql(purpose: string, record: Sql, pads: KeyPads): Sql {
  const message = sql`encode(${literal(purpose)}) || '\\x00'::BLOB || encode(${record})`;
  const hash = sql`sha256(${pads.outer}::BLOB || unhex(sha256(${pads.inner}::BLOB || ${message})))`;
  const word = (from: number): Sql => sql`(CAST('0x' || substr(${hash}, ${literal(from)}, 8) AS UINTEGER) // 64)::DOUBLE`;
  return sql`((${word(1)} * ${literal(2 ** 26)} + ${word(9)} + 0.5) / ${literal(2 ** 52)}::DOUBLE)`;
}

/** Standard normal numbers from two draws of each record (Box and Muller, 1958). */
export function normalNumbers(radius: Float64Array, angle: Float64Array): Float64Array {
  return radius.map((u, at) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * (angle[at] as number)));
}

/** Standard normal numbers of each record. */
export function normalDraws(secret: KeyObject, purpose: string, records: ArrayLike<string | number>): Float64Array {
  return normalNumbers(recordDraws(secret, `${purpose} radius`, records), recordDraws(secret, `${purpose} angle`, records));
}
