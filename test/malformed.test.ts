import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { literal, sql } from '../engine/sql.ts';
import type { Contract } from '../sources/contract.ts';
import { contractOf, type Desk, openDesk } from './reading-fixture.ts';
import { CANARY, type Refusal, refusal } from './refusal.ts';

const PEOPLE = ['id INTEGER', 'name VARCHAR', 'pay MONEY'];
const HEAD = 'id,name,pay\n';
const ROWS = `1,${CANARY}a,1.50\n2,"${CANARY}, b",2.50\n`;
const GOOD = `${HEAD}${ROWS}`;

let desk: Desk & { scratch: string };
beforeAll(async () => {
  desk = await openDesk();
});

const refused = (file: string, contract: Contract): Promise<Refusal> => refusal(desk, file, contract);

interface Bad {
  readonly bytes: string | Uint8Array;
  readonly code: string;
  readonly at?: { line?: number; column?: number };
  readonly says?: RegExp;
  readonly field?: string;
  readonly format?: object;
}

const hebrew1255 = Buffer.concat([Buffer.from(`${HEAD}1,${CANARY},1\n2,`), Buffer.from([0xeb, 0xe4, 0xef]), Buffer.from(',1\n')]);
const bad: Record<string, Bad> = {
  'empty file': { bytes: '', code: 'delivery-empty' },
  'header only': { bytes: HEAD, code: 'delivery-empty' },
  'blank lines only': { bytes: '\n\n\n', code: 'delivery-header' },
  'HTML page': { bytes: '\n <!DOCTYPE html><html><body>error</body></html>', code: 'delivery-format', says: /HTML/ },
  XML: { bytes: '<?xml version="1.0"?><a/>', code: 'delivery-format', says: /XML/ },
  'XLSX bytes': { bytes: Buffer.from('PK\x03\x04aaaaaaaaaaaaaaaaaaaaaa'), code: 'delivery-format', says: /Excel/ },
  'Parquet as CSV': { bytes: Buffer.from('PAR1aaaaaaaaaaaaPAR1'), code: 'delivery-format', says: /Parquet/ },
  'gzip inside gzip': { bytes: gzipSync(gzipSync(GOOD)), code: 'delivery-format', says: /gzip/ },
  'no header': { bytes: ROWS, code: 'delivery-header', at: { line: 1 }, says: /header missing/ },
  'missing column': { bytes: 'id,name\n1,x\n', code: 'delivery-header', at: { line: 1 }, says: /missing: pay/ },
  'duplicate column': { bytes: 'id,name,pay,name\n1,x,1,y\n', code: 'delivery-header', says: /more than once: name/ },
  'unknown column': { bytes: `id,name,pay,${CANARY}\n1,x,1,y\n`, code: 'delivery-header', says: /not in the contract: the columns at 4/ },
  'look-alike column': { bytes: 'id,n\u0430me,pay\n1,x,1\n', code: 'delivery-header', says: /look-alikes at 2/ },
  'column with a space': { bytes: 'id, name,pay\n1,x,1\n', code: 'delivery-header', says: /look-alikes at 2/ },
  'wrong delimiter': { bytes: GOOD.replaceAll(',', ';'), code: 'delivery-header', says: /delimiter/ },
  'unterminated quote at the end': {
    bytes: `${GOOD}3,"${CANARY},1\n4,${CANARY},2\n`,
    code: 'delivery-unterminated-quote',
    at: { line: 4 },
    field: 'name',
  },
  'unterminated quote before other quotes': {
    bytes: `${HEAD}1,"${CANARY},1\n${ROWS}`,
    code: 'delivery-unterminated-quote',
    at: { line: 2 },
  },
  NUL: { bytes: `${GOOD}3,שלom\0,1\n`, code: 'delivery-control-character', at: { line: 4, column: 7 }, field: 'name' },
  'escape character': { bytes: `${GOOD}3,\u001b[31m,1\n`, code: 'delivery-control-character', at: { line: 4, column: 3 } },
  'control of the second set': { bytes: `${GOOD}3,\u0085,1\n`, code: 'delivery-control-character', at: { line: 4, column: 3 } },
  'override of direction': { bytes: `${GOOD}3,"x\n\u202e",1\n`, code: 'delivery-control-character', at: { line: 5, column: 1 } },
  'byte order mark inside': { bytes: `${GOOD}\ufeff3,x,1\n`, code: 'delivery-control-character', at: { line: 4, column: 1 }, field: 'id' },
  'bare carriage return': { bytes: GOOD.replaceAll('\n', '\r'), code: 'delivery-newline', at: { line: 1 } },
  'windows-1255 undeclared': { bytes: hebrew1255, code: 'delivery-encoding', at: { line: 3, column: 3 }, says: /windows-1255/ },
  'not UTF-8': {
    bytes: Buffer.concat([Buffer.from(GOOD), Buffer.from([0x33, 0x2c, 0xc3, 0x28, 0x0a])]),
    code: 'delivery-encoding',
    at: { line: 4, column: 3 },
  },
  'UTF-8 cut in a character': { bytes: Buffer.from(`${GOOD}3,ש`).subarray(0, -1), code: 'delivery-encoding', at: { line: 4, column: 3 } },
  'UTF-16 undeclared, with mark': { bytes: Buffer.from(`\ufeff${GOOD}`, 'utf16le'), code: 'delivery-encoding', says: /utf-16le/ },
  'UTF-16 undeclared, big-endian': { bytes: Buffer.from(GOOD, 'utf16le').swap16(), code: 'delivery-encoding', says: /utf-16be/ },
  'UTF-8 declared as UTF-16': { bytes: GOOD, code: 'delivery-encoding', format: { encoding: 'utf-16le' }, says: /utf-8/ },
  'UTF-8 declared as windows-1255': {
    bytes: `${GOOD}3,שלום,1\n`,
    code: 'delivery-encoding',
    format: { encoding: 'windows-1255' },
    says: /utf-8/,
  },
  'byte that windows-1255 has not': {
    bytes: Buffer.concat([Buffer.from(GOOD), Buffer.from([0x33, 0x2c, 0xff, 0x0a])]),
    code: 'delivery-encoding',
    format: { encoding: 'windows-1255' },
    at: { line: 4, column: 3 },
  },
  'half a surrogate pair': {
    bytes: Buffer.concat([Buffer.from(GOOD, 'utf16le'), Buffer.from([0x00, 0xdc, 0x0a, 0x00])]),
    code: 'delivery-encoding',
    format: { encoding: 'utf-16le' },
    at: { line: 4, column: 1 },
  },
  'truncated gzip': { bytes: gzipSync(GOOD.repeat(50)).subarray(0, -20), code: 'delivery-truncated' },
  'gzip without trailer': { bytes: gzipSync(GOOD).subarray(0, -4), code: 'delivery-truncated' },
  'gzip with a wrong checksum': { bytes: flipped(gzipSync(GOOD), -6), code: 'delivery-damaged' },
  'gzip followed by other bytes': { bytes: Buffer.concat([gzipSync(GOOD), Buffer.from('other')]), code: 'delivery-damaged' },
  'plain, declared gzip': { bytes: GOOD, code: 'delivery-compression', format: { compression: 'gzip' } },
  'gzip, declared plain': { bytes: gzipSync(GOOD), code: 'delivery-compression', format: { compression: 'none' } },
  'truncated zstd': { bytes: Buffer.from('KLUv/SQkIQEAaWQsbmFtZQoxLCLXm9eU158sINee16nXlCIKMiz=', 'base64'), code: 'delivery-truncated' },
  'zstd with a huge window': { bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 1, 0, 0]), code: 'delivery-bomb' },
  'longer than max_bytes': { bytes: GOOD, code: 'delivery-too-large', format: { max_bytes: 20 } },
  'unpacks to more than max_bytes': { bytes: gzipSync(GOOD.repeat(100)), code: 'delivery-too-large', format: { max_bytes: 1000 } },
  'a record over the limit': {
    bytes: `${GOOD}3,${'x'.repeat(500)},1\n`,
    code: 'delivery-line-too-long',
    at: { line: 4 },
    format: { max_line_bytes: 200 },
  },
};

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = copy.length + at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

describe('a file that cannot be read gives one clear error', () => {
  for (const [name, { bytes, code, at, says, field, format }] of Object.entries(bad)) {
    it(name, async () => {
      const error = await refused(desk.write('bad.csv', bytes), contractOf(PEOPLE, { format: { type: 'csv', ...format } }));
      expect(error.code).toBe(code);
      expect(error.at).toMatchObject(at ?? {});
      if (says !== undefined) expect(error.message).toMatch(says);
      if (field !== undefined) expect(error.facts['field']).toBe(field);
    });
  }

  it('a file that is not there, and a folder', async () => {
    expect((await refused(joinPath(desk.folder, 'nothing.csv'), contractOf(PEOPLE))).code).toBe('delivery-not-found');
    expect((await refused(joinPath(desk.folder, 'deliveries'), contractOf(PEOPLE))).code).toBe('delivery-not-found');
  });

  it('a line of 100 MB, and a quote that swallows 100 MB', async () => {
    const big = (name: string, start: string, piece: string): string => {
      const path = joinPath(desk.folder, 'deliveries', name);
      const handle = openSync(path, 'w');
      writeSync(handle, start);
      for (let index = 0; index < 100; index++) writeSync(handle, piece.repeat(1_000_000 / piece.length));
      closeSync(handle);
      return path;
    };
    const line = await refused(big('line.csv', `${GOOD}3,`, 'x'), contractOf(PEOPLE));
    expect(line).toMatchObject({ code: 'delivery-line-too-long', at: { line: 4 }, facts: { field: 'name' } });
    const quote = await refused(big('quote.csv', `${GOOD}3,"x,1\n`, '4,x,1.0000\n'.slice(1)), contractOf(PEOPLE));
    expect(quote).toMatchObject({ code: 'delivery-unterminated-quote', at: { line: 4 } });
  });

  it('a bomb of 1 GiB, in gzip and in zstd', async () => {
    const member = gzipSync(Buffer.alloc(64 * 1024 * 1024, `7,${CANARY},1\n`));
    const gzip = desk.write('bomb.csv.gz', Buffer.concat([gzipSync(GOOD), ...Array.from({ length: 16 }, () => member)]));
    expect((await refused(gzip, contractOf(PEOPLE))).code).toBe('delivery-bomb');
    const block = Buffer.from([0x02, 0x00, 0x10, 0x0a]);
    const start = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, (GOOD.length << 3) & 255, GOOD.length >> 5, 0]);
    const frame = Buffer.concat([start, Buffer.from(GOOD), ...Array.from({ length: 8192 }, () => block)]);
    expect((await refused(desk.write('bomb.csv.zst', frame), contractOf(PEOPLE))).code).toBe('delivery-bomb');
  });

  it('a million malformed records and more', async () => {
    const file = desk.write('malformed.csv', `${HEAD}${'1\n'.repeat(1_000_002)}`);
    expect(await refused(file, contractOf(PEOPLE))).toMatchObject({ code: 'delivery-malformed', at: { line: 1_000_002 } });
  });
});

describe('Parquet that cannot be read gives one clear error', () => {
  const contract = contractOf(PEOPLE, { format: { type: 'parquet' } });
  const good = async (select = `SELECT 1::INTEGER AS id, '${CANARY}' AS name, 1.5::DECIMAL(9,2) AS pay`): Promise<Buffer> => {
    const path = joinPath(desk.scratch, 'made.parquet');
    const { trusted } = await import('../engine/sql.ts');
    await desk.session.run(sql`COPY (${trusted(select)}) TO ${literal(path)} (FORMAT parquet)`);
    return readFileSync(path);
  };
  const pieces: Record<string, { bytes: () => Promise<Uint8Array>; code: string; says?: RegExp }> = {
    'a CSV': { bytes: async () => Buffer.from(GOOD), code: 'delivery-format' },
    encrypted: { bytes: async () => Buffer.from('PAREaaaaaaaaaaaaPARE'), code: 'delivery-format', says: /encrypted/ },
    truncated: { bytes: async () => (await good()).subarray(0, -10), code: 'delivery-truncated' },
    'a footer longer than the file': { bytes: async () => flipped(await good(), -5), code: 'delivery-truncated' },
    'a footer of noise': { bytes: async () => noisyFooter(await good()), code: 'delivery-unreadable' },
    nested: { bytes: () => good(`SELECT 1::INTEGER AS id, {'a': '${CANARY}'} AS name, 1.5::DECIMAL(9,2) AS pay`), code: 'delivery-nested' },
    'a list': { bytes: () => good(`SELECT 1::INTEGER AS id, ['${CANARY}'] AS name, 1.5::DECIMAL(9,2) AS pay`), code: 'delivery-nested' },
    'money as DOUBLE': {
      bytes: () => good(`SELECT 1::INTEGER AS id, 'x' AS name, 1.5::DOUBLE AS pay`),
      code: 'delivery-type',
      says: /pay \(MONEY\)/,
    },
    'three decimals of money': {
      bytes: () => good(`SELECT 1::INTEGER AS id, 'x' AS name, 1.505::DECIMAL(9,3) AS pay`),
      code: 'delivery-type',
    },
    'wide integers': {
      bytes: () => good(`SELECT 1::BIGINT AS id, 'x' AS name, 1.5::DECIMAL(9,2) AS pay`),
      code: 'delivery-type',
      says: /id \(INTEGER\)/,
    },
    'a missing column': { bytes: () => good(`SELECT 1::INTEGER AS id, 'x' AS name`), code: 'delivery-header', says: /missing: pay/ },
    'no rows': { bytes: () => good(`SELECT 1::INTEGER AS id, 'x' AS name, 1.5::DECIMAL(9,2) AS pay WHERE false`), code: 'delivery-empty' },
    'many columns': {
      bytes: () => good(`SELECT ${Array.from({ length: 5_000 }, (_, i) => `1 AS c${i}`).join(', ')}`),
      code: 'delivery-header',
      says: /5000 columns/,
    },
  };
  for (const [name, { bytes, code, says }] of Object.entries(pieces)) {
    it(name, async () => {
      const error = await refused(desk.write('bad.parquet', await bytes()), contract);
      expect(error.code).toBe(code);
      if (says !== undefined) expect(error.message).toMatch(says);
    });
  }

  it('a file cut while its footer stays', async () => {
    const file = desk.write('cut.parquet', await good());
    truncateSync(file, 6);
    expect((await refused(file, contract)).code).toBe('delivery-truncated');
  });
});

function noisyFooter(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const length = copy.readUInt32LE(copy.length - 8);
  for (let index = copy.length - 8 - length; index < copy.length - 8; index++) copy[index] = 0xff;
  return copy;
}

describe('the share of rejects', () => {
  const file = (rejects: number): string =>
    `${HEAD}${Array.from({ length: 100 }, (_, i) => `${i},${CANARY},${i < rejects ? '1e5' : '1'}`).join('\n')}\n`;

  it('at the limit is accepted, over it refused with counts by rule', async () => {
    const contract = contractOf(PEOPLE, { reject_limit: 0.05 });
    const reading = await desk.read(desk.write('five.csv', file(5)), contract);
    expect(reading.counts).toMatchObject({ input: 100, accepted: 95, rejected: 5 });
    await reading.close();
    const error = await refused(desk.write('six.csv', file(6)), contract);
    expect(error).toMatchObject({ code: 'delivery-reject-limit', facts: { input: 100, rejected: 6, 'rule:type': 6 } });
    expect(error.message).toContain('type 6');
  });
});
