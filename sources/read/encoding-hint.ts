import { isAscii, isUtf8 } from 'node:buffer';
import { completeLength, type Encoding } from './decode.ts';

const HEAD = 4096;

/** The encoding that the byte order mark at the start names, with the mark's length. */
export function byteOrderMark(head: Uint8Array): { encoding: Encoding; length: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

/** Another encoding that the bytes speak for, against the declared one; undefined = nothing speaks against it. */
export function encodingAgainst(declared: Encoding, bytes: Buffer): Encoding | undefined {
  const mark = byteOrderMark(bytes);
  if (mark !== undefined && mark.encoding !== declared) return mark.encoding;
  const wide = utf16By(bytes.subarray(0, HEAD));
  if (declared === 'utf-8') return wide;
  if (declared === 'windows-1255') return wide ?? (isUtf8Text(bytes) ? 'utf-8' : undefined);
  if (wide !== undefined) return wide === declared ? undefined : wide;
  return bytes.length >= 4 && !bytes.subarray(0, HEAD).includes(0) ? 'utf-8' : undefined;
}

/** Whether bytes that are not UTF-8 read as Hebrew in windows-1255: nearly all high bytes are Hebrew letters or points. */
export function looksHebrew(bytes: Uint8Array): boolean {
  let high = 0;
  let hebrew = 0;
  for (const byte of bytes.subarray(0, HEAD)) {
    if (byte >= 0x80) high++;
    if (byte >= 0xe0 && byte <= 0xfa) hebrew++;
  }
  return hebrew > 0 && hebrew >= high * 0.8;
}

/** UTF-16 of mostly Latin text has zeros in one half of every pair and none in the other. */
function utf16By(head: Uint8Array): Encoding | undefined {
  const zeros = [0, 0];
  for (const [index, byte] of head.entries()) if (byte === 0) zeros[index % 2]!++;
  const [even, odd] = zeros as [number, number];
  const many = head.length / 8;
  if (odd > many && even === 0) return 'utf-16le';
  if (even > many && odd === 0) return 'utf-16be';
  return undefined;
}

function isUtf8Text(bytes: Buffer): boolean {
  return !isAscii(bytes) && isUtf8(bytes.subarray(0, completeLength(bytes, 'utf-8')));
}
