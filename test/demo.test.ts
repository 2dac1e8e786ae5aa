import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCurrent } from '../engine/current.ts';
import type { Ref } from '../engine/layout.ts';
import { Store } from '../engine/store.ts';
import type { DemoReport } from '../pipelines/demo-report.ts';
import { differences, reachableState } from './reachable.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const NOW = '2026-01-15T00:00:00Z';

const demo = (root: string, persons: number, months: number, ...more: string[]): Promise<CommandResult> =>
  runCommand(['demo', '--root', join(folder, root), '--persons', String(persons), '--months', String(months), '--quiet', ...more], {
    cwd: folder,
    now: NOW,
  });

const state = (root: string, only?: (ref: Ref) => boolean) => reachableState(join(folder, root), only);

async function report(root: string, persons: number, months: number, ...more: string[]): Promise<DemoReport> {
  const result = await demo(root, persons, months, '--json', ...more);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(result.stdout) as DemoReport;
}

async function view(root: string, ...name: string[]): Promise<string> {
  const result = await runCommand(['view', ...name, '--root', join(folder, root)], { cwd: folder, now: NOW });
  expect(result.code).toBe(0);
  return result.stdout;
}

/** What `view` shows of everything that it may show. */
async function viewOfEverything(root: string): Promise<Record<string, string>> {
  const shown: Record<string, string> = { '': await view(root) };
  for (const ref of Object.keys((await readCurrent(join(folder, root))).datasets)) {
    const dataset = ref.replace(/@released$/, '');
    const manifest = await (await Store.open(join(folder, root), { clock: () => new Date(NOW) })).manifest(ref as Ref);
    const isTable =
      /@(admitted|integrated|tabulated)$/.test(ref) &&
      manifest?.parts.some((part) => part.path.endsWith('.parquet') && !part.path.includes('/package-'));
    if (isTable === true || dataset !== ref) shown[dataset] = await view(root, dataset);
  }
  return shown;
}

describe('demo of 300 persons', { timeout: 240_000 }, () => {
  it('prints one JSON; the same again changes nothing', async () => {
    const first = await report('few', 300, 2);
    expect(first.changed).toBe(true);
    for (const { input: records, accepted, rejected } of first.deliveries) expect(accepted + rejected).toBe(records);
    expect(statSync(join(folder, 'few', first.page)).size).toBeGreaterThan(1000);
    const bytes = readFileSync(join(folder, 'few/CURRENT'), 'utf8');
    expect((await report('few', 300, 2)).changed).toBe(false);
    expect(readFileSync(join(folder, 'few/CURRENT'), 'utf8')).toBe(bytes);
  });
});

describe('demo of 1,500 persons', { timeout: 240_000 }, () => {
  let first: DemoReport;
  beforeAll(async () => {
    first = await report('grown', 1500, 3);
  }, 240_000);

  it('writes a quality report of every ingest and every run, whose public edition rounds what the internal one counts', () => {
    const runs = join(folder, 'grown', 'runs');
    const written = readdirSync(runs).filter((run) => readdirSync(join(runs, run)).includes('log.jsonl'));
    expect(written.length).toBe(13);
    const reports = written.map((run) => {
      const read = (file: string) => readFileSync(join(runs, run, file), 'utf8');
      expect(read('quality-internal.html')).toContain('</html>');
      expect(read('quality-public.html')).not.toContain(run);
      return { internal: JSON.parse(read('quality-internal.json')), shown: JSON.parse(read('quality-public.json')) };
    });
    const pipeline = reports.find(({ internal }) => internal.command === 'twinstat run employment_earnings');
    const filings = first.deliveries.filter(({ source }) => source === 'employer_filings');
    const inside = pipeline?.internal.sources.find(({ source }: { source: string }) => source === 'employer_filings');
    expect(inside.deliveries.map(({ input, accepted, rejected }: Record<string, number>) => [input, accepted, rejected])).toEqual(
      filings.map(({ input, accepted, rejected }) => [input, accepted, rejected]),
    );
    const input = filings.reduce((sum, delivery) => sum + delivery.input, 0);
    const outside = pipeline?.shown.sources.find(({ source }: { source: string }) => source === 'employer_filings');
    expect(Number(outside.input.replace(',', '')) % 10).toBe(0);
    expect(Math.abs(Number(outside.input.replace(',', '')) - input)).toBeLessThanOrEqual(50);
    expect(outside.adds_up).toBe(true);
    expect(pipeline?.internal.rules.length).toBe(3 * 3 + 2);
    const indicators = pipeline?.shown.indicators.map(({ id }: { id: string }) => id);
    expect(indicators).toEqual(
      expect.arrayContaining(['COV-PERSON', 'COV-EMPLOYER', 'LINK-PERSON', 'A7-COUNT', 'EDIT-CHANGE', 'TP2', 'CC2']),
    );
  });

  it('takes every delivery in, computes every pipeline, says what was refused, and writes the page', async () => {
    expect(first).toMatchObject({
      persons: 1500,
      months: 3,
      seed: 1,
      changed: true,
      releases: [],
      refused: [{ what: 'consumer_prices', code: 'release-provisional' }],
    });
    expect(first.deliveries.map(({ source, delivery, outcome }) => `${source}/${delivery} ${outcome}`)).toEqual([
      'business_register/2024-01-01 admitted',
      'population_register/2024-01-01 admitted',
      'dwelling_register/2024-01-01 admitted',
      ...['01', '02', '03'].map((month) => `employer_filings/2024-${month} admitted`),
      'household_register/2024-01-01 admitted',
      'labour_survey/2024-01-01 admitted',
      'metering_point/2024-01-01 admitted',
      ...['01', '02', '03'].map((month) => `retail_scanner/2024-${month} admitted`),
      ...['01', '02', '03'].map((month) => `smart_meter/2024-${month} admitted`),
    ]);
    for (const { input, accepted, rejected } of first.deliveries) expect(accepted + rejected).toBe(input);
    expect(first.runs.map((run) => run.pipeline)).toEqual([
      'employment_earnings',
      'dwelling_occupancy',
      'survey_agreement',
      'consumer_prices',
    ]);
    expect(new Set(first.runs.flatMap((run) => run.steps.map((step) => step.outcome)))).toEqual(new Set(['computed']));
    expect(readFileSync(join(folder, 'grown', first.page), 'utf8')).toContain('</html>');
    expect((await runCommand(['verify', '--root', join(folder, 'grown')], { cwd: folder, now: NOW })).code).toBe(0);
  });

  it('run again computes nothing, leaves the bytes of CURRENT, and says so', async () => {
    const before = readFileSync(join(folder, 'grown/CURRENT'));
    const again = await report('grown', 1500, 3);
    expect(again.changed).toBe(false);
    expect(new Set(again.deliveries.map((delivery) => delivery.outcome))).toEqual(new Set(['unchanged']));
    expect(new Set(again.runs.flatMap((run) => run.steps.map((step) => step.outcome)))).toEqual(new Set(['unchanged']));
    expect(again.runs.map((run) => run.tables)).toEqual(first.runs.map((run) => run.tables));
    expect(readFileSync(join(folder, 'grown/CURRENT'))).toEqual(before);
    expect((await demo('grown', 1500, 3)).stdout).toContain('nothing was computed again');
  });

  it('with one more month computes what that month changes and ends as a fresh run of all of them', async () => {
    const before = await state('grown', (ref) => ref === 'employment_earnings.employee@integrated');
    const more = await report('grown', 1500, 4);
    expect(more.changed).toBe(true);
    expect(
      more.deliveries.filter((delivery) => delivery.outcome === 'admitted').map(({ source, delivery }) => `${source}/${delivery}`),
    ).toEqual(['employer_filings/2024-04', 'retail_scanner/2024-04', 'smart_meter/2024-04']);
    const prices = more.runs.find((run) => run.pipeline === 'consumer_prices')?.steps.filter((step) => step.step === 'unit_value');
    expect(prices?.map(({ period, outcome }) => `${period} ${outcome}`)).toEqual([
      '2024-01 unchanged',
      '2024-02 unchanged',
      '2024-03 unchanged',
      '2024-04 computed',
    ]);
    const fresh = await report('fresh', 1500, 4, '--threads', '2');
    expect(fresh.runs.map((run) => run.tables)).toEqual(more.runs.map((run) => run.tables));
    const [grown, whole] = [await state('grown'), await state('fresh')];
    expect(differences(grown, whole)).toEqual([]);
    expect(Object.keys(whole).length).toBeGreaterThan(50);
    expect(Object.keys(before).filter((path) => path.endsWith('.parquet') && grown[path] === undefined).length).toBeLessThanOrEqual(3);
    expect(await viewOfEverything('grown')).toEqual(await viewOfEverything('fresh'));
  });

  it('gives the same bytes with one thread and with 600 MB', async () => {
    await report('narrow', 1500, 4, '--threads', '1', '--memory', '600MB');
    expect(differences(await state('narrow'), await state('fresh'))).toEqual([]);
  });

  it('ends with 75 while another run holds the data root, and changes nothing', async () => {
    const before = await state('grown');
    const store = await Store.open(join(folder, 'grown'), { clock: () => new Date(NOW) });
    const holder = await store.begin('test');
    const result = await demo('grown', 1500, 5, '--json');
    await holder.abort();
    expect(result.code).toBe(75);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'store-busy', facts: { pid: process.pid } } });
    expect(differences(await state('grown'), before)).toEqual([]);
    expect(readdirSync(join(folder, 'grown/_vault/_demo-1500-1/deliveries/retail_scanner'))).toHaveLength(4);
  });
});

describe('demo that releases', { timeout: 240_000 }, () => {
  /** What a release is made of, or follows from: these differ by the history of releases, and only these. */
  const isOfReleases = (ref: Ref): boolean => ref.endsWith('@released') || /^employment_earnings-|^release_ledger@/.test(ref);

  it('month by month publishes in parts what a fresh run publishes at once; all other data are the same bytes', async () => {
    await report('steps', 1500, 7);
    const steps = await report('steps', 1500, 8);
    const fresh = await report('at-once', 1500, 8);
    const ids = (given: DemoReport): string[] => given.releases.map((release) => release.id);
    expect(ids(steps)).toEqual(['employment_earnings-2024-01', 'employment_earnings-2024-02']);
    expect(ids(fresh)).toEqual(['employment_earnings-2024-01_2024-02']);
    const others = (ref: Ref): boolean => !isOfReleases(ref);
    expect(differences(await state('steps', others), await state('at-once', others))).toEqual([]);
    const csv = (root: string, id: string): string[] =>
      readFileSync(join(folder, root, 'released', id, 'employees_and_pay.csv'), 'utf8')
        .split(/\r?\n/)
        .filter(Boolean);
    const [head, ...all] = csv('at-once', 'employment_earnings-2024-01_2024-02');
    const parts = ids(steps).map((id) => csv('steps', id));
    expect(parts.map(([line]) => line)).toEqual([head, head]);
    expect(parts.flatMap(([, ...rows]) => rows).sort()).toEqual(all.sort());
    const again = await report('steps', 1500, 8);
    expect(again.changed).toBe(false);
  });
});
