import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRecords } from '../anonymize/csv-records.ts';
import { roundRows } from '../anonymize/public-manifest.ts';
import { hashFiles, writePackage } from '../anonymize/release-package.ts';
import { columnsOf, compareText, componentId, formatValue, frequencyOf, neutralise, quote, sdmxLines } from '../anonymize/sdmx-csv.ts';
import { ParquetReader } from './parquetjs.ts';
import { type CellRow, contentOf, openWorkbench, ROWS, wages } from './release-fixture.ts';

let bench: Awaited<ReturnType<typeof openWorkbench>>;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

async function* pieces(...texts: string[]) {
  yield* texts;
}

async function parse(...texts: string[]): Promise<(string[] | null)[]> {
  const records: (string[] | null)[] = [];
  for await (const record of csvRecords(pieces(...texts))) records.push(record);
  return records;
}

/** Rows of a released CSV as objects: '' of a number is null. */
async function readCsv(path: string): Promise<Record<string, string | number | null>[]> {
  const [header, ...records] = await parse(await readFile(path, 'utf8'));
  return records.map((record) =>
    Object.fromEntries(
      (header ?? []).map((name, at) => {
        const text = record?.[at] ?? '';
        return [name, NUMERIC.includes(name) ? (text === '' ? null : Number(text)) : text];
      }),
    ),
  );
}

const NUMERIC = ['OBS_VALUE', 'DECIMALS'];

/** A row as another reader gives it; BIGINT comes as bigint (hyparquet) or as text (parquetjs-lite). */
const plain = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, NUMERIC.includes(name) && value != null ? Number(value) : (value ?? null)]),
  );

describe('SDMX-CSV 2.0', () => {
  it('writes one line per cell and measure in total order, with one flag', () => {
    expect([...sdmxLines([wages('2024-03', ROWS.slice(3, 5))], 'TWINSTAT:E__WAGES(1.0.0)')]).toEqual([
      'STRUCTURE,STRUCTURE_ID,ACTION,FREQ,TIME_PERIOD,INDUSTRY,SEX,MEASURE,OBS_VALUE,UNIT_MEASURE,DECIMALS,OBS_STATUS,CONF_STATUS',
      'dataflow,TWINSTAT:E__WAGES(1.0.0),I,M,2024-03,C,M,AVERAGE_PAY,,ILS,2,Q,C',
      'dataflow,TWINSTAT:E__WAGES(1.0.0),I,M,2024-03,C,M,PERSONS,,persons,0,Q,C',
      'dataflow,TWINSTAT:E__WAGES(1.0.0),I,M,2024-03,C,M,TOTAL_PAY,,ILS,0,Q,C',
      'dataflow,TWINSTAT:E__WAGES(1.0.0),I,M,2024-03,C,_T,AVERAGE_PAY,12500.00,ILS,2,A,F',
      'dataflow,TWINSTAT:E__WAGES(1.0.0),I,M,2024-03,C,_T,PERSONS,120,persons,0,A,F',
      'dataflow,TWINSTAT:E__WAGES(1.0.0),I,M,2024-03,C,_T,TOTAL_PAY,1500000,ILS,0,A,F',
    ]);
  });

  it('marks a provisional value P and a mean of nothing M, neither confidential', () => {
    const table = { ...wages('2024', [['G', 'F', 0, 0, Number.NaN]]), status: 'P' as const };
    const lines = [...sdmxLines([table], 'S')].map((line) => line.split(',').slice(7).join(','));
    expect(lines.slice(1)).toEqual(['AVERAGE_PAY,,ILS,2,M,F', 'PERSONS,0,persons,0,P,F', 'TOTAL_PAY,0,ILS,0,P,F']);
  });

  it('does not depend on the order of cells, measures or periods', () => {
    const lines = [...sdmxLines([wages('2024-02'), wages('2024-03')], 'S')];
    fc.assert(
      fc.property(fc.shuffledSubarray([...ROWS], { minLength: ROWS.length }), (rows) => {
        const table = wages('2024-03', rows);
        expect([...sdmxLines([{ ...table, measures: [...table.measures].reverse() }, wages('2024-02', rows)], 'S')]).toEqual(lines);
      }),
      { numRuns: 20 },
    );
  });

  it('prints numbers with their decimals and nothing else', () => {
    const cases: [number, number, string][] = [
      [0, 0, '0'],
      [-0, 2, '0.00'],
      [-0.001, 2, '0.00'],
      [-5, 0, '-5'],
      [1e15, 0, '1000000000000000'],
      [0.1 + 0.2, 1, '0.3'],
      [1e-7, 3, '0.000'],
      [Number.NaN, 0, ''],
    ];
    for (const [value, decimals, text] of cases) expect(formatValue(value, decimals)).toBe(text);
    for (const value of [Number.POSITIVE_INFINITY, 2 ** 53]) expect(() => formatValue(value, 0)).toThrow(/beyond/);
    expect(() => formatValue(1, 1.5)).toThrow(/decimals/);
  });

  it('knows the frequency of every written period and refuses others', () => {
    expect(['2024', '2024-S1', '2024-Q4', '2024-03', '2024-W07', '2024-03-31'].map(frequencyOf)).toEqual(['A', 'S', 'Q', 'M', 'W', 'D']);
    for (const period of ['2024-13', '2024-Q5', '24', '2024-3', '', '=2024']) expect(() => frequencyOf(period)).toThrow(/period/);
  });

  it('refuses names that are not components or collide with the columns of the format', () => {
    expect(columnsOf(['sex'])).toContain('SEX');
    for (const name of ['time_period', 'obs_value', 'a b', '1a', '', 'x"y']) expect(() => componentId(name)).toThrow(/name/);
  });

  it('neutralises text that begins like a formula and leaves numbers alone', async () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r']) expect(neutralise(`${start}1`)).toBe(`'${start}1`);
    expect(neutralise('C10-C12')).toBe('C10-C12');
    const rows: CellRow[] = ['=HYPERLINK(1)', '+1', '-1', '@a', '\tb', '\rc'].map((code) => [code, 'F', 20, -400, -20]);
    const records = await parse(`${[...sdmxLines([wages('2024', rows)], 'S')].join('\n')}\n`);
    expect(new Set(records.slice(1).map((record) => record?.[5]?.[0]))).toEqual(new Set(["'"]));
    expect(new Set(records.slice(1).map((record) => record?.[8]))).toEqual(new Set(['20', '-400', '-20.00']));
  });

  it('orders text by code point, as the engine orders bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (left, right) => {
        expect(Math.sign(compareText(left, right))).toBe(Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right))));
      }),
      { numRuns: 100 },
    );
  });

  it('reads back what it quotes, wherever the pieces are cut, and refuses broken lines', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', "'", 'ש', ' ') });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), fc.nat(60), async (rows, cut) => {
        const text = rows.map((row) => `${row.map(quote).join(',')}\n`).join('');
        expect(await parse(text.slice(0, cut), text.slice(cut))).toEqual(rows);
      }),
    );
    for (const text of ['a,b', 'a,"b"c\n', 'a,b"\n"\n', 'a\r,b\n', '"a\n']) expect(await parse(text)).toContain(null);
  });

  it('rounds row counts to three digits and never below 10', () => {
    expect([0, 3, 10, 123, 1234, 98_765].map(roundRows)).toEqual([10, 10, 10, 123, 1230, 98_800]);
  });
});

describe('released Parquet', () => {
  const hostile: CellRow[] = [
    ...ROWS,
    ['a,"b"', 'F', 20, 400, 20],
    ['=1+1', 'F', 20, 400, 20],
    ['\rline', 'F', 20, 400, 20],
    ['two\nlines', 'F', 20, 400, 20],
    ['ענף', 'M', 30, -900, -30.01],
    ['\u{1f600}', 'M', 30, 0, Number.NaN],
    ['\uff5e', 'M', 30, 900, 30],
  ];

  it('gives hyparquet and parquetjs-lite exactly the rows of the CSV, in DOUBLE, BIGINT and VARCHAR', async () => {
    const dir = bench.folder();
    const small = { ...wages('2024-02'), name: 'counts' };
    const tables = [wages('2024-02', hostile), wages('2024-03'), { ...small, measures: small.measures.slice(0, 2) }];
    await writePackage({ session: bench.session, dir, content: contentOf(['2024-02', '2024-03']), tables });
    for (const name of ['wages', 'counts']) {
      const expected = await readCsv(join(dir, `${name}.csv`));
      expect(expected.length).toBe(name === 'wages' ? (hostile.length + ROWS.length) * 3 : ROWS.length * 2);
      const file = await asyncBufferFromFile(join(dir, `${name}.parquet`));
      const rows = (await parquetReadObjects({ file })) as Record<string, unknown>[];
      expect(rows.map(plain)).toEqual(expected);
      expect(typeof rows.find((row) => row['OBS_VALUE'] !== null)?.['OBS_VALUE']).toBe(name === 'wages' ? 'number' : 'bigint');
      const reader = await ParquetReader.openFile(join(dir, `${name}.parquet`));
      const cursor = reader.getCursor();
      const read: Record<string, unknown>[] = [];
      for (let row = await cursor.next(); row !== null; row = await cursor.next()) read.push(row);
      await reader.close();
      expect(read.map((row) => plain({ OBS_VALUE: null, ...row }))).toEqual(expected);
    }
  });

  it('is the same byte for byte from shuffled cells, and holds no suppressed value', async () => {
    const [one, two] = [bench.folder(), bench.folder()];
    const content = contentOf(['2024-03']);
    const files = await writePackage({ session: bench.session, dir: one, content, tables: [wages('2024-03')] });
    expect(await writePackage({ session: bench.session, dir: two, content, tables: [wages('2024-03', [...ROWS].reverse())] })).toEqual(
      files,
    );
    expect(files.map(({ path }) => path)).toEqual([
      'wages.csv',
      'wages.parquet',
      'wages.arrow',
      'wages.xlsx',
      'structure.xml',
      'report.html',
      'manifest.json',
    ]);
    expect(
      await hashFiles(
        two,
        files.map(({ path }) => path),
      ),
    ).toEqual(files);
    const manifest = await readFile(join(one, 'manifest.json'), 'utf8');
    expect(manifest.match(/[0-9a-f]{64}/g)?.sort()).toEqual(
      files
        .slice(0, -1)
        .map(({ sha256 }) => sha256)
        .sort(),
    );
    expect(JSON.parse(manifest)).toMatchObject({
      version: 1,
      licence: 'il-open-data',
      periods: ['2024-03'],
      tables: [{ name: 'wages', rows: 27 }],
    });
  });

  it('refuses a folder that is not empty and periods that differ in shape', async () => {
    const dir = bench.folder();
    const write = (tables: Parameters<typeof writePackage>[0]['tables']) =>
      writePackage({ session: bench.session, dir, content: contentOf(['2024-03']), tables });
    const other = wages('2024-02');
    await expect(write([wages('2024-03'), { ...other, measures: other.measures.slice(1) }])).rejects.toMatchObject({
      code: 'release-table-shape',
    });
    await expect(write([wages('2024-03')])).rejects.toMatchObject({ code: 'release-folder' });
  });
});
