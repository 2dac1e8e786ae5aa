import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasBrowser, PageBrowser } from './page-browser.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { MICRODATA } from './vectors.ts';

const scratch = scratchFolder();
const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
const write = (name: string, text: string): void => writeFileSync(join(scratch, name), text);
const anonymize = (file: string, policy: string, out: string): Promise<CommandResult> =>
  runCommand(['anonymize', file, '--policy', policy, '--out', out, '--quiet', '--json'], { cwd: scratch });

const TOWNS = ['Haifa77', 'Acre77', 'Eilat77', 'Arad77'];
const HOSTILE = '<script>alert(1)</script>';
const policy = (rest: string): string => `variables:
  person: { role: direct_identifier, action: remove }
  age: { role: key_variable, hierarchy: { intervals: [30, 60] } }
  "${HOSTILE}": { role: key_variable, hierarchy: towns.csv }
  illness: { role: sensitive }
require: { k: 3 }
${rest}
`;

beforeAll(async () => {
  write('towns.csv', TOWNS.map((town, at) => `${town};${at < 2 ? 'north' : 'south'};*\n`).join(''));
  // 40 people, one of them alone in her town.
  const rows = Array.from(
    { length: 40 },
    (_, at) => `${900000 + at},${20 + ((at * 7) % 55)},${TOWNS[at === 39 ? 3 : at % 3]},disease${at % 5}`,
  );
  write('people.csv', [`person,age,${HOSTILE},illness`, ...rows, ''].join('\n'));
  write('records.yaml', policy('method: { recode: { search: optimal, suppression_limit: 0.1, metric: loss } }'));
  write('cells.yaml', policy(`method: { recode: { levels: { age: 1, "${HOSTILE}": 0 } }, suppress: { what: cells } }\njudge: wildcard`));
  expect((await anonymize('people.csv', 'records.yaml', 'records')).code).toBe(0);
  expect((await anonymize('people.csv', 'cells.yaml', 'cells')).code).toBe(0);
});

/** The figures of a row of a table of the English edition, by what its first cell begins with (or is). */
function rowOf(page: string, first: string, isWhole = false): string[] {
  const english = page.slice(page.indexOf('id="en"'));
  const headOf = (row: string): string => (/<th.*?<\/th>/.exec(row)?.[0] ?? '').replace(/<[^>]*>/g, '').trim();
  const row = english.split('<tr>').find((each) => (isWhole ? headOf(each) === first : headOf(each).startsWith(first))) ?? '';
  return [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, ''));
}

describe('the report of anonymize', () => {
  it('shows the figures of the summary, in both languages', () => {
    const summary = JSON.parse(read('records/internal/summary.json'));
    const page = read('records/internal/report.html');
    const { risk_before: before, risk_after: after } = summary;
    expect(rowOf(page, 'Combinations of the key')).toEqual([String(before.classes), String(after.classes)]);
    expect(rowOf(page, 'Records in combinations')).toEqual([String(before.violations), '0']);
    expect(rowOf(page, 'age')[0]).toBe(`${summary.levels.age} / 2`);
    expect(rowOf(page, 'Smallest combination')).toEqual([String(summary.audit.claims[0].found), '3', 'Holds']);
    expect(page).toContain('הקובץ k־אנונימי');
    expect(page).toContain('the file is k-anonymous.');
  });

  it('names what is required of sensitive variables, and what the audit found of it', async () => {
    const text = read('records.yaml').replace(
      '{ k: 3 }',
      '{ k: 3, l_diversity: [{ variable: illness, kind: distinct, l: 2 }], t_closeness: [{ variable: illness, t: 0.7 }] }',
    );
    write('diverse.yaml', text);
    expect((await anonymize('people.csv', 'diverse.yaml', 'diverse')).code).toBe(0);
    const page = read('diverse/internal/report.html');
    const { claims } = JSON.parse(read('diverse/internal/summary.json')).audit;
    const rows = page.slice(page.indexOf('id="en-audit"'));
    expect(rowOf(`id="en"${rows}`, 'Different values in every combination')).toEqual([String(claims[2].found), '2', 'Holds']);
    expect(rowOf(`id="en"${rows}`, 'Distance of the distribution')).toEqual([claims[3].found.toFixed(4), '0.7000', 'Holds']);
    const publicPage = read('diverse/public/report.html');
    expect(rowOf(publicPage, 'Different values in every combination')).toEqual(['2']);
  });

  it('draws the frontier that --frontier prints', async () => {
    const printed = await runCommand(['anonymize', 'people.csv', '--policy', 'records.yaml', '--frontier', '--json', '--quiet'], {
      cwd: scratch,
    });
    const points: { metric: string; k: number; limit: number; cost: number }[] = JSON.parse(printed.stdout).frontier;
    const page = read('records/internal/report.html');
    for (const k of [2, 3, 5, 10, 20]) {
      const costs = points.filter((point) => point.metric === 'loss' && point.k === k).map(({ cost }) => cost.toFixed(4));
      expect(rowOf(page, String(k), true)).toEqual(costs);
    }
  });

  it('never says k-anonymous where missing values count as fitting any', () => {
    const page = read('cells/internal/report.html');
    expect(page).toContain('the file is k-anonymous with wildcards');
    expect(page).not.toContain('the file is k-anonymous.');
    const { suppressed_cells } = JSON.parse(read('cells/internal/summary.json'));
    expect(suppressed_cells[HOSTILE]).toBeGreaterThan(0);
    expect(rowOf(page, '&lt;script')[2]).toBe(String(suppressed_cells[HOSTILE]));
  });

  it('holds no value of a person, and escapes names of columns', () => {
    for (const name of [
      'records/internal/report.html',
      'records/public/report.html',
      'cells/internal/report.html',
      'cells/public/report.html',
    ]) {
      const page = read(name);
      expect(page).not.toContain('<script>alert');
      for (const value of [...TOWNS, 'disease', '9000']) expect(page.replace(/data:font[^)]*/g, ''), name).not.toContain(value);
    }
  });

  it('gives no exact count of records, no cost, no hash in the edition that goes with the file', () => {
    const page = read('cells/public/report.html');
    const { sha256 } = parse(read('cells/internal/policy.lock.yaml')).file;
    expect(read('cells/internal/report.html').replaceAll('\u200b', '')).toContain(sha256);
    expect(page.replaceAll('\u200b', '')).not.toContain(sha256);
    expect(page).not.toMatch(/Records in combinations|Values suppressed|The frontier/);
  });

  it('locks the hashes of what it wrote', () => {
    const { results, policy: locked } = parse(read('records/internal/policy.lock.yaml'));
    const hash = (name: string): string =>
      createHash('sha256')
        .update(readFileSync(join(scratch, name)))
        .digest('hex');
    expect(Object.keys(results)).toEqual([
      'public/data.parquet',
      'public/data.csv',
      'internal/records.parquet',
      'internal/decisions.parquet',
    ]);
    for (const [name, sha256] of Object.entries(results)) expect(sha256).toBe(hash(`records/${name}`));
    expect(locked).toEqual({ name: 'records.yaml', sha256: hash('records.yaml') });
  });
});

describe.skipIf(!hasBrowser || !existsSync(MICRODATA.data))('the pages in a browser', { timeout: 180_000 }, () => {
  it('are accessible, fit every window and load nothing', async () => {
    const folder = resolve(MICRODATA.data, 'adult');
    const keys = ['sex', 'age', 'race', 'marital-status', 'education', 'native-country', 'workclass'];
    const variables = keys.map((key) => `  ${key}: { role: key_variable, hierarchy: ${folder}/adult_hierarchy_${key}.csv }`).join('\n');
    write(
      'adult.yaml',
      `variables:\n${variables}\nrequire: { k: 5 }\nmethod: { recode: { search: optimal, suppression_limit: 0.04 }, suppress: { what: cells } }\n`,
    );
    write('adult.csv', readFileSync(join(folder, 'adult.csv'), 'utf8').replaceAll(';', ','));
    const { code, stderr } = await anonymize('adult.csv', 'adult.yaml', 'adult');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const pages = { 'report.html': read('adult/internal/report.html'), 'report-public.html': read('adult/public/report.html') };
    const browser = await PageBrowser.launch(pages);
    try {
      for (const name of Object.keys(pages)) expect(await browser.faultsIn(name)).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
