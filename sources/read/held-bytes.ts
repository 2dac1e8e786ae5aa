/** The start of a record whose end has not arrived; a record over many chunks is not copied again. */
export class HeldBytes {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The held bytes followed by a chunk; the chunk itself, where nothing is held. */
  with(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    this.#append(chunk);
    return this.view;
  }

  /** Holds what follows `start` in the buffer that `with` or `view` gave. */
  keep(buffer: Buffer, start: number): void {
    if (this.#length === 0) {
      this.#append(buffer.subarray(start));
    } else if (start > 0) {
      this.#bytes.copyWithin(0, start, this.#length);
      this.#length -= start;
    }
  }

  #append(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(length * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    bytes.copy(this.#bytes, this.#length);
    this.#length = length;
  }
}
