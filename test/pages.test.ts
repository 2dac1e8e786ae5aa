import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunPage, renderRunPage } from '../report/run-page.ts';
import { hasBrowser, LAYOUT_FAULTS, PageBrowser, VIEWS, type View } from './page-browser.ts';

if (!hasBrowser) console.info('skipped: no browser (set CHROMIUM to the path of one)');

const fixture = JSON.parse(readFileSync(new URL('cases/report/run-page/data.json', import.meta.url), 'utf8')) as RunPage;
const HOSTILE = '<script>window.pwned=1</script>"><img src=x onerror="window.pwned=1">\'</style>=cmd|\u202e';

/** The fixture with a hostile text in every place that may hold words, codes or paths. */
function hostile(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    const isStructure =
      ['period', 'finished', 'status', 'role', 'kind', 'audience', 'headline'].includes(key) || /^\d{4}-\d{2}$/.test(value);
    return isStructure ? value : `${value} ${HOSTILE}`;
  }
  if (Array.isArray(value)) return value.map((item) => hostile(item, key));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([name, item]) => {
    const isOpenMap = key === 'byRule' || key === 'ruleTitles';
    return [isOpenMap ? `${name} ${HOSTILE}` : name, hostile(item, name)];
  });
  return Object.fromEntries(entries);
}

/** A whole country over three years: longer numbers, more months. */
function large(data: RunPage): RunPage {
  const months = Array.from({ length: 36 }, (_, index) => `${2022 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`);
  const { employees, medianPay, industries, prices } = data.series;
  const monthly = (base: number) => ({ periods: months, values: months.map((_, index) => base * (1 + index / 100)), provisional: [] });
  return {
    ...data,
    series: {
      ...(employees && { employees: { ...employees, ...monthly(4_012_345) } }),
      ...(medianPay && { medianPay: { ...medianPay, ...monthly(11_180) } }),
      ...(industries && {
        industries: { ...industries, rows: industries.rows.map((row) => ({ ...row, employees: (row.employees ?? 1) * 987 })) },
      }),
      ...(prices && {
        prices: {
          ...prices,
          periods: months,
          methods: Object.fromEntries(
            Object.keys(prices.methods).map((name, at) => [`${name} chained`, months.map((_, index) => 100 + index * 30 * (at + 1))]),
          ),
          headline: undefined,
        },
      }),
    },
  };
}

describe.skipIf(!hasBrowser)(hasBrowser ? 'the page of a run, in a browser' : 'skipped: no browser', () => {
  let browser: PageBrowser;

  beforeAll(async () => {
    browser = await PageBrowser.launch({
      'run.html': renderRunPage(fixture),
      'large.html': renderRunPage(large(fixture)),
      'hostile.html': renderRunPage(hostile(fixture) as RunPage),
    });
  });
  afterAll(() => browser?.close());
  const open = (file: string, view: View) => browser.open(file, view);

  it('fits and is accessible in every view', { timeout: 120_000 }, async () => {
    expect(await browser.faultsIn('run.html', VIEWS)).toEqual([]);
  });

  it('brings its font', async () => {
    const { page } = await open('run.html', { language: 'he', width: 1440, scheme: 'light' });
    expect(await page.evaluate(`document.fonts.check("16px Heebo", "שכר 123")`)).toBe(true);
    await page.close();
  });

  it.each(VIEWS.filter((view) => view.scheme === 'light' && view.width !== 768))(
    'shows hostile names as text: $language, $width px',
    async (view) => {
      const { page, troubles } = await open('hostile.html', view);
      expect(await page.evaluate('[window.pwned, document.images.length, document.scripts.length, document.styleSheets.length]')).toEqual([
        undefined,
        0,
        1,
        1,
      ]);
      expect(await page.evaluate(`document.body.textContent.includes('<img src=x onerror=')`)).toBe(true);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(troubles).toEqual([]);
      await page.close();
    },
  );

  it.each(VIEWS.filter((view) => view.scheme === 'light' && view.width !== 768))(
    'fits large numbers: $language, $width px',
    async (view) => {
      const { page, troubles } = await open('large.html', view);
      expect(await page.evaluate(LAYOUT_FAULTS)).toEqual([]);
      expect(troubles).toEqual([]);
      await page.close();
    },
  );

  it('switches languages, sorts a table and opens the data by keyboard', async () => {
    const { page } = await open('run.html', { language: 'he', width: 1440, scheme: 'light' });
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction(`document.documentElement.lang === 'en' && document.documentElement.dir === 'ltr'`);
    expect(await page.title()).toContain(fixture.title.en);
    expect(await page.locator('#he').isVisible()).toBe(false);
    await page.locator('#en-employees summary').press('Enter');
    expect(await page.locator('#en-employees tbody tr').count()).toBe(fixture.series.employees?.periods.length);
    const head = page.locator('#en-rejected thead th').nth(2);
    const rows = () => page.locator('#en-rejected tbody tr td:nth-of-type(2)').allInnerTexts();
    await head.locator('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const falling = await rows();
    await head.locator('button').press('Enter');
    expect((await rows())[0]).toBe('<10');
    expect(falling[0]).not.toBe('<10');
    await page.close();
  });

  it('switches languages without a script', async () => {
    const context = await browser.browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(browser.urlOf('run.html'));
    expect(await page.locator('#he h1').isVisible()).toBe(true);
    await page.locator('#he .language').click();
    expect(await page.locator('#en h1').isVisible()).toBe(true);
    expect(await page.locator('#he h1').isVisible()).toBe(false);
    await context.close();
  });

  it('saves the data behind a chart as a file, under its own policy', async () => {
    const { page, troubles } = await open('run.html', { language: 'he', width: 1440, scheme: 'light' });
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#he-median-pay .csv').click()]);
    expect(download.suggestedFilename()).toBe('median-pay-he.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines[0]).toContain('תקופה');
    expect(lines).toContain('2024-05,c');
    expect(lines).toHaveLength(1 + (fixture.series.medianPay?.periods.length ?? 0));
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('prints on A4 in black on white, without navigation', async () => {
    const { page } = await open('run.html', { language: 'en', width: 1440, scheme: 'dark' });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const boxes = [...pdf.toString('latin1').matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(boxes.length).toBeGreaterThan(2);
    expect(boxes.length).toBeLessThan(12);
    for (const [, width, height] of boxes) expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 842]);
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.locator('#en nav').isVisible()).toBe(false);
    expect(await page.locator('#en .language').isVisible()).toBe(false);
    await page.close();
  });
});
