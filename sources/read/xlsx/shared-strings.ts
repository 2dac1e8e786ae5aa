import { deliveryProblem } from '../delivery-problem.ts';
import { StagedBytes } from '../staged-bytes.ts';
import { cellText } from './cell-text.ts';
import { readXml } from './read-xml.ts';
import type { ZipArchive } from './zip-archive.ts';

/** The texts that cells name by number, as UTF-8 between the quotes of a CSV, and what is to be known of each. */
export class SharedStrings {
  readonly #bytes = new StagedBytes();
  #ends = new Uint32Array(1024);
  #traits = new Uint8Array(1024);
  #length = 0;

  /** @throws DeliveryError if they take more than `maxBytes` */
  static async read(archive: ZipArchive, part: string | undefined, maxBytes: number): Promise<SharedStrings> {
    const strings = new SharedStrings();
    if (part === undefined) return strings;
    const text = new SharedText((value) => {
      strings.#add(value);
      if (strings.#bytes.length + strings.#length * 5 <= maxBytes) return;
      const message = `has shared strings of more than ${maxBytes} bytes; raise format.xlsx.max_shared_bytes if that is right`;
      throw deliveryProblem('delivery-too-large', message, { file: archive.file });
    });
    await readXml(archive, part, text);
    return strings;
  }

  get length(): number {
    return this.#length;
  }

  traitsOf(index: number): number {
    return this.#traits[index]!;
  }

  isEmpty(index: number): boolean {
    return this.#ends[index]! - this.#startOf(index) === 2;
  }

  textOf(index: number): string {
    return this.#bytes.view.toString('utf8', this.#startOf(index) + 1, this.#ends[index]! - 1).replaceAll('""', '"');
  }

  /** Writes a string between its quotes. */
  copyTo(index: number, out: StagedBytes): void {
    out.copy(this.#bytes.view, this.#startOf(index), this.#ends[index]!);
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #add(raw: string): void {
    if (this.#length === this.#ends.length) {
      this.#ends = grown(this.#ends, new Uint32Array(this.#length * 2));
      this.#traits = grown(this.#traits, new Uint8Array(this.#length * 2));
    }
    const { text, traits } = cellText(raw);
    this.#bytes.quoted(text);
    this.#traits[this.#length] = traits;
    this.#ends[this.#length++] = this.#bytes.length;
  }
}

function grown<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The texts of `si` elements: those of all runs, without the phonetic guides. */
class SharedText {
  readonly #onString: (text: string) => void;
  #text = '';
  #isInText = false;
  #isInGuide = false;

  constructor(onString: (text: string) => void) {
    this.#onString = onString;
  }

  open(name: string): void {
    if (name === 'si') this.#text = '';
    else if (name === 't') this.#isInText = !this.#isInGuide;
    else if (name === 'rPh') this.#isInGuide = true;
  }

  close(name: string): void {
    if (name === 'si') this.#onString(this.#text);
    else if (name === 't') this.#isInText = false;
    else if (name === 'rPh') this.#isInGuide = false;
  }

  text(text: string): void {
    if (this.#isInText) this.#text += text;
  }
}
