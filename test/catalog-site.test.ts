import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECORDS } from './catalogue-size.ts';
import { hasBrowser, PageBrowser, VIEWS } from './page-browser.ts';
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
dpia: ${block('internal')}, screening: { vulnerable: true }, necessity: { en: NECESSITYinternal, he: נחיצותפנימית }, review: 2031-05-06 }
`;
  writeFileSync(join(scratch, 'marked/entries/nii-benefits.yaml'), yaml);
  return 'marked';
}

/** The report of a survey of invented managers. */
async function surveyed(): Promise<string> {
  const run = (...args: string[]) => runCommand(['survey', ...args], { cwd: scratch });
  if (existsSync(join(scratch, 'report/report.json'))) return 'report/report.json';
  await run('simulate', '--out', 'sim');
  await run('collect', ...readdirSync(join(scratch, 'sim/answers')).map((file) => `sim/answers/${file}`), '--out', 'collected');
  expect((await run('report', 'collected/answers.json', '--out', 'report')).code).toBe(0);
  return 'report/report.json';
}

/** A score as the map prints it. */
const printed = (score: number | null | undefined) => (score === null ? 'c' : Math.round(score ?? Number.NaN));

describe('catalog build', () => {
  it('builds our records, a first page under 300 kB, and replaces a site but nothing else', async () => {
    const { code, stdout } = await build('--out', 'site', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ audience: 'public', records: RECORDS });
    expect(Buffer.byteLength(read('site', 'index.html'))).toBeLessThan(300_000);
    writeFileSync(join(scratch, 'site/sources/left.html'), 'of an earlier edition');
    await build('--out', 'site');
    expect(readdirSync(join(scratch, 'site/sources'))).toHaveLength(RECORDS);
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
      expect((await build('--catalog', folder, '--audience', audience, '--out', `${audience}-mail`, '--one-file')).code).toBe(0);
      seen[audience] = whole(audience) + whole(`${audience}-mail`);
    }
    const internal = ['ROLEinternal', 'HOLDERinternal', 'מחזיקפנימי', 'AGREEMENTinternal', 'הסכםפנימי', 'PRODUCTinternal', 'מוצרפנימי'];
    const ministries = ['ROLEministries', 'CHANNELministries', 'ערוץמשרדים'];
    const risks = ['RISKinternal', 'סיכוןפנימי', 'NECESSITYinternal', 'נחיצותפנימית', '2031-05-06'];
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

  it('shows what laws ask and what answers it, and inside the office that an assessment is missing', async () => {
    expect(read('site', 'legal.html')).toContain('GDPR Art. 35: impact assessment');
    await build('--out', 'inside', '--audience', 'internal');
    const missing = 'The assessment is not written yet';
    expect(read('inside', 'sources/pop-register.html')).toContain(missing);
    expect(read('inside', 'sources/ship-ais.html')).not.toContain(missing);
    expect(whole('site')).not.toContain(missing);
  });

  it('maps needs by sources from the report of the survey, in the internal edition only', async () => {
    const report = await surveyed();
    expect((await build('--out', 'needs', '--audience', 'internal', '--needs', report)).code).toBe(0);
    const { sources } = JSON.parse(read(report)) as { sources: { id: string; score: number | null }[] };
    const page = read('needs', 'needs.html');
    const table = page.slice(
      page.indexOf('<table class="needs">', page.indexOf('id="en"')),
      page.indexOf('</table>', page.indexOf('id="en"')),
    );
    const columns = [...table.matchAll(/<th scope="col"><span class="up"><a href="sources\/([a-z-]+)\.html/g)].map(([, id]) => id);
    expect(columns).toHaveLength(RECORDS);
    const lines = table.split('<tr>').map((line) => ({
      name: /<bdi dir="ltr">([^<]*)</.exec(line)?.[1],
      cells: [...line.matchAll(/<td(?: class="heat-\d")?>(?:<bdi dir="ltr">([^<]+)<)?/g)].map(([, cell]) => cell),
    }));
    // Every source stands in its domain with its score, and nowhere else but with the products that read it.
    const scoreOf = (id: string | undefined) => sources.find((source) => source.id === id)?.score;
    const economy = lines.find(({ name }) => name === 'Economy and finance')?.cells ?? [];
    const ofTheme = readdirSync('catalog/entries').filter((name) =>
      readFileSync(join('catalog/entries', name), 'utf8').includes('theme: ECON'),
    );
    expect(economy.filter((cell) => cell !== undefined)).toHaveLength(ofTheme.length);
    for (const [at, cell] of economy.entries())
      if (cell !== undefined) expect([columns[at], cell]).toEqual([columns[at], String(printed(scoreOf(columns[at])))]);
    const employment = lines.find(({ name }) => name === 'Employees and pay from payroll filings')?.cells ?? [];
    expect(new Set(columns.filter((_, at) => employment[at] !== undefined))).toEqual(
      new Set(['business-register', 'employer-payroll', 'pop-register']),
    );
    expect(lines.find(({ name }) => name === 'International issues')?.cells.filter((cell) => cell !== undefined)).toEqual([]);
    for (const audience of ['public', 'ministries', 'authority'])
      expect((await build('--out', 'x', '--audience', audience, '--needs', report)).code).toBe(2);
  });

  it('refuses a report with a figure that may not be shown, or with anything more than a report has', async () => {
    const report = JSON.parse(read(await surveyed())) as { sources: Record<string, unknown>[] };
    const refused = async (change: (copy: typeof report) => void): Promise<string> => {
      const copy = structuredClone(report);
      change(copy);
      writeFileSync(join(scratch, 'changed.json'), JSON.stringify(copy));
      const { code, stderr } = await build('--out', 'y', '--audience', 'internal', '--needs', 'changed.json');
      return `${code} ${/needs-[a-z]+/.exec(stderr)?.[0]}`;
    };
    const hidden = report.sources.findIndex(({ needed }) => needed === null);
    const open = report.sources.findIndex(({ needed }) => needed !== null);
    expect(await refused((copy) => Object.assign(copy.sources[hidden] ?? {}, { score: 3 }))).toBe('2 needs-withheld');
    expect(await refused((copy) => Object.assign(copy.sources[open] ?? {}, { needed: 4 }))).toBe('2 needs-withheld');
    expect(await refused((copy) => Object.assign(copy.sources[open] ?? {}, { judged: 9, needed: 7 }))).toBe('2 needs-withheld');
    expect(await refused((copy) => Object.assign(copy, { threshold: 1 }))).toBe('2 needs-report');
    expect(await refused((copy) => Object.assign(copy, { comments: ['secret'] }))).toBe('2 needs-report');
  });

  it('tells what changed since an earlier edition, and repeats nothing that is withheld now', async () => {
    const folder = marked();
    const file = join(scratch, folder, 'entries/nii-benefits.yaml');
    const yaml = readFileSync(file, 'utf8');
    cpSync('catalog/entries/vehicles.yaml', join(scratch, folder, 'entries/vehicles.yaml'));
    await build('--catalog', folder, '--out', 'before', '--json');
    rmSync(join(scratch, folder, 'entries/vehicles.yaml'));
    cpSync('catalog/entries/pupils.yaml', join(scratch, folder, 'entries/pupils.yaml'));
    // The holder opens, the description closes, the lifecycle moves.
    const later = yaml
      .replace(/^holder: \{ visibility: internal/m, 'holder: { visibility: public')
      .replace(/^about: \{ visibility: public/m, 'about: { visibility: internal')
      .replace(/^lifecycle: .*$/m, 'lifecycle: agreed');
    writeFileSync(file, later);
    expect((await build('--catalog', folder, '--out', 'after', '--since', 'before')).code).toBe(0);
    const news = read('after', 'news.html');
    const english = news.slice(news.indexOf('id="en"'));
    expect(english).toMatch(/New sources<\/h2><ul><li>.*Pupils register/);
    expect(english).toMatch(/Sources removed<\/h2><ul><li>.*Vehicle register/);
    expect(english).toContain('HOLDERinternal');
    expect(english).toMatch(/lifecycle<\/code><\/bdi><\/td><td><bdi>[a-z]+<\/bdi><\/td><td><bdi>agreed/);
    expect(english).toContain('no longer shown');
    expect(whole('after')).not.toContain(HOSTILE.slice(1));
    expect(whole('after')).not.toContain('open &lt;img');
    rmSync(join(scratch, folder, 'entries/pupils.yaml'));
    const wrong = await build('--catalog', folder, '--out', 'x', '--since', 'before', '--audience', 'internal');
    expect([wrong.code, wrong.stderr.includes('site-since')]).toEqual([2, true]);
    expect((await build('--out', 'x', '--since', 'papers')).code).toBe(2);
  });

  it('puts all pages into one file whose links and ids are whole', async () => {
    expect((await build('--out', 'mail', '--one-file')).code).toBe(0);
    const page = read('mail', 'catalogue-public.html');
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBe(new Set(ids).size);
    const wanted = [...page.matchAll(/ (?:href="#|aria-labelledby="|aria-describedby=")([^"]+)"/g)].map(([, id]) => id);
    expect(wanted.length).toBeGreaterThan(300);
    expect([...new Set(wanted)].filter((id) => !ids.includes(id))).toEqual([]);
    expect(page).not.toMatch(/ href="[^"#:]+\.html/);
  });

  it('says "not stated" and counts, where no record states its figures', () => {
    const page = read('site', 'burden.html');
    const hero = [...page.slice(page.indexOf('id="en"')).matchAll(/class="hero">([^<]*)</g)].map(([, text]) => text);
    expect(hero).toEqual(['not stated', '0', '0']);
  });
});

/** One page of each kind. */
const KINDS: Readonly<Record<string, string>> = {
  'index.html': 'index.html',
  'sources.html': 'sources.html',
  'source.html': 'sources/employer-payroll.html',
  'readiness.html': 'readiness.html',
  'needs.html': 'needs.html',
  'burden.html': 'burden.html',
  'burden-map.html': 'burden-map.html',
  'products.html': 'products.html',
  'product.html': 'products/employment-earnings.html',
  'question.html': 'questions/price-collection-in-shops.html',
  'legal.html': 'legal.html',
  'basis.html': 'legal/il-so.html',
  'glossary.html': 'glossary.html',
  'news.html': 'news.html',
  'request.html': 'request.html',
  'accessibility.html': 'accessibility.html',
};

describe.skipIf(!hasBrowser)(hasBrowser ? 'the site, in a browser' : 'skipped: no browser', () => {
  let browser: PageBrowser;

  beforeAll(async () => {
    await build('--out', 'internal37', '--audience', 'internal', '--needs', await surveyed());
    browser = await PageBrowser.launch(Object.fromEntries(Object.entries(KINDS).map(([name, path]) => [name, read('internal37', path)])));
  });
  afterAll(() => browser?.close());

  it.each(Object.keys(KINDS))('%s asks for nothing, stays in its window and passes axe', async (file) => {
    expect(await browser.faultsIn(file)).toEqual([]);
  });

  it.each(['index.html', 'burden.html', 'needs.html'])('%s puts every large number where its label starts', async (file) => {
    for (const language of ['he', 'en'] as const) {
      const { page } = await browser.open(file, { language, width: 1440, scheme: 'light' });
      const apart = (await page.evaluate(`[...document.querySelectorAll('#${language} .hero')].map((hero) => {
        const edges = [hero, hero.parentNode].map((node) => {
          const range = document.createRange();
          node === hero ? range.selectNodeContents(node) : range.selectNode(hero.nextSibling);
          const box = range.getBoundingClientRect();
          return '${language}' === 'he' ? box.right : box.left;
        });
        return Math.abs(edges[0] - edges[1]);
      })`)) as number[];
      expect(apart.length).toBeGreaterThan(1);
      expect(Math.max(...apart)).toBeLessThan(6);
      await page.close();
    }
  });

  it('the one file asks for nothing, follows its links and passes axe', async () => {
    await build('--catalog', marked(), '--out', 'mail', '--one-file');
    writeFileSync(join(browser.folder, 'one.html'), read('mail', 'catalogue-public.html'));
    const views = [VIEWS[4], VIEWS[7]].filter((each) => each !== undefined);
    expect(await browser.faultsIn('one.html', views)).toEqual([]);
    for (const view of views) {
      const { page } = await browser.open('one.html', view);
      await page.locator(`#${view.language} nav.chapters a`).nth(2).click();
      expect(await page.evaluate('location.hash')).toBe(`#${view.language}-readiness`);
      expect(await page.locator(`#${view.language}-readiness`).isVisible()).toBe(true);
      await page.close();
    }
  });

  it('makes a request for access as a file, by keyboard, and asks the network for nothing', async () => {
    const { page, troubles } = await browser.open('request.html', { language: 'en', width: 768, scheme: 'light' });
    await page.locator('#en button[type=submit]').press('Enter');
    expect(await page.locator('#en .result').textContent()).toContain('required');
    expect(await page.evaluate('document.activeElement.name')).toBe('source');
    await page.locator('#en select[name=source]').selectOption('vehicles');
    const answers = { organisation: 'Ministry "A"', contact_point: 'desk 4', purpose: 'ניסוי <b>' };
    for (const [name, text] of Object.entries(answers)) await page.locator(`#en [name=${name}]`).fill(text);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#en button[type=submit]').press('Enter')]);
    expect(download.suggestedFilename()).toBe('access-request-vehicles.json');
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({
      kind: 'twinstat-access-request',
      version: 1,
      source: 'vehicles',
      ...answers,
    });
    expect(troubles.filter((trouble) => !trouble.startsWith('request blob:'))).toEqual([]);
    await page.close();
  });

  it('finds and narrows by keyboard and facet', async () => {
    const { page } = await browser.open('sources.html', { language: 'he', width: 1440, scheme: 'light' });
    const shown = () => page.locator('#he tbody tr:visible').count();
    expect(await shown()).toBe(RECORDS);
    await page.locator('#he input[type=search]').fill('לאוכלוסין');
    expect(await page.locator('#he tbody tr:visible a').allTextContents()).toContain('מרשם האוכלוסין');
    expect(await shown()).toBeLessThan(10);
    await page.locator('#he input[type=search]').fill('');
    await page.locator('#he select').first().selectOption('big-data');
    expect(await shown()).toBeLessThan(RECORDS);
    expect(await page.locator('#he .shown').textContent()).toBe(String(await shown()));
    await page.locator('#he input[type=search]').fill('qqqqqq');
    expect(await page.locator('#he .none').isVisible()).toBe(true);
    await page.close();
  });
});
