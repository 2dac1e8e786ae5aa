import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadCatalogue } from '../catalog/catalogue.ts';
import { answerWorkbook, answerWorkbookFile } from '../catalog/survey/answer-workbook.ts';
import { surveyCards } from '../catalog/survey/cards.ts';
import { type QuestionnaireSource, questionnaireFile, renderQuestionnaire } from '../catalog/survey/questionnaire-page.ts';
import { loadSurvey, SHIPPED_SURVEY } from '../catalog/survey/survey-definition.ts';
import { xlsForm } from '../catalog/survey/xlsform.ts';
import { LANGUAGES } from '../report/texts.ts';
import { type CatalogOptions, catalogFolders, catalogOption } from './catalog-check.ts';
import { type Io, print } from './io.ts';
import { jsonOption, workspaceOption } from './open.ts';

interface BuildOptions extends CatalogOptions {
  readonly survey?: string;
  readonly out: string;
  readonly copies: number;
}

/** `twinstat survey build --out DIR`: the questionnaire that managers fill in, a file for each language. */
export function buildCommand(io: Io): Command {
  return new Command('build')
    .description(
      'Make the questionnaire: one page in Hebrew and one in English that work without a server and save an answer file, a workbook in each language that asks the same, and an XLSForm for ODK or LimeSurvey.',
    )
    .addOption(new Option('--survey <file>', 'survey definition (default: the one that comes with the catalogue)'))
    .addOption(new Option('--out <dir>', 'folder of the questionnaire; its earlier files are replaced').makeOptionMandatory())
    .addOption(
      new Option('--copies <n>', 'also workbooks for so many people, each with a code of its own already in it')
        .default(0)
        .argParser(copyCount),
    )
    .addOption(catalogOption())
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe cards are those of the public catalogue. Build again after the catalogue has changed: answers name the catalogue they were given to. survey collect takes the files that the pages save and the filled workbooks, not the tables of a system that runs the XLSForm.\n\nExit codes: 0 built, 2 options or problems in the definition or the catalogue.\n\nExamples:\n  twinstat survey build --out questionnaire\n  twinstat survey build --out questionnaire --copies 76\n  twinstat survey build --survey my-survey.yaml --out questionnaire --json\n',
    )
    .action(async (options: BuildOptions) => {
      const { catalog, sources } = await catalogFolders(io, options);
      const { value: survey } = await loadSurvey(options.survey === undefined ? SHIPPED_SURVEY : resolve(io.cwd, options.survey));
      const catalogue = await loadCatalogue(catalog, sources);
      const source: QuestionnaireSource = { survey, cards: surveyCards(catalogue), vocabularies: catalogue.vocabularies };
      const folder = resolve(io.cwd, options.out);
      await mkdir(folder, { recursive: true });
      const pages = LANGUAGES.map((language) => [questionnaireFile(language), renderQuestionnaire(source, language)] as const);
      const workbooks = LANGUAGES.map(async (language) => [answerWorkbookFile(language), await answerWorkbook(source, language)] as const);
      const files = [...pages, ...(await Promise.all(workbooks)), ['xlsform.xlsx', await xlsForm(source)] as const];
      for (const [name, content] of files) await writeFile(join(folder, name), content);
      await writeCopies(source, join(folder, 'copies'), options.copies);
      const names = files.map(([name]) => name);
      const { cards, hash } = source.cards;
      const facts = {
        survey: survey.id,
        version: survey.version,
        catalogue: hash,
        cards: cards.length,
        files: names,
        copies: options.copies,
      };
      const copies = options.copies === 0 ? '' : `, and ${options.copies} workbooks of each language in ${options.out}/copies`;
      const text = `${survey.id} ${survey.version} with ${cards.length} sources: ${names.join(', ')} in ${options.out}${copies}\nNext: send them to those who are invited; twinstat survey collect FILES takes their answers\n`;
      print(io, options, facts, text);
    });
}

function copyCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0 || count > 999) throw new InvalidArgumentError('a whole number from 0 to 999.');
  return count;
}

/** Numbered workbooks; those of one number have one code, so that nobody is counted in two languages. */
async function writeCopies(source: QuestionnaireSource, folder: string, copies: number): Promise<void> {
  if (copies > 0) await mkdir(folder, { recursive: true });
  for (let copy = 1; copy <= copies; copy += 1) {
    const values = new Map([['id', randomBytes(16).toString('hex')]]);
    for (const language of LANGUAGES)
      await writeFile(join(folder, `${String(copy).padStart(3, '0')}-${language}.xlsx`), await answerWorkbook(source, language, values));
  }
}
