import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { zipParts } from './attack/public-texts.ts';
import { FAMILY, GIVEN } from './canary-people.ts';

/** Something of a canary found where it may not be. `what` is the kind; the value is for the test's own message. */
export interface Found {
  readonly where: string;
  readonly what: 'name' | 'id' | 'id-without-check-digit' | 'hash-of-id' | 'birth-date';
  readonly value: string;
}

export interface SearchedValues {
  /** Every number as some delivery writes it, mistyped ones included. */
  readonly ids: readonly string[];
  readonly births: readonly string[];
}

const STEMS = [FAMILY.he, FAMILY.latin, GIVEN.he, GIVEN.latin];
const PARTIAL = 8;
const SEPARATOR = Buffer.from('\n\n');

/** Looks for canaries in bytes of any kind: text in the encodings of deliveries, compressed, Parquet, hex, base64, escaped. */
export class CanarySearch {
  readonly #ids: ReadonlySet<string>;
  readonly #partial: ReadonlySet<string>;
  readonly #hashes: ReadonlySet<string>;
  readonly #dates: ReadonlySet<string>;
  readonly #stems = STEMS.map((stem) => stem.toLowerCase());

  constructor({ ids, births }: SearchedValues) {
    const numbers = ids.filter((id) => /^\d{7,9}$/.test(id));
    this.#ids = new Set(numbers.map((id) => id.padStart(9, '0')));
    this.#partial = new Set(
      [...this.#ids].flatMap((id) => [id.slice(0, PARTIAL), id.replace(/^0+/, '')]).filter((part) => part.length >= 7),
    );
    const messages = [...this.#ids].flatMap((id) => [id, id.slice(0, PARTIAL), `person|1|${id}`]);
    this.#hashes = new Set(
      messages.flatMap((text) => ['md5', 'sha1', 'sha256'].map((kind) => createHash(kind).update(text).digest('hex').slice(0, 32))),
    );
    this.#dates = new Set(births.flatMap(writings));
  }

  /** Everything found in a text, once each. */
  text(text: string, where: string): Found[] {
    const found = new Map<string, Found>();
    const add = (what: Found['what'], value: string): void => void found.set(`${what} ${value}`, { where, what, value });
    const plain = text.toLowerCase();
    for (const stem of this.#stems) if (plain.includes(stem)) add('name', stem);
    for (const [run] of plain.replace(/(?<=\d)[ -](?=\d)/g, '').matchAll(/\d{7,}/g)) this.#digits(run, add);
    for (const [run] of plain.matchAll(/\d{7,}/g)) this.#digits(run, add);
    for (const [token] of plain.replace(/(?<=[0-9a-f])-(?=[0-9a-f]{4})/g, '').matchAll(/[0-9a-f]{32,}/g)) {
      if (this.#hashes.has(token.slice(0, 32))) add('hash-of-id', token);
    }
    for (const [date] of plain.matchAll(/(?<!\d)(\d{4}-\d\d-\d\d|\d\d[./]\d\d[./]\d{4}|\d{8})(?!\d)/g)) {
      if (this.#dates.has(date)) add('birth-date', date);
    }
    return [...found.values()];
  }

  /** Everything found in bytes, however they are written. */
  bytes(bytes: Buffer, where: string, depth = 0): Found[] {
    if (bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b && depth < 2)
      return this.bytes(gunzipSync(bytes), `${where} (gunzip)`, depth + 1);
    if (isWorkbook(bytes) && depth < 2)
      return [...zipParts(bytes)].flatMap(([name, text]) => this.bytes(Buffer.from(text), `${where} (${name})`, depth + 1));
    const utf8 = bytes.toString('utf8');
    const texts: [string, string][] = [
      ['utf-8', utf8],
      ['windows-1255', new TextDecoder('windows-1255').decode(bytes)],
    ];
    for (const start of [0, 1]) {
      const even = bytes.subarray(start, start + Math.floor((bytes.length - start) / 2) * 2);
      texts.push(['utf-16le', even.toString('utf16le')], ['utf-16be', Buffer.from(even).swap16().toString('utf16le')]);
    }
    if (utf8.includes('\\u'))
      texts.push(['escaped', utf8.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))]);
    if (/%[0-9a-f]{2}%/i.test(utf8))
      texts.push([
        'percent',
        Buffer.from(
          utf8.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
          'latin1',
        ).toString(),
      ]);
    if (/&#/.test(utf8))
      texts.push([
        'entities',
        utf8.replace(/&#(x?)([0-9a-f]+);/gi, (_, hex: string, code: string) =>
          String.fromCodePoint(Number.parseInt(code, hex === '' ? 10 : 16) % 0x110000),
        ),
      ]);
    const found = texts.flatMap(([encoding, text]) => this.text(text, `${where} (${encoding})`));
    if (depth < 2) for (const decoded of decodedRuns(utf8)) found.push(...this.bytes(decoded.bytes, `${where} (${decoded.kind})`, 2));
    return found;
  }

  /** Every file below a folder that `isSearched` lets through; Parquet is also read as text, with its statistics and metadata. */
  async folder(session: Session, folder: string, isSearched: (path: string) => boolean): Promise<Found[]> {
    const found: Found[] = [];
    for (const path of filesBelow(folder)) {
      if (!isSearched(path)) continue;
      const file = joinPath(folder, path);
      const bytes = readFileSync(file);
      found.push(...this.bytes(bytes, path));
      if (isParquet(bytes)) found.push(...this.text(await parquetText(session, file), `${path} (parquet)`));
    }
    return found;
  }

  #digits(run: string, add: (what: Found['what'], value: string) => void): void {
    for (let at = 0; at + 9 <= run.length; at++) if (this.#ids.has(run.slice(at, at + 9))) add('id', run.slice(at, at + 9));
    if (this.#partial.has(run)) add('id-without-check-digit', run);
  }
}

export function filesBelow(folder: string, below = ''): string[] {
  if (lstatSync(joinPath(folder, below), { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(joinPath(folder, below)).flatMap((name) => {
    const path = below === '' ? name : `${below}/${name}`;
    const entry = lstatSync(joinPath(folder, path), { throwIfNoEntry: false });
    return entry?.isDirectory() === true ? filesBelow(folder, path) : entry?.isFile() === true ? [path] : [];
  });
}

export function isWorkbook(bytes: Buffer): boolean {
  return bytes.length > 30 && bytes.readUInt32LE(0) === 0x04034b50;
}

export function isParquet(bytes: Buffer): boolean {
  return bytes.length > 12 && bytes.subarray(0, 4).equals(bytes.subarray(-4)) && bytes.subarray(0, 4).toString('latin1') === 'PAR1';
}

/** Every value, column name, statistic and key of a Parquet file as text. */
export async function parquetText(session: Session, file: string): Promise<string> {
  const path = literal(file);
  const queries = [
    sql`SELECT * FROM read_parquet(${path})`,
    sql`SELECT * FROM parquet_metadata(${path})`,
    sql`SELECT * FROM parquet_kv_metadata(${path})`,
    sql`SELECT * FROM parquet_schema(${path})`,
  ];
  const texts: string[] = [];
  for (const query of queries) {
    const columns = await session.columns(sql`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${query})`);
    texts.push(...Object.entries(columns).map(([name, values]) => `${name}\n${values.join('\n')}`));
  }
  return texts.join('\n');
}

function writings(date: string): string[] {
  const [year, month, day] = date.split('-');
  return [date, `${year}${month}${day}`, `${day}/${month}/${year}`, `${day}.${month}.${year}`];
}

/** What stands behind the runs of hexadecimal and of base64 in a text, for every place where a run may begin. */
function decodedRuns(text: string): { kind: 'hex' | 'base64'; bytes: Buffer }[] {
  const decoded = (kind: 'hex' | 'base64', runs: readonly string[], start: number): { kind: 'hex' | 'base64'; bytes: Buffer } => {
    const cut = (run: string): string => (kind === 'hex' ? run.slice(start, run.length - ((run.length - start) % 2)) : run.slice(start));
    return { kind, bytes: Buffer.concat(runs.flatMap((run) => [Buffer.from(cut(run), kind), SEPARATOR])) };
  };
  const hex = [...text.matchAll(/[0-9a-f]{18,}/gi)].map(([run]) => run);
  const base64 = [...text.matchAll(/[A-Za-z0-9+/_-]{12,}/g)].map(([run]) => run);
  const all = [...[0, 1].map((start) => decoded('hex', hex, start)), ...[0, 1, 2, 3].map((start) => decoded('base64', base64, start))];
  return all.filter(({ bytes }) => bytes.length > 0);
}
