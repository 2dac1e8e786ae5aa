import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { readXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { mergeGroups } from '../catalog/survey/merge-groups.ts';
import type { SurveyReport } from '../catalog/survey/survey-report.ts';
import { auditPartitions } from '../cli/survey-audit.ts';
import { hasBrowser, PageBrowser, VIEWS } from './page-browser.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { prepareSurveyCase, SURVEY_CASE } from './survey-case.ts';

const folder = scratchFolder();
const CASE = SURVEY_CASE;
const files = await prepareSurveyCase(folder);
const run = (...args: readonly string[]) => runCommand(['survey', ...args], { cwd: folder });
const readJson = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

describe('survey', () => {
  it('collects what belongs to the survey and logs the rest', async () => {
    const { code } = await run('collect', ...files, ...CASE, '--out', 'collected');
    expect(code).toBe(3);
    expect(readJson('collected/log.json')).toEqual({
      files: 16,
      accepted: 11,
      rejected: [
        { file: '12-earlier.json', rule: 'superseded' },
        { file: '13-version.json', rule: 'unknown-version' },
        { file: '14-catalogue.json', rule: 'unknown-catalogue' },
        { file: '15-scale.json', rule: 'fields', field: 'barriers' },
        { file: '16-division.json', rule: 'codes', field: 'division' },
      ],
    });
  });

  it('keeps the last of two answers in either order of the files', async () => {
    await run('collect', ...[...files].reverse(), ...CASE, '--out', 'reversed');
    expect(readJson('reversed/answers.json')).toEqual(readJson('collected/answers.json'));
  });

  it('reports the figures that were worked out by hand', async () => {
    const { code, stderr } = await run('report', 'collected/answers.json', ...CASE, '--out', 'report');
    expect([code, stderr]).toEqual([0, '']);
    const report = readJson('report/report.json') as SurveyReport;
    expect(report).toMatchObject({ answers: 11, invited: 22, rate: 0.5, hours: 150, unpriced: 1 });
    expect(report.divisions).toEqual([
      { members: ['bb', 'cc'], answers: 5, invited: 12, rate: 0.417 },
      { members: ['aa'], answers: 6, invited: 10, rate: 0.6 },
    ]);
    expect(report.roles.map(({ answers }) => answers)).toEqual([5, 6]);
    const rank = (stated: number) => ({ stated, best: 1, worst: 2 });
    expect(report.sources).toEqual([
      { id: 'alpha-register', judged: 11, needed: 6, score: 56, rank: rank(1), consensus: 0.766, hours: 150 },
      { id: 'beta-data', judged: 11, needed: 5, score: 45, rank: rank(2), consensus: 0.437, hours: null },
      { id: 'gamma-sensors', judged: 11, needed: null, score: null, rank: null, consensus: null, hours: null },
    ]);
    expect(report.barriers).toEqual([
      { id: 'legal', rated: 11, mean: 3.636 },
      { id: 'money', rated: null, mean: null },
    ]);
    expect(readFileSync(join(folder, 'report/divisions-en.csv'), 'utf8')).toContain('Division B + Division C,12,5,0.417');
  });

  it('writes the same figures as a workbook, Hebrew sheets from right to left, withheld as a mark', async () => {
    const { sheets } = await readXlsx(readFileSync(join(folder, 'report/report.xlsx')));
    expect(sheets.map(({ view }) => view?.rightToLeft === true)).toEqual(sheets.map((_, at) => at < 7));
    expect(new Set(sheets.map(({ name }) => name)).size).toBe(14);
    const english = sheets[7]?.rows ?? [];
    expect(english[4]).toEqual(['Alpha register', 11, 6, 56, '1 (1–2)', 0.766, 150]);
    expect(english[6]).toEqual(['Gamma sensors', 11, 'c', 'c', 'c', 'c', 'c']);
  });

  it('refuses a report of too few answers, of other files, and a threshold below five', async () => {
    await run('collect', ...files.slice(0, 4), ...CASE, '--out', 'few');
    expect((await run('report', 'few/answers.json', ...CASE, '--out', 'none')).code).toBe(4);
    const foreign = await run('report', 'collected/log.json', ...CASE, '--out', 'none');
    expect([foreign.code, foreign.stderr]).toEqual([2, expect.stringContaining('survey-answers')]);
    mkdirSync(join(folder, 'low'));
    const text = readFileSync(join(folder, 'case/survey.yaml'), 'utf8');
    writeFileSync(join(folder, 'low/survey.yaml'), text.replace('threshold: 5', 'threshold: 4'));
    const low = await run('collect', ...files, '--survey', 'low/survey.yaml', '--catalog', 'case/catalog', '--out', 'none');
    expect([low.code, low.stderr]).toEqual([2, expect.stringMatching(/survey\.yaml:7:\d+/)]);
  });

  it('simulates the same answers for the same seed, and they come through', async () => {
    for (const out of ['one', 'two']) await run('simulate', '--seed', '7', '--out', out);
    const names = readdirSync(join(folder, 'one/answers'));
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(readJson(`one/answers/${name}`)).toEqual(readJson(`two/answers/${name}`));
    const { code, stdout } = await run('collect', ...names.map((name) => `one/answers/${name}`), '--out', 'all', '--json');
    expect([code, JSON.parse(stdout)]).toEqual([0, { files: names.length, accepted: names.length, rejected: [] }]);
    expect((await run('report', 'all/answers.json', '--out', 'shown')).code).toBe(0);
    expect(readJson('shown/report.json')).toMatchObject({ hours: null });
  });
});

describe('groups of divisions', () => {
  const units = fc.array(fc.record({ answers: fc.nat(12), more: fc.nat(6) }), { minLength: 1, maxLength: 12 });

  it('part the total, reach the threshold, and hold against the audit of tables', () => {
    fc.assert(
      fc.property(units, (drawn) => {
        const all = drawn.map(({ answers, more }, at) => ({ id: `d${at}`, answers, invited: answers + more }));
        const total = all.reduce((sum, { answers }) => sum + answers, 0);
        const groups = mergeGroups(all, 5);
        if (groups === undefined) {
          expect(total).toBeLessThan(5);
          return;
        }
        expect(groups.reduce((sum, { answers }) => sum + answers, 0)).toBe(total);
        for (const { answers, invited } of groups) {
          expect(answers).toBeGreaterThanOrEqual(5);
          if (groups.length > 1) expect(answers).toBeLessThan(invited ?? 0);
        }
        const parts = groups.flatMap(({ members }) =>
          members.map((id) => ({ id, group: members.join('+'), count: all.find((unit) => unit.id === id)?.answers ?? 0 })),
        );
        expect(auditPartitions([{ name: 'divisions', parts, isShown: true }], 5)).toBe(1);
      }),
    );
  });

  it('are taken apart where a small one is shown alone', () => {
    const parts = [
      { id: 'a', group: 'a', count: 3 },
      { id: 'b', group: 'b', count: 9 },
    ];
    expect(() => auditPartitions([{ name: 'divisions', parts, isShown: true }], 5)).toThrow(/taken apart/);
    expect(auditPartitions([{ name: 'divisions', parts, isShown: false }], 5)).toBe(1);
  });
});

describe.skipIf(!hasBrowser)('page of the report', () => {
  it('is sound in every view', { timeout: 120_000 }, async () => {
    await run('collect', ...files, ...CASE, '--out', 'collected');
    await run('report', 'collected/answers.json', ...CASE, '--out', 'report');
    const browser = await PageBrowser.launch({ 'report.html': readFileSync(join(folder, 'report/report.html'), 'utf8') });
    try {
      expect(await browser.faultsIn('report.html', VIEWS)).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
