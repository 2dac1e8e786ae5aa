import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser, Store } from 'n3';
import Validator from 'rdf-validate-shacl';
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const SHACL = '../shared/catalog/shacl';
const hasShapes = existsSync(SHACL);
if (!hasShapes) console.info('skipped: shapes of DCAT-AP not here');

const twinstat = (...args: string[]) => runCommand(['catalog', ...args], { cwd: scratch });
const text = (name: string): string => readFileSync(join(scratch, name), 'utf8');

/** A catalogue of the records given, each with a change. */
function catalogue(name: string, changes: Readonly<Record<string, (yaml: string) => string>>): string {
  mkdirSync(join(scratch, name, 'entries'), { recursive: true });
  cpSync('catalog/vocabularies.yaml', join(scratch, name, 'vocabularies.yaml'));
  for (const [id, change] of Object.entries(changes))
    writeFileSync(join(scratch, name, 'entries', `${id}.yaml`), change(readFileSync(`catalog/entries/${id}.yaml`, 'utf8')));
  return name;
}

describe('catalog check', () => {
  it('finds our 38 records sound, and says what each lacks', async () => {
    const { code, stdout } = await twinstat('check', '--json');
    const { records, problems } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(records).toHaveLength(38);
    expect(problems.filter(({ severity }: { severity: string }) => severity !== 'warning')).toEqual([]);
    const ais = records.find(({ id }: { id: string }) => id === 'ship-ais');
    expect(ais.completeness.missing).toContain('contract');
    expect(ais.completeness.score).toBeCloseTo(1 - ais.completeness.missing.length / 12, 10);
  });

  it('names every problem at its line and column, and ends with 2', async () => {
    const folder = catalogue('broken', {
      vehicles: (yaml) =>
        yaml
          .replace('theme: TRAN', 'theme: TRANS')
          .replace('lifecycle: idea', 'lifecycle: idea\nrelated: [vehicle, companies]\ncontract: no_such'),
      companies: (yaml) =>
        yaml.replace(/he: 'רשם החברות'/, "he: 'Registrar'").replace('status: potential', 'status: potential\n      decided: 2026-01-01'),
      customs: (yaml) => `${yaml}colour: red\n`,
      'smart-meters': (yaml) => yaml.replace('compared: [lived_in]', 'compared: [lived_at]'),
    });
    const { code, stdout } = await twinstat('check', '--catalog', folder);
    expect(code).toBe(2);
    for (const expected of [
      'vehicles.yaml:5:8: error: TRANS is not a code of theme; did you mean "TRAN"?',
      'vehicles.yaml:8:11: error: there is no record vehicle',
      'vehicles.yaml:9:11: error: sources/ has no contract no_such',
      'companies.yaml:2:41: error: the Hebrew text has no Hebrew letter',
      'decided is the day on which a question was dropped',
      'smart-meters.yaml:66:18: error: no pipeline measures agreement on lived_at; did you mean "lived_in"?',
      'customs.yaml:63:1: error: colour is not a key that is known here',
    ])
      expect(stdout).toContain(expected);
  });
});

describe('editions', () => {
  it('hold what is for their audience, and no text of a block that is not', async () => {
    const folder = catalogue('secret', {
      vehicles: (yaml) =>
        `${yaml.replace('  frequency: DAILY', "  frequency: DAILY\n  channel: { en: 'ministries-only', he: 'למשרדים' }").replace(/(about:\n {2}visibility: )public/, '$1internal')}risks: { visibility: internal, confidence: draft, as_of: 2026-11-26, by: editor, notes: { en: 'internal-only', he: 'פנימי' } }\n`,
    });
    const seen: Record<string, string[]> = {};
    for (const audience of ['public', 'ministries', 'authority', 'internal']) {
      const texts = await Promise.all(
        ['json', 'csv', 'dcat-ap', 'jsonld'].map((format) =>
          twinstat('export', '--format', format, '--audience', audience, '--catalog', folder),
        ),
      );
      const all = texts.map(({ stdout }) => stdout).join('\n');
      seen[audience] = ['Registered vehicles', 'ministries-only', 'internal-only'].filter((secret) => all.includes(secret));
    }
    expect(seen).toEqual({
      public: [],
      ministries: ['ministries-only'],
      authority: ['Registered vehicles', 'ministries-only'],
      internal: ['Registered vehicles', 'ministries-only', 'internal-only'],
    });
  });
});

describe('catalog export', () => {
  it('writes Turtle and JSON-LD of the same statements', async () => {
    await twinstat('export', '--format', 'dcat-ap', '--out', 'catalogue.ttl', '--audience', 'internal');
    await twinstat('export', '--format', 'jsonld', '--out', 'catalogue.jsonld', '--audience', 'internal');
    const quads = new Parser().parse(text('catalogue.ttl'));
    const nodes: Record<string, unknown>[] = JSON.parse(text('catalogue.jsonld'));
    const statements = nodes.reduce(
      (sum, node) =>
        sum + Object.entries(node).reduce((count, [key, values]) => count + (key === '@id' ? 0 : (values as unknown[]).length), 0),
      0,
    );
    expect(statements).toBe(quads.length);
    const titles = quads.filter(
      ({ subject, predicate }) => subject.value.endsWith('/source/pop-register') && predicate.value.endsWith('/title'),
    );
    expect(titles.map(({ object }) => object.value).sort()).toEqual(['Population register', 'מרשם האוכלוסין']);
  });

  it.skipIf(!hasShapes)('violates none of the official shapes of DCAT-AP 3.0.1', async () => {
    await twinstat('export', '--format', 'dcat-ap', '--out', 'shapes.ttl', '--audience', 'internal');
    const parse = (file: string) =>
      new Parser().parse(readFileSync(file, 'utf8')).filter(({ predicate }) => !predicate.value.endsWith('owl#imports'));
    const shapes = new Store([...parse(`${SHACL}/dcat-ap-SHACL.ttl`), ...parse(`${SHACL}/ranges.ttl`)]);
    const data = new Store([...new Parser().parse(text('shapes.ttl')), ...parse(`${SHACL}/authority-stubs.ttl`)]);
    const problems = async (of: Store): Promise<number> => (await new Validator(shapes).validate(of)).results.length;
    expect(await problems(data)).toBe(0);
    const [title] = data.getQuads('https://catalogue.example.org/source/customs', 'http://purl.org/dc/terms/title', null, null);
    for (const quad of data.getQuads(title?.subject ?? null, title?.predicate ?? null, null, null)) data.removeQuad(quad);
    expect(await problems(data)).toBeGreaterThan(0);
  });

  it('refuses a base that is no IRI, and an unsound catalogue', async () => {
    expect((await twinstat('export', '--format', 'dcat-ap', '--base', 'my catalogue')).stderr).toContain('--base must be');
    const folder = catalogue('unsound', { customs: (yaml) => yaml.replace('class: administrative', 'class: nothing') });
    const { code, stderr } = await twinstat('export', '--format', 'csv', '--catalog', folder);
    expect(code).toBe(2);
    expect(stderr).toContain('customs.yaml:3:8');
  });
});
