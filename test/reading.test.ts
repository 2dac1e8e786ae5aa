import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { id, literal, sql } from '../engine/sql.ts';
import { Contract, loadContract } from '../sources/contract.ts';
import { contractOf, type Desk, openDesk } from './reading-fixture.ts';
import { testSession } from './scratch.ts';

const CASES = joinPath(import.meta.dirname, 'cases/reading');
const PEOPLE = ['id INTEGER', 'name VARCHAR'];
const HEBREW = 'id,name\n1,"כהן, משה"\n2,רות\n';
const HEBREW_ROWS = [
  { _line: 2n, _row: 0n, id: 1, name: 'כהן, משה' },
  { _line: 3n, _row: 1n, id: 2, name: 'רות' },
];

let desk: Desk & { scratch: string };
beforeAll(async () => {
  desk = await openDesk();
});

describe('a contract is read and checked', () => {
  it('takes the full form and gives defaults', () => {
    const contract = Contract.parse({
      ...contractOf(['person_id VARCHAR', 'month PERIOD_M']),
      partition: 'month',
      spine: { kind: 'person', id: 'person_id' },
    });
    expect(contract.format).toEqual({
      type: 'csv',
      encoding: 'utf-8',
      delimiter: ',',
      compression: 'auto',
      max_line_bytes: 1_048_576,
      max_bytes: 20_000_000_000,
      max_ratio: 100,
    });
    expect(contract.variables[0]?.required).toBe(false);
  });

  it('finds every contradiction, with its place', async () => {
    const file = desk.write(
      'contract.yaml',
      [
        'source: x',
        'title: { en: a, he: b }',
        'supplier: { en: a, he: b }',
        'legal_basis: [X]',
        'purpose: p',
        'retention: P1Y',
        'delivery: { kind: snapshot, frequency: M }',
        'format: { type: csv }',
        'key: [nobody]',
        'partition: id',
        'spine: { kind: person, id: nothing }',
        'variables:',
        '  - { name: id, type: VARCHAR, role: other, min: 1, label: { en: a, he: b } }',
        '  - { name: other, column: id, type: INTEGER, role: other, min: 2, max: 1, identifier: person, label: { en: a, he: b } }',
      ].join('\n'),
    );
    const error = await loadContract(file).then(
      () => undefined,
      (caught: unknown) => caught as { problems: { at: { line: number } }[] },
    );
    expect(error?.problems.map((problem) => problem.at.line).sort((a, b) => a - b)).toEqual([9, 10, 11, 13, 14, 14, 14]);
  });
});

describe('cases', () => {
  for (const name of readdirSync(CASES).sort()) {
    it(name, async () => {
      const folder = joinPath(CASES, name);
      const contract = Contract.parse(parse(readFileSync(joinPath(folder, 'case.yaml'), 'utf8')));
      const expected = parse(readFileSync(joinPath(folder, 'expected.yaml'), 'utf8')) as Record<string, Record<string, unknown>[]>;
      const input = readdirSync(folder).find((file) => file.startsWith('input.')) ?? 'none';
      const reading = await desk.read(joinPath(folder, input), contract);
      const { byRule, warnings, missing, ...counts } = reading.counts;
      expect(counts).toEqual(expected['counts']);
      expect(byRule).toEqual(expected['byRule']);
      expect({ warnings, missing }).toEqual({ warnings: expected['warnings'] ?? {}, missing: expected['missing'] ?? {} });
      const rejects = expected['rejects'] ?? [];
      expect(await desk.rejects(reading)).toEqual(
        rejects.map((row) =>
          expect.objectContaining({
            ...row,
            line: BigInt(row['line'] as number),
            ...('byte' in row && { byte: BigInt(row['byte'] as number) }),
          }),
        ),
      );
      const rows = await desk.session.rows(sql`SELECT CAST(to_json(t) AS VARCHAR) AS json FROM ${id(reading.table)} AS t ORDER BY _row`);
      expect(rows.map((row) => JSON.parse(String(row['json'])) as unknown)).toEqual(expected['accepted']);
      await reading.close();
      expect(await desk.session.rows(sql`SELECT table_name FROM information_schema.tables`)).toEqual([]);
      expect(readdirSync(desk.scratch).filter((file) => file.startsWith('reading_'))).toEqual([]);
    });
  }
});

describe('encodings, compressions and names', () => {
  const utf16 = (text: string, mark: boolean, swap: boolean): Buffer => {
    const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
    return swap ? bytes.swap16() : bytes;
  };
  const windows1255 = (text: string): Buffer =>
    Buffer.from([...text].map((letter) => (letter >= 'א' && letter <= 'ת' ? letter.charCodeAt(0) - 0x5d0 + 0xe0 : letter.charCodeAt(0))));
  const zstd = Buffer.from('KLUv/SQkIQEAaWQsbmFtZQoxLCLXm9eU158sINee16nXlCIKMizXqNeV16oKZnDRgQ==', 'base64');
  const forms: Record<string, { bytes: Uint8Array | string; format?: object }> = {
    'plain UTF-8': { bytes: HEBREW },
    'byte order mark': { bytes: `\ufeff${HEBREW}` },
    'no newline at the end': { bytes: HEBREW.trimEnd() },
    CRLF: { bytes: HEBREW.replaceAll('\n', '\r\n') },
    'mixed newlines': { bytes: HEBREW.replace('\n', '\r\n') },
    'UTF-16LE with mark': { bytes: utf16(HEBREW, true, false), format: { encoding: 'utf-16le' } },
    'UTF-16LE': { bytes: utf16(HEBREW, false, false), format: { encoding: 'utf-16le' } },
    'UTF-16BE with mark': { bytes: utf16(HEBREW, true, true), format: { encoding: 'utf-16be' } },
    'windows-1255': { bytes: windows1255(HEBREW), format: { encoding: 'windows-1255' } },
    'windows-1255 in gzip': { bytes: gzipSync(windows1255(HEBREW)), format: { encoding: 'windows-1255', compression: 'gzip' } },
    gzip: { bytes: gzipSync(HEBREW) },
    'gzip of two members': { bytes: Buffer.concat([gzipSync(HEBREW.slice(0, 12)), gzipSync(HEBREW.slice(12))]) },
    'other delimiter': { bytes: HEBREW.replaceAll(/,(?! )/g, '|'), format: { delimiter: '|' } },
  };
  for (const [name, { bytes, format }] of Object.entries(forms)) {
    it(name, async () => {
      const file = desk.write('x.csv', bytes);
      const reading = await desk.read(file, contractOf(PEOPLE, { format: { type: 'csv', ...format } }));
      expect(await desk.rows(reading)).toEqual(HEBREW_ROWS);
      const delivered = readFileSync(file);
      expect(reading.file).toEqual({ sha256: createHash('sha256').update(delivered).digest('hex'), bytes: delivered.length });
      await reading.close();
    });
  }

  it('zstd, one frame with checksum', async () => {
    const reading = await desk.read(desk.write('x.csv.zst', zstd), contractOf(PEOPLE, { format: { type: 'csv', compression: 'zstd' } }));
    expect(await desk.rows(reading)).toEqual([{ ...HEBREW_ROWS[0], name: 'כהן, משה' }, HEBREW_ROWS[1]]);
    await reading.close();
  });

  it('glob characters in names of files and folders read that file and no other', async () => {
    desk.write('xa.csv', 'id,name\n9,other\n');
    const file = desk.write('x[ab].csv', HEBREW);
    const scratch = joinPath(desk.scratch, 'a[bc]?*');
    mkdirSync(scratch);
    const reading = await desk.read(file, contractOf(PEOPLE), { scratchDirectory: scratch });
    expect(await desk.rows(reading)).toEqual(HEBREW_ROWS);
    await reading.close();
  });

  it('columns in another order and under an older name', async () => {
    const label = { en: 'x', he: 'א' };
    const variables = [
      { name: 'id', type: 'INTEGER', role: 'other', label },
      { name: 'name', column: 'Full name', renamed_from: ['Name, old'], type: 'VARCHAR', role: 'other', label },
    ];
    for (const header of ['Full name,id', '"Name, old",id']) {
      const reading = await desk.read(desk.write('renamed.csv', `${header}\nרות,2\n`), contractOf(PEOPLE, { variables }));
      expect(await desk.rows(reading)).toEqual([{ _line: 2n, _row: 0n, id: 2, name: 'רות' }]);
      await reading.close();
    }
  });
});

describe('Parquet', () => {
  it('keeps types, checks rules, counts rows', async () => {
    const path = joinPath(desk.scratch, 'good.parquet');
    await desk.session.run(sql`COPY (SELECT i::INTEGER AS id, CASE WHEN i = 3 THEN ' x' ELSE 'שם' END AS name, (i * 1.5)::DECIMAL(10,2) AS pay, CASE WHEN i = 4 THEN 'infinity'::DATE ELSE DATE '2024-01-01' + i::INTEGER END AS day
      FROM range(5) AS t(i)) TO ${literal(path)} (FORMAT parquet)`);
    const contract = contractOf(['id BIGINT', 'day DATE', 'pay MONEY', 'name VARCHAR'], { format: { type: 'parquet' } });
    const reading = await desk.read(path, contract);
    expect(reading.counts).toMatchObject({ input: 5, accepted: 3, rejected: 2, byRule: { spaces: 1, type: 1 } });
    expect(await desk.rejects(reading)).toMatchObject([
      { line: 4n, column: 'name', rule: 'spaces' },
      { line: 5n, column: 'day', rule: 'type' },
    ]);
    expect((await desk.rows(reading))[2]).toEqual({ _line: 3n, _row: 2n, id: 2n, day: new Date('2024-01-03'), pay: 300n, name: 'שם' });
    await reading.close();
  });
});

describe('size', () => {
  it('a file whose records are all malformed, and one with a single good record', async () => {
    const none = await desk.read(desk.write('none.csv', 'id,name\n1\n\n2,a,b'), contractOf(PEOPLE));
    expect(none.counts).toMatchObject({ input: 3, accepted: 0, rejected: 3, byRule: { 'blank-line': 1, 'field-count': 2 } });
    await none.close();
    const one = await desk.read(desk.write('one.csv', 'id,name\n1\n\n2,a'), contractOf(PEOPLE));
    expect(await desk.rows(one)).toEqual([{ _line: 4n, _row: 0n, id: 2, name: 'a' }]);
    await one.close();
  });

  it('line numbers hold over several chunks and threads, with records over several lines', async () => {
    const records = Array.from({ length: 200_000 }, (_, i) =>
      i % 1000 === 7 ? `${i},"a\n${i}"` : i % 5000 === 13 ? `${i},x,y` : `${i},abcdefgh`,
    );
    const lines: number[] = [];
    let line = 2;
    for (const record of records) {
      lines.push(line);
      line += record.includes('\n') ? 2 : 1;
    }
    const reading = await desk.read(desk.write('long.csv', `id,name\r\n${records.join('\r\n')}`), contractOf(PEOPLE));
    expect(reading.counts).toMatchObject({ input: 200_000, accepted: 199_960, rejected: 40, byRule: { 'field-count': 40 } });
    const { id: ids, _line: found } = await desk.session.columns(sql`SELECT id, _line FROM ${id(reading.table)} ORDER BY _row`);
    expect(found?.every((value, index) => Number(value) === lines[Number(ids?.[index])])).toBe(true);
    await reading.close();
  });
});

describe('properties', () => {
  const text = fc
    .string({ unit: fc.constantFrom('a', 'ש', ',', '"', '\n', '\r\n', ' ', "'", ';', '=', '😀', '\\', '%'), maxLength: 8 })
    .filter((value) => value.trim() === value);
  const rows = fc.array(
    fc.record({
      name: text,
      pay: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
      day: fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    }),
    { minLength: 1, maxLength: 20 },
  );
  const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
  const money = (agorot: number): string =>
    `${agorot < 0 ? '-' : ''}${Math.floor(Math.abs(agorot) / 100)}.${String(Math.abs(agorot) % 100).padStart(2, '0')}`;
  const variables = ['id INTEGER', 'name VARCHAR', 'pay MONEY', 'day DATE'];

  it('random rows come back as they were', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (records) => {
        const plain = records.map((record) => ({
          ...record,
          pay: record.pay === 0 ? 1 : record.pay,
          day: record.day.toISOString().slice(0, 10),
        }));
        const file = ['id,name,pay,day', ...plain.map(({ name, pay, day }, i) => `${i},${quote(name)},${money(pay)},${day}`)].join('\n');
        const reading = await desk.read(desk.write('random.csv', file), contractOf(variables));
        const found = await desk.session.rows(
          sql`SELECT id, name, pay, CAST(day AS VARCHAR) AS day FROM ${id(reading.table)} ORDER BY _row`,
        );
        expect(found).toEqual(plain.map(({ name, pay, day }, i) => ({ id: i, name: name === '' ? null : name, pay: BigInt(pay), day })));
        expect(reading.counts).toMatchObject({ input: plain.length, accepted: plain.length, rejected: 0 });
        await reading.close();
      }),
      { numRuns: 40, seed: 20240229 },
    );
  });

  it('random damage never loses a record and never quotes one', async () => {
    const lines = Array.from(
      { length: 30 },
      (_, i) => `${i},SECRET${i},"quoted, SECRET",${i}.50,2024-01-${String((i % 28) + 1).padStart(2, '0')}`,
    );
    const good = Buffer.from(`id,name,note,pay,day\n${lines.join('\n')}\n`);
    const damage = fc.array(
      fc.record({
        at: fc.nat({ max: good.length - 1 }),
        byte: fc.oneof(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x20, 0x00), fc.nat({ max: 255 })),
        kind: fc.constantFrom('set', 'drop', 'insert', 'cut'),
      }),
      { minLength: 1, maxLength: 3 },
    );
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damage, async (steps) => {
        const bytes = [...good];
        for (const { at, byte, kind } of steps) {
          if (kind === 'set') bytes[Math.min(at, bytes.length - 1)] = byte;
          else if (kind === 'cut') bytes.splice(Math.max(25, at));
          else bytes.splice(at, kind === 'drop' ? 1 : 0, ...(kind === 'drop' ? [] : [byte]));
        }
        const contract = contractOf(['id INTEGER', 'name VARCHAR', 'note VARCHAR', 'pay MONEY', 'day DATE']);
        try {
          const reading = await desk.read(desk.write('damaged.csv', Buffer.from(bytes)), contract);
          const { input, accepted, rejected } = reading.counts;
          expect(accepted + rejected).toBe(input);
          expect((await desk.rows(reading)).length).toBe(accepted);
          expect(new Set((await desk.rejects(reading)).map((row) => row['line'])).size).toBe(rejected);
          await reading.close();
        } catch (error) {
          const { name, exitCode, message, facts } = error as { name: string; exitCode: number; message: string; facts: object };
          expect([name, exitCode]).toEqual(['DeliveryError', 3]);
          expect(`${message}${JSON.stringify(facts)}`).not.toMatch(/SECRET|quoted|2024-01/);
          refused++;
        }
      }),
      { numRuns: 120, seed: 7 },
    );
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThan(115);
  });
});

describe('threads', () => {
  it('one and three threads give the same rows and rejects', async () => {
    const file = desk.write(
      'threads.csv',
      `id,name\n${Array.from({ length: 300_000 }, (_, i) => `${i % 250_000},${i % 999 === 0 ? ' x' : `n${i}`}`).join('\n')}\n`,
    );
    const digests: unknown[] = [];
    for (const threads of [1, 3]) {
      const session = await testSession(desk.scratch, threads);
      const reading = await desk.read(file, contractOf(PEOPLE), { session });
      const digest = (table: string) =>
        session.row(
          sql`SELECT md5(string_agg(CAST(to_json(t) AS VARCHAR), ',' ORDER BY CAST(to_json(t) AS VARCHAR))) AS md5, count(*) AS n FROM ${id(table)} AS t`,
        );
      digests.push([reading.counts, await digest(reading.table), await digest(reading.rejectsTable)]);
      session.close();
    }
    expect(digests[1]).toEqual(digests[0]);
  });
});
