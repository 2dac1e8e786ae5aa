import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReleasePage } from '../report/release-page.ts';
import type { ReleasePage } from '../report/release-page-data.ts';
import { burdenHours } from '../report/release-page-words.ts';
import { hasBrowser, PageBrowser, VIEWS } from './page-browser.ts';

if (!hasBrowser) console.info('skipped: no browser (set CHROMIUM to the path of one)');

const words = (en: string, he: string) => ({ en, he });
const PERIODS = ['2024-01', '2024-02', '2024-03'];
const DISTRICTS = ['1', '2', '3', '4', '5', '6', '7', 'OUT', '_T'];
const SECTIONS = ['C', 'G', 'M', 'Q', '_T'];

const BURDEN: ReleasePage['burden'][number] = {
  survey: words('Wage survey, block B', 'סקר שכר, פרק ב'),
  respondents: 5000,
  times_a_year: 4,
  minutes: 15,
  still_asked: 0.1,
  status: 'potential',
  basis: words('assumption', 'הנחה'),
};

const AGREED: ReleasePage['agreement'][number] = {
  question: 'employed',
  title: words('Worked in the month', 'עבד או עבדה בחודש'),
  statistic: 'employment_earnings',
  period: '2024-01',
  kind: 'category',
  pairs: '5,000',
  kappa: '0.983 (0.003)',
  agreeing: '99.2%',
  survey_share: '64.0%',
  statistic_share: '64.3%',
  median_absolute: '–',
  median_relative: '–',
  bias: '−0.3',
};
const PAY: ReleasePage['agreement'][number] = {
  ...AGREED,
  kind: 'amount',
  title: words('Gross pay of the month', 'שכר ברוטו בחודש'),
  median_absolute: '240',
  median_relative: '3.3%',
  bias: '−1.2%',
};

const PAGE: ReleasePage = {
  office: words('Bureau of Statistics', 'לשכת הסטטיסטיקה'),
  title: words('Employees and pay from payroll filings', 'שכירים ושכר מדיווחי שכר'),
  release: 'employment_earnings-2024-01_2024-03',
  periods: PERIODS,
  licence: 'il-open-data',
  firstDay: '2024-05-31',
  isDemo: true,
  source: words('Payroll filings; population register', 'דיווחי שכר; מרשם האוכלוסין'),
  protection: 'suppress',
  method: [words('Pay is spread over the days worked.', 'השכר נפרס על ימי העבודה.')],
  replaces: words('wage survey, block B', 'סקר שכר, פרק ב'),
  burden: [BURDEN, { ...BURDEN, status: 'dropped', respondents: 1000, decision: words('decision 7, March 2025', 'החלטה 7, מרץ 2025') }],
  records: [
    {
      title: { en: 'Residents', he: 'תושבים' },
      period: '2024-01',
      k: 5,
      sample: 0.05,
      rows: 1230,
      columns: [
        { name: 'person_id', role: 'direct_identifier', done: ['numbered'] },
        { name: 'locality', role: 'key_variable', done: ['coarser'] },
        { name: 'pay', role: 'numeric', done: ['noise', 'bounded'] },
      ],
      files: ['residents_2024_01.csv', 'residents_2024_01.parquet'],
    },
  ],
  agreement: [AGREED, { ...AGREED, question: 'several_jobs', kappa: '–', agreeing: '–', bias: '–' }, PAY],
  quality: [
    { id: 'A7-COUNT', title: words('Imputation rate', 'שיעור זקיפה'), meaning: words('rows put right', 'שורות שתוקנו'), value: '<0.3%' },
  ],
  minimum: 10,
  files: ['wages.csv', 'wages.parquet', 'wages.arrow', 'wages.xlsx', 'structure.xml', 'manifest.json'],
  tables: [
    {
      id: 'wages',
      title: words('Employees, jobs and pay', 'שכירים, משרות ושכר'),
      periods: PERIODS,
      series: [
        {
          id: 'employees',
          title: words('Employees', 'שכירים'),
          unit: 'EMPLOYEES',
          decimals: 0,
          periods: PERIODS,
          lines: [{ name: words('Employees', 'שכירים'), values: [3_912_001, null, 4_012_345] }],
          isTotal: true,
          provisional: ['2024-03'],
        },
        {
          id: 'pay_gap',
          title: words('Pay gap', 'פער השכר'),
          unit: 'PERCENT',
          decimals: 1,
          periods: PERIODS,
          lines: [{ name: words('Pay gap', 'פער השכר'), values: [-0.4, 0.3, 1.5] }],
          isTotal: true,
          provisional: [],
        },
        {
          id: 'price_index',
          title: words('Price index', 'מדד מחירים'),
          unit: 'INDEX_FIRST_MONTH_1',
          decimals: 4,
          periods: PERIODS,
          lines: ['Jevons', 'GEKS'].map((name, at) => ({ name: words(name, name), values: [1, 1.01 + at / 100, 1.02 + at / 100] })),
          isTotal: false,
          provisional: [],
        },
      ],
      map: {
        id: 'map',
        measure: words('Employees', 'שכירים'),
        unit: 'EMPLOYEES',
        decimals: 0,
        period: '2024-03',
        rows: {
          title: words('Industry', 'ענף כלכלי'),
          codes: SECTIONS.map((id) => ({ id, name: words(`Section ${id}, a long name of it`, `סעיף ${id}, שם ארוך שלו`) })),
        },
        columns: {
          title: words('District', 'מחוז'),
          codes: DISTRICTS.map((id) => ({ id, name: words(id === '_T' ? 'All districts' : `District ${id}`, `מחוז ${id}`) })),
        },
        values: SECTIONS.map((_, row) =>
          DISTRICTS.map((__, column) => (row + column === 3 ? null : row + column === 6 ? undefined : 987_654 * (row + 1) + column)),
        ),
      },
      levels: [
        { dimensions: 0, published: 6, withheld: 0 },
        { dimensions: 1, published: 40, withheld: 20 },
        { dimensions: 2, published: 50, withheld: 150 },
      ],
    },
  ],
};

const HOSTILE = '<script>window.pwned=1</script>"><img src=x onerror="window.pwned=1">\'\u202e';
const STRUCTURE = ['kind', 'periods', 'period', 'firstDay', 'status', 'unit', 'id', 'provisional', 'role', 'done'];

function hostile(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return STRUCTURE.includes(key) ? value : `${value} ${HOSTILE}`;
  if (Array.isArray(value)) return value.map((item) => hostile(item, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hostile(item, name)]));
}

describe('the words of the report', () => {
  const html = renderReleasePage(PAGE);

  it('counts hours of burden by the formula and calls only what was dropped saved', () => {
    expect(burdenHours(BURDEN)).toBeCloseTo(4500, 9);
    expect(html).toContain(
      'Potential: <bdi><bdi dir="ltr">4,500</bdi></bdi> hours a year. Piloted: <bdi><bdi dir="ltr">0</bdi></bdi>. Actually saved: <bdi><bdi dir="ltr">900</bdi></bdi>.',
    );
    expect(renderReleasePage({ ...PAGE, burden: [], replaces: undefined })).toContain('The response burden is not declared');
  });

  it('says beside the declared burden which agreement was measured, and that none was', () => {
    const plain = html.replaceAll(/<[^>]+>/g, '');
    for (const sentence of [
      'kappa 0.983 (0.003); 99.2% agree; bias −0.3 percentage points',
      'קאפא 0.983 (0.003); 99.2% מסכימים; הטיה −0.3 נקודות אחוז',
      '“yes”: 64.0% in the survey, 64.3% in the statistic; kappa withheld',
      'median absolute difference 240 ILS (3.3%); bias −1.2%',
      'Respondents and minutes are as declared',
    ])
      expect(plain).toContain(sentence);
    const none = renderReleasePage({ ...PAGE, agreement: [] });
    expect(none).toContain('The agreement of survey answers with this statistic has not been measured.');
    expect(none).toContain('ההתאמה בין תשובות סקר לסטטיסטיקה זו לא נמדדה.');
  });

  it('gives the periods of a table where it has fewer than the release', () => {
    const [table] = PAGE.tables;
    const short = renderReleasePage({ ...PAGE, tables: [{ ...(table as ReleasePage['tables'][number]), periods: ['2024-02'] }] });
    expect(html).toContain('Share withheld; January 2024 to March 2024');
    expect(short).toContain('Share withheld; February 2024<');
  });

  it('says first what was found, from published values alone', () => {
    expect(html.indexOf('4,012,345')).toBeLessThan(html.indexOf('<figure'));
    expect(html).toContain('+2.6%');
    const withheld = {
      ...PAGE.tables[0],
      series: PAGE.tables[0]?.series.map((each) => ({
        ...each,
        lines: each.lines.map((line) => ({ ...line, values: [null, null, null] })),
      })),
    };
    expect(renderReleasePage({ ...PAGE, tables: [withheld as ReleasePage['tables'][number]] })).toContain(
      'The headline figures of this release are withheld',
    );
  });

  it('gives percentages as such, and their change in percentage points, also from below zero', () => {
    const finding = (/<section id="en-finding"[\s\S]*?<\/section>/.exec(html)?.[0] ?? '').replaceAll(/<[^>]*>/g, '');
    expect(finding).toContain('1.5% Pay gap, March 2024. Change since January 2024: +1.9 percentage points.');
    expect(html).toContain('−0.4%');
  });

  it('gives shares of what is withheld by level of detail, never counts', () => {
    const section = /<section id="en-withheld"[\s\S]*?<\/section>/.exec(html)?.[0] ?? '';
    expect(section).toContain('33.3%');
    expect(section).toContain('75.0%');
    expect(section.replaceAll(/<[^>]*>/g, ' ')).not.toMatch(/\b(150|200|40|60)\b/);
  });

  it('is one file that loads nothing', () => {
    expect(html).not.toMatch(/(src|href)="https?:|@import|url\(http/);
    expect(html).toContain('default-src &#39;none&#39;');
  });
});

describe.skipIf(!hasBrowser)(hasBrowser ? 'the report of a release, in a browser' : 'skipped: no browser', () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.launch({
      'report.html': renderReleasePage(PAGE),
      'hostile.html': renderReleasePage(hostile(PAGE) as ReleasePage),
    });
  });
  afterAll(() => browser?.close());

  it('fits and is accessible in every view', { timeout: 120_000 }, async () => {
    expect(await browser.faultsIn('report.html', VIEWS)).toEqual([]);
  });

  it('shows hostile names as text', async () => {
    const { page, troubles } = await browser.open('hostile.html', { language: 'he', width: 320, scheme: 'light' });
    expect(await page.evaluate('[window.pwned, document.images.length, document.scripts.length]')).toEqual([undefined, 0, 1]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('mirrors the map in Hebrew: names of rows at the side where reading starts, the total at the other', async () => {
    for (const language of ['he', 'en'] as const) {
      const { page } = await browser.open('report.html', { language, width: 1440, scheme: 'light' });
      const [name = 0, total = 0] = (await page.evaluate(`(() => {
        const texts = [...document.querySelectorAll('#${language}-wages-map > svg.wide text')];
        const left = (pattern) => texts.find((each) => pattern.test(each.textContent)).getBoundingClientRect().left;
        return [left(/(Section|סעיף) C/), left(/^988$/)];
      })()`)) as number[];
      expect(name > total).toBe(language === 'he');
      await page.close();
    }
  });

  it('prints on A4', async () => {
    const { page } = await browser.open('report.html', { language: 'en', width: 1440, scheme: 'dark' });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const boxes = [...pdf.toString('latin1').matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(boxes.length).toBeGreaterThan(1);
    for (const [, width, height] of boxes) expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 842]);
    await page.close();
  });
});
