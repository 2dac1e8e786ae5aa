import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRecords } from '../anonymize/csv-records.ts';
import type { PublicTable } from '../anonymize/public-table.ts';
import { writePackage } from '../anonymize/release-package.ts';
import { publishedDimension } from '../pipelines/published-dimension.ts';
import { type CellRow, contentOf, openWorkbench, ROWS, wages } from './release-fixture.ts';
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
