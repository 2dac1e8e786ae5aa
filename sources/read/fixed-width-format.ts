import type { Contract, Variable } from '../contract.ts';
import { recordLength } from '../record-length.ts';
import type { Line, LineFlaw, LineFormat } from './line-scanner.ts';
import type { StagedBytes } from './staged-bytes.ts';

const SPACE = 0x20;
const POINT = 0x2e;
const COMMA = 0x2c;
/** Unit separator: a control, so no text that passed the scanner holds it. */
export const SEPARATOR = '\u001f';
const SEPARATOR_BYTE = 0x1f;
const LENGTH: LineFlaw = { rule: 'record-length' };
const LENGTH_IN_BYTES: LineFlaw = { rule: 'record-length-in-bytes' };
const FILLER: LineFlaw = { rule: 'filler' };

/** Characters `from` to `to` (excluded) of a record, from 0. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Records of a fixed number of characters: code points after decoding, whatever bytes they take. What no variable takes must be spaces,
 * so that a record whose columns have moved is rejected. The staged text is the values without their padding, between `SEPARATOR`s.
 */
export class FixedWidthFormat implements LineFormat {
  readonly hasInnerNewlines = false;
  readonly #length: number;
  readonly #isPadded: boolean;
  readonly #gaps: readonly Span[];
  readonly #implied: readonly (Span & { readonly name: string })[];
  readonly #spans: readonly Span[];
  readonly #names: readonly string[];
  #hasOtherSpaces = false;
  #starts = new Int32Array(256);

  constructor(contract: Contract) {
    const { format, variables } = contract;
    this.#length = recordLength(contract);
    this.#isPadded = format.fixed_width?.short_records === 'pad';
    this.#spans = variables.map(spanOf);
    this.#gaps = gapsOf(this.#spans, this.#length);
    this.#implied = variables
      .filter(({ position }) => position?.decimals !== undefined)
      .map((variable) => ({ ...spanOf(variable), name: variable.name }));
    this.#names = variables.map(({ name }) => name);
  }

  get spacedColumns(): readonly string[] {
    return this.#hasOtherSpaces ? this.#names : [];
  }

  read(line: Line, out: StagedBytes): LineFlaw | undefined {
    const { buffer, start, end, isAscii } = line;
    const length = isAscii ? end - start : this.#characters(line);
    if (length !== this.#length && !(this.#isPadded && length < this.#length))
      return end - start === this.#length ? LENGTH_IN_BYTES : LENGTH;
    for (const { from, to } of this.#gaps) {
      const last = this.#byteOf(line, Math.min(to, length));
      for (let at = this.#byteOf(line, Math.min(from, length)); at < last; at++) if (buffer[at] !== SPACE) return FILLER;
    }
    for (const { from, to, name } of this.#implied) {
      const last = this.#byteOf(line, Math.min(to, length));
      for (let at = this.#byteOf(line, Math.min(from, length)); at < last; at++)
        if (buffer[at] === POINT || buffer[at] === COMMA) return { rule: 'decimal-point', column: name };
    }
    if (line.hasOtherSpaces) this.#hasOtherSpaces = true;
    for (const [index, { from, to }] of this.#spans.entries()) {
      if (index > 0) out.byte(SEPARATOR_BYTE);
      let first = this.#byteOf(line, Math.min(from, length));
      let last = this.#byteOf(line, Math.min(to, length));
      while (first < last && buffer[first] === SPACE) first++;
      while (first < last && buffer[last - 1] === SPACE) last--;
      out.copy(buffer, first, last);
    }
    out.endRecord();
    return undefined;
  }

  /** Counts the characters of a line and notes where each begins. */
  #characters({ buffer, start, end }: Line): number {
    if (this.#starts.length <= end - start) this.#starts = new Int32Array((end - start) * 2);
    let length = 0;
    for (let at = start; at < end; at++) if ((buffer[at]! & 0xc0) !== 0x80) this.#starts[length++] = at;
    this.#starts[length] = end;
    return length;
  }

  #byteOf({ start, isAscii }: Line, character: number): number {
    return isAscii ? start + character : this.#starts[character]!;
  }
}

function spanOf({ position }: Variable): Span {
  return { from: position!.start - 1, to: position!.start - 1 + position!.width };
}

function gapsOf(spans: readonly Span[], length: number): Span[] {
  const sorted = spans.toSorted((left, right) => left.from - right.from);
  const ends = [0, ...sorted.map(({ to }) => to)];
  const starts = [...sorted.map(({ from }) => from), length];
  return ends.map((from, index) => ({ from, to: starts[index]! })).filter(({ from, to }) => from < to);
}
