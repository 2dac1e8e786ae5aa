import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../engine/errors.ts';
import { diskError } from '../engine/file-hash.ts';

const UNDEFINED = 0xfffd;

/** Bytes of windows-1255 by code unit; 256 entries of the decoder, turned round. */
const BYTES: ReadonlyMap<number, number> = new Map(
  Array.from(
    { length: 256 },
    (_, byte) => [new TextDecoder('windows-1255').decode(Uint8Array.of(byte)).charCodeAt(0), byte] as const,
  ).filter(([unit]) => unit !== UNDEFINED),
);

/** Text as windows-1255. @throws AppError when a character has no place in it. */
export function encodeWindows1255(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  for (let index = 0; index < text.length; index++) {
    const byte = BYTES.get(text.charCodeAt(index));
    if (byte === undefined) throw new AppError('encoding-no-byte', `a character has no byte in windows-1255 (position ${index})`);
    bytes[index] = byte;
  }
  return bytes;
}

/** Rewrites a UTF-8 file as windows-1255, in pieces. */
export async function transcodeToWindows1255(from: string, to: string): Promise<void> {
  const encoder = new Transform({
    decodeStrings: false,
    transform(chunk: string, _encoding, done) {
      try {
        done(null, encodeWindows1255(chunk));
      } catch (error) {
        done(error as Error);
      }
    },
  });
  const input = createReadStream(from, { encoding: 'utf8', highWaterMark: 1 << 20 });
  await pipeline(input, encoder, createWriteStream(to, { mode: 0o600 })).catch((error: unknown) => {
    throw diskError(error, to) ?? error;
  });
}
