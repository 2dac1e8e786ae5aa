import { createHmac, type KeyObject } from 'node:crypto';
import { largeFloat64Array } from '../../engine/large-array.ts';

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

/** Standard normal numbers from two draws of each record (Box and Muller, 1958). */
export function normalDraws(secret: KeyObject, purpose: string, records: ArrayLike<string | number>): Float64Array {
  const radius = recordDraws(secret, `${purpose} radius`, records);
  const angle = recordDraws(secret, `${purpose} angle`, records);
  return radius.map((u, at) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * (angle[at] as number)));
}
