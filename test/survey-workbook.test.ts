import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../catalog/catalogue.ts';
import type { Answer } from '../catalog/survey/answer.ts';
import { surveyCards } from '../catalog/survey/cards.ts';
import type { QuestionnaireSource } from '../catalog/survey/questionnaire-page.ts';
import { loadSurvey } from '../catalog/survey/survey-definition.ts';
import { editParts, filledWorkbook, putCell, typed } from './filled-workbook.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { prepareSurveyCase, SURVEY_CASE } from './survey-case.ts';

const folder = scratchFolder();
const files = await prepareSurveyCase(folder);
const run = (...args: readonly string[]) => runCommand(['survey', ...args], { cwd: folder });
const read = (file: string): Buffer => readFileSync(join(folder, file));
const readJson = (file: string): unknown => JSON.parse(read(file).toString('utf8'));
const LANGUAGES = ['he', 'en'] as const;
const OFFICE = ['/usr/bin/soffice', '/usr/local/bin/soffice'].find((path) => existsSync(path));
if (OFFICE === undefined) console.info('skipped: no LibreOffice to save a workbook again');

let source: QuestionnaireSource;
const sourceOf = async (catalog: string, survey: string): Promise<QuestionnaireSource> => {
  const catalogue = await loadCatalogue(catalog);
  return { survey: (await loadSurvey(survey)).value, cards: surveyCards(catalogue), vocabularies: catalogue.vocabularies };
};
const fill = async (answer: Answer, name: string): Promise<string> => {
  writeFileSync(join(folder, name), await filledWorkbook(read(`built/questionnaire-${answer.language}.xlsx`), source, answer));
  return name;
};
/** An answer that has everything that the questionnaire asks. */
const FULL: Partial<Answer> = {
  domains: ['ECON', 'SOCI'],
  products: [
    { name: 'מדד <b> & "מחירים"', source: 'סקר', question: '=1+1', pains: { cost: 4 } },
    { name: '2024', pains: { cost: 'unknown' } },
  ],
  cards: {
    'alpha-register': {
      known: true,
      state: 'want',
      priority: 'must',
      benefits: { burden: 5, timeliness: 'unknown' },
      variable: '+שכר',
      gsbpm: '5.1',
      frequency: 'MONTHLY',
      geography: 'יישוב',
      history: '10',
    },
    'beta-data': { known: false, state: 'not-mine', benefits: {} },
    'gamma-sensors': { state: 'pilot', priority: 'wont', benefits: { burden: 1 } },
  },
  ranking: ['gamma-sensors', 'alpha-register'],
  missing: ['אחד', '@two'],
  barriers: { legal: 1, money: 'unknown' },
  capabilities: { tools: 'not-mine' },
  pilot: 'maybe',
  contact: '-אני',
  comment: 'שורה\nשורה',
  named: true,
};

beforeAll(async () => {
  mkdirSync(join(folder, 'filled'));
  source = await sourceOf(join(folder, 'case/catalog'), join(folder, 'case/survey.yaml'));
  await run('build', ...SURVEY_CASE, '--out', 'built', '--copies', '2');
});

describe('questionnaire as a workbook', () => {
  it.each(LANGUAGES)('in %s has lists for its choices, locked texts, its direction and what it is an answer to', async (language) => {
    const { sheets } = await readXlsx(read(`built/questionnaire-${language}.xlsx`));
    expect(sheets.map(({ view }) => view?.rightToLeft === true)).toEqual(sheets.map(() => language === 'he'));
    expect(sheets.map(({ hidden }) => hidden === true)).toEqual([false, false, false, false, false, false, true]);
    const lists = sheets.flatMap(({ dataValidations = [] }) => dataValidations.filter(({ type }) => type === 'list'));
    expect(new Set(lists.map(({ formula1 }) => formula1)).size).toBe(11);
    for (const { showErrorMessage, errorStyle } of lists) expect([showErrorMessage, errorStyle]).toEqual([true, 'stop']);
    expect(sheets.every(({ protection }) => protection?.sheet === true)).toBe(true);
    expect(sheets[0]?.rows.flat()).toContain(`twinstat-survey-answer case-survey 2 ${language} ${source.cards.hash}`);
  });

  it('holds what the catalogue says as texts, never as a formula', async () => {
    const entry = join(folder, 'case/catalog/entries/beta-data.yaml');
    const before = readFileSync(entry, 'utf8');
    writeFileSync(entry, before.replace('en: Beta data,', 'en: \'=HYPERLINK("http://x")\','));
    await run('build', ...SURVEY_CASE, '--out', 'hostile');
    writeFileSync(entry, before);
    const formulas: string[] = [];
    await editParts(read('hostile/questionnaire-en.xlsx'), (name, text) => {
      if (name.startsWith('xl/worksheets/')) formulas.push(...(text.match(/<f[ >]/g) ?? []));
      return text;
    });
    expect(formulas).toEqual([]);
    const { sheets } = await readXlsx(read('hostile/questionnaire-en.xlsx'));
    expect(sheets[3]?.rows.flat()).toContain('=HYPERLINK("http://x")');
  });

  it('comes in copies whose code is the same in both languages and differs between people', async () => {
    const codes: unknown[] = [];
    for (const name of ['001-he', '001-en', '002-he'])
      codes.push((await readXlsx(read(`built/copies/${name}.xlsx`))).sheets[1]?.rows[3]?.[1]);
    expect(codes[0]).toMatch(/^[0-9a-f]{32}$/);
    expect([codes[0] === codes[1], codes[0] === codes[2]]).toEqual([true, false]);
  });
});

describe('collect of workbooks', () => {
  it('takes the answers of the case as workbooks to the same result as their files', async () => {
    const answers = files.slice(0, 12).map((file) => {
      const answer = readJson(file) as Answer;
      return { ...answer, id: answer.id.padStart(32, '0') };
    });
    const pages = answers.map((answer, at) => {
      writeFileSync(join(folder, `filled/${at}.json`), JSON.stringify(answer));
      return `filled/${at}.json`;
    });
    const names: string[] = [];
    for (const [at, answer] of answers.entries()) names.push(await fill(answer, `filled/${at}.xlsx`));
    const json = await run('collect', ...pages, ...SURVEY_CASE, '--out', 'from-json', '--json');
    const workbooks = await run('collect', ...names, ...SURVEY_CASE, '--out', 'from-xlsx', '--json');
    expect([json.code, workbooks.code]).toEqual([0, 0]);
    expect(readJson('from-xlsx/answers.json')).toEqual(readJson('from-json/answers.json'));
    expect(JSON.parse(workbooks.stdout)).toEqual({ files: 12, accepted: 11, rejected: [{ file: '11.xlsx', rule: 'superseded' }] });
    expect((await run('report', 'from-xlsx/answers.json', ...SURVEY_CASE, '--out', 'report')).code).toBe(0);
    expect(readJson('report/report.json')).toMatchObject({ answers: 11, invited: 22, rate: 0.5, hours: 150, unpriced: 1 });
  });

  it.each(LANGUAGES)('gives back everything that can be answered, in %s', async (language) => {
    const answer = { ...(readJson(files[0] ?? '') as Answer), ...FULL, language };
    writeFileSync(join(folder, 'full.json'), JSON.stringify(answer));
    await run('collect', 'full.json', ...SURVEY_CASE, '--out', 'full-json');
    const { code, stdout } = await run('collect', await fill(answer, `full-${language}.xlsx`), ...SURVEY_CASE, '--out', 'full-xlsx');
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 accepted')]);
    expect(readJson('full-xlsx/answers.json')).toEqual(readJson('full-json/answers.json'));
    expect(readJson('full-xlsx/answers.json')).toMatchObject([FULL]);
  });

  it.skipIf(OFFICE === undefined)('reads a workbook that LibreOffice has saved again', { timeout: 120_000 }, async () => {
    const answer = { ...(readJson(files[0] ?? '') as Answer), ...FULL, language: 'he' as const };
    const name = await fill(answer, 'office.xlsx');
    mkdirSync(join(folder, 'office'));
    const home = `-env:UserInstallation=file://${join(folder, 'office-home')}`;
    execFileSync(OFFICE ?? '', [home, '--headless', '--convert-to', 'xlsx', '--outdir', 'office', name], { cwd: folder, stdio: 'ignore' });
    expect(await run('collect', `office/${name}`, ...SURVEY_CASE, '--out', 'office-out')).toMatchObject({ code: 0 });
    const [again] = readJson('office-out/answers.json') as Answer[];
    expect({ ...again, saved: answer.saved }).toEqual(answer);
  });

  it('refuses what is wrong by file, sheet, cell and rule, and never says what stands there', async () => {
    const answer = readJson(files[0] ?? '') as Answer;
    const good = read(await fill(answer, 'good.xlsx'));
    const SECRET = 'SECRET-777';
    const broken = async (name: string, sheet: number, edit: (xml: string) => string): Promise<void> => {
      const part = `xl/worksheets/sheet${sheet}.xml`;
      writeFileSync(join(folder, `${name}.xlsx`), await editParts(good, (each, text) => (each === part ? edit(text) : text)));
    };
    await broken('formula', 2, (xml) => putCell(xml, 'B20', `<c><f>1+1</f><v>2</v></c>`));
    await broken('list', 6, (xml) => putCell(xml, 'B13', typed(SECRET)));
    await broken('long', 5, (xml) => putCell(xml, 'B5', typed(SECRET.repeat(300))));
    await broken('date', 5, (xml) => putCell(xml, 'B5', '<c t="d"><v>2026-01-01</v></c>'));
    await broken('state', 4, (xml) => xml.replace(/<c r="F6"[^>]*>.*?<\/c>/, ''));
    await broken('place', 4, (xml) => putCell(putCell(xml, 'J5', typed('1')), 'J6', typed('1')));
    await broken('name', 3, (xml) => putCell(xml, 'C5', typed(SECRET)));
    await broken('required', 2, (xml) => xml.replace(/<c r="B5"[^>]*>.*?<\/c>/, ''));
    await broken('code', 2, (xml) => xml.replace(/(<c r="B4"[^>]*>.*?<t[^>]*>)[^<]*/, `$1${SECRET}`));
    await broken('moved', 4, (xml) =>
      xml
        .replaceAll(/(r="[A-Z]*)6"/g, '$1X"')
        .replaceAll(/(r="[A-Z]*)5"/g, '$16"')
        .replaceAll(/(r="[A-Z]*)X"/g, '$15"')
        .replace(/(<row r="6".*?<\/row>)(<row r="5".*?<\/row>)/s, '$2$1'),
    );
    await broken('beside', 2, (xml) =>
      xml.replace('</sheetData>', `<row r="90">${typed(SECRET).replace('<c', '<c r="F90"')}</row></sheetData>`),
    );
    writeFileSync(
      join(folder, 'sheets.xlsx'),
      await editParts(good, (name, text) =>
        name === 'xl/workbook.xml' ? text.replace(/<sheet name="[^"]*"/, `<sheet name="${SECRET}"`) : text,
      ),
    );
    for (const [name, from, to] of [
      ['version', 'case-survey 2 en', 'case-survey 3 en'],
      ['catalogue', source.cards.hash, '0'.repeat(64)],
      ['survey', 'case-survey', 'x-survey'],
    ] as const)
      writeFileSync(join(folder, `${name}.xlsx`), await editParts(good, (_, text) => text.replaceAll(from, to)));
    writeFileSync(join(folder, 'cut.xlsx'), good.subarray(0, 5000));
    const names = [
      'formula',
      'list',
      'long',
      'date',
      'state',
      'place',
      'name',
      'required',
      'code',
      'moved',
      'beside',
      'sheets',
      'version',
      'catalogue',
      'survey',
      'cut',
    ];
    const { code, stdout } = await run('collect', ...names.map((name) => `${name}.xlsx`), ...SURVEY_CASE, '--out', 'refused');
    expect(code).toBe(3);
    expect((readJson('refused/log.json') as { rejected: unknown[] }).rejected).toEqual([
      { file: 'formula.xlsx', rule: 'formula', sheet: 'About you', cell: 'B20' },
      { file: 'list.xlsx', rule: 'not-in-list', sheet: 'Barriers and capabilities', cell: 'B13' },
      { file: 'long.xlsx', rule: 'too-long', sheet: 'Other sources', cell: 'B5' },
      { file: 'date.xlsx', rule: 'not-a-text', sheet: 'Other sources', cell: 'B5' },
      { file: 'state.xlsx', rule: 'state-missing', sheet: 'Sources', cell: 'F6' },
      { file: 'place.xlsx', rule: 'place-twice', sheet: 'Sources', cell: 'J6' },
      { file: 'name.xlsx', rule: 'name-missing', sheet: 'Products', cell: 'B5' },
      { file: 'required.xlsx', rule: 'required', sheet: 'About you', cell: 'B5' },
      { file: 'code.xlsx', rule: 'code', sheet: 'About you', cell: 'B4' },
      { file: 'moved.xlsx', rule: 'layout', sheet: 'Sources', cell: 'A5' },
      { file: 'beside.xlsx', rule: 'layout', sheet: 'About you', cell: 'F90' },
      { file: 'sheets.xlsx', rule: 'sheets' },
      { file: 'version.xlsx', rule: 'unknown-version' },
      { file: 'catalogue.xlsx', rule: 'unknown-catalogue' },
      { file: 'survey.xlsx', rule: 'other-survey' },
      { file: 'cut.xlsx', rule: 'unreadable' },
    ]);
    expect(stdout).toContain('list.xlsx, sheet Barriers and capabilities, cell B13: not-in-list: choose a value of the list of the cell\n');
    expect(stdout + read('refused/log.json').toString('utf8')).not.toContain('SECRET');
  });

  it('keeps the last of a page and a workbook with one code, and neither of two people', async () => {
    const answer = { ...(readJson(files[0] ?? '') as Answer), pilot: 'yes' as const };
    const later = await fill({ ...answer, saved: '2026-03-01T00:00:00Z', pilot: 'no' }, 'later.xlsx');
    const another = await fill({ ...answer, division: 'bb' }, 'another.xlsx');
    for (const order of [
      [later, files[0] ?? ''],
      [files[0] ?? '', later],
    ]) {
      await run('collect', ...order, ...SURVEY_CASE, '--out', 'last');
      expect(readJson('last/answers.json')).toMatchObject([{ pilot: 'no' }]);
    }
    const { code } = await run('collect', later, another, ...SURVEY_CASE, '--out', 'two');
    expect([code, readJson('two/log.json')]).toEqual([
      3,
      {
        files: 2,
        accepted: 0,
        rejected: [
          { file: 'later.xlsx', rule: 'code-of-another' },
          { file: 'another.xlsx', rule: 'code-of-another' },
        ],
      },
    ]);
  });
});
