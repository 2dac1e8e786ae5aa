const LF = 0x0a;
const QUOTE = 0x22;

/** Records on their way to the stage, as UTF-8; grows as needed and is used again for the next chunk. */
export class StagedBytes {
  #bytes: Buffer = Buffer.alloc(64 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what follows `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  byte(byte: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = byte;
  }

  copy(buffer: Buffer, start: number, end: number): void {
    this.#room(end - start);
    this.#length += buffer.copy(this.#bytes, this.#length, start, end);
  }

  endRecord(): void {
    this.byte(LF);
  }

  /** A field of a CSV in quotes. */
  quoted(text: string): void {
    this.byte(QUOTE);
    const escaped = text.includes('"') ? text.replaceAll('"', '""') : text;
    this.#room(escaped.length * 3);
    this.#length += this.#bytes.write(escaped, this.#length, 'utf8');
    this.byte(QUOTE);
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow((this.#length + bytes) * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
