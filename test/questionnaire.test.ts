import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../catalog/survey/answer.ts';
import type { SurveyReport } from '../catalog/survey/survey-report.ts';
import { hasBrowser, LAYOUT_FAULTS, PageBrowser, violationsOf } from './page-browser.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { prepareSurveyCase, SURVEY_CASE } from './survey-case.ts';

const folder = scratchFolder();
const files = await prepareSurveyCase(folder);
const run = (...args: readonly string[]) => runCommand(['survey', ...args], { cwd: folder });
const readText = (file: string): string => readFileSync(join(folder, file), 'utf8');
/** An answer file; the page names domains in the order of the catalogue, which says nothing. */
const answerIn = (file: string): Answer => {
  const answer = JSON.parse(readText(file)) as Answer;
  return { ...answer, domains: [...answer.domains].sort() };
};
const LANGUAGES = ['he', 'en'] as const;
type Language = (typeof LANGUAGES)[number];
const HOSTILE = '</script><img src=x onerror=alert(1)>';

describe('survey build', () => {
  it('makes a page for each language, escapes what the catalogue says, and shows only what is public', async () => {
    const { code, stdout } = await run('build', ...SURVEY_CASE, '--out', 'pages', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { survey: 'case-survey', version: '2', cards: 3 }]);
    expect(readText('pages/questionnaire-he.html')).toContain('<html lang="he" dir="rtl">');
    const entry = 'case/catalog/entries/beta-data.yaml';
    const before = readText(entry);
    const hostile = before.replace('en: Beta data,', `en: '${HOSTILE}',`).replace('visibility: public', 'visibility: internal');
    writeFileSync(join(folder, entry), hostile.replace('Invented for a test.', 'KEPTINSIDE.'));
    expect((await run('build', ...SURVEY_CASE, '--out', 'hostile')).code).toBe(0);
    writeFileSync(join(folder, entry), before);
    const page = readText('hostile/questionnaire-en.html');
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x');
    expect(page).not.toContain('KEPTINSIDE');
  });
});

describe('XLSForm', () => {
  it('has every choice list and field that it speaks of, closed groups, and no name twice', async () => {
    await run('build', ...SURVEY_CASE, '--out', 'form');
    const { sheets } = await readXlsx(readFileSync(join(folder, 'form/xlsform.xlsx')));
    expect(sheets.map(({ name }) => name)).toEqual(['survey', 'choices', 'settings']);
    const [lines = [], choices = []] = sheets.map(({ rows }) => rows.slice(1).map((row) => row.map((cell) => String(cell ?? ''))));
    const names = lines.flatMap(([, name = '']) => (name === '' ? [] : [name]));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    const lists = new Set(choices.map(([list]) => list));
    let open = 0;
    for (const [type = '', , he = '', en = '', , relevant = ''] of lines) {
      const [kind = '', list] = type.split(' ');
      if (kind.startsWith('select')) expect(lists).toContain(list);
      open += kind.startsWith('begin') ? 1 : kind.startsWith('end') ? -1 : 0;
      expect(open).toBeGreaterThanOrEqual(0);
      expect([kind, he !== '', en !== '']).toEqual([kind, !kind.startsWith('end'), !kind.startsWith('end')]);
      for (const [, field = ''] of relevant.matchAll(/\$\{(\w+)\}/g)) expect(names).toContain(field);
    }
    expect(open).toBe(0);
    expect(lines.find(([, name]) => name === 'card_beta_data')?.[5]).toBe(`selected($${'{domains}'}, 'ECON')`);
    expect(sheets[2]?.rows[1]?.[1]).toBe('case_survey');
  });
});

if (!hasBrowser) console.info('skipped: no browser (set CHROMIUM to the path of one)');

/** Presses Tab until the focus is on what the selector names; nobody uses a mouse here. */
async function reach(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

const press = async (page: Page, selector: string, key = 'Enter'): Promise<void> => {
  await reach(page, selector);
  await page.keyboard.press(key);
};
const next = (page: Page): Promise<void> => press(page, 'button.next');

/** Chooses by arrow keys, in a list or in a group of radio buttons. */
async function choose(page: Page, name: string, value: string | number | undefined): Promise<void> {
  if (value === undefined) return;
  const selector = `[name="${name}"]`;
  await reach(page, selector);
  const now = () => page.evaluate('[document.activeElement.type, document.activeElement.value, document.activeElement.checked].join()');
  const [type] = ((await now()) as string).split(',');
  if (type === 'radio') await page.keyboard.press('Space');
  for (let presses = 0; presses < 30; presses += 1) {
    const [, shown, checked] = ((await now()) as string).split(',');
    if (shown === String(value) && (type !== 'radio' || checked === 'true')) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`${name} does not offer ${value}`);
}

/** Types an answer as its manager would, from the first step to the last, and gives the place of the saved file. */
async function typeAnswer(page: Page, answer: Answer): Promise<string> {
  await choose(page, 'division', answer.division);
  await choose(page, 'role', answer.role);
  for (const domain of answer.domains) await press(page, `[name=domains][value=${domain}]`, 'Space');
  await next(page);
  await next(page);
  for (const [id, card] of Object.entries(answer.cards)) {
    if (card.known === true) await press(page, `[name="card.${id}.known"]`, 'Space');
    await choose(page, `card.${id}.state`, card.state);
    await choose(page, `card.${id}.priority`, card.priority);
    for (const benefit of ['burden', 'timeliness']) await choose(page, `card.${id}.benefits.${benefit}`, card.benefits[benefit]);
  }
  await next(page);
  await next(page);
  await next(page);
  for (const barrier of ['legal', 'money']) await choose(page, `barriers.${barrier}`, answer.barriers[barrier]);
  for (const _ of ['barriers', 'capabilities', 'readiness']) await next(page);
  const download = page.waitForEvent('download');
  await press(page, 'button.save');
  const saved = join('typed', (await download).suggestedFilename());
  await (await download).saveAs(join(folder, saved));
  return saved;
}

describe.skipIf(!hasBrowser)('questionnaire', () => {
  let browser: PageBrowser;
  const open = (language: Language, width = 1280) => browser.open(`questionnaire-${language}.html`, { language, width, scheme: 'light' });

  beforeAll(async () => {
    mkdirSync(join(folder, 'typed'));
    await run('build', ...SURVEY_CASE, '--out', 'pages');
    const pages = LANGUAGES.map((language) => `questionnaire-${language}.html`);
    browser = await PageBrowser.launch(Object.fromEntries(pages.map((name) => [name, readText(`pages/${name}`)])));
  });
  afterAll(() => browser?.close());

  it('typed by keyboard alone, saved, collected and reported gives the figures worked out by hand', { timeout: 240_000 }, async () => {
    const typed: string[] = [];
    for (const file of files.slice(0, 11)) {
      const answer = answerIn(file);
      const { page, troubles } = await open(answer.language);
      const saved = await typeAnswer(page, answer);
      expect(troubles).toEqual([]);
      const { id, saved: at, ...given } = answerIn(saved);
      const { id: _, saved: __, ...wanted } = answer;
      expect(given).toEqual(wanted);
      expect([id, at]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.any(String)]);
      typed.push(saved);
      await page.close();
    }
    const collected = await run('collect', ...typed, ...SURVEY_CASE, '--out', 'collected', '--json');
    expect([collected.code, JSON.parse(collected.stdout)]).toEqual([0, { files: 11, accepted: 11, rejected: [] }]);
    expect((await run('report', 'collected/answers.json', ...SURVEY_CASE, '--out', 'report')).code).toBe(0);
    const report = JSON.parse(readText('report/report.json')) as SurveyReport;
    expect(report).toMatchObject({ answers: 11, invited: 22, rate: 0.5, hours: 150, unpriced: 1 });
    expect(report.sources.map(({ id, needed, score, consensus }) => [id, needed, score, consensus])).toEqual([
      ['alpha-register', 6, 56, 0.766],
      ['beta-data', 5, 45, 0.437],
      ['gamma-sensors', null, null, null],
    ]);
    expect(report.barriers[0]).toEqual({ id: 'legal', rated: 11, mean: 3.636 });
  });

  it.each(LANGUAGES)('in %s has no fault that axe finds, and nothing wider than the window, in any step', async (language) => {
    for (const width of [320, 1280]) {
      const { page, troubles } = await open(language, width);
      await page.locator('[name=division]').selectOption('aa');
      await page.locator('[name=role]').selectOption('head');
      for (const box of await page.locator('[name=domains]').all()) await box.check();
      for (const step of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        if (step === 3) for (const want of await page.locator('[value=want]').all()) await want.check();
        if (step === 4) await page.locator('.unranked button').first().press('Enter');
        expect([step, width, await violationsOf(page)]).toEqual([step, width, []]);
        expect([step, width, await page.evaluate(LAYOUT_FAULTS)]).toEqual([step, width, []]);
        if (step < 9) await page.locator('.next').click();
      }
      expect(troubles).toEqual([]);
      await page.close();
    }
  });

  it('shows only cards of the domains that are ticked, and asks for division and role', async () => {
    const { page } = await open('en');
    await page.locator('.next').click();
    expect(await page.locator('[data-step=who]').isVisible()).toBe(true);
    expect(await page.evaluate('document.activeElement.name')).toBe('division');
    await page.locator('[name=division]').selectOption('aa');
    await page.locator('[name=role]').selectOption('head');
    await page.locator('[name=domains][value=ECON]').check();
    for (const _ of [2, 3]) await page.locator('.next').click();
    expect(await page.locator('[data-card]:visible').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-card')))).toEqual([
      'beta-data',
    ]);
    await page.close();
  });

  it('ranks by keyboard, says each move, and takes an answer up again from the browser and from a file', async () => {
    const { page } = await open('he');
    const full = {
      ...answerIn(files[0] ?? ''),
      ranking: ['gamma-sensors', 'alpha-register'],
      products: [{ name: 'מדד <b>', question: 'א', pains: { cost: 4 } }],
      missing: ['אחד', 'שניים'],
      capabilities: { tools: 'not-mine' },
      pilot: 'maybe',
      contact: 'אני',
      comment: 'שורה\nשורה',
      named: true,
      language: 'he',
    };
    writeFileSync(join(folder, 'full.json'), JSON.stringify({ ...full, ranking: [] }));
    await page.locator('.load').setInputFiles(join(folder, 'full.json'));
    await page.locator('[role=status]', { hasText: 'התשובות מהקובץ נטענו' }).waitFor({ timeout: 10_000 });
    await page.locator('[data-to=ranking]').press('Enter');
    await press(page, '[data-ranked=alpha-register] [data-act=add]');
    await press(page, '[data-ranked=gamma-sensors] [data-act=add]');
    expect(await page.locator('[role=status]').textContent()).toMatch(/חיישני גמא: מקום 2 מתוך 2/);
    await press(page, '[data-ranked=gamma-sensors] [data-act=up]');
    expect(await page.locator('[role=status]').textContent()).toMatch(/חיישני גמא: מקום 1 מתוך 2/);
    expect(await page.evaluate(`document.activeElement.closest('[data-ranked]').dataset.ranked`)).toBe('gamma-sensors');
    await page.reload();
    await page.locator('[data-to=finish]').click();
    const download = page.waitForEvent('download');
    await page.locator('.save').click();
    await (await download).saveAs(join(folder, 'again.json'));
    expect({ ...answerIn('again.json'), saved: full.saved }).toEqual(full);
    expect((await run('collect', 'again.json', ...SURVEY_CASE, '--out', 'one')).code).toBe(0);
    writeFileSync(join(folder, 'other.json'), JSON.stringify({ ...full, version: '1' }));
    await page.locator('.load').setInputFiles(join(folder, 'other.json'));
    await page.locator('[role=status]', { hasText: 'אינו קובץ תשובות' }).waitFor({ timeout: 10_000 });
    for (const _ of [1, 2]) await page.locator('.clear').press('Enter');
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.close();
  });
});
