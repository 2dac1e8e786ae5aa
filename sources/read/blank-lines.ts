import type { ScannedReject } from './scanner.ts';

const EMPTY = Buffer.alloc(0);

/** Blank lines of a text: records that are rejected if something follows them, nothing at its end. */
export class BlankLines {
  #line = 0;
  #byte = 0;
  #count = 0;

  add(line: number, byte: number): void {
    if (this.#count++ > 0) return;
    this.#line = line;
    this.#byte = byte;
  }

  /** Rejects those that waited; `next` is the byte after them. Gives their number. */
  reject(next: number, onReject: (reject: ScannedReject) => void): number {
    const count = this.#count;
    const width = (next - this.#byte) / count;
    for (let index = 0; index < count; index++)
      onReject({ line: this.#line + index, byte: this.#byte + Math.floor(index * width), rule: 'blank-line', raw: EMPTY });
    this.#count = 0;
    return count;
  }
}
