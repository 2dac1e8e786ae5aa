import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../pipelines/plan.ts';
import type { RunReport } from '../pipelines/run-report.ts';
import { determinedCells } from './attack/exact-elimination.ts';
import type { Relation } from './attack/released-cells.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const workspace = join(folder, 'workspace');
const cases = fileURLToPath(new URL('cases/pipelines/places', import.meta.url));

async function twinstat(...args: string[]): Promise<string> {
  const result = await runCommand([...args], { cwd: workspace, now: '2026-01-15T00:00:00Z' });
  expect(result, args.join(' ')).toMatchObject({ code: 0, stderr: '' });
  return result.stdout;
}

const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await twinstat(...args, '--json')) as T;
const run = (...args: string[]): Promise<RunReport> => json<RunReport>('run', 'places', '--quiet', ...args);
const outcomes = ({ steps }: RunReport, name: string): string[] =>
  steps.filter(({ step }) => step === name).map(({ period, outcome }) => `${period} ${outcome}`);

describe('a pipeline with a hierarchy, an identity and a yearly copy', { timeout: 240_000 }, () => {
  let first: RunReport;
  let before: string;
  beforeAll(async () => {
    await runCommand(['init', workspace], { cwd: folder });
    rmSync(join(workspace, 'pipelines'), { recursive: true });
    cpSync(cases, join(workspace, 'pipelines', 'places'), { recursive: true });
    await twinstat('generate', '--out', join(folder, 'files'), '--persons', '3000', '--months', '4', '--quiet');
    await twinstat('ingest', '--from', join(folder, 'files'), '--quiet');
    before = await twinstat('explain', 'places');
    first = await run('--period', '2024-01..2024-03');
  }, 240_000);

  it('explains how each table is computed, and before its step has run says that it does not know', async () => {
    expect(before).toContain('not known before its step place has been computed');
    const { tables } = await json<Plan>('explain', 'places');
    expect(tables).toMatchObject([{ name: 'persons_by_place', month: '2024-03', plan: { strategy: 'kernel', margins: 6 } }]);
    expect(tables[0]?.plan?.rows).toBeGreaterThan(1000);
    const small = await json<Plan>('explain', 'places', '--memory', '0.1MB');
    expect(small.tables[0]?.plan?.strategy).toBe('sql');
    expect(await twinstat('explain', 'places')).toContain('quantiles and distinct units cannot be added up');
  });

  it('shows with --profile what each step took and the bytes of a row', async () => {
    const text = await twinstat('run', 'places', '--profile', '--quiet', '--period', '2024-01..2024-03');
    expect(text).toMatch(/step +computed +rows +bytes a row +seconds +core s +peak MB/);
    expect(text).toMatch(/place_year +0 of 1/);
    expect(first.steps.every(({ bytes, cpuSeconds, peakBytes }) => bytes > 0 && cpuSeconds > 0 && peakBytes > 1e7)).toBe(true);
  });

  it('keeps the copy of the year sorted by person, and computes only the year and the month that a new month changes', async () => {
    expect(outcomes(first, 'place_year')).toEqual(['2024 computed']);
    const grown = await run('--period', '2024-01..2024-04');
    for (const step of ['place', 'persons_by_place'])
      expect(outcomes(grown, step)).toEqual(['2024-01 unchanged', '2024-02 unchanged', '2024-03 unchanged', '2024-04 computed']);
    expect(outcomes(grown, 'place_year')).toEqual(['2024 computed']);
    const again = await run('--period', '2024-02');
    expect(again.steps.every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    const rows = (await twinstat('view', 'places.place_year@integrated')).trim().split('\n').slice(1);
    expect(new Set(rows.map((row) => row.slice(0, 7)))).toEqual(new Set(['2024-01', '2024-02', '2024-03', '2024-04']));
  });

  it('publishes every level of a hierarchy, and no level gives away what another one hides', async () => {
    const [header = '', ...lines] = (await twinstat('view', 'places.persons_by_place@tabulated', '--period', '2024-03')).trim().split('\n');
    const names = header.split(',');
    const rows = lines.map((line) => Object.fromEntries(line.split(',').map((field, index) => [names[index], field])));
    const pairs = (await twinstat('view', 'places.place@integrated', '--period', '2024-03')).trim().split('\n');
    const [districtAt = -1, localityAt = -1] = ['district', 'locality'].map((name) => (pairs[0] ?? '').split(',').indexOf(name));
    const above = new Map(pairs.slice(1).map((line) => [line.split(',')[localityAt], line.split(',')[districtAt] ?? '']));
    above.set('_U', '_T');
    above.delete('');
    const parentOf = (code: string): string => above.get(code) ?? '_T';
    const index = new Map(rows.map((row, cell) => [`${row['locality']}|${row['sex']}`, cell]));
    const relations = new Map<string, { parent: number; children: number[]; dimension: number }>();
    rows.forEach((row, cell) => {
      const [place = '', sex = ''] = [row['locality'], row['sex']];
      const parents = [place === '_T' ? '' : `${parentOf(place)}|${sex}`, sex === '_T' ? '' : `${place}|_T`];
      parents.forEach((key, dimension) => {
        if (key === '') return;
        const relation = relations.get(`${dimension} ${key}`) ?? { parent: index.get(key) ?? -1, children: [], dimension };
        relations.set(`${dimension} ${key}`, { ...relation, children: [...relation.children, cell] });
      });
    });
    const all: Relation[] = [...relations.values()];
    expect(all.filter(({ dimension }) => dimension === 0).length).toBeGreaterThan(10);
    for (const { parent, children } of all)
      expect(children.reduce((sum, cell) => sum + Number(rows[cell]?.['rows']), 0)).toBe(Number(rows[parent]?.['rows']));
    const hidden = Uint8Array.from(rows, (row) => Number(row['persons__suppressed']));
    expect(hidden.filter((flag) => flag === 1).length).toBeGreaterThan(20);
    expect(hidden.filter((flag) => flag === 0).length).toBeGreaterThan(20);
    expect(determinedCells(all, hidden)).toEqual([]);
  });

  it('stops where an identity does not hold', async () => {
    const file = join(workspace, 'pipelines', 'places', 'pipeline.yaml');
    const text = await readFile(file, 'utf8');
    writeFileSync(file, text.replace('jobs = rows + second_jobs', 'jobs = rows - second_jobs'));
    const broken = await runCommand(['run', 'places', '--quiet'], { cwd: workspace });
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('[table-identity]') });
    writeFileSync(file, text.replace('jobs = rows + second_jobs', 'jobs = rows + none + median_pay'));
    const unknown = await runCommand(['check', '--json'], { cwd: workspace });
    expect(unknown.stdout + unknown.stderr).toMatch(/table-unknown-name[\s\S]*identity-not-additive/);
    writeFileSync(file, text);
  });

  it('refuses a table over a step that sees more than a month', async () => {
    const file = join(workspace, 'pipelines', 'places', 'pipeline.yaml');
    const text = await readFile(file, 'utf8');
    writeFileSync(file, text.replace('from: place\n', 'from: place_year\n'));
    const result = await runCommand(['run', 'places', '--quiet'], { cwd: workspace });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('[table-not-monthly]') });
    writeFileSync(file, text);
  });
});
