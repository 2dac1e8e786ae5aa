import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CRITERIA } from '../catalog/assessment.ts';
import { screen } from '../catalog/governance/screening.ts';
import type { CatalogRecord } from '../catalog/record.ts';
import { hasBrowser, PageBrowser } from './page-browser.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

if (!hasBrowser) console.info('skipped: no browser (set CHROMIUM to the path of one)');

const scratch = scratchFolder();
const twinstat = (...args: string[]) => runCommand(['catalog', ...args], { cwd: scratch });
const exported = async (format: string, audience: string, ...more: string[]): Promise<string> =>
  (await twinstat('export', '--format', format, '--audience', audience, ...more)).stdout;
const english = (page: string): string => page.slice(page.indexOf('<div class="edition" id="en"'));
const section = (page: string, id: string): string => {
  const start = english(page).indexOf(`aria-labelledby="en-${id}"`);
  return start < 0 ? '' : (english(page).slice(start).split('</section>')[0] ?? '');
};

const BLOCK = 'visibility: internal, confidence: draft, as_of: 2026-11-26, by: editor';
const text = (en: string) => `{ en: '${en}', he: 'טקסט' }`;
const risk = (before: string, after: string) => `{ before: ${before}, measures: [${text('measure <b>one</b>')}], after: ${after} }`;
const level = (severity: number, likelihood: number) => `{ severity: ${severity}, likelihood: ${likelihood} }`;
const assessed = (after: string, outcome: string): string =>
  `dpia: { ${BLOCK}, screening: { vulnerable: true, decisions: false }, necessity: ${text('no other source')}, risks: { access: ${risk(level(4, 3), after)}, change: ${risk(level(2, 2), level(1, 1))}, loss: ${risk(level(2, 2), level(2, 1))} }, opinion: { by: data protection officer, outcome: ${outcome}, text: ${text('go on')} }, review: 2027-11-26 }\n`;

function catalogue(name: string, more: string): string {
  mkdirSync(join(scratch, name, 'entries'), { recursive: true });
  cpSync('catalog/vocabularies.yaml', join(scratch, name, 'vocabularies.yaml'));
  for (const id of ['pop-register', 'road-accidents'])
    writeFileSync(
      join(scratch, name, 'entries', `${id}.yaml`),
      `${readFileSync(`catalog/entries/${id}.yaml`, 'utf8')}${id === 'pop-register' ? more : ''}`,
    );
  return name;
}

describe('screening', () => {
  it('asks for an assessment where two criteria are met, and leaves open what nothing says', async () => {
    const records: CatalogRecord[] = JSON.parse(await exported('json', 'internal')).records;
    const register = records.find(({ id }) => id === 'pop-register') as CatalogRecord;
    const answers = fc.dictionary(fc.constantFrom(...CRITERIA), fc.boolean());
    fc.assert(
      fc.property(answers, (screening) => {
        const result = screen({
          ...register,
          dpia: { ...register.about, screening } as unknown as NonNullable<CatalogRecord['dpia']>,
        });
        const shown = ['sensitive', 'large_scale', 'matching'].filter((each) => screening[each as 'scoring'] === undefined).length;
        const yes = shown + Object.values(screening).filter((each) => each).length;
        const no = Object.values(screening).filter((each) => !each).length;
        const expected = yes >= 2 ? 'needed' : 9 - no >= 2 ? 'open' : 'not_needed';
        expect(result?.result).toBe(expected);
      }),
    );
    for (const record of records.filter(({ privacy }) => ['none', 'aggregated'].includes(privacy.category)))
      expect(screen(record)).toBeUndefined();
    const { stdout } = await twinstat('check');
    const needed = records.filter((record) => screen(record)?.result === 'needed').length;
    expect(stdout).toContain(`impact assessments (GDPR Art. 35): ${needed} needed, of which 0 begun`);
  });
});

describe('legal frameworks', () => {
  it('maps each provision to a line in both languages, to be confirmed by counsel, in check and in JSON', async () => {
    const checked = JSON.parse((await twinstat('check', '--json')).stdout).frameworks;
    const ids = checked.map(({ id }: { id: string }) => id);
    const asked = [
      'GDPR-5',
      'GDPR-6',
      'GDPR-9-2-j',
      'GDPR-14-5-b',
      'GDPR-30',
      'GDPR-35',
      'GDPR-89',
      'GDPR-R162',
      'EU-223-2009',
      'EU-557-2013',
      'ES-COP',
      'UN-FP6',
      'EU-DATA-ACT-V',
      'EU-ADEQUACY',
      'IL-STAT',
      'IL-PPL',
    ];
    expect(asked.filter((id) => !ids.includes(id))).toEqual([]);
    for (const { title, evidence, counsel } of checked) {
      expect(counsel).toBe('to_confirm');
      expect(title.he + evidence.he).toMatch(/[\u05d0-\u05ea]/);
      expect(title.en + evidence.en).not.toMatch(/[\u05d0-\u05ea]/);
    }
    expect(JSON.parse(await exported('json', 'public')).frameworks).toEqual(checked);
    const folder = catalogue('twice', '');
    writeFileSync(
      join(scratch, folder, 'frameworks.yaml'),
      `${'- { id: A, title: { en: a, he: א }, evidence: { en: a, he: א }, counsel: to_confirm }\n'.repeat(2)}`,
    );
    const twice = await twinstat('check', '--catalog', folder);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('an id stands twice');
  });
});

describe('catalog export of pages of data protection', () => {
  it('prints a record of processing for each source of personal data, with what the contract says and what nobody says', async () => {
    const page = await exported('art30-page', 'internal');
    const records: CatalogRecord[] = JSON.parse(await exported('json', 'internal')).records;
    const personal = records.filter(({ privacy }) => ['personal', 'special'].includes(privacy.category));
    expect(page.match(/class="sheet"/g)).toHaveLength(2 * personal.length);
    const payroll = section(page, 'employer-payroll');
    expect(payroll).toContain('replaced by keyed pseudonyms');
    expect(payroll).toMatch(/P\d+Y/);
    expect(payroll).toContain('not stated');
    expect(section(page, 'card-payments')).toBe('');
    expect(page.includes('break-before:page')).toBe(true);
    expect(page.includes('default-src &#39;none&#39;')).toBe(true);
    expect(await exported('art30-page', 'public')).not.toContain('class="sheet"');
  });

  it('prints an assessment with its answers, three risks and opinion, escaped; to those inside alone', async () => {
    const folder = catalogue('assessed', assessed(level(2, 2), 'mitigated'));
    const sheet = section(await exported('dpia', 'internal', '--catalog', folder), 'pop-register');
    for (const expected of [
      '4 × 3',
      '2 × 2',
      'measure &lt;b&gt;one&lt;/b&gt;',
      'risks mitigated',
      'no other source',
      '2027-11-26',
      'data protection officer',
    ])
      expect(sheet).toContain(expected);
    expect(sheet.match(/the assessment</g)).toHaveLength(2);
    expect(sheet.match(/a field of the record</g)).toHaveLength(3);
    for (const audience of ['public', 'ministries', 'authority'])
      expect(await exported('dpia', audience, '--catalog', folder), audience).not.toContain('no other source');
    expect(await exported('dpia', 'public', '--catalog', folder)).not.toContain('pop-register');
    expect((await twinstat('check', '--catalog', folder)).stdout).toMatch(/of which 1 begun/);
  });

  it('refuses measures that make a risk greater, and warns of a high risk that is called acceptable', async () => {
    const worse = await twinstat('check', '--catalog', catalogue('worse', assessed(level(4, 4), 'mitigated')));
    expect(worse.code).toBe(2);
    expect(worse.stdout).toContain('after must not exceed before');
    const high = await twinstat('check', '--catalog', catalogue('high', assessed(level(3, 3), 'acceptable')));
    expect(high.code).toBe(0);
    expect(high.stdout).toContain('warning: the risk stays high');
    const told = await twinstat('check', '--catalog', catalogue('told', assessed(level(3, 3), 'consultation')));
    expect(told.stdout).not.toContain('the risk stays high');
  });

  it('takes the assessment through the workbook and back', async () => {
    const folder = catalogue('book', assessed(level(2, 2), 'mitigated'));
    await twinstat('export', '--format', 'xlsx', '--audience', 'internal', '--catalog', folder, '--out', 'book.xlsx');
    const { stdout } = await twinstat('import', 'book.xlsx', '--catalog', folder, '--json');
    const back = JSON.parse(stdout).records.find(({ id }: { id: string }) => id === 'pop-register').taken;
    const source = JSON.parse(await exported('json', 'internal', '--catalog', folder)).records[0];
    expect(back.dpia).toEqual(source.dpia);
  });
});

describe.skipIf(!hasBrowser)('pages of data protection in a browser', { timeout: 120_000 }, () => {
  let browser: PageBrowser;
  beforeAll(async () => {
    const folder = catalogue('browser', assessed(level(2, 2), 'mitigated'));
    browser = await PageBrowser.launch({
      'art30.html': await exported('art30-page', 'internal', '--catalog', folder),
      'dpia.html': await exported('dpia', 'internal', '--catalog', folder),
    });
  }, 120_000);
  afterAll(() => browser?.close());

  it.each(['art30.html', 'dpia.html'])('%s: accessible, within the window, without a request, in both languages', async (file) => {
    expect(await browser.faultsIn(file)).toEqual([]);
  });
});
