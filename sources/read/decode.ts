import { isUtf8 } from 'node:buffer';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1255';

/** Text as UTF-8; `isFaulty` = the bytes after it are not of the declared encoding. */
export interface Decoded {
  readonly text: Buffer;
  readonly isFaulty: boolean;
  /** The bytes from the fault on, where there is one. */
  readonly rest: Buffer;
}

const NONE = Buffer.alloc(0);

/** Decodes a stream of bytes chunk by chunk, strictly: a byte that the encoding does not have is a fault. */
export class StrictDecoder {
  readonly #encoding: Encoding;
  readonly #decoder: InstanceType<typeof TextDecoder>;
  #carry: Buffer = NONE;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
    this.#decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  }

  /** The text of a chunk; a character cut by the end of the chunk waits for the next, unless this chunk is the last. */
  decode(chunk: Buffer, isLast: boolean): Decoded {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const length = isLast ? bytes.length : completeLength(bytes, this.#encoding);
    this.#carry = Buffer.from(bytes.subarray(length));
    const whole = bytes.subarray(0, length);
    const text = this.#try(whole);
    if (text !== undefined) return { text, isFaulty: false, rest: NONE };
    const good = this.#validLength(whole);
    return { text: this.#try(whole.subarray(0, good)) ?? NONE, isFaulty: true, rest: bytes.subarray(good) };
  }

  #try(bytes: Buffer): Buffer | undefined {
    if (this.#encoding === 'utf-8') return isUtf8(bytes) ? bytes : undefined;
    try {
      return Buffer.from(this.#decoder.decode(bytes), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** Length of the longest valid start, by bisection: a longer start is valid only if every shorter one is. */
  #validLength(bytes: Buffer): number {
    let good = 0;
    let bad = bytes.length;
    while (bad - good > 1) {
      const middle = (good + bad) >>> 1;
      const length = completeLength(bytes.subarray(0, middle), this.#encoding);
      if (this.#try(bytes.subarray(0, length)) === undefined) bad = middle;
      else good = middle;
    }
    return completeLength(bytes.subarray(0, good), this.#encoding);
  }
}

/** Bytes up to the last whole character. */
export function completeLength(bytes: Uint8Array, encoding: Encoding): number {
  const { length } = bytes;
  if (encoding === 'windows-1255') return length;
  if (encoding === 'utf-8') {
    for (let back = 1; back <= Math.min(3, length); back++) {
      const byte = bytes[length - back]!;
      if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? length - back : length;
      if (byte < 0x80) return length;
    }
    return length;
  }
  const even = length - (length % 2);
  const high = bytes[encoding === 'utf-16le' ? even - 1 : even - 2];
  return high !== undefined && high >= 0xd8 && high <= 0xdb ? even - 2 : even;
}
