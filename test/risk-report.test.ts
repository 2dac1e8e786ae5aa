import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, PageBrowser } from './page-browser.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const read = (name: string): string => readFileSync(join(scratch, name), 'utf8');
const HOSTILE = '<script>alert(1)</script>';
let report: Record<string, never> & { suda: { positive: number }; combinations: { keys: string[]; unique: number }[] };

beforeAll(async () => {
  // 1,000 people in 10 towns x 50 ages; seven are alone in their town.
  const rows = Array.from(
    { length: 1000 },
    (_, at) => `${at < 7 ? `Lone77${at}` : `Town77${at % 10}`},${20 + ((at * at) % 50)},${at % 2 ? 'f' : 'm'},illness77${at % 3}`,
  );
  writeFileSync(join(scratch, 'people.csv'), [`town,age,${HOSTILE},illness`, ...rows, ''].join('\n'));
  const options = ['--keys', `town,age,${HOSTILE}`, '--sensitive', 'illness', '--suda', '--combinations', '3', '--max-global-risk', '0.02'];
  const { code, stdout, stderr } = await runCommand(['risk', 'people.csv', ...options, '--report', 'risk.html', '--json', '--quiet'], {
    cwd: scratch,
  });
  expect([code, stderr]).toEqual([0, '']);
  report = JSON.parse(stdout);
});

/** Rows of tables of the English edition as texts of their cells. */
function rowsOf(page: string): string[][] {
  const rows = page.slice(page.indexOf('id="en"')).split('<tr>').slice(1);
  return rows.map((row) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, '').trim()));
}

describe('the report of risk', () => {
  it('shows the figures that --json prints', () => {
    const rows = rowsOf(read('risk.html'));
    const { distribution, violations } = report as unknown as {
      distribution: { class_sizes: { records: number }[]; risks: { records: number }[] };
      violations: Record<string, number>;
    };
    const sum = (parts: readonly { records: number }[]): number => parts.reduce((total, { records }) => total + records, 0);
    expect([sum(distribution.class_sizes), sum(distribution.risks)]).toEqual([1000, 1000]);
    expect(rows).toContainEqual(['1', String(distribution.class_sizes[0]?.records)]);
    for (const [k, count] of Object.entries(violations)) expect(rows).toContainEqual([`k = ${k}`, String(count)]);
    expect(rows).toContainEqual(expect.arrayContaining(['town', '7']));
  });

  it('shows the threshold of risk, in public rounded and with no risk that few have', () => {
    const { threshold, records_above } = (report as unknown as { risk_threshold: { threshold: number; records_above: number } })
      .risk_threshold;
    expect(records_above).toBeGreaterThan(9);
    for (const [name, risk, count] of [
      ['risk.html', (100 * threshold).toFixed(4), String(records_above)],
      ['risk-public.html', (100 * threshold).toFixed(0), String(Math.round(records_above / 10) * 10)],
    ] as const) {
      const text = read(name)
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ');
      expect(text).toContain(`Threshold of risk ${risk}% Records above it ${count} `);
      expect(text).toContain(`סף הסיכון לרשומה ${risk}% רשומות מעל הסף ${count} `);
    }
  });

  it('shows no count from 1 to 9 and no exact count in the publishable edition', () => {
    const page = read('risk-public.html');
    expect(report.combinations.find(({ keys }) => keys.join() === 'town')?.unique).toBe(7);
    expect(rowsOf(page).filter(([name, single]) => name === 'town' && single === '&lt;10')).toHaveLength(1);
    for (const [name = '', ...cells] of rowsOf(page))
      if (name !== 'illness' && !cells.some((cell) => cell.endsWith('%')))
        for (const cell of cells) expect(cell, name).toMatch(/^(0|&lt;10|[\d,]*0|Records|Alone|&lt; \d+|[A-Z].*)$/);
    expect(page).not.toContain('Largest risk');
    expect(page).not.toContain('people.csv');
  });

  it('holds no value of a person, and escapes names of columns', () => {
    for (const name of ['risk.html', 'risk-public.html']) {
      const page = read(name).replace(/data:font[^)]*/g, '');
      expect(page).not.toContain('<script>alert');
      for (const value of ['Town77', 'Lone77', 'illness77']) expect(page).not.toContain(value);
    }
  });

  it('is refused another name than one of HTML', async () => {
    const { code, stderr } = await runCommand(['risk', 'people.csv', '--keys', 'town', '--report', 'people.csv', '--quiet'], {
      cwd: scratch,
    });
    expect(code).toBe(2);
    expect(stderr).toContain('--report risk.html');
  });
});

describe.skipIf(!hasBrowser)('the pages in a browser', { timeout: 240_000 }, () => {
  it('are accessible, fit every window and load nothing', async () => {
    const pages = { 'risk.html': read('risk.html'), 'risk-public.html': read('risk-public.html') };
    const browser = await PageBrowser.launch(pages);
    try {
      for (const name of Object.keys(pages)) expect(await browser.faultsIn(name)).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
