import { BlankLines } from './blank-lines.ts';
import { deliveryProblem } from './delivery-problem.ts';
import { HeldBytes } from './held-bytes.ts';
import { INVISIBLE_LEADS, invisibleAt, maySpace } from './invisible.ts';
import type { ScanEvents, Scanner } from './scanner.ts';
import { StagedBytes } from './staged-bytes.ts';

/** One line of a text, without its newline. The object is used again for the next line. */
export interface Line {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly number: number;
  readonly isAscii: boolean;
  /** Whether it may hold a tab or a space wider than ASCII. */
  readonly hasOtherSpaces: boolean;
}

export interface LineFlaw {
  readonly rule: string;
  /** Name of the variable that is to blame. */
  readonly column?: string;
}

/** A format with one record a line. */
export interface LineFormat {
  readonly spacedColumns: readonly string[];
  readonly hasInnerNewlines: boolean;
  /** Judges a line that is not empty and writes what is staged of it; gives what is wrong with it. */
  read(line: Line, out: StagedBytes): LineFlaw | undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const ORDINARY = 0;
const TAB = 1;
const LINE_FEED = 2;
const RETURN = 3;
const CONTROL = 4;
const LEAD = 5;
const LF = 0x0a;
const EMPTY = Buffer.alloc(0);
const DIRECTION_MARK: LineFlaw = { rule: 'direction-mark' };

/** Splits a stream of UTF-8 into lines, has the format judge each, and counts them; blank lines are records if something follows them. */
export class LineScanner implements Scanner {
  readonly #events: ScanEvents;
  readonly #format: LineFormat;
  readonly #held = new HeldBytes();
  readonly #out = new StagedBytes();
  readonly #line: Mutable<Line> = { buffer: EMPTY, start: 0, end: 0, number: 1, isAscii: true, hasOtherSpaces: false };
  readonly #blanks = new BlankLines();
  #input = 0;
  #staged = 0;
  #number = 1;
  #delta: number | undefined;
  #offset = 0;
  // The line that is being read: `#at` counts from its first byte.
  #at = 0;
  #bits = 0;
  #hasOtherSpaces = false;
  #hasMark = false;

  constructor(events: ScanEvents, format: LineFormat) {
    this.#events = events;
    this.#format = format;
  }

  get input(): number {
    return this.#input;
  }

  get staged(): number {
    return this.#staged;
  }

  get hasInnerNewlines(): boolean {
    return this.#format.hasInnerNewlines;
  }

  get spacedColumns(): readonly string[] {
    return this.#format.spacedColumns;
  }

  get place(): { line: number; column: number } {
    return { line: this.#number, column: this.#held.view.toString('utf8').length + 1 };
  }

  push(chunk: Buffer): Buffer {
    return this.#scan(this.#held.with(chunk), false);
  }

  end(): Buffer {
    return this.#scan(this.#held.view, true);
  }

  #scan(buffer: Buffer, isLast: boolean): Buffer {
    this.#out.truncate(0);
    const length = buffer.length;
    let start = 0;
    let at = this.#at;
    let bits = this.#bits;
    while (at < length) {
      const byte = buffer[at]!;
      bits |= byte;
      const kind = CLASSES[byte]!;
      if (kind === ORDINARY) {
        at++;
      } else if (kind === LINE_FEED || kind === RETURN) {
        if (kind === RETURN && at + 1 >= length && !isLast) break;
        if (kind === RETURN && buffer[at + 1] !== LF)
          throw this.#unreadable(buffer, start, at, 'newline', 'holds a carriage return without line feed; end lines by LF or CRLF');
        const next = kind === RETURN ? at + 2 : at + 1;
        this.#close(buffer, start, at, next, bits);
        bits = 0;
        start = next;
        at = next;
      } else {
        this.#look(buffer, start, at, kind);
        at++;
      }
    }
    if (isLast && start < length) {
      this.#close(buffer, start, length, length, bits);
      start = length;
      at = length;
    }
    this.#checkLength(length - start);
    this.#held.keep(buffer, start);
    this.#at = at - start;
    this.#bits = bits;
    return this.#out.view;
  }

  #look(buffer: Buffer, start: number, at: number, kind: number): void {
    const found = kind === CONTROL ? 'control' : kind === LEAD ? invisibleAt(buffer, at) : undefined;
    if (found === 'control') {
      const message = 'holds NUL, a control character or a bidirectional override; have it removed';
      throw this.#unreadable(buffer, start, at, 'control-character', message);
    }
    if (found === 'direction-mark') this.#hasMark = true;
    if (kind === TAB || maySpace(buffer[at]!)) this.#hasOtherSpaces = true;
  }

  #close(buffer: Buffer, start: number, end: number, next: number, bits: number): void {
    this.#checkLength(end - start);
    if (start === end) {
      this.#blanks.add(this.#number, this.#offset);
    } else {
      this.#input += this.#blanks.reject(this.#offset, this.#events.onReject);
      this.#closeRecord(buffer, start, end, bits);
    }
    this.#number++;
    this.#offset += next - start;
    this.#hasOtherSpaces = false;
    this.#hasMark = false;
  }

  #closeRecord(buffer: Buffer, start: number, end: number, bits: number): void {
    this.#input++;
    const line = this.#line;
    line.buffer = buffer;
    line.start = start;
    line.end = end;
    line.number = this.#number;
    line.isAscii = bits < 0x80;
    line.hasOtherSpaces = this.#hasOtherSpaces;
    const before = this.#out.length;
    const flaw = this.#hasMark ? DIRECTION_MARK : this.#format.read(line, this.#out);
    if (flaw !== undefined) {
      this.#out.truncate(before);
      this.#events.onReject({ line: this.#number, byte: this.#offset, ...flaw, raw: buffer.subarray(start, end) });
      return;
    }
    if (this.#number - this.#staged !== this.#delta) {
      this.#delta = this.#number - this.#staged;
      this.#events.onShift(this.#staged, this.#delta);
    }
    this.#staged++;
  }

  #checkLength(bytes: number): void {
    if (bytes <= this.#events.maxRecordBytes) return;
    const message = `the line is longer than ${this.#events.maxRecordBytes} bytes; raise format.max_line_bytes if that is right`;
    throw deliveryProblem('delivery-line-too-long', message, { file: this.#events.file, line: this.#number });
  }

  #unreadable(buffer: Buffer, start: number, at: number, rule: string, message: string): Error {
    const column = buffer.toString('utf8', start, at).length + 1;
    return deliveryProblem(`delivery-${rule}`, message, { file: this.#events.file, line: this.#number, column });
  }
}

const CLASSES = new Uint8Array(256);
CLASSES.fill(CONTROL, 0, 0x20);
CLASSES[0x7f] = CONTROL;
CLASSES[0x09] = TAB;
CLASSES[LF] = LINE_FEED;
CLASSES[0x0d] = RETURN;
for (const lead of INVISIBLE_LEADS) CLASSES[lead] = LEAD;
