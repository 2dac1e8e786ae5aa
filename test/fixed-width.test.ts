import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { id, sql } from '../engine/sql.ts';
import type { Contract } from '../sources/contract.ts';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import { label, problemsOf } from './format-fixture.ts';
import { contractOf, type Desk, openDesk } from './reading-fixture.ts';
import { CANARY, refusal } from './refusal.ts';

let desk: Desk & { scratch: string };
beforeAll(async () => {
  desk = await openDesk();
});

describe('fixed width', () => {
  const variables = [
    { name: 'id', type: 'INTEGER', role: 'other', position: { start: 1, width: 4 }, label },
    { name: 'name', type: 'VARCHAR', role: 'other', position: { start: 6, width: 8 }, label },
    { name: 'pay', type: 'MONEY', role: 'other', position: { start: 14, width: 6 }, label },
  ];
  const contract = (format: object = {}): Contract => contractOf(['id INTEGER'], { format: { type: 'fixed_width', ...format }, variables });
  const GOOD = `   1 ${CANARY}    1.50\n   2 שלום      2.50\n`;

  it('a contract without places, with two variables in one place, with options of another kind', () => {
    const at = (start: number, width: number, more: object = {}): object => ({ start, width, ...more });
    const of = (type: string, position?: object, more: object = {}): object => ({
      name: 'id',
      type,
      role: 'other',
      label,
      ...(position && { position }),
      ...more,
    });
    const problems = (list: readonly object[], fixed: object = {}): string[] =>
      problemsOf(['id INTEGER'], {
        format: { ...contractOf(['id INTEGER']).format, type: 'fixed_width', fixed_width: { short_records: 'reject', ...fixed } },
        variables: list,
      });
    expect(problems([of('INTEGER')])).toEqual(['variables.0: needs a position, because the file is of fixed width']);
    expect(problems([of('INTEGER', at(1, 4), { column: 'x', renamed_from: ['y'] })])).toHaveLength(2);
    expect(problems([of('INTEGER', at(1, 4)), { ...of('INTEGER', at(4, 2)), name: 'b' }])).toEqual([
      'variables.1.position: takes characters that an earlier variable takes',
    ]);
    expect(problems([of('INTEGER', at(1, 4))], { record_length: 3 })).toEqual([
      'variables.0.position: ends after format.fixed_width.record_length 3',
    ]);
    expect(problems([of('VARCHAR', at(1, 4, { fill: 'zeros' }))])).toEqual(['variables.0.position.fill: is for numbers, not for VARCHAR']);
    expect(problems([of('INTEGER', at(1, 4, { decimals: 2 }))])).toEqual([
      'variables.0.position.decimals: is for DOUBLE and MONEY, not for INTEGER',
    ]);
    expect(problems([of('MONEY', at(1, 4, { decimals: 3 }))])).toEqual(['variables.0.position.decimals: must be 1 or 2 for MONEY']);
    expect(problems([of('DATE', at(1, 6, { date: 'yyyymm' }))])).toEqual(['variables.0.position.date: is not a form of DATE']);
    expect(problems([of('DATE', at(1, 10, { date: 'yyyymmdd' }))])).toEqual([
      'variables.0.position.width: must be 8, because dates are written yyyymmdd',
    ]);
    expect(problemsOf(['id INTEGER'], { variables: [of('INTEGER', at(1, 4))] })).toEqual([
      'variables.0.position: is for fixed_width, not for csv',
    ]);
    expect(problems([of('VARCHAR', at(1, 60_000))], { record_length: 65_536 })).toEqual([]);
  });

  const encodings: Record<string, [object, (text: string) => Uint8Array]> = {
    'UTF-8': [{}, (text) => Buffer.from(text)],
    'UTF-8 with a byte order mark': [{}, (text) => Buffer.from(`\ufeff${text}`)],
    'UTF-8 in gzip': [{ compression: 'gzip' }, (text) => gzipSync(text)],
    'UTF-16': [{ encoding: 'utf-16le' }, (text) => Buffer.from(text, 'utf16le')],
    'windows-1255': [{ encoding: 'windows-1255' }, encodeWindows1255],
    CRLF: [{}, (text) => Buffer.from(text.replaceAll('\n', '\r\n'))],
    'no newline at the end': [{}, (text) => Buffer.from(text.trimEnd())],
    'ends cut off, padded': [{ fixed_width: { record_length: 30, short_records: 'pad' } }, (text) => Buffer.from(text)],
    'ends filled up': [{ fixed_width: { record_length: 30 } }, (text) => Buffer.from(text.replaceAll('\n', `${' '.repeat(11)}\n`))],
  };
  for (const [name, [format, encode]] of Object.entries(encodings)) {
    it(`characters are counted, not bytes: ${name}`, async () => {
      const reading = await desk.read(desk.write('x.txt', encode(GOOD)), contract(format));
      expect(await desk.rows(reading)).toEqual([
        { _line: 1n, _row: 0n, id: 1, name: CANARY, pay: 150n },
        { _line: 2n, _row: 1n, id: 2, name: 'שלום', pay: 250n },
      ]);
      await reading.close();
    });
  }

  it('points, letters outside the first plane and wide spaces are one character each', async () => {
    const lines = ['   1 שָׁלוֹם 1.50  ', '   2 😀😀      2.50  ', '   3 \u00a0x      3.50  ', '   4 \tx      4.50  '];
    const reading = await desk.read(desk.write('x.txt', `${lines.join('\n')}\n`), contract({}));
    expect((await desk.rows(reading)).map(({ name, pay }) => [name, pay])).toEqual([
      ['שָׁלוֹם', 150n],
      ['😀😀', 250n],
    ]);
    expect(reading.counts.byRule).toEqual({ spaces: 2 });
    await reading.close();
  });

  it('records whose bytes, not characters, have the declared length are told apart', async () => {
    const reading = await desk.read(desk.write('x.txt', '   1 abc     1.50  \n   2 שלום2.50  \n   3 ab\n'), contract({}));
    expect(reading.counts).toMatchObject({
      input: 3,
      accepted: 1,
      rejected: 2,
      byRule: { 'record-length': 1, 'record-length-in-bytes': 1 },
    });
    await reading.close();
  });

  it('a direction mark rejects the record', async () => {
    const reading = await desk.read(desk.write('x.txt', '   1 \u200fabc    1.50  \n   2 abc     1.50  \n'), contract({}));
    expect(reading.counts).toMatchObject({ input: 2, accepted: 1, byRule: { 'direction-mark': 1 } });
    await reading.close();
  });

  const bad: Record<string, { bytes: string | Uint8Array; code: string; at?: object; format?: object; says?: RegExp }> = {
    'empty file': { bytes: '', code: 'delivery-empty' },
    'blank lines only': { bytes: '\n\n\n', code: 'delivery-empty' },
    'HTML page': { bytes: '<html><body>x</body></html>', code: 'delivery-format', says: /HTML page, not the fixed-width text/ },
    'XLSX bytes': { bytes: Buffer.from('PK\x03\x04aaaaaaaaaaaa'), code: 'delivery-format', says: /XLSX/ },
    NUL: { bytes: `${GOOD}   3 a\0b     1.50  \n`, code: 'delivery-control-character', at: { line: 3, column: 7 } },
    'override of direction': { bytes: `${GOOD}   3 \u202eab     1.50  \n`, code: 'delivery-control-character', at: { line: 3, column: 6 } },
    'end of file of old systems': { bytes: `${GOOD}\x1a`, code: 'delivery-control-character', at: { line: 3, column: 1 } },
    'bare carriage return': { bytes: GOOD.replaceAll('\n', '\r'), code: 'delivery-newline', at: { line: 1 } },
    'windows-1255 undeclared': {
      bytes: encodeWindows1255(GOOD),
      code: 'delivery-encoding',
      at: { line: 2, column: 6 },
      says: /windows-1255/,
    },
    'UTF-8 declared as windows-1255': { bytes: GOOD, code: 'delivery-encoding', format: { encoding: 'windows-1255' }, says: /utf-8/ },
    'UTF-16 undeclared': { bytes: Buffer.from(GOOD, 'utf16le'), code: 'delivery-encoding', says: /utf-16le/ },
    'cut in a character': { bytes: Buffer.from(`${GOOD}   3 ש`).subarray(0, -1), code: 'delivery-encoding', at: { line: 3, column: 6 } },
    'truncated gzip': { bytes: gzipSync(GOOD.repeat(50)).subarray(0, -20), code: 'delivery-truncated' },
    'no newlines at all': { bytes: GOOD.replaceAll('\n', '').repeat(10), code: 'delivery-line-too-long', format: { max_line_bytes: 100 } },
    'a bomb': { bytes: gzipSync(Buffer.alloc(4_000_000, GOOD)), code: 'delivery-bomb' },
  };
  for (const [name, { bytes, code, at, format, says }] of Object.entries(bad)) {
    it(`refused: ${name}`, async () => {
      const error = await refusal(desk, desk.write('bad.txt', bytes), contract(format));
      expect(error.code).toBe(code);
      expect(error.at).toMatchObject(at ?? {});
      if (says !== undefined) expect(error.message).toMatch(says);
    });
  }

  it('lines over many chunks keep their numbers', async () => {
    const lines = Array.from({ length: 120_000 }, (_, i) =>
      i % 5000 === 13 ? `${i} short` : `${String(i % 9999).padStart(4)} ${i % 3 === 0 ? 'שלום    ' : 'abcdefgh'}1.50  `,
    );
    const reading = await desk.read(
      desk.write('long.txt', lines.join('\r\n')),
      contractOf(['id INTEGER'], { format: { type: 'fixed_width' }, variables, key: [] }),
    );
    expect(reading.counts).toMatchObject({ input: 120_000, accepted: 119_976, rejected: 24, byRule: { 'record-length': 24 } });
    const { id: ids, _line: found } = await desk.session.columns(sql`SELECT id, _line FROM ${id(reading.table)} ORDER BY _row`);
    expect(found?.every((line, index) => (Number(line) - 1) % 9999 === Number(ids?.[index]))).toBe(true);
    await reading.close();
  });
});
