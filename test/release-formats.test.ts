import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import readXlsxFile from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRecords } from '../anonymize/csv-records.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import { writePackage } from '../anonymize/release-package.ts';
import { hasWorkbook } from '../anonymize/xlsx-workbook.ts';
import { publishedDimension } from '../pipelines/published-dimension.ts';
import { zipParts } from './attack/public-texts.ts';
import { ParquetReader } from './parquetjs.ts';
import { type CellRow, contentOf, openWorkbench, ROWS, WAGES_SPEC, wages } from './release-fixture.ts';
import { readStructure } from './sdmx-reader.ts';

let bench: Awaited<ReturnType<typeof openWorkbench>>;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const CONCEPTS = {
  pipeline: 'employment_earnings',
  concepts: { industry: { id: 'ACTIVITY', codes: 'nace_section' as const }, sex: { id: 'SEX', codes: 'sex' as const } },
};

/** `wages` under SDMX concepts, with names of codes and titles of measures. */
function published(partition: string, rows: readonly CellRow[] = ROWS): PublicTable {
  const table = wages(partition, rows);
  const labels = { industry: { en: 'Industry', he: 'ענף כלכלי' } };
  return {
    ...table,
    dimensions: table.dimensions.map(({ name, codes }) => publishedDimension(CONCEPTS, name, codes, labels)),
    measures: table.measures.map((measure) => ({ ...measure, title: { en: `The ${measure.name}`, he: `ה־${measure.name}` } })),
  };
}

const PERIODS = ['2024-02', '2024-03'];
const content = contentOf(PERIODS);

async function packageOf(tables: readonly PublicTable[] = PERIODS.map((period) => published(period))): Promise<string> {
  const dir = bench.folder();
  await writePackage({ session: bench.session, dir, content, tables });
  return dir;
}

async function recordsOf(dir: string, file: string): Promise<string[][]> {
  const text = await readFile(join(dir, file), 'utf8');
  const records: string[][] = [];
  for await (const record of csvRecords(
    (async function* () {
      yield text;
    })(),
  ))
    records.push(record ?? []);
  return records;
}

describe('SDMX structure', () => {
  it('declares every column and every code of the SDMX-CSV under the id that the CSV names', async () => {
    const dir = await packageOf();
    const structure = readStructure(await readFile(join(dir, 'structure.xml'), 'utf8'));
    const [header = [], ...rows] = await recordsOf(dir, 'wages.csv');
    expect(rows.length).toBe(54);
    expect(header.slice(3)).toEqual(
      'FREQ TIME_PERIOD ACTIVITY SEX MEASURE OBS_VALUE UNIT_MEASURE DECIMALS OBS_STATUS CONF_STATUS'.split(' '),
    );
    for (const row of rows) expect(structure.problemsOf(header, row)).toEqual([]);
    expect(structure.problemsOf(header, rows[0]?.with(header.indexOf('SEX'), 'X') ?? [])).toEqual(['SEX: X is not in CL_SEX']);
    expect(structure.problemsOf(header, rows[0]?.with(1, 'TWINSTAT:OTHER(1.0.0)') ?? [])).toEqual(['no dataflow TWINSTAT:OTHER(1.0.0)']);
    expect(structure.problemsOf([...header, 'N'], [...(rows[0] ?? []), '3'])).toEqual(['N is no component']);
  });

  it('names concepts, codes and measures in Hebrew and English', async () => {
    const text = await readFile(join(await packageOf(), 'structure.xml'), 'utf8');
    const structure = readStructure(text);
    expect(structure.nameOf('CL_SEX', 'F')).toEqual({ en: 'Women', he: 'נשים' });
    expect(structure.nameOf('CL_ACTIVITY_SECTION', 'C')).toEqual({ en: 'Manufacturing', he: 'תעשייה' });
    expect(structure.nameOf('CL_EMPLOYMENT_EARNINGS__WAGES_MEASURE', 'PERSONS')).toEqual({ en: 'The persons', he: 'ה־persons' });
    expect(text).toContain('<com:Name xml:lang="he">ענף כלכלי</com:Name>');
  });

  it('leaves a dimension uncoded whose codes are no SDMX identifiers, and escapes whatever it prints', async () => {
    const rows: CellRow[] = [...ROWS, ['<a> & "b"', 'F', 20, 400, 20], ['=1+1', 'F', 20, 400, 20]];
    const table = { ...published('2024-03', rows), title: { en: 'A <b>&"\'', he: 'ש <ב>' } };
    const dir = await packageOf([{ ...table, partition: '2024-02' }, table]);
    const text = await readFile(join(dir, 'structure.xml'), 'utf8');
    const structure = readStructure(text);
    const [header = [], ...records] = await recordsOf(dir, 'wages.csv');
    for (const record of records) expect(structure.problemsOf(header, record)).toEqual([]);
    expect(text).toContain('A &lt;b&gt;&amp;&quot;&#39;');
    expect(text).not.toContain('CL_ACTIVITY_SECTION');
  });
});

const HOSTILE: CellRow[] = [
  ...ROWS,
  ['a,"b"', 'F', 20, 400, 20],
  ['=1+1', 'F', 20, 400, 20],
  ['two\nlines', 'F', 20, 400, 20],
  ['ענף', 'M', 30, -900, -30.01],
  ['\u{1f600}', 'M', 30, 0, Number.NaN],
];

describe('three readers', () => {
  const NUMBERS = ['OBS_VALUE', 'DECIMALS'];
  const plain = (row: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, NUMBERS.includes(name) && value != null ? Number(value) : (value ?? null)]),
    );

  it('hyparquet, parquetjs-lite and apache-arrow read the rows of the CSV', async () => {
    const counts = { ...published('2024-02'), name: 'counts' };
    const dir = await packageOf([
      ...PERIODS.map((period) => published(period, HOSTILE)),
      ...PERIODS.map((period) => ({ ...counts, partition: period, measures: counts.measures.slice(0, 2) })),
    ]);
    for (const name of ['wages', 'counts']) {
      const [header = [], ...records] = await recordsOf(dir, `${name}.csv`);
      const expected = records.map((record) =>
        Object.fromEntries(
          header.map((column, at) => {
            const value = record[at] ?? '';
            return [column, NUMBERS.includes(column) ? (value === '' ? null : Number(value)) : value];
          }),
        ),
      );
      expect(expected.length).toBe(name === 'wages' ? HOSTILE.length * 6 : ROWS.length * 4);
      const file = await asyncBufferFromFile(join(dir, `${name}.parquet`));
      expect(((await parquetReadObjects({ file })) as Record<string, unknown>[]).map(plain)).toEqual(expected);
      const reader = await ParquetReader.openFile(join(dir, `${name}.parquet`));
      const cursor = reader.getCursor();
      const read: Record<string, unknown>[] = [];
      for (let row = await cursor.next(); row !== null; row = await cursor.next()) read.push(plain({ OBS_VALUE: null, ...row }));
      await reader.close();
      expect(read).toEqual(expected);
      const arrow = tableFromIPC(await readFile(join(dir, `${name}.arrow`)));
      const rows = arrow.toArray().map((row) => plain(row.toJSON() as Record<string, unknown>));
      expect(rows.map(({ PERIOD_START: _start, ...row }) => row)).toEqual(expected);
      expect(new Set(rows.map((row) => new Date(row['PERIOD_START'] as number).toISOString().slice(0, 7)))).toEqual(new Set(PERIODS));
      const types = Object.fromEntries(arrow.schema.fields.map((field) => [field.name, String(field.type)]));
      expect(types).toMatchObject({
        PERIOD_START: 'Date32<DAY>',
        SEX: 'Dictionary<Int32, Utf8>',
        OBS_VALUE: name === 'wages' ? 'Float64' : 'Int64',
        DECIMALS: 'Int32',
      });
      expect(arrow.schema.metadata.get('structure')).toBe(`TWINSTAT:EMPLOYMENT_EARNINGS__${name.toUpperCase()}(1.0.0)`);
    }
  });
});

describe('the same release', () => {
  it('gives the same bytes from shuffled cells and in another session', async () => {
    const files = async (rows: readonly CellRow[]) => {
      const dir = bench.folder();
      return writePackage({ session: bench.session, dir, content, tables: PERIODS.map((period) => published(period, rows)) });
    };
    expect(await files([...HOSTILE].reverse())).toEqual(await files(HOSTILE));
  });
});

describe('workbook', () => {
  const MARKS = ['c', ':'];

  it('gives a second reader the published numbers as numbers, in Hebrew and English, and one mark for whatever is withheld', async () => {
    const dir = await packageOf();
    const sheets = await readXlsx(join(dir, 'wages.xlsx'));
    expect(sheets.map(({ sheet }) => sheet)).toEqual(['טבלה', 'Table', 'הערות Notes']);
    for (const [at, language] of (['he', 'en'] as const).entries()) {
      const rows = sheets[at]?.data ?? [];
      expect(rows[0]?.[0]).toBe(language === 'he' ? 'שכר לפי ענף ומין' : 'Wages by industry and sex');
      expect(rows[1]?.[0]).toBe(language === 'he' ? 'פברואר 2024 עד מרץ 2024' : 'February 2024 to March 2024');
      expect(rows[3]?.[0]).toContain(language === 'he' ? 'c – לא פורסם' : 'c – withheld');
      expect(rows[5]).toEqual(
        language === 'he'
          ? ['תקופה', 'ענף כלכלי', 'מין', 'ה־persons (persons)', 'ה־total_pay (₪)', 'ה־average_pay (₪)']
          : ['Period', 'Industry', 'Sex', 'The persons (persons)', 'The total_pay (NIS)', 'The average_pay (NIS)'],
      );
      const cells = rows.slice(6);
      expect(cells.length).toBe(2 * ROWS.length);
      expect(cells[0]).toEqual(
        language === 'he'
          ? ['פברואר 2024', 'כל הענפים', 'שני המינים', 190, 1_900_000, 10_000]
          : ['February 2024', 'All industries', 'Both sexes', 190, 1_900_000, 10_000],
      );
      const values = cells.flatMap((row) => row.slice(3));
      expect(values.filter((value) => typeof value === 'number').length).toBe(2 * 5 * 3);
      expect(values.filter((value) => typeof value !== 'number')).toEqual(Array(2 * 4 * 3).fill('c'));
    }
    const notes = (sheets[2]?.data ?? []).flat().filter((value) => value !== null);
    for (const word of ['il-open-data', 'Manufacturing', 'תעשייה', 'employment_earnings-2024-03']) expect(notes).toContain(word);
  });

  it('never holds a formula, and neutralises what a spreadsheet would read as one', async () => {
    const starts = ['=HYPERLINK(1)', '+1', '-1', '@a', '\tb', '\rc'];
    const rows: CellRow[] = [...ROWS, ...starts.map((code): CellRow => [code, 'F', 20, -400, -20])];
    const tables = PERIODS.map((period) => ({ ...published(period, rows), title: { en: '=1+1', he: '@ש' } }));
    const dir = await packageOf(tables);
    const [he, en, notes] = await readXlsx(join(dir, 'wages.xlsx'));
    const texts = [he, en, notes].flatMap((sheet) => sheet?.data.flat() ?? []).filter((value) => typeof value === 'string');
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter((text) => /^[=+\-@\t\r]/.test(text))).toEqual([]);
    expect(texts).toContain("'=1+1");
    expect(texts.filter((text) => text.startsWith("'=HYPERLINK")).length).toBeGreaterThan(0);
    const parts = await unzip(join(dir, 'wages.xlsx'));
    expect([...parts.keys()].filter((name) => /vba|externalLink|connections|embeddings/i.test(name))).toEqual([]);
    for (const [name, text] of parts) if (name.startsWith('xl/worksheets/')) expect(text, name).not.toMatch(/<f[ >/]|<hyperlink/);
  });

  it('runs from right to left in Hebrew only, with frozen headers, and knows no clock', async () => {
    const parts = await unzip(join(await packageOf(), 'wages.xlsx'));
    const sheet = (at: number) => parts.get(`xl/worksheets/sheet${at}.xml`) ?? '';
    expect([1, 2, 3].map((at) => /rightToLeft="1"/.test(sheet(at)))).toEqual([true, false, true]);
    for (const at of [1, 2]) expect(sheet(at)).toMatch(/<pane [^>]*ySplit="6"[^>]*state="frozen"/);
    const times = [...(parts.get('docProps/core.xml') ?? '').matchAll(/\d{4}-\d{2}-\d{2}T[\d:]+Z/g)].map(([time]) => time);
    expect(new Set(times)).toEqual(new Set(['2024-05-31T00:00:00Z']));
  });

  it('gives every withheld value the same cell: nothing tells primary from secondary, or a count from a mean', async () => {
    const parts = await unzip(join(await packageOf(), 'wages.xlsx'));
    const strings = [...(parts.get('xl/sharedStrings.xml') ?? '').matchAll(/<si><t[^>]*>([^<]*)<\/t><\/si>/g)].map(([, text]) => text);
    for (const at of [1, 2]) {
      const cells = [...(parts.get(`xl/worksheets/sheet${at}.xml`) ?? '').matchAll(/<c r="[A-Z]+\d+"([^>]*)><v>(\d+)<\/v><\/c>/g)];
      const marks = cells.filter(([, attributes = '', value]) => attributes.includes('t="s"') && strings[Number(value)] === 'c');
      expect(marks.length).toBe(2 * 4 * 3);
      expect(new Set(marks.map(([, attributes]) => attributes)).size).toBe(1);
    }
  });

  it('gives a large table no workbook', () => {
    const spec = (rows: number) => ({ rows, measures: WAGES_SPEC.measures }) as Parameters<typeof hasWorkbook>[0];
    expect(hasWorkbook(spec(300_000))).toBe(true);
    expect(hasWorkbook(spec(303_000))).toBe(false);
  });

  it('shows what is not defined by another mark than what is withheld', async () => {
    const dir = await packageOf(PERIODS.map((period) => published(period, [...ROWS, ['H', 'F', 0, 0, Number.NaN]])));
    const [, en] = await readXlsx(join(dir, 'wages.xlsx'));
    const marks = (en?.data ?? []).slice(6).flatMap((row) => row.slice(3).filter((value) => MARKS.includes(String(value))));
    expect(new Set(marks)).toEqual(new Set(MARKS));
  });
});

async function readXlsx(path: string): Promise<{ sheet: string; data: (string | number | null)[][] }[]> {
  return (await readXlsxFile(path)) as { sheet: string; data: (string | number | null)[][] }[];
}

/** The parts of a workbook as text; the time of modification of each is that of no clock, 1 January 1980. */
async function unzip(path: string): Promise<Map<string, string>> {
  const bytes = await readFile(path);
  const times: number[] = [];
  for (let at = bytes.indexOf('PK\u0003\u0004'); at >= 0; at = bytes.indexOf('PK\u0003\u0004', at + 4))
    times.push(bytes.readUInt32LE(at + 10));
  expect(new Set(times)).toEqual(new Set([0x21_0000]));
  return zipParts(bytes);
}
