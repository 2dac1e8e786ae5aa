import { gzipSync } from 'node:zlib';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import type { Malformed } from './canary-deliveries.ts';
import { FAMILY, GIVEN } from './canary-people.ts';

const NOISE = 0xff;

/** Files that are refused as a whole, each full of canaries. `good` is a sound delivery of filings, `claims` one of Parquet. */
export function malformedDeliveries(
  good: string,
  claims: Buffer,
  shapes: Readonly<Record<'nested' | 'typed' | 'named', Buffer>>,
): Malformed[] {
  const [header = '', ...lines] = good.trimEnd().split('\n');
  const text = (rows: readonly string[], first = header): Buffer => Buffer.from(`${[first, ...rows].join('\n')}\n`);
  const some = lines.filter((line) => line.includes(FAMILY.he)).slice(0, 60);
  const [one = ''] = some;
  const csv: Record<string, [string, Buffer]> = {
    'renamed header': ['delivery-header', text(some, header.replace('person_id', FAMILY.latin).replace('given_name', GIVEN.he))],
    'no header': ['delivery-header', text(some.slice(1), one)],
    'another delimiter': ['delivery-header', Buffer.from(text(some).toString().replaceAll(',', ';'))],
    'windows-1255': ['delivery-encoding', encodeWindows1255(text(some.map((line) => line.replace('\u200f', ''))).toString())],
    'utf-16': ['delivery-encoding', Buffer.from(text(some).toString(), 'utf16le')],
    'unterminated quote': ['delivery-unterminated-quote', text([...some, one.replace(FAMILY.he, `"${FAMILY.he}`)])],
    'long line': ['delivery-line-too-long', text([...some, one.replace(FAMILY.he, FAMILY.he.repeat(90_000))])],
    'truncated gzip': ['delivery-truncated', gzipSync(text(some)).subarray(0, -9)],
    'damaged gzip': ['delivery-damaged', flipped(gzipSync(text(some)), -6)],
    NUL: ['delivery-control-character', text([...some, one.replace(GIVEN.he, `${GIVEN.he}\0`)])],
    'bare return': ['delivery-newline', Buffer.from(text(some).toString().replaceAll('\n', '\r'))],
    'web page': ['delivery-format', Buffer.from(`<html><body>${FAMILY.he} ${one}</body></html>`)],
    'too many rejects': ['delivery-reject-limit', text([...some, ...some.map((line) => line.replace('regular', GIVEN.latin))])],
  };
  const parquet: Record<string, [string, Buffer]> = {
    'cut off': ['delivery-truncated', claims.subarray(0, -11)],
    'footer of noise': ['delivery-unreadable', noisyFooter(claims)],
    'damaged pages': ['delivery-unreadable', noisyPages(claims)],
    nested: ['delivery-nested', shapes.nested],
    'another type': ['delivery-type', shapes.typed],
    'named by a person': ['delivery-header', shapes.named],
  };
  const make =
    (source: string, ending: string) =>
    ([name, [code, bytes]]: [string, [string, Buffer]]): Malformed => {
      const delivery = `bad-${name.replaceAll(' ', '-').toLowerCase()}`;
      return { source, delivery, code, bytes, name: `${source}.${ending}` };
    };
  return [...Object.entries(csv).map(make('employer_filings', 'csv')), ...Object.entries(parquet).map(make('claims', 'parquet'))];
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = copy.length + at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

function noisyFooter(bytes: Buffer): Buffer {
  const length = bytes.readUInt32LE(bytes.length - 8);
  return Buffer.from(bytes).fill(NOISE, bytes.length - 8 - length, bytes.length - 8);
}

function noisyPages(bytes: Buffer): Buffer {
  const length = bytes.readUInt32LE(bytes.length - 8);
  return Buffer.from(bytes).fill(NOISE, 4, bytes.length - 8 - length);
}
