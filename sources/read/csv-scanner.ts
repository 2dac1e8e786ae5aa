import { BlankLines } from './blank-lines.ts';
import { deliveryProblem } from './delivery-problem.ts';
import { HeldBytes } from './held-bytes.ts';
import { INVISIBLE_LEADS, invisibleAt, maySpace } from './invisible.ts';
import type { ScanEvents, Scanner } from './scanner.ts';

export interface CsvScannerOptions extends ScanEvents {
  readonly delimiter: string;
  /** Receives the header's fields and its line; gives the names of the columns in the file's order, or throws. */
  readonly onHeader: (fields: readonly string[], line: number) => readonly string[];
}

const ORDINARY = 0;
const DELIMITER = 1;
const QUOTE = 2;
const LINE_FEED = 3;
const RETURN = 4;
const CONTROL = 5;
const LEAD = 6;

type State = 'start' | 'plain' | 'quoted' | 'closed';
type Flaw = 'stray-quote' | 'direction-mark' | undefined;

const EMPTY = Buffer.alloc(0);
const MAX_FIELDS = 16_384;
const LF = 0x0a;
const QUOTE_BYTE = 0x22;

/**
 * Splits a stream of UTF-8 into the records of RFC 4180 and counts them: the reference for input = accepted + rejected.
 * Gives back the well-formed records, each ended by one LF, without the header; the others go to `onReject`.
 * Each chunk holds whole characters. What makes the rest of the file unreadable throws a DeliveryError with line and character.
 */
export class CsvScanner implements Scanner {
  readonly #options: CsvScannerOptions;
  readonly #classes: Uint8Array;
  readonly #held = new HeldBytes();
  #out: Buffer = EMPTY;
  #outLength = 0;
  #columns: readonly string[] | undefined;
  #input = 0;
  #staged = 0;
  #line = 1;
  #delta: number | undefined;
  #offset = 0;
  readonly #blanks = new BlankLines();
  // The record that is being read: all positions count from its first byte.
  #at = 0;
  #state: State = 'start';
  #fields = 0;
  #flaw: Flaw;
  #innerLines = 0;
  #hasInnerNewlines = false;
  readonly #spaced = new Uint8Array(MAX_FIELDS);
  #quote = { line: 0, hasNewline: false };

  constructor(options: CsvScannerOptions) {
    this.#options = options;
    this.#classes = classesOf(options.delimiter.charCodeAt(0));
  }

  /** Records so far, without the header and without blank lines at the end of the file. */
  get input(): number {
    return this.#input;
  }

  /** Well-formed records so far. */
  get staged(): number {
    return this.#staged;
  }

  /** Whether a quoted field holds a newline. */
  get hasInnerNewlines(): boolean {
    return this.#hasInnerNewlines;
  }

  /** Names of the columns whose fields may begin or end with a space; for the others it is certain that none does. */
  get spacedColumns(): string[] {
    return (this.#columns ?? []).filter((_, index) => index >= MAX_FIELDS || this.#spaced[index] !== 0);
  }

  /** The place of the first byte that has not been read, for errors found outside. */
  get place(): { line: number; column: number } {
    return { line: this.#line + this.#innerLines, column: this.#columnAt(this.#held.view, this.#held.view.length) };
  }

  /** Reads a chunk. The result is valid until the next call. */
  push(chunk: Buffer): Buffer {
    return this.#scan(this.#held.with(chunk), false);
  }

  /** Reads the last record, which may lack its newline. */
  end(): Buffer {
    const result = this.#scan(this.#held.view, true);
    if (this.#columns === undefined)
      throw deliveryProblem('delivery-empty', 'holds no header and no records', { file: this.#options.file });
    return result;
  }

  #scan(buffer: Buffer, isLast: boolean): Buffer {
    this.#outLength = 0;
    const classes = this.#classes;
    const length = buffer.length;
    let start = 0;
    let copied = 0;
    let at = this.#at;
    let state = this.#state;
    const closeRecord = (end: number, next: number): void => {
      this.#checkLength(end - start);
      const isKept = this.#closeRecord(buffer, start, end);
      if (!isKept || next - end !== 1) {
        this.#copy(buffer, copied, isKept ? end : start, isKept);
        copied = next;
      }
      this.#offset += next - start;
      start = next;
      state = 'start';
    };
    while (at < length) {
      if (state === 'start') {
        if (buffer[at] === QUOTE_BYTE) {
          state = 'quoted';
          if (at + 1 >= length || isSpace(buffer[at + 1])) this.#spaced[this.#fields] = 1;
          this.#quote = { line: this.#line + this.#innerLines, hasNewline: false };
          at++;
          continue;
        }
        if (isSpace(buffer[at])) this.#spaced[this.#fields] = 1;
        state = 'plain';
      } else if (state === 'closed') {
        const byte = classes[buffer[at]!]!;
        if (byte === QUOTE) {
          state = 'quoted';
          at++;
          continue;
        }
        if (byte !== DELIMITER && byte !== LINE_FEED && byte !== RETURN) {
          if (this.#quote.hasNewline) throw this.#unterminated();
          this.#flaw ??= 'stray-quote';
        }
        state = 'plain';
      }
      while (at < length && classes[buffer[at]!] === ORDINARY) at++;
      if (at >= length) break;
      const kind = classes[buffer[at]!]!;
      if (isSpace(buffer[at - 1])) this.#spaced[this.#fields] = 1;
      if (kind === DELIMITER) {
        if (state === 'plain') {
          this.#fields++;
          state = 'start';
        }
        at++;
      } else if (kind === QUOTE) {
        if (state === 'quoted') state = 'closed';
        else this.#flaw ??= 'stray-quote';
        at++;
      } else if (kind === LINE_FEED || kind === RETURN) {
        if (kind === RETURN && at + 1 >= length && !isLast) break;
        if (kind === RETURN && buffer[at + 1] !== LF)
          throw this.#unreadable(buffer, start, at, 'newline', 'holds a carriage return without line feed; end lines by LF or CRLF');
        const next = kind === RETURN ? at + 2 : at + 1;
        if (state === 'quoted') {
          this.#innerLines++;
          this.#quote.hasNewline = true;
        } else closeRecord(at, next);
        at = next;
      } else {
        if (kind === CONTROL) throw this.#control(buffer, start, at);
        this.#checkCharacter(buffer, start, at);
        at++;
      }
    }
    if (isLast) {
      if (state === 'quoted') throw this.#unterminated();
      if (start < length) {
        if (isSpace(buffer[length - 1])) this.#spaced[this.#fields] = 1;
        closeRecord(length, length);
        at = length;
      }
    }
    this.#copy(buffer, copied, start, false);
    this.#checkLength(length - start, state === 'quoted');
    this.#held.keep(buffer, start);
    this.#at = at - start;
    this.#state = state;
    return this.#out.subarray(0, this.#outLength);
  }

  /** Counts the record; true if it goes on to the stage. */
  #closeRecord(buffer: Buffer, start: number, end: number): boolean {
    const fields = this.#fields + 1;
    const flaw = this.#flaw;
    const line = this.#line;
    if (this.#innerLines > 0) this.#hasInnerNewlines = true;
    this.#line += this.#innerLines + 1;
    this.#fields = 0;
    this.#flaw = undefined;
    this.#innerLines = 0;
    if (this.#columns === undefined) return this.#closeHeader(buffer.toString('utf8', start, end), line, flaw);
    if (start === end) {
      this.#blanks.add(line, this.#offset);
      return false;
    }
    this.#input += this.#blanks.reject(this.#offset, this.#options.onReject);
    this.#input++;
    const rule = flaw ?? (fields === this.#columns.length ? undefined : 'field-count');
    if (rule !== undefined) {
      this.#options.onReject({ line, byte: this.#offset, rule, raw: buffer.subarray(start, end) });
      return false;
    }
    if (line - this.#staged !== this.#delta) {
      this.#delta = line - this.#staged;
      this.#options.onShift(this.#staged, this.#delta);
    }
    this.#staged++;
    return true;
  }

  #closeHeader(text: string, line: number, flaw: Flaw): false {
    if (flaw !== undefined) {
      throw deliveryProblem('delivery-header', 'the header holds a stray quote or a direction mark', { file: this.#options.file, line });
    }
    this.#columns = this.#options.onHeader(splitRecord(text, this.#options.delimiter), line);
    return false;
  }

  #copy(buffer: Buffer, from: number, to: number, withNewline: boolean): void {
    if ((to > from || withNewline) && this.#out.length < buffer.length + 1) this.#out = Buffer.allocUnsafeSlow(buffer.length + 1);
    if (to > from) this.#outLength += buffer.copy(this.#out, this.#outLength, from, to);
    if (withNewline) this.#out[this.#outLength++] = LF;
  }

  #checkLength(bytes: number, isQuoted = false): void {
    if (bytes <= this.#options.maxRecordBytes) return;
    if (isQuoted && this.#quote.hasNewline) throw this.#unterminated();
    const message = `the record is longer than ${this.#options.maxRecordBytes} bytes; raise format.max_line_bytes if that is right`;
    throw deliveryProblem('delivery-line-too-long', message, { file: this.#options.file, line: this.#line, field: this.#field });
  }

  /** Invisible characters: C1 controls, byte order marks, overrides and separators refuse the file; direction marks reject the record. */
  #checkCharacter(buffer: Buffer, start: number, at: number): void {
    if (maySpace(buffer[at]!)) this.#spaced[this.#fields] = 1;
    const found = invisibleAt(buffer, at);
    if (found === 'control') throw this.#control(buffer, start, at);
    if (found === 'direction-mark') this.#flaw ??= 'direction-mark';
  }

  #control(buffer: Buffer, start: number, at: number): Error {
    return this.#unreadable(
      buffer,
      start,
      at,
      'control-character',
      'holds NUL, a control character or a bidirectional override; have it removed',
    );
  }

  #unreadable(buffer: Buffer, start: number, at: number, rule: string, message: string): Error {
    const column = this.#columnAt(buffer.subarray(start), at - start);
    return deliveryProblem(`delivery-${rule}`, message, {
      file: this.#options.file,
      line: this.#line + this.#innerLines,
      column,
      field: this.#field,
    });
  }

  #unterminated(): Error {
    const message = 'the quote that opens here is never closed';
    return deliveryProblem('delivery-unterminated-quote', message, {
      file: this.#options.file,
      line: this.#quote.line,
      field: this.#field,
    });
  }

  get #field(): string | undefined {
    return this.#columns?.[this.#fields];
  }

  #columnAt(record: Buffer, at: number): number {
    const lineStart = at === 0 ? 0 : record.lastIndexOf(LF, at - 1) + 1;
    return record.toString('utf8', lineStart, at).length + 1;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

function classesOf(delimiter: number): Uint8Array {
  const classes = new Uint8Array(256);
  classes.fill(CONTROL, 0, 0x20);
  classes[0x7f] = CONTROL;
  classes[0x09] = ORDINARY;
  classes[LF] = LINE_FEED;
  classes[0x0d] = RETURN;
  classes[QUOTE_BYTE] = QUOTE;
  for (const lead of INVISIBLE_LEADS) classes[lead] = LEAD;
  classes[delimiter] = DELIMITER;
  return classes;
}

/** The fields of one well-formed record. */
function splitRecord(text: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === delimiter && !isQuoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  return [...fields, field].map((raw) => (raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw));
}
