import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgreementFigure } from '../anonymize/agreement-figure.ts';
import { agreementTexts, publishedAgreement } from '../report/agreement.ts';
import { indicatorsOf } from '../report/quality-indicators.ts';
import { qualityJson } from '../report/quality-json.ts';
import { renderQualityPage } from '../report/quality-page.ts';
import { indicatorValue, type QualityPage } from '../report/quality-page-data.ts';
import { hasBrowser, PageBrowser } from './page-browser.ts';

if (!hasBrowser) console.info('skipped: no browser (set CHROMIUM to the path of one)');

const words = (en: string, he: string) => ({ en, he });

const AGREEMENT: QualityPage['agreement'] = [
  {
    question: 'employed',
    title: words('Worked in the month', 'עבד או עבדה בחודש'),
    statistic: 'employment_earnings',
    statisticTitle: words('Employees and pay', 'שכירים ושכר'),
    period: '2024-01',
    total: {
      kind: 'category',
      pairs: 1187,
      agreeing: 1150,
      leastCell: 16,
      surveyCount: 800,
      statisticCount: 805,
      kappa: 0.93123,
      kappaError: 0.01111,
    },
    groups: [
      {
        dimension: 'sex',
        code: 'F',
        measured: {
          kind: 'category',
          pairs: 587,
          agreeing: 578,
          leastCell: 4,
          surveyCount: 401,
          statisticCount: 402,
          kappa: 0.98765,
          kappaError: 0.01,
        },
      },
      {
        dimension: 'district',
        code: '3',
        measured: {
          kind: 'category',
          pairs: 12,
          agreeing: 12,
          leastCell: 12,
          surveyCount: 12,
          statisticCount: 12,
          kappa: null,
          kappaError: null,
        },
      },
    ],
  },
  {
    question: 'gross_pay',
    title: words('Gross pay', 'שכר ברוטו'),
    statistic: 'employment_earnings',
    statisticTitle: words('Employees and pay', 'שכירים ושכר'),
    period: '2024-01',
    total: {
      kind: 'amount',
      pairs: 764,
      medianAbsolute: 24_167,
      medianRelative: 0.03291,
      surveySum: 988_000_00,
      statisticSum: 1_000_000_00,
    },
    groups: [],
  },
];

interface Counts {
  readonly accepted: number;
  readonly rejected: number;
  readonly fails: number;
  readonly missing: number;
  readonly failed: number;
  readonly edited: number;
}

function pageOf({ accepted, rejected, fails, missing, failed, edited }: Counts): QualityPage {
  const outcomes = { linked: accepted, repaired: rejected, out_of_register: missing, ambiguous: fails, failed };
  const input = accepted + rejected;
  return {
    office: words('Bureau of Statistics', 'לשכת הסטטיסטיקה'),
    title: words('Employees and pay', 'שכירים ושכר'),
    run: { id: '20240101T000000000Z-abcdef', command: 'twinstat run employment_earnings', version: '0.1.0', finished: '2024-06-01' },
    isDemo: true,
    sources: [
      {
        source: 'employer_filings',
        title: words('Payroll filings', 'דיווחי שכר'),
        deliveries: [{ delivery: '2024-03', format: 'csv', bytes: 1, input, accepted, rejected, byRule: { duplicate: rejected } }],
      },
    ],
    links: [{ source: words('Payroll filings', 'דיווחי שכר'), kind: 'person', outcomes }],
    rules: ['2024-02', '2024-03'].map((period) => ({
      rule: 'industry_known',
      step: 'employee',
      period,
      severity: 'warning',
      passes: accepted,
      fails,
      missing,
      failed: fails > 0,
    })),
    agreement: AGREEMENT,
    tables: [{ table: 'employees_and_pay', period: '2024-03', cells: accepted, primary: fails, secondary: missing }],
    indicators: indicatorsOf({
      input,
      rejected,
      links: { person: outcomes },
      edits: { rows: accepted + edited, edited, amount: 1_000_000 * (accepted + edited), editedAmount: 1_000_000 * edited },
      changes: { judged: accepted + fails, suspicious: fails },
      coverage: [{ kind: 'employer', register: input, found: accepted }],
      imputations: [
        {
          vintage: 'M00',
          name: words('Flash', 'אומדן ראשון'),
          units: accepted,
          imputedUnits: Math.min(fails, accepted),
          value: 1_000 * accepted,
          imputedValue: 900 * Math.min(fails, accepted),
        },
        {
          vintage: 'M01',
          name: words('1 month later', 'כעבור חודש'),
          units: accepted,
          imputedUnits: edited,
          value: 1_000 * accepted,
          imputedValue: 800 * edited,
        },
      ],
      isSample: false,
      periods: 2,
      lag: 62,
    }),
  };
}

const TYPICAL = pageOf({ accepted: 12_821, rejected: 89, fails: 479, missing: 5, failed: 6, edited: 7 });
type Public = Record<'sources' | 'rules' | 'links' | 'tables' | 'indicators', Record<string, unknown>[]>;
const publicOf = (page: QualityPage) => qualityJson(page, 'public') as Public;

describe('a table that never leaves', () => {
  const moves = { table: 'job_moves', period: '2024-03', cells: 225, primary: 150, secondary: 40 };
  const page: QualityPage = { ...TYPICAL, tables: [...TYPICAL.tables, moves], insideOnly: ['job_moves'] };

  it('stands in the internal edition, said to be inside only, and not in the public one', () => {
    expect(JSON.stringify(qualityJson(page, 'internal'))).toContain('job_moves');
    expect(publicOf(page).tables.map((table) => table['table'])).toEqual(['employees_and_pay']);
    const [inside, outside] = [renderQualityPage(page, 'internal'), renderQualityPage(page, 'public')];
    for (const sentence of ['all: inside only', 'כולה: פנימית בלבד', 'job_moves']) {
      expect(inside).toContain(sentence);
      expect(outside).not.toContain(sentence);
    }
  });
});

describe('agreement by question', () => {
  it('shows the total of a question outside, rounded, and no group; inside everything', () => {
    const shown = JSON.stringify(qualityJson(TYPICAL, 'public'));
    const { agreement } = qualityJson(TYPICAL, 'public') as { agreement: Record<string, string>[] };
    expect(agreement).toEqual([
      expect.objectContaining({
        question: 'employed',
        pairs: '1,190',
        kappa: '0.931 (0.011)',
        agreeing: '96.9%',
        survey_share: '67.4%',
        statistic_share: '67.8%',
        bias: '−0.4',
      }),
      expect.objectContaining({
        question: 'gross_pay',
        pairs: '760',
        median_absolute: '240',
        median_relative: '3.3%',
        bias: '−1.2%',
        kappa: '–',
      }),
    ]);
    for (const inner of ['987', '587', '578', 'district']) expect(shown).not.toContain(inner);
    const pages = { public: renderQualityPage(TYPICAL, 'public'), internal: renderQualityPage(TYPICAL, 'internal') };
    expect(pages.public).not.toContain('0.988');
    for (const text of ['0.931 (0.011)', '0.988 (0.010)', '241.67', 'Sex: Women', 'מחוז: חיפה']) expect(pages.internal).toContain(text);
    expect(renderQualityPage({ ...TYPICAL, agreement: undefined }, 'public')).not.toContain('Agreement of answers');
    expect(renderQualityPage({ ...TYPICAL, agreement: [] }, 'public')).toContain('No agreement was measured');
  });

  it('withholds outside what a count of 1 to 9 follows from', () => {
    const cell = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(cell, cell, cell, cell, (both, surveyOnly, statisticOnly, neither) => {
        const cells = [both, surveyOnly, statisticOnly, neither];
        const pairs = both + surveyOnly + statisticOnly + neither;
        fc.pre(pairs > 0);
        const leastCell = Math.min(...cells.filter((count) => count > 0));
        const measured = {
          kind: 'category',
          pairs,
          agreeing: both + neither,
          leastCell,
          surveyCount: both + surveyOnly,
          statisticCount: both + statisticOnly,
          kappa: 0.5,
          kappaError: 0.1,
        } as const;
        const shown = agreementTexts(measured, 'public');
        const isOpen = pairs >= 100 && leastCell >= 10;
        expect([shown.kappa, shown.agreeing, shown.bias].map((text) => text !== '–')).toEqual([isOpen, isOpen, isOpen]);
        if (pairs < 100) expect([shown.survey_share, shown.statistic_share]).toEqual(['–', '–']);
        expect(agreementTexts(measured, 'internal').kappa).toBe('0.500 (0.100)');
        const question = {
          question: 'q',
          title: words('Q', 'ש'),
          statistic: 's',
          statisticTitle: words('S', 'ס'),
          period: '2024-01',
          groups: [],
        };
        expect(AgreementFigure.safeParse(publishedAgreement({ ...question, total: measured })).success).toBe(true);
        const inner = { ...publishedAgreement({ ...question, total: measured }), ...agreementTexts(measured, 'internal') };
        expect(AgreementFigure.safeParse(inner).success).toBe(false);
      }),
    );
    const amount = { kind: 'amount', pairs: 99, medianAbsolute: 5, medianRelative: 0.1, surveySum: 1, statisticSum: 2 } as const;
    expect(agreementTexts(amount, 'public')).toMatchObject({ median_absolute: '–', median_relative: '–', bias: '–' });
    expect(agreementTexts({ ...amount, pairs: 100 }, 'public')).toMatchObject({
      median_absolute: '0',
      median_relative: '10.0%',
      bias: '−50.0%',
    });
  });
});

describe('public edition', () => {
  it('shows counts of 1 to 9 as <10, rounds others, and gives rates to 0.1 points', () => {
    const { sources, rules, links, tables } = publicOf(TYPICAL);
    expect(sources[0]).toMatchObject({ input: '12,900', accepted: '12,800', rejected: '90', rejected_share: '0.7%', adds_up: true });
    expect(rules).toEqual([
      {
        rule: 'industry_known',
        step: 'employee',
        severity: 'warning',
        passes: '25,600',
        fails: '960',
        missing: '10',
        share: '3.6%',
        periods_out_of_bounds: 2,
      },
    ]);
    expect(links[0]).toMatchObject({ out_of_register: '<10', failed: '<10' });
    expect(tables[0]).toEqual({ table: 'employees_and_pay', periods: 1, cells: '12,800', withheld: '3.8%' });
  });

  it('names the indicators of the ESS and withholds a share of money that fewer than 10 units make up', () => {
    const values = Object.fromEntries(publicOf(TYPICAL).indicators.map(({ id, value }) => [id, value]));
    expect(values).toMatchObject({
      A1: '–',
      'A7-COUNT': '<0.1%',
      'A7-VALUE': '–',
      'A7-M00-COUNT': '3.7%',
      'A7-M00-VALUE': '3.4%',
      'A7-M01-COUNT': '<0.1%',
      'A7-M01-VALUE': '–',
      A6: '–',
      TP2: '62',
      CC2: '2',
      'SRC-REJECTED': '0.7%',
      'EDIT-CHANGE': '3.6%',
    });
    expect(TYPICAL.indicators.filter(({ id }) => id === 'A7-VALUE').map((each) => indicatorValue(each, 'internal'))).toEqual(['0.05%']);
  });

  it('never gives an exact small count, a rate of fewer than 100, or what is primary and what secondary, whatever the counts', () => {
    const small = fc.nat(30);
    const any = fc.record({ accepted: fc.nat(100_000), rejected: small, fails: small, missing: small, failed: small, edited: small });
    const count = /^(0|<10|[1-9]\d|[1-9]\d{2}|[1-9]\d{0,2}(,\d{3})+)$/;
    const rate = /^(–|[<>]?\d{1,3}\.\d%)$/;
    fc.assert(
      fc.property(any, (counts) => {
        const page = pageOf(counts);
        const { sources, rules, links, tables, indicators } = publicOf(page);
        const [source, rule, link] = [sources[0] ?? {}, rules[0] ?? {}, links[0] ?? {}];
        const printed = [
          source['input'],
          source['accepted'],
          source['rejected'],
          rule['passes'],
          rule['fails'],
          rule['missing'],
          link['linked'],
          link['failed'],
        ];
        for (const text of printed) {
          expect(text).toMatch(count);
          const value = Number(String(text).replaceAll(/[<,]/g, ''));
          expect(value % 10, String(text)).toBe(0);
        }
        for (const text of [source['rejected_share'], rule['share'], link['rate'], tables[0]?.['withheld']]) expect(text).toMatch(rate);
        if (counts.accepted + counts.rejected < 100) expect(source['rejected_share']).toBe('–');
        for (const { value } of indicators) expect(value).toMatch(/^(–|[\d,]+|[<>]?\d{1,3}\.\d%)$/);
        expect(JSON.stringify(publicOf(page))).not.toMatch(/primary|secondary|20240101T|2024-03/);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it('is on the page what it is for machines: no true count, no word about rules of suppression', () => {
    const html = renderQualityPage(TYPICAL, 'public')
      .replace(/<style>[\s\S]*?<\/style>/, '')
      .replace(/<script>[\s\S]*?<\/script>/, '');
    const text = html.replaceAll(/<[^>]*>/g, ' ');
    for (const secret of [
      '12,821',
      '12,910',
      ' 479 ',
      ' 958 ',
      ' 89 ',
      'Primary',
      'Secondary',
      'ראשוני',
      'משני',
      '20240101T',
      'twinstat run',
    ])
      expect(text, secret).not.toContain(secret);
    expect(text).toContain('Public edition');
    expect(text).toContain('מהדורה לציבור');
  });
});

describe('internal edition', () => {
  it('holds the true counts, by period, and says when a source does not add up', () => {
    const html = renderQualityPage(TYPICAL, 'internal');
    for (const shown of ['12,821', '12,910', '479', 'Primary', 'חסוי משני', '20240101T000000000Z-abcdef']) expect(html).toContain(shown);
    expect(qualityJson(TYPICAL, 'internal')).toMatchObject({ edition: 'internal', rules: TYPICAL.rules, sources: TYPICAL.sources });
    const [source] = TYPICAL.sources;
    const lost = {
      ...TYPICAL,
      sources: [{ ...source, deliveries: source?.deliveries.map((each) => ({ ...each, accepted: each.accepted - 1 })) }],
    };
    const broken = renderQualityPage(lost as QualityPage, 'internal');
    expect(broken).toContain('A source does not add up');
    expect(html).not.toContain('A source does not add up');
    expect((qualityJson(lost as QualityPage, 'public') as Public).sources[0]).toMatchObject({ adds_up: false });
  });
});

describe.skipIf(!hasBrowser)(hasBrowser ? 'the quality report, in a browser' : 'skipped: no browser', () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    browser = await PageBrowser.launch({
      'internal.html': renderQualityPage(TYPICAL, 'internal'),
      'public.html': renderQualityPage(TYPICAL, 'public'),
    });
  });
  afterAll(() => browser?.close());

  it.each(['internal.html', 'public.html'])('fits and is accessible: %s', async (file) => {
    expect(await browser.faultsIn(file)).toEqual([]);
  });
});
