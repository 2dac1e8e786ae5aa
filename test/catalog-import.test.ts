import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { flatten, isPath, unflatten } from '../catalog/flat-record.ts';
import { Slugs } from '../catalog/import/draft.ts';
import { parseRdfXml } from '../catalog/import/rdf-xml.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const EXAMPLES = '../shared/catalog/examples';
const hasExamples = existsSync(EXAMPLES);
if (!hasExamples) console.info('skipped: examples of DCAT-AP and ODCS not here');
const CONTEXT = `${EXAMPLES}/context.jsonld`;

const twinstat = (...args: string[]) => runCommand(['catalog', ...args], { cwd: scratch });
interface Report {
  readonly format: string;
  readonly records: { id: string; taken: Record<string, unknown>; lost: { field: string; why: string; values: number }[] }[];
  readonly untaken: Record<string, number>;
}
async function imported(file: string, ...more: string[]): Promise<Report> {
  const { code, stdout, stderr } = await twinstat('import', file, '--json', ...more);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}
function write(name: string, text: string): string {
  writeFileSync(join(scratch, name), text);
  return name;
}
async function exported(format: string, name: string): Promise<string> {
  await twinstat('export', '--format', format, '--audience', 'internal', '--out', name);
  return name;
}
const byId = ({ records }: Report) => Object.fromEntries(records.map((record) => [record.id, record.taken]));

describe('catalog import', () => {
  it('takes our own exports back: texts, holder, codes', async () => {
    const turtle = await imported(await exported('dcat-ap', 'ours.ttl'));
    const source = JSON.parse(readFileSync(join(scratch, await exported('json', 'ours-plain.json')), 'utf8')).records;
    expect(turtle.records).toHaveLength(38);
    const lost = turtle.records.flatMap((record) => record.lost).filter(({ field }) => field !== 'dct:relation');
    expect(new Set(lost.map(({ why }) => why))).toEqual(new Set(['variables belong to the contract of the delivery']));
    for (const { id, title, about, holder, theme, unece, delivery, legal, use, lifecycle } of source)
      expect(byId(turtle)[id], id).toMatchObject({
        title,
        description: about.description,
        holder: holder.name,
        codes: {
          theme: [theme],
          unece: [unece],
          lifecycle: [lifecycle],
          frequency: [delivery.frequency],
          access: [delivery.access],
          ...(legal.eu.length > 0 && { eu_basis: legal.eu }),
          il_basis: legal.il,
          gsbpm: use.gsbpm,
        },
      });
    expect(byId(await imported(await exported('jsonld', 'ours.jsonld')))).toEqual(byId(turtle));
    for (const format of ['ckan', 'odcs']) {
      const back = await imported(await exported(format, format === 'ckan' ? 'ours.json' : 'ours.yaml'));
      for (const { id, title, about, holder, delivery } of source)
        expect(byId(back)[id], `${format} ${id}`).toMatchObject({
          title,
          description: about.description,
          holder: holder.name,
          codes: { frequency: [delivery.frequency], access: [delivery.access] },
        });
    }
  });

  it('reads RDF/XML as the same statements as Turtle', async () => {
    const xml = write(
      'portal.rdf',
      `<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
      xmlns:dct="http://purl.org/dc/terms/" xmlns:foaf="http://xmlns.com/foaf/0.1/" xml:lang="en">
      <dcat:Catalog rdf:about="https://portal.example.org/"><dcat:dataset><dcat:Dataset rdf:about="https://portal.example.org/set/Air">
        <dct:title>Air &amp; water</dct:title><dct:title xml:lang="fr">Air et eau</dct:title><dct:title xml:lang="he"><![CDATA[אוויר]]></dct:title>
        <dcat:theme rdf:resource="http://publications.europa.eu/resource/authority/data-theme/ENVI"/>
        <dct:publisher><foaf:Agent><foaf:name>Agency</foaf:name></foaf:Agent></dct:publisher>
        <dct:temporal rdf:parseType="Resource"><dcat:startDate rdf:datatype="http://www.w3.org/2001/XMLSchema#date">2020-01-01</dcat:startDate></dct:temporal>
        <dcat:distribution><dcat:Distribution><dcat:accessURL rdf:resource="file.csv"/></dcat:Distribution></dcat:distribution>
      </dcat:Dataset></dcat:dataset></dcat:Catalog></rdf:RDF>`,
    );
    const turtle = write(
      'portal.ttl',
      `@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
      <https://portal.example.org/set/Air> a dcat:Dataset ; dct:title "Air & water"@en, "Air et eau"@fr, "אוויר"@he ;
        dcat:theme <http://publications.europa.eu/resource/authority/data-theme/ENVI> ; dct:publisher [ a foaf:Agent ; foaf:name "Agency"@en ] ;
        dct:temporal [ dcat:startDate "2020-01-01" ] ; dcat:distribution [ a dcat:Distribution ] .`,
    );
    const [ofXml, ofTurtle] = [await imported(xml), await imported(turtle)];
    expect(ofXml.records).toEqual(ofTurtle.records);
    expect(ofXml.untaken).toEqual({ 'dcat:Distribution': 1 });
    expect(ofXml.records[0]?.taken).toMatchObject({
      id: 'air',
      title: { en: 'Air & water', he: 'אוויר' },
      holder: { en: 'Agency' },
      codes: { theme: ['ENVI'] },
    });
    expect(ofXml.records[0]?.lost.map(({ field, why }) => `${field} ${why.slice(0, 10)}`)).toEqual([
      'dct:title text in fr',
      'dct:temporal a record h',
      'dcat:distribution a record h',
    ]);
  });

  it('takes no text for English in a dataset that says it is in another language, and names of agents as labels', async () => {
    const turtle = `@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
      <x:a> a dcat:Dataset ; dct:title "Abholservices" ; dct:language <http://publications.europa.eu/resource/authority/language/DEU> .
      <x:b> a dcat:Dataset ; dct:title "Schools" ; dct:publisher <x:o> . <x:o> a skos:Concept ; skos:prefLabel "Office" .`;
    const { records } = await imported(write('german.ttl', turtle));
    expect(records[0]?.taken['title']).toEqual({});
    expect(records[0]?.lost).toContainEqual({ field: 'dct:title', why: 'text in deu; records have Hebrew and English', values: 1 });
    expect(records[1]?.taken).toMatchObject({ title: { en: 'Schools' }, holder: { en: 'Office' } });
  });

  it('reads packages of CKAN as the answer of a search', async () => {
    const packages = {
      success: true,
      result: {
        count: 1,
        results: [
          {
            name: 'air_quality',
            title: 'איכות אוויר',
            notes: 'Hourly readings',
            organization: { title: 'המשרד להגנת הסביבה' },
            tags: [{ name: 'אוויר' }],
            resources: [{ url: 'a.csv' }, { url: 'b.csv' }],
            extras: [
              { key: 'frequency', value: 'http://publications.europa.eu/resource/authority/frequency/HOURLY' },
              { key: 'odd', value: 1 },
            ],
          },
        ],
      },
    };
    const { records } = await imported(write('search.json', JSON.stringify(packages)));
    expect(records[0]?.taken).toEqual({
      id: 'air-quality',
      title: { he: 'איכות אוויר' },
      description: { en: 'Hourly readings' },
      keywords: [{ he: 'אוויר' }],
      holder: { he: 'המשרד להגנת הסביבה' },
      codes: { frequency: ['HOURLY'] },
    });
    expect(records[0]?.lost).toEqual([
      { field: 'resources', why: 'a record has no field for it', values: 2 },
      { field: 'extras.odd', why: 'a record has no field for it', values: 1 },
    ]);
  });

  it('takes what packages of national portals hold: texts by language, lists of themes and publishers, and loses nothing in silence', async () => {
    const envi = 'http://publications.europa.eu/resource/authority/data-theme/ENVI';
    const multilingual = {
      name: 'luft',
      title: { en: 'Air', fr: 'Air', he: 'אוויר' },
      notes: { de: 'Messwerte', en: 'Readings' },
      keywords: { en: ['air', 'dust'], he: ['אבק'] },
      theme: [envi, 'https://portal.example.org/theme/own'],
      publisher: [{ name: 'Agency', email: 'desk@example.org' }, { name: 'Second' }],
      organization: null,
      frequency: 'monthly',
      groups: ['health'],
      extras: { theme: JSON.stringify([envi]), odd: 'x' },
    };
    const bare = { name: 'bare', title: null, notes: null, tags: null, resources: null, organization: 'City' };
    const { records } = await imported(write('national.json', JSON.stringify([multilingual, bare])));
    expect(records[0]?.taken).toEqual({
      id: 'luft',
      title: { en: 'Air', he: 'אוויר' },
      description: { en: 'Readings' },
      keywords: [{ en: 'air' }, { en: 'dust' }, { he: 'אבק' }],
      holder: { en: 'Agency' },
      codes: { theme: ['ENVI'], frequency: ['MONTHLY'] },
    });
    expect(records[0]?.lost.map(({ field }) => field)).toEqual([
      'title',
      'notes',
      'publisher.email',
      'publisher',
      'groups',
      'theme',
      'extras.odd',
    ]);
    expect(records[1]?.taken).toMatchObject({ id: 'bare', title: {}, holder: { en: 'City' } });
  });

  it('reads contracts with empty keys and with properties as a mapping, and says of older ones what to do', async () => {
    const contract = `apiVersion: v3.0.2
kind: DataContract
id: '61111-0002'
name: null
domain: null
tags: null
team: null
schema: null
slaProperties: { frequency: daily }
customProperties: { titleHe: מחירים, own: 1 }
`;
    const { records } = await imported(write('plain.odcs.yaml', contract));
    expect(records[0]).toMatchObject({
      taken: { id: 'source-61111-0002', title: { he: 'מחירים' }, codes: { frequency: ['DAILY'] } },
      lost: [{ field: 'customProperties.own', values: 1 }],
    });
    const older = await twinstat('import', write('older.yaml', 'kind: virtualDataset\nquantumName: q\napiVersion: v2.2.2\n'));
    expect([older.code, older.stderr.includes('older contracts must be converted')]).toEqual([2, true]);
  });

  it('reads an agency list whose nodes bring their own contexts, and takes no null for a text', async () => {
    const dct = 'http://purl.org/dc/terms/';
    const list = {
      '@context': { Catalog: 'http://www.w3.org/ns/dcat#Catalog', dataset: 'http://www.w3.org/ns/dcat#dataset' },
      '@type': 'Catalog',
      dataset: [
        {
          '@context': {
            Dataset: 'http://www.w3.org/ns/dcat#Dataset',
            title: `${dct}title`,
            description: `${dct}description`,
            accrualPeriodicity: `${dct}accrualPeriodicity`,
            publisher: `${dct}publisher`,
          },
          '@id': 'http://agency.example.org/widgets',
          '@type': 'Dataset',
          title: 'Widgets',
          description: { '@value': null },
          accrualPeriodicity: 'R/P1Y',
          accessLevel: 'public',
          publisher: {
            '@context': { Organization: 'http://xmlns.com/foaf/0.1/Organization', name: 'http://xmlns.com/foaf/0.1/name' },
            '@type': 'Organization',
            name: 'Widget office',
            subOrganizationOf: { '@type': 'Organization', name: 'Government' },
          },
        },
      ],
    };
    const { records } = await imported(write('agency.jsonld', JSON.stringify(list)));
    expect(records).toEqual([
      expect.objectContaining({
        taken: expect.objectContaining({ id: 'widgets', title: { en: 'Widgets' }, description: {}, holder: { en: 'Widget office' } }),
        lost: [{ field: 'dct:accrualPeriodicity', why: 'not a code of frequency', values: 1 }],
      }),
    ]);
  });

  it.skipIf(!hasExamples)('reads every official example of DCAT-AP and ODCS, given the context as a file', async () => {
    const files = readdirSync(EXAMPLES).filter((name) => name.startsWith('example-') || name.endsWith('.yaml'));
    expect(files.length).toBeGreaterThan(10);
    for (const name of files) {
      const { code, stderr } = await twinstat('import', join(process.cwd(), EXAMPLES, name), '--context', join(process.cwd(), CONTEXT));
      if (code !== 0) expect(stderr, name).toContain('the file describes no dcat:Dataset');
    }
    const bees = await imported(join(process.cwd(), EXAMPLES, 'example-bee-population.jsonld'), '--context', join(process.cwd(), CONTEXT));
    expect(bees.records[0]?.taken).toMatchObject({ id: 'beepopulation', title: { en: 'Bee population' } });
  });

  it('takes our workbook back without loss', async () => {
    await exported('xlsx', 'ours.xlsx');
    expect((await twinstat('import', 'ours.xlsx', '--out', 'again/entries')).code).toBe(0);
    for (const shared of ['vocabularies.yaml', 'frameworks.yaml']) cpSync(join('catalog', shared), join(scratch, 'again', shared));
    const back = await twinstat('export', '--format', 'json', '--audience', 'internal', '--catalog', 'again');
    expect(back.stdout).toBe((await twinstat('export', '--format', 'json', '--audience', 'internal')).stdout);
    expect(JSON.parse(back.stdout).records).toHaveLength(38);
    expect((await twinstat('export', '--format', 'xlsx')).stderr).toContain('--out');
    const odd = '=1+1 <b> & "007"\n  @x ';
    const file = join(scratch, 'again', 'entries', 'customs.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/(description:\n +en: ).*/, (_, start: string) => start + JSON.stringify(odd)),
    );
    await twinstat('export', '--format', 'xlsx', '--audience', 'internal', '--catalog', 'again', '--out', 'odd.xlsx');
    const { records } = await imported('odd.xlsx');
    expect(records.find(({ id }) => id === 'customs')?.taken).toMatchObject({ about: { description: { en: odd } } });
    const workbook = await readXlsx(readFileSync(join(scratch, 'odd.xlsx')), { readStyles: true });
    expect(workbook.sheets[0]?.view?.rightToLeft).toBe(true);
    expect([...(workbook.sheets[0]?.cells?.values() ?? [])].filter(({ formula }) => formula !== undefined)).toEqual([]);
  });

  it('flattens and restores any record', () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(key, tie('node'), { minKeys: 1, maxKeys: 4 }),
      node: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.array(fc.string(), { maxLength: 12 }),
        fc.array(tie('tree'), { maxLength: 3 }),
        tie('tree'),
      ),
    }));
    fc.assert(
      fc.property(tree, (record) => {
        const flat = flatten(record);
        expect(flat.every(([path]) => isPath(path))).toBe(true);
        expect(unflatten(flat)).toEqual(JSON.parse(JSON.stringify(record)));
      }),
    );
  });

  it('writes drafts that the check reads, naming what they lack', async () => {
    await exported('ckan', 'again.json');
    expect((await twinstat('import', 'again.json', '--out', 'drafts')).code).toBe(0);
    expect(readdirSync(join(scratch, 'drafts'))).toHaveLength(38);
    const text = readFileSync(join(scratch, 'drafts', 'customs.yaml'), 'utf8');
    expect(text).toContain('as_of: 2026-11-22');
    expect(text).not.toContain('visibility: public');
    expect((await twinstat('import', 'again.json', '--out', 'drafts')).stderr).toContain('--out is not empty');
  });

  it('refuses contexts elsewhere, unsound files and document types, with the place', async () => {
    const refused = async (name: string, text: string): Promise<string> => {
      const { code, stderr } = await twinstat('import', write(name, text));
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('far.jsonld', '{"@context":"https://example.org/c.jsonld","@id":"x"}')).toContain('never fetched');
    expect(await refused('bad.ttl', '<a> <b> <c> .\n<a> <b')).toContain('bad.ttl:2');
    expect(await refused('bad.rdf', '<!DOCTYPE x [<!ENTITY a "b">]><x/>')).toContain('a document type is not read');
    expect(await refused('open.rdf', '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><a></rdf:RDF>')).toContain(
      'open.rdf:1',
    );
    expect(await refused('bad.json', '{"result": [')).toContain('the JSON is not sound');
    expect(await refused('other.json', '{"a": 1}')).toContain('no packages of CKAN');
    expect(await refused('other.yaml', 'a: 1\n')).toContain('no contract of ODCS');
    expect(await refused('bad.yaml', 'a: [\n')).toContain('bad.yaml:');
    expect(await refused('file.doc', 'x')).toContain('the name must end with');
  });

  it('gives every name a slug of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (names) => {
        const slugs = new Slugs();
        const given = names.map((name) => slugs.of(name));
        expect(new Set(given).size).toBe(names.length);
        for (const slug of given) expect(slug).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      }),
    );
  });

  it('reads any text as a literal of RDF/XML', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\u0020-\u007e\u05d0-\u05ea]*$/), (text) => {
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        const rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"';
        const [quad] = parseRdfXml(`<rdf:Description ${rdf} rdf:about="a:b" xmlns:t="t:"><t:x>${escaped}</t:x></rdf:Description>`, 'x');
        expect(quad?.object.value).toBe(text);
      }),
    );
  });
});
