import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf, burdenLines, hoursOf, questionsOf } from '../catalog/burden-account.ts';
import type { EditionRecord } from '../catalog/edition.ts';
import { ASPECTS, readinessOf } from '../catalog/readiness.ts';
import { SEARCH_SCRIPT } from '../catalog/site/search-script.ts';
import { hasBrowser, LAYOUT_FAULTS, PageBrowser, VIEWS, violationsOf } from './page-browser.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

if (!hasBrowser) console.info('skipped: no browser (set CHROMIUM to the path of one)');

const scratch = scratchFolder();
const HOSTILE = '<img src=x onerror=alert(1)>';
const build = (...args: string[]) => runCommand(['catalog', 'build', ...args], { cwd: scratch });
const read = (...path: string[]): string => readFileSync(join(scratch, ...path), 'utf8');
const filesOf = (site: string): string[] =>
  readdirSync(join(scratch, site), { recursive: true, encoding: 'utf8' }).filter((name) => /\.(html|json)$/.test(name));
const whole = (site: string): string =>
  filesOf(site)
    .map((path) => read(site, path))
    .join('\n');

/** A catalogue of one record; each kind of block carries a word of its own. */
function marked(): string {
  mkdirSync(join(scratch, 'marked/entries'), { recursive: true });
  cpSync('catalog/vocabularies.yaml', join(scratch, 'marked/vocabularies.yaml'));
  const block = (visibility: string) => `{ visibility: ${visibility}, confidence: draft, as_of: 2026-11-26, by: ROLE${visibility}`;
  const yaml = `${readFileSync('catalog/entries/nii-benefits.yaml', 'utf8').split(/^about:/m)[0]}
about: ${block('public')}, description: { en: 'open ${HOSTILE}', he: 'פתוח ${HOSTILE}' } }
holder: ${block('internal')}, name: { en: HOLDERinternal, he: מחזיקפנימי }, type: public-body }
delivery: ${block('ministries')}, frequency: MONTHLY, access: RESTRICTED, channel: { en: CHANNELministries, he: ערוץמשרדים } }
legal: ${block('internal')}, eu: [A6-1-e], il: [SO], agreement: { en: AGREEMENTinternal, he: הסכםפנימי } }
privacy: ${block('ministries')}, category: special }
quality: ${block('ministries')}, basis: prior, scores: { coverage: 5 } }
use: ${block('internal')}, gsbpm: ['5.1'], products: [{ en: PRODUCTinternal, he: מוצרפנימי }] }
risks: ${block('internal')}, notes: { en: RISKinternal, he: סיכוןפנימי } }
`;
  writeFileSync(join(scratch, 'marked/entries/nii-benefits.yaml'), yaml);
  return 'marked';
}

describe('catalog build', () => {
  it('builds 37 records, a first page under 300 kB, and replaces a site but nothing else', async () => {
    const { code, stdout } = await build('--out', 'site', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ audience: 'public', records: 37 });
    expect(Buffer.byteLength(read('site', 'index.html'))).toBeLessThan(300_000);
    writeFileSync(join(scratch, 'site/sources/left.html'), 'of an earlier edition');
    await build('--out', 'site');
    expect(readdirSync(join(scratch, 'site/sources'))).toHaveLength(37);
    mkdirSync(join(scratch, 'papers'));
    writeFileSync(join(scratch, 'papers/mine.txt'), 'keep');
    expect((await build('--out', 'papers')).code).toBe(2);
    expect(read('papers', 'mine.txt')).toBe('keep');
  });

  it('gives each audience its own blocks and no string of a higher one', async () => {
    const folder = marked();
    const seen: Record<string, string> = {};
    for (const audience of ['public', 'ministries', 'authority', 'internal']) {
      expect((await build('--catalog', folder, '--audience', audience, '--out', audience)).code).toBe(0);
      seen[audience] = whole(audience);
    }
    const internal = ['ROLEinternal', 'HOLDERinternal', 'מחזיקפנימי', 'AGREEMENTinternal', 'הסכםפנימי', 'PRODUCTinternal', 'מוצרפנימי'];
    const ministries = ['ROLEministries', 'CHANNELministries', 'ערוץמשרדים'];
    const risks = ['RISKinternal', 'סיכוןפנימי'];
    const has = (audience: string, words: readonly string[]) => words.filter((word) => seen[audience]?.includes(word));
    expect(has('public', [...internal, ...ministries, ...risks])).toEqual([]);
    expect(has('ministries', [...internal, ...ministries, ...risks])).toEqual(ministries);
    expect(has('authority', [...internal, ...ministries, ...risks])).toEqual([...internal, ...ministries]);
    expect(has('internal', [...internal, ...ministries, ...risks])).toEqual([...internal, ...ministries, ...risks]);
    expect(seen['public']).not.toContain('<img');
    expect(seen['public']).toContain('&lt;img src=x');
  });

  it('links only to pages that are there, and each page has its own name', () => {
    const paths = filesOf('site');
    const dead = paths.flatMap((path) =>
      [...read('site', path).matchAll(/ href="([^"#:]+)#(?:he|en)"/g)]
        .map(([, to = '']) => join(path, '..', to))
        .filter((to) => !paths.includes(to))
        .map((to) => `${path} to ${to}`),
    );
    expect(dead).toEqual([]);
    for (const kind of ['questions', 'products', 'legal'])
      expect(paths.filter((path) => path.startsWith(`${kind}/`)).length).toBeGreaterThan(2);
  });

  it('adds up a burden account as a hand does', () => {
    const text = (en: string) => ({ en, he: `ש${en}` });
    const asked = (question: string, status: string, figures: object) => ({
      question: text(question),
      survey: text('S'),
      status,
      share_still_asked: 0,
      ...figures,
    });
    const record = (id: string, targets: readonly object[]) => ({ id, theme: 'ECON', burden: { targets } }) as unknown as EditionRecord;
    const lines = burdenLines([
      record('a', [
        asked('q1', 'potential', { respondents: 1200, times_a_year: 1, minutes: 10 }), // 200
        asked('q2', 'dropped', { respondents: 600, times_a_year: 4, minutes: 5, share_still_asked: 0.1, decided: '2026-01-01' }), // 180
        asked('q3', 'potential', { respondents: 600 }),
      ]),
      record('b', [
        asked('q1', 'potential', { respondents: 1200, times_a_year: 1, minutes: 20 }), // 400: the same question, counted once
        asked('q2', 'potential', { respondents: 600, times_a_year: 4, minutes: 60 }), // q2 is dropped already
        asked('q4', 'piloted', { respondents: 60, times_a_year: 12, minutes: 1 }), // 12
      ]),
    ]);
    expect(accountOf(questionsOf(lines))).toEqual({
      potential: { questions: 2, notStated: 1, hours: 400 },
      piloted: { questions: 1, notStated: 0, hours: 12 },
      dropped: { questions: 1, notStated: 0, hours: 180 },
    });
    expect(questionsOf(lines).map(({ slug, lines: each }) => [slug, each.length])).toEqual([
      ['s-q1', 2],
      ['s-q2', 2],
      ['s-q3', 1],
      ['s-q4', 1],
    ]);
  });

  it('says "not stated" and counts, where no record states its figures', () => {
    const page = read('site', 'burden.html');
    const hero = [...page.slice(page.indexOf('id="en"')).matchAll(/class="hero">([^<]*)</g)].map(([, text]) => text);
    expect(hero).toEqual(['not stated', '0', '0']);
  });

  it('sets readiness by fields, and no mark where the edition hides them', () => {
    const block = { visibility: 'internal', confidence: 'draft', as_of: '2026-11-26', by: 'editor' };
    const base = { lifecycle: 'idea' } as unknown as EditionRecord;
    const states = (record: object) =>
      ASPECTS.map((aspect) => readinessOf({ ...base, ...record } as EditionRecord, aspect) ?? '-').join('');
    expect(states({})).toBe('-----r');
    const full = {
      contract: 'c',
      legal: { ...block, confidence: 'verified', eu: ['A6-1-e'], il: ['SO'], agreement: { en: 'a', he: 'א' } },
      delivery: { ...block, frequency: 'DAILY', access: 'NON_PUBLIC', channel: { en: 'c', he: 'ע' } },
      quality: { ...block, basis: 'measured', scores: { coverage: 3, accuracy: 5 } },
      privacy: { ...block, confidence: 'verified', category: 'special', highly_sensitive: true },
    };
    expect(states(full)).toBe('gggggg');
    const half = {
      lifecycle: 'pilot',
      legal: { ...block, eu: ['A6-1-e'], il: ['SO'] },
      delivery: { ...block, frequency: 'DAILY', access: 'RESTRICTED' },
      quality: { ...block, basis: 'prior', scores: { coverage: 5 } },
      privacy: { ...block, category: 'personal', highly_sensitive: false },
    };
    expect(states(half)).toBe('aaaaaa');
    const none = {
      legal: { ...block, eu: [], il: ['AGR'] },
      delivery: { ...block, frequency: 'DAILY', access: 'NON_PUBLIC' },
      quality: { ...block, basis: 'measured', scores: { coverage: 1 } },
      privacy: { ...block, category: 'special', highly_sensitive: false },
    };
    expect(states(none)).toBe('rrrrrr');
  });

  it('counts hours as a hand does, and none where a figure is missing', () => {
    const target = { question: { en: 'q', he: 'ש' }, status: 'potential', share_still_asked: 0.25 };
    expect(hoursOf({ ...target, respondents: 1000, times_a_year: 4, minutes: 15 })).toBe(750);
    expect(hoursOf({ ...target, respondents: 1000, minutes: 15 })).toBeUndefined();
  });

  it.each([
    ['אוכלוס', 'מרשם האוכלוסין', true],
    ['אוכלוסין', 'במרשם ובאוכלוסין', true],
    ['ובאוכלוסין', 'אוכלוסין', true],
    ['אוכלסין', 'מרשם האוכלוסין', true],
    ['ימים', 'ימימ', true],
    ['מִרְשָׁם', 'מרשם', true],
    ['דו״ח', 'דוח', true],
    ['registr', 'Population Register', true],
    ['regsiter', 'Population Register', true],
    ['population vat', 'Population Register', false],
    ['מים', 'רכב', false],
  ])('search: %s in %s: %s', (query, text, isFound) => {
    expect(runInNewContext(`${SEARCH_SCRIPT};catalogSearch.matches(query, text)`, { query, text })).toBe(isFound);
  });
});

/** One page of each kind. */
const KINDS: Readonly<Record<string, string>> = {
  'index.html': 'index.html',
  'sources.html': 'sources.html',
  'source.html': 'sources/employer-payroll.html',
  'readiness.html': 'readiness.html',
  'burden.html': 'burden.html',
  'burden-map.html': 'burden-map.html',
  'products.html': 'products.html',
  'product.html': 'products/employment-earnings.html',
  'question.html': 'questions/price-collection-in-shops.html',
  'legal.html': 'legal.html',
  'basis.html': 'legal/il-so.html',
  'glossary.html': 'glossary.html',
};

describe.skipIf(!hasBrowser)(hasBrowser ? 'the site, in a browser' : 'skipped: no browser', () => {
  let browser: PageBrowser;

  beforeAll(async () => {
    await build('--out', 'internal37', '--audience', 'internal');
    browser = await PageBrowser.launch(Object.fromEntries(Object.entries(KINDS).map(([name, path]) => [name, read('internal37', path)])));
  });
  afterAll(() => browser?.close());

  it.each(Object.keys(KINDS))('%s asks for nothing, stays in its window and passes axe', async (file) => {
    for (const view of VIEWS) {
      const { page, troubles } = await browser.open(file, view);
      expect([view, troubles, await page.evaluate(LAYOUT_FAULTS), await violationsOf(page)]).toEqual([view, [], [], []]);
      await page.close();
    }
  });

  it('finds and narrows by keyboard and facet', async () => {
    const { page } = await browser.open('sources.html', { language: 'he', width: 1440, scheme: 'light' });
    const shown = () => page.locator('#he tbody tr:visible').count();
    expect(await shown()).toBe(37);
    await page.locator('#he input[type=search]').fill('לאוכלוסין');
    expect(await page.locator('#he tbody tr:visible a').allTextContents()).toContain('מרשם האוכלוסין');
    expect(await shown()).toBeLessThan(10);
    await page.locator('#he input[type=search]').fill('');
    await page.locator('#he select').first().selectOption('big-data');
    expect(await shown()).toBeLessThan(37);
    expect(await page.locator('#he .shown').textContent()).toBe(String(await shown()));
    await page.locator('#he input[type=search]').fill('qqqqqq');
    expect(await page.locator('#he .none').isVisible()).toBe(true);
    await page.close();
  });
});
