import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { id, literal, sql } from '../engine/sql.ts';
import { Contract } from '../sources/contract.ts';
import type { Reading } from '../sources/read/read-delivery.ts';
import { serialText } from '../sources/read/xlsx/excel-date.ts';
import { readFormat } from '../sources/read/xlsx/number-formats.ts';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import { asCsv, asFixedWidth, asJsonLines, asXlsx, fixedWidthVariables, SAMPLE_VARIABLES, type Sample } from './format-writers.ts';
import { contractOf, type Desk, openDesk, type RawContract } from './reading-fixture.ts';
import { CANARY, refusal } from './refusal.ts';
import { row, type WorkbookText, workbook, zip } from './xlsx-writer.ts';

let desk: Desk & { scratch: string };
beforeAll(async () => {
  desk = await openDesk();
});

const XLSX = { format: { type: 'xlsx', xlsx: { text_numbers: 'accept' } } };
const label = { en: 'x', he: 'א' };

/** What a contract is told of its contradictions: path and message. */
function problemsOf(variables: readonly string[], more: RawContract): string[] {
  const parsed = Contract.safeParse({ ...contractOf(variables), ...more });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the same records in every format are admitted as the same rows', () => {
  const text = (maxLength: number, extra: readonly string[] = []): fc.Arbitrary<string | null> =>
    fc.option(
      fc
        .string({
          unit: fc.constantFrom('a', 'ש', 'ם', '0', ',', '"', ' ', "'", ';', '=', '😀', '\\', '|', '\u05b8', 'é', ...extra),
          maxLength,
        })
        .map((value) => value.trim())
        .map((value) => (value === '' ? null : value)),
    );
  const sample: fc.Arbitrary<Omit<Sample, 'id'>> = fc.record({
    code: fc.option(fc.integer({ min: 0, max: 999_999 }).map((value) => String(value).padStart(6, '0'))),
    name: text(12),
    big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
    pay: fc.option(
      fc.integer({ min: 1, max: 9_999_999_999 }).map((agorot) => `${agorot % 2 === 0 ? '-' : ''}${(agorot / 100).toFixed(2)}`),
    ),
    share: fc.option(fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => String(value / 1024))),
    day: fc.option(
      fc
        .date({ min: new Date('1904-01-02'), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((day) => day.toISOString().slice(0, 10)),
    ),
    month: fc.option(
      fc
        .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((day) => day.toISOString().slice(0, 7)),
    ),
    at: fc.option(
      fc
        .date({ min: new Date('1904-01-02'), max: new Date('2100-12-31'), noInvalidDate: true })
        .map((day) => day.toISOString().replace('Z', '')),
    ),
    active: fc.option(fc.constantFrom('true', 'false')),
  });
  const samples = fc
    .array(sample, { minLength: 1, maxLength: 20 })
    .map((records) => records.map((record, index): Sample => ({ id: index % 2 === 0 ? index : -index, ...record })));
  const forms: Record<string, { contract: Contract; bytes: (records: readonly Sample[]) => string | Uint8Array }> = {
    csv: { contract: contractOf(SAMPLE_VARIABLES), bytes: asCsv },
    'fixed width': {
      contract: contractOf(SAMPLE_VARIABLES, { format: { type: 'fixed_width' }, variables: fixedWidthVariables() }),
      bytes: asFixedWidth,
    },
    'JSON lines': { contract: contractOf(SAMPLE_VARIABLES, { format: { type: 'json_lines' } }), bytes: asJsonLines },
    XLSX: { contract: contractOf(SAMPLE_VARIABLES, XLSX), bytes: (records) => asXlsx(records, false) },
    'XLSX from 1904': { contract: contractOf(SAMPLE_VARIABLES, XLSX), bytes: (records) => asXlsx(records, true) },
  };

  it('by the bytes of the Parquet file', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (records) => {
        const hashes: Record<string, string> = {};
        for (const [name, { contract, bytes }] of Object.entries(forms)) {
          const reading = await desk.read(desk.write('same.x', bytes(records)), contract);
          expect(reading.counts, name).toMatchObject({ input: records.length, accepted: records.length, rejected: 0 });
          const path = joinPath(desk.scratch, 'same.parquet');
          await desk.session.run(
            sql`COPY (SELECT * EXCLUDE (_line) FROM ${id(reading.table)} ORDER BY _row) TO ${literal(path)} (FORMAT parquet)`,
          );
          hashes[name] = createHash('sha256').update(readFileSync(path)).digest('hex');
          await reading.close();
        }
        expect(new Set(Object.values(hashes)).size, JSON.stringify(hashes)).toBe(1);
      }),
      { numRuns: 25, seed: 20240331 },
    );
  });
});

describe('a record of one empty value', () => {
  const variable = { name: 'a', type: 'VARCHAR', role: 'other', label };
  const forms: Record<string, { format: object; bytes: string; more?: object }> = {
    fixed_width: { format: {}, bytes: 'x \n  \ny \n', more: { position: { start: 1, width: 2 } } },
    json_lines: { format: {}, bytes: '{"a":"x"}\n{"a":null}\n{"a":"y"}\n' },
  };
  for (const [type, { format, bytes, more }] of Object.entries(forms)) {
    it(`is a row: ${type}`, async () => {
      const contract = contractOf(['a VARCHAR'], { key: [], format: { type, ...format }, variables: [{ ...variable, ...more }] });
      const reading = await desk.read(desk.write('one.x', bytes), contract);
      expect((await desk.rows(reading)).map(({ a, _line }) => [a, _line])).toEqual([
        ['x', 1n],
        [null, 2n],
        ['y', 3n],
      ]);
      await reading.close();
    });
  }
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

describe('JSON lines', () => {
  const VARIABLES = ['id INTEGER', 'name VARCHAR', 'pay MONEY', 'share DOUBLE', 'big BIGINT', 'active BOOLEAN', 'day DATE'];
  const contract = (format: object = {}, more: RawContract = {}): Contract =>
    contractOf(VARIABLES, { format: { type: 'json_lines', ...format }, ...more });
  const record = (more: string, id = 1): string =>
    `{"id": ${id}, "name": "x", "pay": 1, "share": 1, "big": 1, "active": true, "day": null}`.replace(
      /"(\w+)": [^,}]+/g,
      (member, key: string) => (more.startsWith(`"${key}"`) ? more : member),
    );
  const ruleOf = async (line: string, of = contract()): Promise<Record<string, unknown>[]> => {
    const reading = await desk.read(desk.write('x.jsonl', `${record('', 7)}\n${line}\n`), of);
    expect(reading.counts).toMatchObject({ input: 2, accepted: 1, rejected: 1 });
    const rejects = await desk.rejects(reading);
    await reading.close();
    return rejects;
  };

  it('contradictions of a contract', () => {
    const of = (name: string, more: object): object => ({ name, type: 'INTEGER', role: 'other', label, ...more });
    const problems = (...list: readonly object[]): string[] =>
      problemsOf(['id INTEGER'], {
        format: { ...contractOf(['id INTEGER']).format, type: 'json_lines' },
        variables: [of('id', {}), ...list],
      });
    expect(problems(of('a', { path: ['x', 'a'] }), of('b', { path: ['x', 'b'] }))).toEqual([]);
    expect(problems(of('a', { path: ['id', 'a'] }))).toEqual(['variables.1.path: leads into the value of another variable']);
    expect(problems(of('a', { path: ['x', 'a'] }), of('b', { path: ['x', 'a'] }))).toHaveLength(2);
    expect(problems(of('a', { path: ['x', 'a'], column: 'y' }))).toEqual([
      'variables.1.path: names the value already; leave column and renamed_from out',
    ]);
    expect(problemsOf(['id INTEGER'], { variables: [of('id', { path: ['x', 'a'] })] })).toEqual([
      'variables.0.path: is for json_lines, not for csv',
    ]);
  });

  const encodings: Record<string, [object, (text: string) => Uint8Array]> = {
    'UTF-8': [{}, (text) => Buffer.from(text)],
    'a byte order mark': [{}, (text) => Buffer.from(`\ufeff${text}`)],
    gzip: [{ compression: 'gzip' }, (text) => gzipSync(text)],
    'UTF-16': [{ encoding: 'utf-16be' }, (text) => Buffer.from(text, 'utf16le').swap16()],
    'windows-1255': [{ encoding: 'windows-1255' }, encodeWindows1255],
    'CRLF and blank lines at the end': [{}, (text) => Buffer.from(`${text.replaceAll('\n', '\r\n')}\r\n\r\n`)],
    'no newline at the end': [{}, (text) => Buffer.from(text.trimEnd())],
    escapes: [
      {},
      (text) => Buffer.from(text.replaceAll(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)),
    ],
  };
  for (const [name, [format, encode]] of Object.entries(encodings)) {
    it(`is read in ${name}`, async () => {
      const reading = await desk.read(
        desk.write('x.jsonl', encode(`${record('"name": "משה, \\"כהן\\" \\n"')}\n${record('', 2)}\n`.replace(' \\n', '\\n.'))),
        contract(format),
      );
      expect((await desk.rows(reading)).map((row) => [row['_line'], row['id'], row['name'], row['pay']])).toEqual([
        [1n, 1, 'משה, "כהן"\n.', 100n],
        [2n, 2, 'x', 100n],
      ]);
      await reading.close();
    });
  }

  it('numbers are exact at any size, and only a DOUBLE may have an exponent', async () => {
    const good = [
      '"big": 9007199254740993',
      '"big": "9223372036854775807"',
      '"big": -9223372036854775808',
      '"pay": 1234567890123.45',
      '"pay": "0.5"',
      '"share": 1.5e-7',
      '"share": 2E+3',
      '"share": 12e0',
    ];
    const lines = good.map((more, index) => record(more, index));
    const reading = await desk.read(desk.write('x.jsonl', lines.join('\n')), contract());
    expect((await desk.rows(reading)).map(({ big, pay, share }) => [big, pay, share])).toEqual([
      [9007199254740993n, 100n, 1],
      [9223372036854775807n, 100n, 1],
      [-9223372036854775808n, 100n, 1],
      [1n, 123456789012345n, 1],
      [1n, 50n, 1],
      [1n, 100n, 1.5e-7],
      [1n, 100n, 2000],
      [1n, 100n, 12],
    ]);
    await reading.close();
    for (const bad of [
      '"big": 9223372036854775808',
      '"big": 1e3',
      '"big": 1.0',
      '"pay": 1.005',
      '"pay": 1e2',
      '"share": 1e400',
      '"share": 1e9999999999',
      '"id": "007"',
      '"id": "+1"',
    ])
      expect(await ruleOf(record(bad)), bad).toMatchObject([{ line: 2n, rule: 'type', column: bad.slice(1, bad.indexOf('"', 1)) }]);
  });

  const flaws: Record<string, [line: string, rule: string, column?: string]> = {
    'a key twice': [record('').replace('}', ', "name": "y"}'), 'duplicate-key', 'name'],
    'a key twice, once in escapes': [record('').replace('}', ', "n\\u0061me": "y"}'), 'duplicate-key', 'name'],
    'a key that nobody declared': [record('').replace('}', `, "${CANARY}": 1}`), 'unknown-key'],
    'a key of the prototype': [record('').replace('}', ', "__proto__": 1}'), 'unknown-key'],
    'a key left out': [record('').replace('"name": "x", ', ''), 'missing-key', 'name'],
    'an object as value': [record('"name": {"a": 1}'), 'nested', 'name'],
    'a list as value': [record('"name": []'), 'nested', 'name'],
    'a very deep list': [record(`"name": ${'['.repeat(100_000)}`), 'nested', 'name'],
    'a code as number': [record('"name": 7'), 'value-kind', 'name'],
    'a number as word': [record('"active": "true"'), 'value-kind', 'active'],
    'a word as number': [record('"id": true'), 'value-kind', 'id'],
    'a date as number': [record('"day": 20240101'), 'value-kind', 'day'],
    NaN: [record('"share": NaN'), 'json-syntax'],
    'a leading zero': [record('"id": 01'), 'json-syntax'],
    'a plus': [record('"id": +1'), 'json-syntax'],
    'a point without digits': [record('"share": 1.'), 'json-syntax'],
    'single quotes': [record('').replaceAll('"', "'"), 'json-syntax'],
    'a comma at the end': [record('').replace('}', ',}'), 'json-syntax'],
    'two objects': [`${record('')}${record('')}`, 'json-syntax'],
    'text behind': [`${record('')} x`, 'json-syntax'],
    'cut off': [record('').slice(0, -5), 'json-syntax'],
    'cut off in a string': [record('').slice(0, 20), 'json-syntax'],
    'a backslash at the end': [`${record('').slice(0, 20)}\\`, 'json-syntax'],
    'a bad escape': [record('"name": "\\x41"'), 'json-syntax', 'name'],
    'half a surrogate pair': [record('"name": "\\ud83d"'), 'json-syntax', 'name'],
    'a tab in a string': [record('"name": "a\tb"'), 'json-syntax'],
    'an array': ['[1]', 'json-syntax'],
    'a word': ['null', 'json-syntax'],
    'an empty object': ['{}', 'missing-key', 'id'],
    'NUL in escapes': [record('"name": "\\u0000"'), 'control-character', 'name'],
    'an override in escapes': [record('"name": "\\u202ex"'), 'control-character', 'name'],
    'a bare return in escapes': [record('"name": "a\\rb"'), 'control-character', 'name'],
    'a direction mark': [record('"name": "\u200fx"'), 'direction-mark'],
    'a direction mark in escapes': [record('"name": "\\u200fx"'), 'direction-mark', 'name'],
    'a space at the end': [record('"name": "x "'), 'spaces', 'name'],
    'a wide space in escapes': [record('"name": "\\u00a0x"'), 'spaces', 'name'],
  };
  for (const [name, [line, rule, column]] of Object.entries(flaws)) {
    it(`one record is rejected: ${name}`, async () => {
      expect(await ruleOf(line)).toMatchObject([{ line: 2n, rule, column: column ?? null }]);
    });
  }

  it('blank lines are records if something follows, and rejects have their place', async () => {
    const reading = await desk.read(desk.write('x.jsonl', `${record('')}\n\n{"id"\n${record('', 2)}\n\n`), contract());
    expect(await desk.rejects(reading)).toMatchObject([
      { line: 2n, byte: BigInt(record('').length + 1), rule: 'blank-line' },
      { line: 3n, byte: BigInt(record('').length + 2), rule: 'json-syntax', raw: '{"id"' },
    ]);
    expect((await desk.rows(reading)).map((row) => row['_line'])).toEqual([1n, 4n]);
    await reading.close();
  });

  it('nested values, where declared; keys left out, where allowed; older names', async () => {
    const variables = [
      { name: 'id', type: 'INTEGER', role: 'other', label },
      { name: 'city', path: ['address', 'city', 'name'], type: 'VARCHAR', role: 'other', label },
      { name: 'street', path: ['address', 'street'], type: 'VARCHAR', role: 'other', label },
      { name: 'sex', column: 'gender', renamed_from: ['sex'], type: 'VARCHAR', role: 'other', label },
    ];
    const of = (format: object): Contract => contract(format, { variables });
    const lines = [
      '{"id": 1, "address": {"street": "a", "city": {"name": "חיפה"}}, "gender": "F"}',
      '{"address": null, "sex": "M", "id": 2}',
      '{"id": 3, "address": {"city": null}}',
      '{"id": 4, "address": {"city": "x"}, "sex": "M"}',
      '{"id": 5, "address": {"city": {}}, "address": {}, "sex": "M"}',
      '{"id": 6, "address": {"street": {"x": 1}}, "sex": "M"}',
      '{"id": 7, "sex": "M", "gender": "F"}',
    ];
    const file = desk.write('x.jsonl', lines.join('\n'));
    const loose = await desk.read(file, of({ json_lines: { omitted_keys: 'empty' } }));
    expect((await desk.rows(loose)).map(({ id: key, city, street, sex }) => [key, city, street, sex])).toEqual([
      [1, 'חיפה', 'a', 'F'],
      [2, null, null, 'M'],
      [3, null, null, null],
    ]);
    expect(loose.counts).toMatchObject({ input: 7, rejected: 4, byRule: { 'value-kind': 1, 'duplicate-key': 2, nested: 1 } });
    await loose.close();
    const strict = await desk.read(file, of({}));
    expect(strict.counts).toMatchObject({
      input: 7,
      accepted: 2,
      byRule: { 'missing-key': 1, 'value-kind': 1, 'duplicate-key': 2, nested: 1 },
    });
    await strict.close();
  });

  const GOOD = `${record(`"name": "${CANARY}"`)}\n${record('"name": "שלום"')}\n`;
  const bad: Record<string, { bytes: string | Uint8Array; code: string; at?: object; format?: object; says?: RegExp }> = {
    'empty file': { bytes: '', code: 'delivery-empty' },
    'an array of records': { bytes: `[${record('')},\n${record('')}]`, code: 'delivery-format', at: { line: 1 }, says: /JSON array/ },
    'objects over several lines': {
      bytes: JSON.stringify({ id: 1, name: CANARY }, null, 2),
      code: 'delivery-format',
      says: /over several lines/,
    },
    'a CSV': { bytes: `id,name\n1,${CANARY}\n`, code: 'delivery-format', says: /JSON object/ },
    'a web page': { bytes: '<!doctype html><p>x', code: 'delivery-format', says: /HTML page, not the JSON lines/ },
    'a raw override': { bytes: `${GOOD}{"name": "\u202e"}`, code: 'delivery-control-character', at: { line: 3, column: 11 } },
    'a raw NUL': { bytes: `${GOOD}{"na\0me": ""}`, code: 'delivery-control-character', at: { line: 3, column: 5 } },
    'windows-1255 undeclared': { bytes: encodeWindows1255(GOOD), code: 'delivery-encoding', at: { line: 2 }, says: /windows-1255/ },
    'cut in a character': {
      bytes: Buffer.from(`${GOOD}{"name": "ש`).subarray(0, -1),
      code: 'delivery-encoding',
      at: { line: 3, column: 11 },
    },
    'a huge field': { bytes: `${GOOD}${record(`"name": "${'x'.repeat(2_000_000)}"`)}`, code: 'delivery-line-too-long', at: { line: 3 } },
    'a bomb': { bytes: gzipSync(Buffer.alloc(4_000_000, GOOD)), code: 'delivery-bomb' },
    'truncated gzip': { bytes: gzipSync(GOOD.repeat(50)).subarray(0, -20), code: 'delivery-truncated' },
    'rejects over the limit': { bytes: `${GOOD}{"${CANARY}": 1}`, code: 'delivery-reject-limit', says: /unknown-key 1/ },
  };
  for (const [name, { bytes, code, at, format, says }] of Object.entries(bad)) {
    it(`refused: ${name}`, async () => {
      const error = await refusal(desk, desk.write('bad.jsonl', bytes), contract(format, { key: [], reject_limit: 0.05 }));
      expect(error.code).toBe(code);
      expect(error.at).toMatchObject(at ?? {});
      if (says !== undefined) expect(error.message).toMatch(says);
    });
  }

  it('random damage never loses a record and never quotes one', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => record(`"name": "${CANARY}, \\"${i}\\""`, i));
    const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom('"', '{', '}', '[', ',', '\\', '\n', ':', '0', 'e', ' ', '\u200f', '\t')), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(damage, async (edits) => {
        let text = lines.join('\n');
        for (const [place, letter] of edits) {
          const at = 1 + (place % text.length);
          text = `${text.slice(0, at)}${letter}${text.slice(at + 1)}`;
        }
        const found = await desk.read(desk.write('damaged.jsonl', text), contract()).catch((error: unknown) => error as Error);
        if (found instanceof Error) {
          expect(found.name).toBe('DeliveryError');
          expect(found.message).not.toContain(CANARY);
          return;
        }
        expect(found.counts.input).toBe(text.trimEnd().split('\n').length);
        expect(found.counts.accepted + found.counts.rejected).toBe(found.counts.input);
        await found.close();
      }),
      { numRuns: 60, seed: 20240401 },
    );
  });
});

describe('XLSX', () => {
  const VARIABLES = ['id INTEGER', 'name VARCHAR', 'pay MONEY', 'day DATE', 'at TIMESTAMP', 'active BOOLEAN', 'share DOUBLE'];
  const NAMES = VARIABLES.map((text) => text.split(' ')[0]!);
  const contract = (options?: object, format: object = {}, more: RawContract = {}): Contract =>
    contractOf(VARIABLES, { format: { type: 'xlsx', ...(options && { xlsx: options }), ...format }, ...more });
  const HEADER = row(1, NAMES);
  const good = (number: number, id = number): string => row(number, [id, `${CANARY} ${id}`, 1.5]);
  const book = (rows: string, more: Partial<WorkbookText> = {}): Buffer => workbook({ rows: HEADER + rows, ...more });
  const read = (bytes: Uint8Array, of = contract()): Promise<Reading> => desk.read(desk.write('x.xlsx', bytes), of);

  it('contradictions of a contract', () => {
    const format = contractOf(['id INTEGER']).format;
    expect(problemsOf(['id INTEGER'], { format: { ...format, xlsx: { other_sheets: 'none' } } })).toEqual([
      'format.xlsx: is for xlsx, not for csv',
    ]);
    expect(problemsOf(['id INTEGER'], { format: { ...format, type: 'xlsx', xlsx: { other_sheets: 'any' } } })).toEqual([
      'format.xlsx: needs the name of the sheet, because there may be others',
    ]);
  });

  it('number formats that make dates, times, codes and numbers', () => {
    const formats: Record<string, unknown> = {
      'yyyy-mm-dd': 'date',
      'dd/mm/yyyy;@': 'date',
      '[$-1010000]d/m/yy': 'date',
      'mmm\\-yy': 'date',
      'hh:mm:ss': 'time',
      '[h]:mm': 'time',
      '[Red]0.00': 'number',
      General: 'number',
      '#,##0.00 "days"': 'number',
      '0.00E+00': 'number',
      '[$₪-40D] #,##0': 'number',
      '_-* #,##0.00\\ [$₪-40D]_-': 'number',
      '000000000': { digits: 9 },
      '0': 'number',
      '@': 'number',
    };
    expect(Object.fromEntries(Object.keys(formats).map((code) => [code, readFormat(code)]))).toEqual(formats);
  });

  it('serial numbers by the system of 1900 and of 1904', () => {
    const days: [number, string | undefined, string | undefined][] = [
      [0, undefined, '1904-01-01'],
      [1, '1900-01-01', '1904-01-02'],
      [59, '1900-02-28', '1904-02-29'],
      [60, undefined, '1904-03-01'],
      [61, '1900-03-01', '1904-03-02'],
      [45_292, '2024-01-01', '2028-01-02'],
      [45_292.5, '2024-01-01T12:00:00.000', '2028-01-02T12:00:00.000'],
      [45_292.999_999_999_99, '2024-01-02', '2028-01-03'],
      [2_958_465, '9999-12-31', undefined],
      [2_958_466, undefined, undefined],
      [-1, undefined, undefined],
      [1e300, undefined, undefined],
    ];
    for (const [serial, by1900, by1904] of days)
      expect([serialText(serial, false, true), serialText(serial, true, true)], String(serial)).toEqual([by1900, by1904]);
    expect(serialText(45_292, false, false)).toBe('2024-01-01T00:00:00.000');
  });

  it('cells of every kind, a header below titles, columns in another order', async () => {
    const rows = [
      row(2, ['title']),
      row(4, ['day', 'name', 'id', 'pay', 'share', 'active', 'at']),
      row(5, [
        '<c s="1"><v>45292</v></c>',
        'משה',
        1,
        '<c s="5"><v>12.340000</v></c>',
        '<c><v>1.5E-7</v></c>',
        '<c t="b"><v>1</v></c>',
        '<c s="2"><v>45292.25</v></c>',
      ]),
      row(6, [
        '2024-02-29',
        '<c s="3"><v>18</v></c>',
        '<c><v>2</v></c>',
        '<c><v>1.1000000000000001</v></c>',
        null,
        '<c t="b"><v>0</v></c>',
        '<c t="d"><v>2024-02-29T06:00:00</v></c>',
      ]),
      row(7, ['<c t="d"><v>2024-03-01</v></c>', '<c t="str"><v>a_x000D_&#10;b&amp;_x005F_x</v></c>', 3, '<c s="1"/>', null, null, null]),
    ];
    const reading = await read(
      workbook({ rows: rows.join(''), after: '<mergeCells><mergeCell ref="A2:G2"/></mergeCells>' }),
      contract({ header_row: 4 }),
    );
    const found = await desk.rows(reading);
    expect(found.map(({ _line, id: key, name, pay, share, active }) => [_line, key, name, pay, share, active])).toEqual([
      [5n, 1, 'משה', 1234n, 1.5e-7, true],
      [6n, 2, '000000018', 110n, null, false],
      [7n, 3, 'a\r\nb&_x', null, null, null],
    ]);
    expect(found.map(({ day }) => day)).toEqual(['2024-01-01', '2024-02-29', '2024-03-01'].map((day) => new Date(day)));
    expect(found.map(({ at }) => String(at))).toEqual([new Date('2024-01-01T06:00Z'), new Date('2024-02-29T06:00Z'), null].map(String));
    await reading.close();
  });

  it('shared strings with runs and phonetic guides, prefixes of elements, rows and cells without references', async () => {
    const bytes = workbook({
      rows: `<row>${NAMES.map((_, index) => `<c t="s"><v>${index}</v></c>`).join('')}</row><row><c><v>1</v></c><c t="s"><v>7</v></c></row><row><c><v>2</v></c><c t="s"><v>8</v></c></row>`,
      strings: [
        ...NAMES,
        '</t></si><si><r><t>he</t></r><r><t xml:space="preserve">llo</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si><si><t>',
      ],
      edit: (name, xml) => (name.includes('sheet1') ? xml.replaceAll(/<(\/?)(\w+)/g, '<$1x:$2').replace('xmlns=', 'xmlns:x=') : xml),
    });
    const reading = await read(bytes);
    expect((await desk.rows(reading)).map(({ _line, id: key, name }) => [_line, key, name])).toEqual([
      [2n, 1, null],
      [3n, 2, 'hello'],
    ]);
    await reading.close();
  });

  const flaws: Record<string, [cells: (string | number | null)[], rule: string, column: string | null, options?: object]> = {
    'an error': [[2, '<c t="e"><v>#N/A</v></c>'], 'cell-error', 'name'],
    'a formula': [[2, 'x', '<c><f>A1+1</f><v>2</v></c>'], 'formula', 'pay'],
    'a shared formula': [[2, 'x', '<c><f t="shared" si="0"/><v>2</v></c>'], 'formula', 'pay'],
    'a formula that was never computed': [[2, 'x', '<c><f>A1+1</f></c>'], 'formula', 'pay', { formulas: 'cached' }],
    'a formula with an error': [[2, 'x', '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'], 'cell-error', 'pay', { formulas: 'cached' }],
    'a number as text': [['2', 'x'], 'number-as-text', 'id'],
    'a text as number, allowed': [['two', 'x'], 'type', 'id', { text_numbers: 'accept' }],
    'a code as number': [[2, 7], 'value-kind', 'name'],
    'a code with nine digits that is no whole number': [[2, '<c s="3"><v>1.5</v></c>'], 'value-kind', 'name'],
    'a date as number': [[2, 'x', 1, 45_292], 'value-kind', 'day'],
    'a number as date': [['<c s="1"><v>45292</v></c>'], 'value-kind', 'id'],
    'a number as time of day': [[2, 'x', '<c s="4"><v>0.5</v></c>'], 'value-kind', 'pay'],
    'a time within a day': [[2, 'x', 1, '<c s="1"><v>45292.5</v></c>'], 'type', 'day'],
    '29 February 1900': [[2, 'x', 1, '<c s="1"><v>60</v></c>'], 'date-serial', 'day'],
    'a day after 9999': [[2, 'x', 1, '<c s="1"><v>2958466</v></c>'], 'date-serial', 'day'],
    'a day that is not in the calendar, as text': [[2, 'x', 1, '2023-02-29'], 'type', 'day'],
    'a boolean as number': [[2, 'x', 1, null, null, 1], 'value-kind', 'active'],
    'a number as boolean': [['<c t="b"><v>1</v></c>'], 'value-kind', 'id'],
    'a decimal in whole numbers': [[2.5, 'x'], 'type', 'id'],
    'three decimals of money': [[2, 'x', 1.005], 'type', 'pay'],
    'more digits than a sheet keeps': [[2, 'x', 12_345_678_901_234], 'number-precision', 'pay'],
    'no number in a number': [['<c><v>1_000</v></c>'], 'value-kind', 'id'],
    infinity: [['<c><v>1e999</v></c>'], 'number-precision', 'id'],
    'a space at the end': [[2, 'x '], 'spaces', 'name'],
    'a wide space': [[2, '\u00a0x'], 'spaces', 'name'],
    'a direction mark': [[2, '\u200fx'], 'direction-mark', 'name'],
    'an override': [[2, '\u202ex'], 'control-character', 'name'],
    'NUL in escapes': [[2, '_x0000_'], 'control-character', 'name'],
    'half a surrogate pair': [[2, '_xD83D_'], 'control-character', 'name'],
    'a value beside the columns': [[2, 'x', 1, null, null, null, null, 'more'], 'field-count', null],
  };
  for (const [name, [cells, rule, column, options]] of Object.entries(flaws)) {
    it(`one record is rejected: ${name}`, async () => {
      const reading = await read(book(good(2, 1) + row(3, cells)), contract(options));
      expect(reading.counts).toMatchObject({ input: 2, accepted: 1, rejected: 1 });
      expect(await desk.rejects(reading)).toMatchObject([{ line: 3n, rule, column }]);
      await reading.close();
    });
  }

  it('values that formulas computed, where declared', async () => {
    const rows = row(2, [
      '<c><f>1+1</f><v>2</v></c>',
      '<c t="str"><f>"a"&amp;"b"</f><v>ab</v></c>',
      '<c><f>1/4</f><v>0.25</v></c>',
      '<c s="1"><f>TODAY()</f><v>45292</v></c>',
    ]);
    const reading = await read(book(rows), contract({ formulas: 'cached' }));
    expect((await desk.rows(reading))[0]).toMatchObject({ id: 2, name: 'ab', pay: 25n, day: new Date('2024-01-01') });
    await reading.close();
  });

  it('blank rows among records are rejected, empty cells and rows at the end are none; raw text goes to the vault alone', async () => {
    const rows = `${good(2)}<row r="3"/>${row(5, ['', '<c s="1"/>'])}${good(6)}${row(7, ['x', 'y'])}${row(9, [''])}<row r="1000000"/>`;
    const reading = await read(book(rows));
    expect(reading.counts).toMatchObject({ input: 6, accepted: 2, rejected: 4, byRule: { 'blank-line': 3, 'number-as-text': 1 } });
    expect((await desk.rejects(reading)).map(({ line, raw }) => [line, raw])).toEqual([
      [3n, ''],
      [4n, ''],
      [5n, ''],
      [7n, '{"id":"x","name":"y"}'],
    ]);
    expect((await desk.rows(reading)).map((found) => found['_line'])).toEqual([2n, 6n]);
    await reading.close();
  });

  it('sheets by name, beside others where allowed', async () => {
    const sheets = [{ name: 'נתונים & "x"' }, { name: 'הסבר' }, { name: 'old', state: 'veryHidden' }];
    const sheet = 'נתונים & "x"';
    const bytes = book(good(2), { sheets });
    const any = await read(bytes, contract({ sheet, other_sheets: 'any' }));
    expect(any.counts).toMatchObject({ input: 1, accepted: 1 });
    await any.close();
    const visible = await read(book(good(2), { sheets: sheets.slice(0, 2) }), contract({ sheet, other_sheets: 'visible' }));
    await visible.close();
    const codes = async (options: object | undefined, more: Partial<WorkbookText>): Promise<string> =>
      (await refusal(desk, desk.write('bad.xlsx', book(good(2), more)), contract(options))).code;
    expect(await codes({ sheet, other_sheets: 'visible' }, { sheets })).toBe('delivery-hidden-sheet');
    expect(await codes({ sheet }, { sheets: sheets.slice(0, 2) })).toBe('delivery-sheet');
    expect(await codes({ sheet: 'other' }, { sheets })).toBe('delivery-sheet');
    expect(await codes({ sheet: 'old', other_sheets: 'any' }, { sheets })).toBe('delivery-hidden-sheet');
    expect(await codes(undefined, { sheets: sheets.slice(0, 2) })).toBe('delivery-sheet');
    expect(await codes(undefined, { sheets: [{ name: 'a', state: 'hidden' }] })).toBe('delivery-sheet');
  });

  const GOOD = book(good(2) + good(3));
  const replaced = (part: string, from: string | RegExp, to: string): Buffer =>
    book(good(2), { edit: (name, xml) => (name === part ? xml.replace(from, to) : xml) });
  const SHEET = 'xl/worksheets/sheet1.xml';
  interface Bad {
    readonly bytes: () => string | Uint8Array;
    readonly code: string;
    readonly at?: object;
    readonly options?: object;
    readonly format?: object;
    readonly says?: RegExp;
  }
  const bad: Record<string, Bad> = {
    'empty file': { bytes: () => '', code: 'delivery-empty' },
    'a CSV': { bytes: () => `id,name\n1,${CANARY}\n`, code: 'delivery-format', says: /not a workbook/ },
    'an old workbook, or one with a password': {
      bytes: () => Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      code: 'delivery-format',
      says: /password/,
    },
    'a web page': { bytes: () => '<html></html>', code: 'delivery-format', says: /HTML/ },
    'a ZIP of something else': { bytes: () => zip([{ name: 'a.txt', bytes: CANARY }]), code: 'delivery-format', says: /not a workbook/ },
    'a binary workbook': {
      bytes: () =>
        zip([
          {
            name: '_rels/.rels',
            bytes: '<Relationships><Relationship Id="w" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>',
          },
          { name: 'xl/workbook.bin', bytes: 'x' },
        ]),
      code: 'delivery-format',
      says: /XLSB/,
    },
    macros: { bytes: () => book(good(2), { parts: [{ name: 'xl/vbaProject.bin', bytes: 'x' }] }), code: 'delivery-format', says: /macros/ },
    'cut off': { bytes: () => GOOD.subarray(0, -30), code: 'delivery-truncated' },
    'cut in its parts': { bytes: () => GOOD.subarray(100), code: 'delivery-format' },
    'a list of parts that points nowhere': {
      bytes: () => Buffer.concat([Buffer.from('PK\x03\x04'), GOOD.subarray(-22)]),
      code: 'delivery-damaged',
    },
    'a part twice': {
      bytes: () => book(good(2), { parts: [{ name: 'XL/worksheets/SHEET1.xml', bytes: '' }] }),
      code: 'delivery-damaged',
      says: /twice/,
    },
    'thousands of parts': {
      bytes: () => book(good(2), { parts: Array.from({ length: 5000 }, (_, i) => ({ name: `a${i}`, bytes: '' })) }),
      code: 'delivery-format',
    },
    'an encrypted part': {
      bytes: () =>
        zip([
          { name: '_rels/.rels', bytes: 'x', flags: 1 },
          { name: 'xl/workbook.xml', bytes: 'x' },
        ]),
      code: 'delivery-format',
      says: /password/,
    },
    'a wrong checksum': { bytes: () => zip([{ name: '_rels/.rels', bytes: '<Relationships/>', crc: 7 }]), code: 'delivery-damaged' },
    'a size that is too small': {
      bytes: () => zip([{ name: '_rels/.rels', bytes: '<Relationships/>', size: 3 }]),
      code: 'delivery-damaged',
    },
    'a size that is too large': {
      bytes: () => zip([{ name: '_rels/.rels', bytes: '<Relationships/>', size: 3000 }]),
      code: 'delivery-damaged',
    },
    'a bomb of white space': { bytes: () => book(good(2) + ' '.repeat(20_000_000)), code: 'delivery-cell-too-long' },
    'a bomb of empty cells': {
      bytes: () => book(`${good(2)}<row r="3">${'<c/>'.repeat(5_000_000)}</row>`),
      code: 'delivery-damaged',
      says: /cells/,
    },
    'a bomb of empty rows': { bytes: () => book(good(2) + '<row/>'.repeat(5_000_000)), code: 'delivery-bomb' },
    'a bomb in the shared strings': {
      bytes: () => book(good(2), { strings: [...Array<string>(100_000).fill('x'.repeat(100))] }),
      code: 'delivery-bomb',
    },
    'too many shared strings': {
      bytes: () => book(good(2), { strings: Array.from({ length: 1000 }, (_, i) => `x${i}`) }),
      code: 'delivery-too-large',
      options: { max_shared_bytes: 1000 },
    },
    'unpacks to more than max_bytes': {
      bytes: () => GOOD,
      code: 'delivery-too-large',
      format: { max_bytes: GOOD.length + 10 },
      says: /unpacks/,
    },
    'a huge text': { bytes: () => book(row(2, [2, randomText(3_000_000)])), code: 'delivery-cell-too-long' },
    'a huge attribute': { bytes: () => book(`<row r="2" x="${randomText(3_000_000)}"/>`), code: 'delivery-cell-too-long' },
    'a record over the limit': {
      bytes: () => book(good(2) + row(3, [3, 'x'.repeat(300)])),
      code: 'delivery-line-too-long',
      at: { line: 3 },
      format: { max_line_bytes: 200 },
    },
    'a document type': {
      bytes: () => replaced(SHEET, '<worksheet', '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'),
      code: 'delivery-format',
      says: /document type/,
    },
    'an entity of its own': { bytes: () => replaced(SHEET, '</row>', '&a;</row>'), code: 'delivery-damaged' },
    'XML cut off': { bytes: () => replaced(SHEET, '</worksheet>', ''), code: 'delivery-damaged' },
    'XML of noise': { bytes: () => replaced(SHEET, '<row r="2"', '<row r="2'), code: 'delivery-damaged' },
    'elements in elements': { bytes: () => replaced(SHEET, '</row>', '<a>'.repeat(100)), code: 'delivery-damaged' },
    'not UTF-8': {
      bytes: () => zip([{ name: '_rels/.rels', bytes: Buffer.concat([Buffer.from('<a x="'), Buffer.from([0xeb]), Buffer.from('"/>')]) }]),
      code: 'delivery-damaged',
    },
    'no header': { bytes: () => workbook({ rows: good(2) }), code: 'delivery-header', at: { line: 1 } },
    'an empty sheet': { bytes: () => workbook({ rows: '' }), code: 'delivery-header', at: { line: 1 } },
    'records instead of a header': {
      bytes: () => workbook({ rows: good(1) + good(2) }),
      code: 'delivery-header',
      says: /none of the expected columns/,
    },
    'a missing column': { bytes: () => workbook({ rows: row(1, NAMES.slice(1)) + good(2) }), code: 'delivery-header', says: /missing: id/ },
    'a doubled column': {
      bytes: () => workbook({ rows: row(1, [...NAMES, 'id']) + good(2) }),
      code: 'delivery-header',
      says: /more than once: id/,
    },
    'a column without a name': {
      bytes: () => workbook({ rows: row(1, [null, ...NAMES]) + good(2) }),
      code: 'delivery-header',
      says: /columns at 1/,
    },
    'a formula in the header': {
      bytes: () => workbook({ rows: row(1, ['<c t="str"><f>A2</f><v>id</v></c>']) + good(2) }),
      code: 'delivery-header',
      says: /formula/,
    },
    'no records': { bytes: () => workbook({ rows: HEADER + row(2, ['']) }), code: 'delivery-empty' },
    'merged cells': {
      bytes: () => book(good(2), { after: '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>' }),
      code: 'delivery-merged-cells',
      at: { line: 2 },
    },
    'merged cells without end': {
      bytes: () => book(good(2), { after: '<mergeCells><mergeCell ref="A2:"/></mergeCells>' }),
      code: 'delivery-damaged',
    },
    'rows out of order': { bytes: () => book(good(3) + good(2)), code: 'delivery-damaged', says: /rows/ },
    'a row twice': { bytes: () => book(good(2) + good(2)), code: 'delivery-damaged', says: /rows/ },
    'a row after the last': { bytes: () => book('<row r="1048577"/>'), code: 'delivery-damaged' },
    'cells out of order': {
      bytes: () => book('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>'),
      code: 'delivery-damaged',
      says: /cells/,
    },
    'a cell of another row': { bytes: () => book('<row r="2"><c r="A3"><v>1</v></c></row>'), code: 'delivery-damaged', at: { line: 2 } },
    'a column after the last': { bytes: () => book('<row r="2"><c r="XFE2"><v>1</v></c></row>'), code: 'delivery-damaged' },
    'a row in a row': { bytes: () => book(`<row r="2"><c r="A2"><v>1</v></c>${good(3)}</row>`), code: 'delivery-damaged', says: /rows/ },
    'a cell outside of rows': { bytes: () => book(`${good(2)}<c><v>1</v></c>`), code: 'delivery-damaged', says: /cells/ },
    'a cell in a cell': {
      bytes: () => book('<row r="2"><c r="A2"><c r="B2"><v>1</v></c></c></row>'),
      code: 'delivery-damaged',
      says: /cells/,
    },
    'two values in a cell': { bytes: () => book(row(2, ['<c><v>1</v><v>2</v></c>'])), code: 'delivery-damaged', says: /cells/ },
    'a text beside a number': { bytes: () => book(row(2, ['<c><is><t>2</t></is></c>'])), code: 'delivery-damaged', says: /cells/ },
    'a shared string that is not there': {
      bytes: () => book(row(2, ['<c t="s"><v>5</v></c>']), { strings: ['x'] }),
      code: 'delivery-damaged',
      says: /shared strings/,
    },
    'a shared string before the first': {
      bytes: () => book(row(2, ['<c t="s"><v>-1</v></c>']), { strings: ['x'] }),
      code: 'delivery-damaged',
    },
    'a sheet of another kind': {
      bytes: () => replaced('xl/_rels/workbook.xml.rels', '/worksheet"', '/chartsheet"'),
      code: 'delivery-sheet',
    },
    'a sheet without its part': {
      bytes: () => replaced('xl/_rels/workbook.xml.rels', 'sheet1.xml', 'sheet9.xml'),
      code: 'delivery-damaged',
      says: /lacks a part/,
    },
    'a part outside of the workbook': {
      bytes: () => replaced('xl/_rels/workbook.xml.rels', 'worksheets/sheet1.xml', '../../../../etc/passwd'),
      code: 'delivery-damaged',
    },
    'a sheet on another machine': {
      bytes: () =>
        replaced('xl/_rels/workbook.xml.rels', 'Target="worksheets/sheet1.xml"', 'TargetMode="External" Target="http://example.org/x"'),
      code: 'delivery-sheet',
    },
    'values that other files computed': {
      bytes: () =>
        replaced(
          'xl/_rels/workbook.xml.rels',
          '</Relationships>',
          '<Relationship Id="e" Type="x/externalLink" Target="externalLinks/externalLink1.xml"/></Relationships>',
        ),
      code: 'delivery-external-link',
      options: { formulas: 'cached' },
    },
    'rejects over the limit': {
      bytes: () => book(good(2) + row(3, ['2', CANARY])),
      code: 'delivery-reject-limit',
      says: /number-as-text 1/,
    },
  };
  for (const [name, { bytes, code, at, options, format, says }] of Object.entries(bad)) {
    it(`refused: ${name}`, async () => {
      const error = await refusal(desk, desk.write('bad.xlsx', bytes()), contract(options, format, { reject_limit: 0.05 }));
      expect(error.code, error.message).toBe(code);
      expect(error.at).toMatchObject(at ?? {});
      if (says !== undefined) expect(error.message).toMatch(says);
    });
  }

  it('random damage to a workbook never crashes, never loses a record and never quotes one', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => good(index + 2)).join('');
    const bytes = workbook({ rows: HEADER + rows, edit: (_, xml) => xml });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
        async (edits) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of edits) damaged[at] = value;
          const found = await read(damaged).catch((error: unknown) => error as Error);
          if (found instanceof Error) {
            expect(found.name, found.stack).toBe('DeliveryError');
            expect(found.message).not.toContain(CANARY);
            return;
          }
          expect(found.counts).toMatchObject({ input: 20, accepted: 20, rejected: 0 });
          await found.close();
        },
      ),
      { numRuns: 150, seed: 20240402 },
    );
  });
});

function randomText(length: number): string {
  let seed = 7;
  return Array.from({ length }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(97 + ((seed >> 16) % 26));
  }).join('');
}
