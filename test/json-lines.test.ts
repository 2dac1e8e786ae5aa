import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../sources/contract.ts';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import { label, problemsOf } from './format-fixture.ts';
import { contractOf, type Desk, openDesk, type RawContract } from './reading-fixture.ts';
import { CANARY, refusal } from './refusal.ts';

let desk: Desk & { scratch: string };
beforeAll(async () => {
  desk = await openDesk();
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
