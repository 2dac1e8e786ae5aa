import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser, type Quad, Store } from 'n3';
import Validator from 'rdf-validate-shacl';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MeasuredAgreement } from '../report/agreement.ts';
import type { SourceEvidence } from '../report/source-evidence.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const root = join(scratch, 'root');
const SHACL = '../shared/catalog/shacl';
if (!existsSync(SHACL)) console.info('skipped: shapes of DCAT-AP not here');
const DQV = 'http://www.w3.org/ns/dqv#';
const NOW = '2026-01-15T00:00:00Z';
const twinstat = (...args: string[]) => runCommand(args, { cwd: scratch, now: NOW });
const exported = async (format: string, audience: string, ...more: string[]): Promise<string> =>
  (await twinstat('catalog', 'export', '--format', format, '--audience', audience, ...more)).stdout;

interface InternalIndicator {
  readonly id: string;
  readonly numerator: number;
  readonly denominator: number;
  readonly value: number;
}

/** The true figures of the last run of a pipeline. */
function lastRun(pipeline: string): { id: string; indicators: InternalIndicator[] } {
  const reports = readdirSync(join(root, 'runs'))
    .sort()
    .flatMap((id) => {
      try {
        return [{ id, ...JSON.parse(readFileSync(join(root, 'runs', id, 'quality-internal.json'), 'utf8')) }];
      } catch {
        return [];
      }
    });
  return reports.filter(({ command }) => command === `twinstat run ${pipeline}`).at(-1);
}

const percent = ({ numerator, denominator }: InternalIndicator): string => `${((100 * numerator) / denominator).toFixed(1)}%`;

describe('evidence of runs in the catalogue', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    const { code, stderr } = await twinstat('demo', '--root', root, '--persons', '1500', '--months', '2', '--quiet');
    expect(stderr).toBe('');
    expect(code).toBe(0);
  }, 240_000);

  it('shows the figures of the last runs, by the release rules, for records with a contract that has data', async () => {
    const { code, stdout } = await twinstat('catalog', 'check', '--root', root, '--json');
    expect(code).toBe(0);
    const records: { id: string; completeness: { missing: string[] }; evidence?: SourceEvidence }[] = JSON.parse(stdout).records;
    const payroll = records.find(({ id }) => id === 'employer-payroll');
    expect(payroll?.completeness.missing).not.toContain('quality.basis measured');
    expect(records.find(({ id }) => id === 'ship-ais')?.evidence).toBeUndefined();
    const run = lastRun('employment_earnings');
    const coverage = run.indicators.find(({ id }) => id === 'COV-PERSON') as InternalIndicator;
    expect(coverage.numerator).toBeGreaterThan(9);
    const lag = run.indicators.find(({ id }) => id === 'TP2') as InternalIndicator;
    const figures = payroll?.evidence?.figures ?? [];
    expect(figures).toContainEqual(
      expect.objectContaining({ dimension: 'coverage', value: percent(coverage), measured: '2026-01-15', run: run.id }),
    );
    expect(figures).toContainEqual(expect.objectContaining({ dimension: 'timeliness', value: String(lag.value), run: run.id }));
    expect(figures.some(({ dimension, value }) => dimension === 'linkability' && /^[<>]?\d+\.\d%$/.test(value))).toBe(true);
    expect(payroll?.evidence?.accepted).toMatch(/^[\d,]+0$/);
    const register = records.find(({ id }) => id === 'pop-register')?.evidence;
    expect(register?.figures.some(({ dimension }) => dimension === 'coverage')).toBe(false);
  });

  it('shows them on the page of the source, to those who may see the quality block, with runs inside the office only', async () => {
    const run = lastRun('employment_earnings');
    const coverage = percent(run.indicators.find(({ id }) => id === 'COV-PERSON') as InternalIndicator);
    const pageFor = async (audience: string): Promise<string> => {
      expect((await twinstat('catalog', 'build', '--audience', audience, '--root', root, '--out', audience)).code).toBe(0);
      return readFileSync(join(scratch, audience, 'sources/employer-payroll.html'), 'utf8');
    };
    const [open, ministries, internal] = [await pageFor('public'), await pageFor('ministries'), await pageFor('internal')];
    expect([open, ministries, internal].map((page) => page.includes(`>${coverage}<`))).toEqual([false, true, true]);
    expect([open, ministries, internal].map((page) => page.includes(run.id))).toEqual([false, false, true]);
  });

  it('goes with the quality block, names runs only inside, and beats what is declared', async () => {
    const of = async (audience: string): Promise<Record<string, SourceEvidence>> =>
      JSON.parse(await exported('json', audience, '--root', root)).evidence;
    expect(await of('public')).toEqual({});
    const ministries = (await of('ministries'))['employer-payroll'];
    expect(ministries?.figures.length).toBeGreaterThan(0);
    expect(JSON.stringify(ministries)).not.toContain('"run"');
    expect((await of('internal'))['employer-payroll']?.figures.every(({ run }) => run !== undefined)).toBe(true);
    const sims = async (...more: string[]) =>
      (await exported('sims', 'internal', ...more)).split('\r\n').find((line) => line.startsWith('employer-payroll,S.14,'));
    expect(await sims()).toMatch(/\/5 \(prior\)/);
    expect(await sims('--root', root)).not.toContain('/5');
    expect(await sims('--root', root)).toContain('measured 2026-01-15');
  });

  it('shows which agreement was measured of a question, that it was on generated data, and that the others were not', async () => {
    const agreement = async (audience: string, ...more: string[]): Promise<MeasuredAgreement[]> =>
      JSON.parse(await exported('json', audience, ...more)).agreement;
    expect(await agreement('internal')).toEqual([]);
    const [open, inside] = [await agreement('public', '--root', root), await agreement('internal', '--root', root)];
    expect(open.map(({ question }) => question)).toEqual(['employed', 'several_jobs', 'gross_pay']);
    expect(open.every(({ run }) => run === undefined)).toBe(true);
    expect(inside.map(({ run: _run, ...each }) => each)).toEqual(open);
    expect(new Set(inside.map(({ run }) => run))).toEqual(new Set([lastRun('survey_agreement').id]));
    const pay = open.find(({ question }) => question === 'gross_pay') as MeasuredAgreement;
    const checked = (await twinstat('catalog', 'check', '--root', root)).stdout;
    expect(checked).toContain(
      `agreement on gross_pay (employment_earnings): ${pay.pairs} pairs, median difference ${pay.median_relative}, measured 2026-01-15 on generated data`,
    );
    const pages = async (...more: string[]) => {
      expect((await twinstat('catalog', 'build', '--out', 'agreed', ...more)).code).toBe(0);
      const read = (path: string) => readFileSync(join(scratch, 'agreed', path), 'utf8').replaceAll(/<[^>]+>/g, '');
      return {
        map: read('burden-map.html'),
        account: read('burden.html'),
        question: read('questions/labour-force-survey-wage-items.html'),
      };
    };
    const [without, measured] = [await pages(), await pages('--root', root)];
    const sentence = `median absolute difference ${pay.median_absolute} ILS (${pay.median_relative}); bias ${pay.bias}`;
    for (const page of Object.values(measured)) expect(page).toContain(sentence);
    expect(measured.map).toContain('not measured');
    expect(measured.map).toContain('נתונים מחוללים');
    expect(measured.account).toContain('2 with agreement measured');
    for (const page of Object.values(without)) expect(page).not.toContain(sentence);
    expect(without.account).toContain('has not been measured');
  });

  it('is written in DCAT as quality measurements with a metric in a dimension, one for each figure that may be seen', async () => {
    for (const audience of ['ministries', 'internal']) {
      const evidence: Record<string, SourceEvidence> = JSON.parse(await exported('json', audience, '--root', root)).evidence;
      const quads = new Parser().parse(await exported('dcat-ap', audience, '--root', root));
      const store = new Store(quads);
      const one = (subject: Quad['object'], predicate: string) => store.getObjects(subject, predicate, null)[0]?.value;
      const found = store.getQuads(null, `${DQV}hasQualityMeasurement`, null, null).map(({ subject, object }) => {
        const metric = store.getObjects(object, `${DQV}isMeasurementOf`, null)[0] as Quad['object'];
        const dimension = store.getObjects(metric, `${DQV}inDimension`, null)[0] as Quad['object'];
        expect(one(object, `${DQV}computedOn`)).toBe(subject.value);
        expect(
          store.getObjects(dimension, 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type', null).map(({ value: kind }) => kind),
        ).toContain(`${DQV}Dimension`);
        const [value] = store.getObjects(object, `${DQV}value`, null);
        const unit = one(object, 'http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure');
        return [
          subject.value.split('/').at(-1),
          dimension.value.split('/').at(-1),
          `${value?.value}${unit?.endsWith('PERCENT') === true ? '%' : ''}`,
        ].join(' ');
      });
      const wanted = Object.entries(evidence).flatMap(([id, { figures }]) =>
        figures.map(({ dimension, value }) => `${id} ${dimension} ${value}`),
      );
      expect(wanted.length).toBeGreaterThan(3);
      expect(found.sort()).toEqual(wanted.sort());
      const runs = quads.filter(
        ({ predicate, subject }) => predicate.value.endsWith('#wasGeneratedBy') && subject.value.includes('/quality/'),
      );
      expect(runs).toHaveLength(audience === 'internal' ? wanted.length : 0);
    }
    expect(await exported('dcat-ap', 'public', '--root', root)).not.toContain('dqv:value');
    expect(await exported('dcat-ap', 'internal')).not.toContain('dqv:value');
  });

  it.skipIf(!existsSync(SHACL))('keeps to the shapes of DCAT-AP with all of it in', { timeout: 60_000 }, async () => {
    const parse = (file: string): Quad[] => new Parser().parse(readFileSync(join(SHACL, file), 'utf8'));
    const shapes = new Store([...parse('dcat-ap-SHACL.ttl'), ...parse('ranges.ttl')]);
    const turtle = await exported('dcat-ap', 'internal', '--root', root);
    expect(turtle).toContain('dqv:value');
    const data = new Store([...new Parser().parse(turtle), ...parse('authority-stubs.ttl')]);
    expect((await new Validator(shapes).validate(data)).results).toHaveLength(0);
  });

  it('writes nothing of it into records, and refuses a damaged report', async () => {
    const records = async (...more: string[]) => JSON.parse(await exported('json', 'internal', ...more)).records;
    expect(await records('--root', root)).toEqual(await records());
    writeFileSync(join(root, 'runs', lastRun('employment_earnings').id, 'quality-public.json'), '{"report": 1}');
    const { code, stderr } = await twinstat('catalog', 'check', '--root', root);
    expect(code).toBe(5);
    expect(stderr).toContain('quality-public.json');
  });

  it('says what to do where there is no data root', async () => {
    const { code, stderr } = await twinstat('catalog', 'check', '--root', join(scratch, 'none'));
    expect(code).toBe(2);
    expect(stderr).toContain('twinstat init');
  });
});
