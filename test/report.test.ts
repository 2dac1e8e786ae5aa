import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawLines, lineTicks, spreadLabels } from '../report/chart-line.ts';
import { toCsv } from '../report/csv.ts';
import { code, escapeHtml, html, isolateLatin, render } from '../report/escape.ts';
import { fontFaces } from '../report/font.ts';
import * as format from '../report/format.ts';
import { cspHash } from '../report/html-shell.ts';
import { type RunPage, renderRunPage } from '../report/run-page.ts';
import { axisTicks, wrapLabel } from '../report/svg.ts';
import { fill, say, TEXTS } from '../report/texts.ts';
import { contrast, DARK, LIGHT } from '../report/tokens.ts';

const fixture = JSON.parse(readFileSync(new URL('cases/report/run-page/data.json', import.meta.url), 'utf8')) as RunPage;

describe('figures as they may be shown', () => {
  it('writes numbers, money, sizes and durations', () => {
    expect([0, 999, 1000, -1234567.891].map((value) => format.formatNumber(value, 1))).toEqual(['0.0', '999.0', '1,000.0', '−1,234,567.9']);
    expect(format.formatNumber(-0.04, 1)).toBe('0.0');
    expect(format.formatNumber(Number.NaN)).toBe('–');
    expect(format.formatMoney(11790, 'en')).toBe('NIS 11,790');
    expect(format.formatMoney(11790, 'he').replace(/\u200f/g, '')).toBe('11,790 ₪');
    expect([0, 999, 1000, 2214, 48_211, 2_411_034].map(format.formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '2.2 kB',
      '48 kB',
      '2.4 MB',
    ]);
    expect([0.04, 59.9, 59.96, 125].map((seconds) => format.formatSeconds(seconds, 'en'))).toEqual([
      '0.0 s',
      '59.9 s',
      '1 min 00 s',
      '2 min 05 s',
    ]);
    expect(format.formatChange(0.0312)).toBe('+3.1%');
    expect(format.formatChange(-0.0312)).toBe('−3.1%');
    expect(format.formatChange(0.0004)).toBe('0.0%');
  });

  it('writes dates and periods in both languages, and leaves what it does not know', () => {
    expect(format.formatDate('2025-02-03T23:59:59Z', 'he')).toBe('3 בפברואר 2025');
    expect(format.formatDate('2025-02-03', 'en')).toBe('3 February 2025');
    expect(format.formatPeriod('2024-03', 'he')).toBe('מרץ 2024');
    expect(format.formatPeriod('2024-Q3', 'en')).toBe('quarter 3, 2024');
    expect(format.formatPeriod('2024-13', 'en')).toBe('2024-13');
    expect(format.formatPeriodRange(['2024-01', '2024-02', '2025-01'], 'en')).toBe('January 2024 to January 2025');
    expect(format.formatPeriodRange(['2024-01'], 'he')).toBe('ינואר 2024');
    expect(format.formatPeriodRange([], 'he')).toBe('–');
  });

  it('never shows a count from 1 to 9', () => {
    for (const write of [format.formatCount, format.formatRowCount]) {
      expect(write(0)).toBe('0');
      for (let count = 1; count < 10; count += 1) expect(write(count)).toBe('<10');
      expect(write(10)).toBe('10');
    }
    expect(format.formatCount(0.4)).toBe('<10');
    expect([14, 15, 999, 1234, 12_345, 1_234_567].map(format.roundRowCount)).toEqual([10, 20, 1000, 1230, 12_300, 1_230_000]);
  });

  it('does not let a small rejected count be found by subtracting shown rows', () => {
    const small = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 1e7 }), small, small, (large, a, b) => {
        const shown = (count: number) => format.roundRowCount(count) ?? 0;
        const [first, second] = [shown(large + a) - shown(large), shown(large + b) - shown(large)];
        expect(first % 10).toBe(0);
        expect(second % 10).toBe(0);
      }),
    );
  });

  it('gives a rate only of 100 or more, and only its bound where 1 to 9 units are on a side', () => {
    expect(format.formatRate(50, 99)).toBe('–');
    expect(format.formatRate(0, 0)).toBe('–');
    expect(format.formatRate(50, 100)).toBe('50.0%');
    expect(format.formatRate(0, 100)).toBe('0.0%');
    expect(format.formatRate(100, 100)).toBe('100.0%');
    const below = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 100, max: 1e6 }));
    fc.assert(
      fc.property(below, ([count, of]) => {
        expect(format.formatRate(count, of)).toBe(format.formatRate(1, of));
        expect(format.formatRate(of - count, of)).toBe(format.formatRate(of - 1, of));
        const bound = Number(format.formatRate(count, of).slice(1, -1));
        expect((count / of) * 100).toBeLessThan(bound + 1e-9);
      }),
    );
  });
});

describe('words and markup', () => {
  it('has every text in both languages with the same places to fill', () => {
    const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
    for (const [key, { he, en }] of Object.entries(TEXTS)) {
      expect([key, places(he)]).toEqual([key, places(en)]);
      expect(en.trim(), key).not.toBe('');
      if (key !== 'switch_language') expect(he, key).toMatch(/[\u05d0-\u05ea]/);
      if (key !== 'switch_language') expect(en, key).not.toMatch(/[\u05d0-\u05ea]/);
    }
  });

  it('fills sentences, as text and as markup', () => {
    expect(say('axis_not_zero', 'en', { value: '9,300' })).toBe('The axis starts at 9,300.');
    expect(say('finding', 'en', {})).toBe('Main findings');
    expect(render(fill('axis_not_zero', 'en', { value: '<b>' }))).toBe('The axis starts at <bdi>&lt;b&gt;</bdi>.');
  });

  it('escapes every string, and drops marks that would reorder the text around them', () => {
    expect(render(html`<a title="${'"><img onerror=1>'}">${"<script>'&"}</a>`)).toBe(
      '<a title="&quot;&gt;&lt;img onerror=1&gt;">&lt;script&gt;&#39;&amp;</a>',
    );
    expect(escapeHtml('a\u202eb\u2066c\u0000d')).toBe('abcd');
    expect(render(html`${['<', html`<b>${1}</b>`, undefined]}`)).toBe('&lt;<b>1</b>');
    expect(render(code('<x>'))).toBe('<bdi dir="ltr"><code>&lt;x&gt;</code></bdi>');
    expect(render(isolateLatin('חסרה gross_ils בקובץ 2024-06-bad, 12 פעמים'))).toBe(
      'חסרה <bdi dir="ltr">gross_ils</bdi> בקובץ <bdi dir="ltr">2024-06-bad</bdi>, 12 פעמים',
    );
    // A phrase is one piece: word by word, Hebrew would turn "gross pay 2024 total" round. Brackets stay with their article.
    expect(render(isolateLatin('המונח gross pay 2024 total כאן, SQL, XML'))).toBe(
      'המונח <bdi dir="ltr">gross pay 2024 total</bdi> כאן, <bdi dir="ltr">SQL</bdi>, <bdi dir="ltr">XML</bdi>',
    );
    expect(render(isolateLatin('GDPR סעיף 6(1)(c): חובה, 12 פעמים'))).toBe(
      '<bdi dir="ltr">GDPR</bdi> סעיף <bdi dir="ltr">6(1)(c)</bdi>: חובה, 12 פעמים',
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(render(html`${text}`)).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('writes CSV that is quoted, marks withheld values and holds no formula', () => {
    const csv = toCsv({
      columns: ['a', 'b,c'],
      rows: [
        ['=1+1', null],
        ['say "x"', -2.5],
      ],
    });
    expect(csv).toBe('\ufeffa,"b,c"\r\n\'=1+1,c\r\n"say ""x""",-2.5\r\n');
  });
});

describe('colours, type and scales', () => {
  it('has enough contrast in both themes', () => {
    for (const palette of [LIGHT, DARK]) {
      const texts = [palette.ink, palette.muted, palette.accentText, palette.warningText, palette.dangerText, ...palette.categories];
      for (const ground of [palette.paper, palette.surface]) {
        for (const colour of texts) expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
      const fills = [palette.accentFill, palette.warningFill, palette.dangerFill, palette.neutralFill];
      for (const colour of fills) expect(contrast(colour, palette.paper), colour).toBeGreaterThanOrEqual(3);
      expect(contrast(palette.paper, palette.accentFill)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(palette.ink, palette.warningWash)).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 6);
  });

  it('embeds Hebrew and Latin, regular and semibold, and nothing from outside', () => {
    const faces = fontFaces();
    expect(faces.match(/@font-face/g)).toHaveLength(4);
    expect(faces).toContain('U+0590-05FF');
    expect([...faces.matchAll(/url\((.{15})/g)].map((match) => match[1])).toEqual(Array.from({ length: 4 }, () => 'data:font/woff2'));
    expect(faces.length).toBeLessThan(80_000);
  });

  it('marks axes with round steps that enclose the values', () => {
    expect(axisTicks(9387, 9713, 4).values).toEqual([9300, 9400, 9500, 9600, 9700, 9800]);
    expect(axisTicks(0, 0, 4).high).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 0.01, max: 1e6, noNaN: true }), (low, span) => {
        const ticks = axisTicks(low, low + span, 4);
        expect(ticks.low).toBeLessThanOrEqual(low + ticks.step * 1e-6);
        expect(ticks.high).toBeGreaterThanOrEqual(low + span - ticks.step * 1e-6);
        expect(ticks.values.length).toBeLessThanOrEqual(8);
      }),
    );
    const chart = { periods: ['2024-01', '2024-02'], series: [{ label: '', values: [null, null] }], format: String };
    expect(lineTicks(chart).values.length).toBeGreaterThan(1);
  });

  it('draw a period that is alone in the middle, from zero, with its value beside it', () => {
    const chart = { periods: ['2025-01'], series: [{ label: '', values: [386] }], format: String };
    expect(lineTicks(chart).low).toBe(0);
    const svg = render(drawLines(chart, 'en', { width: 640, isNarrow: false }, 'x').content);
    const dot = Number(/cx="([\d.]+)"/.exec(svg)?.[1]);
    const label = Number(/<text x="([\d.]+)"[^>]*class="end"/.exec(svg)?.[1]);
    expect(dot).toBeGreaterThan(250);
    expect(label - dot).toBeLessThan(12);
  });

  it('keeps labels at line ends apart and in order, inside the chart', () => {
    const placed = spreadLabels([50, 51, 52, 200, 10], 17, 0, 230);
    const sorted = [...placed].sort((a, b) => a - b);
    for (const [index, height] of sorted.entries()) if (index > 0) expect(height - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(17);
    expect(placed[0]).toBeLessThan(placed[1] ?? 0);
    expect(Math.max(...spreadLabels([230, 230, 230], 17, 0, 230))).toBe(230);
  });

  it('breaks long labels into two lines at most', () => {
    expect(wrapLabel('Mining', 20)).toEqual(['Mining']);
    expect(wrapLabel('Professional, scientific and technical', 24)).toEqual(['Professional, scientific', 'and technical']);
    expect(wrapLabel('x'.repeat(99), 20)[1]).toMatch(/…$/);
  });
});

describe('the page of a run, as text', () => {
  it('lets only its own style and script run', () => {
    const page = renderRunPage(fixture);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src ${cspHash(style)}`);
    expect(policy).toContain(`script-src ${cspHash(script)}`);
    expect(policy).not.toContain('unsafe');
    expect(page).not.toMatch(/\sstyle=|\son[a-z]+=|https?:\/\//);
  });

  it('is the same for the same data, and has each id once', () => {
    const page = renderRunPage(fixture);
    expect(renderRunPage(fixture)).toBe(page);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows no exact count of rows', () => {
    const source = fixture.sources[0];
    if (source === undefined) throw new Error('the fixture has no source');
    const delivery = {
      delivery: '2024-01-01',
      format: 'csv',
      bytes: 1,
      input: 87_684,
      accepted: 87_677,
      rejected: 7,
      byRule: { duplicate: 4, odd_rule: 3 },
    };
    const links = { linked: 87_123, repaired: 4, out_of_register: 511, ambiguous: 2, failed: 7 };
    const page = renderRunPage({ ...fixture, sources: [{ ...source, deliveries: [delivery], links }] });
    for (const hidden of ['87,684', '87684', '87,677', '87677', '87,123', '87123', '>511<']) expect(page).not.toContain(hidden);
    expect(page).toContain('87,700');
    const other = { ...delivery, accepted: 87_680, rejected: 4, byRule: { duplicate: 1, odd_rule: 3 } };
    expect(
      renderRunPage({ ...fixture, sources: [{ ...source, deliveries: [other], links: { ...links, repaired: 9, ambiguous: 1 } }] }),
    ).toBe(page);
  });

  it('says what is missing where a run made nothing', () => {
    const page = renderRunPage({
      ...fixture,
      sources: [],
      pipelines: [],
      releases: [],
      refused: [],
      series: {},
      quality: [],
      steps: [],
      methodNotes: [],
      protection: undefined,
    });
    for (const key of [
      'finding_none',
      'came_in_none',
      'rejected_none',
      'linked_none',
      'published_none',
      'releases_none',
      'refused_none',
      'quality_none',
    ] as const) {
      expect(page, key).toContain(escapeHtml(TEXTS[key].he));
      expect(page, key).toContain(escapeHtml(TEXTS[key].en));
    }
    expect(page).not.toContain('<figure');
  });

  it('marks a withheld value and never draws it', () => {
    const page = renderRunPage(fixture);
    const { medianPay } = fixture.series;
    expect(medianPay?.values).toContain(null);
    const chart = /<figure id="en-median-pay">[\s\S]*?<\/figure>/.exec(page)?.[0] ?? '';
    expect(chart).toContain('class="gap-mark">c<');
    expect(chart).toContain('May 2024: c;');
    const line = /<path d="([^"]*)" class="line/.exec(chart)?.[1] ?? '';
    expect(line.match(/M/g)).toHaveLength(2);
  });
});
