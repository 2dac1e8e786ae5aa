import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { loadCatalogue } from '../catalog/catalogue.ts';
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
}

/** `twinstat survey build --out DIR`: the questionnaire that managers fill in, a file for each language. */
export function buildCommand(io: Io): Command {
  return new Command('build')
    .description(
      'Make the questionnaire: one page in Hebrew and one in English that work without a server and save an answer file, and an XLSForm for ODK or LimeSurvey.',
    )
    .addOption(new Option('--survey <file>', 'survey definition (default: the one that comes with the catalogue)'))
    .addOption(new Option('--out <dir>', 'folder of the questionnaire; its earlier files are replaced').makeOptionMandatory())
    .addOption(catalogOption())
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe cards are those of the public catalogue. Build again after the catalogue has changed: answers name the catalogue they were given to. survey collect takes the files that the pages save, not the tables of a system that runs the XLSForm.\n\nExit codes: 0 built, 2 options or problems in the definition or the catalogue.\n\nExamples:\n  twinstat survey build --out questionnaire\n  twinstat survey build --survey my-survey.yaml --out questionnaire --json\n',
    )
    .action(async (options: BuildOptions) => {
      const { catalog, sources } = await catalogFolders(io, options);
      const { value: survey } = await loadSurvey(options.survey === undefined ? SHIPPED_SURVEY : resolve(io.cwd, options.survey));
      const catalogue = await loadCatalogue(catalog, sources);
      const source: QuestionnaireSource = { survey, cards: surveyCards(catalogue), vocabularies: catalogue.vocabularies };
      const folder = resolve(io.cwd, options.out);
      await mkdir(folder, { recursive: true });
      const files = LANGUAGES.map((language) => [questionnaireFile(language), renderQuestionnaire(source, language)] as const);
      for (const [name, content] of files) await writeFile(join(folder, name), content);
      await writeFile(join(folder, 'xlsform.xlsx'), await xlsForm(source));
      const names = [...files.map(([name]) => name), 'xlsform.xlsx'];
      const { cards, hash } = source.cards;
      const facts = { survey: survey.id, version: survey.version, catalogue: hash, cards: cards.length, files: names };
      const text = `${survey.id} ${survey.version} with ${cards.length} sources: ${names.join(', ')} in ${options.out}\nNext: send them to those who are invited; twinstat survey collect FILES takes their answers\n`;
      print(io, options, facts, text);
    });
}
