import type { Contract, Variable } from '../contract.ts';
import { deliveryProblem } from './delivery-problem.ts';
import { type JsonKeys, jsonKeys } from './json-keys.ts';
import type { Line, LineFlaw, LineFormat } from './line-scanner.ts';
import { plainDecimal } from './plain-decimal.ts';
import type { StagedBytes } from './staged-bytes.ts';
import { isSpacedText, textFlaw } from './text-flaw.ts';

const ABSENT = 0;
const NULL = 1;
const TRUE = 2;
const FALSE = 3;
const NUMBER = 4;
const STRING = 5;
const ESCAPED = 6;

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const SYNTAX: LineFlaw = { rule: 'json-syntax' };
const UNKNOWN: LineFlaw = { rule: 'unknown-key' };

/**
 * One JSON object a line (RFC 8259), with the keys of the contract. Numbers are taken as they are written, never through a double.
 * The staged text is a CSV in the order of the contract.
 */
export class JsonFormat implements LineFormat {
  readonly #file: string;
  readonly #variables: readonly Variable[];
  readonly #root: JsonKeys;
  readonly #isOmittable: boolean;
  readonly #spaced: Uint8Array;
  #hasInnerNewlines = false;
  #isFirst = true;
  // The record that is being read: kind and place of every variable's value; which declared objects were seen, and in which record.
  readonly #kinds: Uint8Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #seen: Uint8Array;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  constructor({ format, variables }: Contract, file: string) {
    const { root, objects } = jsonKeys(variables);
    this.#file = file;
    this.#variables = variables;
    this.#root = root;
    this.#isOmittable = format.json_lines?.omitted_keys === 'empty';
    this.#spaced = new Uint8Array(variables.length);
    this.#kinds = new Uint8Array(variables.length);
    this.#starts = new Int32Array(variables.length);
    this.#ends = new Int32Array(variables.length);
    this.#seen = new Uint8Array(objects);
  }

  get spacedColumns(): string[] {
    return this.#variables.filter((_, index) => this.#spaced[index] !== 0).map(({ name }) => name);
  }

  get hasInnerNewlines(): boolean {
    return this.#hasInnerNewlines;
  }

  read(line: Line, out: StagedBytes): LineFlaw | undefined {
    this.#buffer = line.buffer;
    this.#at = line.start;
    this.#end = line.end;
    if (line.hasOtherSpaces) this.#spaced.fill(1);
    if (this.#isFirst) this.#checkFirst(line);
    this.#kinds.fill(ABSENT);
    this.#seen.fill(0);
    this.#skipSpace();
    const flaw = this.#readObject(this.#root);
    if (flaw !== undefined) return flaw;
    this.#skipSpace();
    return this.#at === this.#end ? this.#write(out) : SYNTAX;
  }

  /** A file of one array, of objects over several lines, or of anything else is no JSON lines. */
  #checkFirst({ buffer, start, end, number }: Line): void {
    this.#isFirst = false;
    const text = buffer.toString('latin1', start, end).trim();
    if (text.startsWith('{') && text !== '{') return;
    const seen = text.startsWith('[')
      ? 'is a JSON array'
      : text === '{'
        ? 'writes an object over several lines'
        : 'does not begin with a JSON object';
    throw deliveryProblem('delivery-format', `${seen}; JSON lines have one whole object a line`, { file: this.#file, line: number });
  }

  #readObject(object: JsonKeys): LineFlaw | undefined {
    if (!this.#take(OPEN)) return SYNTAX;
    this.#seen[object.index] = 1;
    this.#skipSpace();
    if (this.#take(CLOSE)) return undefined;
    do {
      const flaw = this.#readMember(object);
      if (flaw !== undefined) return flaw;
      this.#skipSpace();
    } while (this.#take(COMMA));
    return this.#take(CLOSE) ? undefined : SYNTAX;
  }

  #readMember(object: JsonKeys): LineFlaw | undefined {
    this.#skipSpace();
    const start = this.#at;
    const kind = this.#skipString();
    if (kind === undefined) return SYNTAX;
    const key = kind === STRING ? this.#buffer.toString('utf8', start + 1, this.#at - 1) : this.#unescape(start, this.#at);
    if (key === undefined) return SYNTAX;
    this.#skipSpace();
    if (!this.#take(COLON)) return SYNTAX;
    this.#skipSpace();
    const target = object.keys.get(key);
    if (target === undefined) return UNKNOWN;
    if (typeof target === 'number') return this.#readValue(target);
    if (this.#seen[target.index] !== 0) return { rule: 'duplicate-key' };
    if (this.#buffer[this.#at] === OPEN) return this.#readObject(target);
    this.#seen[target.index] = 1;
    if (!this.#word('null')) return { rule: 'value-kind' };
    for (const variable of target.variables) this.#kinds[variable] = NULL;
    return undefined;
  }

  #readValue(variable: number): LineFlaw | undefined {
    const column = this.#variables[variable]!.name;
    if (this.#kinds[variable] !== ABSENT) return { rule: 'duplicate-key', column };
    const start = this.#at;
    const kind = this.#skipValue();
    if (kind === 'nested') return { rule: 'nested', column };
    if (kind === undefined) return SYNTAX;
    this.#kinds[variable] = kind;
    this.#starts[variable] = start;
    this.#ends[variable] = this.#at;
    return undefined;
  }

  #skipValue(): number | 'nested' | undefined {
    const byte = this.#at < this.#end ? this.#buffer[this.#at]! : SPACE;
    if (byte === QUOTE) return this.#skipString();
    if (byte === MINUS || isDigit(byte)) return this.#skipNumber();
    if (byte === OPEN || byte === OPEN_LIST) return 'nested';
    if (this.#word('null')) return NULL;
    if (this.#word('true')) return TRUE;
    return this.#word('false') ? FALSE : undefined;
  }

  #skipString(): typeof STRING | typeof ESCAPED | undefined {
    if (!this.#take(QUOTE)) return undefined;
    const buffer = this.#buffer;
    const end = this.#end;
    let kind: typeof STRING | typeof ESCAPED = STRING;
    let at = this.#at;
    for (; at < end; at++) {
      const byte = buffer[at]!;
      if (byte === QUOTE) break;
      if (byte === TAB) return undefined;
      if (byte === BACKSLASH) {
        kind = ESCAPED;
        at++;
      }
    }
    this.#at = at + 1;
    return at < end ? kind : undefined;
  }

  #skipNumber(): typeof NUMBER | undefined {
    if (this.#buffer[this.#at] === MINUS) this.#at++;
    const start = this.#at;
    const whole = this.#skipDigits();
    if (whole === 0 || (whole > 1 && this.#buffer[start] === 0x30)) return undefined;
    if (this.#take(POINT) && this.#skipDigits() === 0) return undefined;
    if (this.#take(0x65) || this.#take(0x45)) {
      if (!this.#take(0x2b)) this.#take(MINUS);
      if (this.#skipDigits() === 0) return undefined;
    }
    return NUMBER;
  }

  #skipDigits(): number {
    const start = this.#at;
    while (this.#at < this.#end && isDigit(this.#buffer[this.#at]!)) this.#at++;
    return this.#at - start;
  }

  #skipSpace(): void {
    while (this.#at < this.#end && (this.#buffer[this.#at] === SPACE || this.#buffer[this.#at] === TAB)) this.#at++;
  }

  #take(byte: number): boolean {
    if (this.#at >= this.#end || this.#buffer[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #word(word: string): boolean {
    if (this.#end - this.#at < word.length) return false;
    for (let index = 0; index < word.length; index++) if (this.#buffer[this.#at + index] !== word.charCodeAt(index)) return false;
    this.#at += word.length;
    return true;
  }

  /** The text of a string with escapes; undefined = no valid text. */
  #unescape(start: number, end: number): string | undefined {
    try {
      const text = JSON.parse(this.#buffer.toString('utf8', start, end)) as string;
      return /\p{Surrogate}/u.test(text) ? undefined : text;
    } catch {
      return undefined;
    }
  }

  #write(out: StagedBytes): LineFlaw | undefined {
    for (const [index, variable] of this.#variables.entries()) {
      if (index > 0) out.byte(COMMA);
      const flaw = this.#writeValue(index, variable, out);
      if (flaw !== undefined) return flaw;
    }
    out.endRecord();
    return undefined;
  }

  #writeValue(index: number, { name, type }: Variable, out: StagedBytes): LineFlaw | undefined {
    const kind = this.#kinds[index]!;
    const start = this.#starts[index]!;
    const end = this.#ends[index]!;
    if (kind === ABSENT) return this.#isOmittable ? undefined : { rule: 'missing-key', column: name };
    if (kind === NULL) return undefined;
    if (!fits(kind, type)) return { rule: 'value-kind', column: name };
    if (kind === STRING) {
      if (this.#buffer[start + 1] === SPACE || this.#buffer[end - 2] === SPACE) this.#spaced[index] = 1;
      out.copy(this.#buffer, start, end);
    } else if (kind === NUMBER && type === 'DOUBLE') out.quoted(plainDecimal(this.#buffer.toString('latin1', start, end)));
    else if (kind === ESCAPED) return this.#writeEscaped(index, name, out);
    else out.copy(this.#buffer, start, end);
    return undefined;
  }

  #writeEscaped(index: number, column: string, out: StagedBytes): LineFlaw | undefined {
    const text = this.#unescape(this.#starts[index]!, this.#ends[index]!);
    if (text === undefined) return { ...SYNTAX, column };
    const rule = textFlaw(text);
    if (rule !== undefined) return { rule, column };
    if (isSpacedText(text)) this.#spaced[index] = 1;
    if (text.includes('\n')) this.#hasInnerNewlines = true;
    out.quoted(text);
    return undefined;
  }
}

/** A code or a date must be a text, or its zeros are lost; a number may be written as text, because doubles end at 2^53. */
function fits(kind: number, type: Variable['type']): boolean {
  switch (type) {
    case 'BOOLEAN':
      return kind === TRUE || kind === FALSE;
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'MONEY':
      return kind === NUMBER || kind === STRING;
    default:
      return kind === STRING || kind === ESCAPED;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
