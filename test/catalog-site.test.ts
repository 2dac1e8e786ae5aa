import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEARCH_SCRIPT } from '../catalog/site/search-script.ts';
import { hoursOf } from '../catalog/site/source-page.ts';
import { hasBrowser, LAYOUT_FAULTS, PageBrowser, VIEWS, violationsOf } from './page-browser.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

if (!hasBrowser) console.info('skipped: no browser (set CHROMIUM to the path of one)');

const scratch = scratchFolder();
const HOSTILE = '<img src=x onerror=alert(1)>';
const build = (...args: string[]) => runCommand(['catalog', 'build', ...args], { cwd: scratch });
const read = (...path: string[]): string => readFileSync(join(scratch, ...path), 'utf8');
const whole = (site: string): string =>
  ['index.html', 'sources.html', ...readdirSync(join(scratch, site, 'sources')).map((name) => `sources/${name}`)]
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
    expect(JSON.parse(stdout)).toMatchObject({ audience: 'public', records: 37, pages: 39 });
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

describe.skipIf(!hasBrowser)(hasBrowser ? 'the site, in a browser' : 'skipped: no browser', () => {
  let browser: PageBrowser;

  beforeAll(async () => {
    await build('--out', 'internal37', '--audience', 'internal');
    browser = await PageBrowser.launch({
      'index.html': read('internal37', 'index.html'),
      'sources.html': read('internal37', 'sources.html'),
      'source.html': read('internal37', 'sources', 'employer-payroll.html'),
    });
  });
  afterAll(() => browser?.close());

  it.each(['index.html', 'sources.html', 'source.html'])('%s asks for nothing, stays in its window and passes axe', async (file) => {
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
