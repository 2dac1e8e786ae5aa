import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import * as z from 'zod';
import { loadCatalogue } from '../catalog/catalogue.ts';
import { Answer, unknownCode } from '../catalog/survey/answer.ts';
import { type SurveyCards, surveyCards } from '../catalog/survey/cards.ts';
import { collectAnswers } from '../catalog/survey/collect.ts';
import type { QuestionnaireSource } from '../catalog/survey/questionnaire-page.ts';
import { simulateAnswers } from '../catalog/survey/simulate.ts';
import { loadSurvey, SHIPPED_SURVEY, type SurveyDefinition } from '../catalog/survey/survey-definition.ts';
import { renderSurveyPage } from '../catalog/survey/survey-page.ts';
import { surveyReport } from '../catalog/survey/survey-report.ts';
import { surveyTables } from '../catalog/survey/survey-tables.ts';
import { surveyWorkbook } from '../catalog/survey/survey-workbook.ts';
import { DefinitionError } from '../engine/errors.ts';
import { toCsv } from '../report/csv.ts';
import { LANGUAGES } from '../report/texts.ts';
import { readCells } from '../sources/read/xlsx/read-cells.ts';
import { type CatalogOptions, catalogFolders, catalogOption } from './catalog-check.ts';
import { type Io, print } from './io.ts';
import { jsonOption, workspaceOption } from './open.ts';
import { auditPartitions } from './survey-audit.ts';
import { buildCommand } from './survey-build.ts';
import { explainRejection } from './survey-rejection.ts';

interface SurveyOptions extends CatalogOptions {
  readonly survey?: string;
  readonly out: string;
  readonly seed: string;
}

const NOTES = `
Answers are personal data: keep the folders of collect and simulate closed; only the folder of report may be shown.

Exit codes: 0 done, 2 definition or usage, 3 answers were refused (the others are kept), 4 too few answers for a report.

Examples:
  twinstat survey simulate --seed 1 --out simulated
  twinstat survey collect simulated/answers/*.json --out collected
  twinstat survey collect inbox/*.json inbox/*.xlsx --out collected
  twinstat survey report collected/answers.json --out report
`;

/** `twinstat survey build|collect|report|simulate`: what managers need, without a server. */
export function command(io: Io): Command {
  const survey = new Command().description(
    'The needs survey of managers: build the questionnaire, collect answer files, report what is needed, simulate answers.',
  );
  const common = (sub: Command): Command =>
    sub
      .addOption(new Option('--survey <file>', 'survey definition (default: the one that comes with the catalogue)'))
      .addOption(new Option('--out <dir>', 'folder of the results').makeOptionMandatory())
      .addOption(catalogOption())
      .addOption(workspaceOption())
      .addOption(jsonOption());
  survey.addCommand(buildCommand(io));
  common(
    survey
      .command('collect')
      .description('Check answer files of the page and filled workbooks; keep the last of each answer, log what is refused.')
      .argument('<files...>'),
  ).action((files: string[], options: SurveyOptions) => collect(io, files, options));
  common(
    survey
      .command('report')
      .description('Response, need, consensus, barriers and burden of collected answers.')
      .argument('<file>', 'answers.json of collect'),
  ).action((file: string, options: SurveyOptions) => report(io, file, options));
  common(survey.command('simulate').description('Write seeded answer files, the truth apart from them.'))
    .addOption(new Option('--seed <text>', 'the same seed gives the same files').default('1'))
    .action((options: SurveyOptions) => simulate(io, options));
  return survey.addHelpText('after', NOTES);
}

async function open(io: Io, options: SurveyOptions): Promise<QuestionnaireSource> {
  const { catalog, sources } = await catalogFolders(io, options);
  const { value: survey } = await loadSurvey(options.survey === undefined ? SHIPPED_SURVEY : resolve(io.cwd, options.survey));
  const catalogue = await loadCatalogue(catalog, sources);
  return { survey, cards: surveyCards(catalogue), vocabularies: catalogue.vocabularies };
}

async function collect(io: Io, files: readonly string[], options: SurveyOptions): Promise<void> {
  const source = await open(io, options);
  const paths = files.map((file) => resolve(io.cwd, file));
  const { accepted, rejected } = await collectAnswers(paths, source, readCells);
  await writeAll(resolve(io.cwd, options.out), {
    'answers.json': json(accepted),
    'log.json': json({ files: files.length, accepted: accepted.length, rejected }),
  });
  const lines = rejected.map(explainRejection);
  const summary = `${files.length} files: ${accepted.length} accepted, ${rejected.length} rejected`;
  const next = `Next: twinstat survey report ${options.out}/answers.json --out report`;
  print(io, options, { files: files.length, accepted: accepted.length, rejected }, `${[...lines, summary, next].join('\n')}\n`);
  if (rejected.some(({ rule }) => rule !== 'superseded')) process.exitCode = 3;
}

async function report(io: Io, file: string, options: SurveyOptions): Promise<void> {
  const { survey, cards } = await open(io, options);
  const made = surveyReport(await readCollected(resolve(io.cwd, file), file, survey, cards), survey, cards);
  const held = auditPartitions(made.partitions, survey.threshold);
  const csv = LANGUAGES.flatMap((language) =>
    Object.entries(surveyTables(made.report, survey, cards, language)).map(
      ([name, data]) => [`${name}-${language}.csv`, toCsv(data)] as const,
    ),
  );
  const page = renderSurveyPage(made.report, survey, cards);
  await writeAll(resolve(io.cwd, options.out), { 'report.json': json(made.report), 'report.html': page, ...Object.fromEntries(csv) });
  await writeFile(join(resolve(io.cwd, options.out), 'report.xlsx'), await surveyWorkbook(made.report, survey, cards), { mode: 0o600 });
  const shown = made.report.sources.filter(({ needed }) => needed !== null).length;
  print(
    io,
    options,
    { ...made.report, audited: held },
    `${made.report.answers} of ${made.report.invited} invited answered; the need for ${shown} of ${cards.cards.length} sources can be shown\n${held} partitions attacked, all held\nNext: open ${options.out}/report.html\n`,
  );
}

async function simulate(io: Io, options: SurveyOptions): Promise<void> {
  const { survey, cards } = await open(io, options);
  const { answers, truth } = simulateAnswers(survey, cards, options.seed);
  const out = resolve(io.cwd, options.out);
  await writeAll(join(out, 'answers'), Object.fromEntries(answers.map((answer) => [`answer-${answer.id}.json`, json(answer)])));
  await writeAll(join(out, 'truth'), { 'truth.json': json(truth) });
  const text = `${answers.length} answers of invented managers in ${options.out}/answers, the truth in ${options.out}/truth\nNext: twinstat survey collect ${options.out}/answers/*.json --out collected\n`;
  print(io, options, { answers: answers.length, seed: options.seed }, text);
}

/** The answers that `collect` wrote. Errors: `survey-answers`. */
async function readCollected(path: string, name: string, survey: SurveyDefinition, cards: SurveyCards): Promise<readonly Answer[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const parsed = z.array(Answer).safeParse(parseJson(text));
  const fits = (answer: Answer): boolean =>
    answer.version === survey.version && answer.catalogue === cards.hash && unknownCode(answer, survey, cards) === undefined;
  if (parsed.success && parsed.data.every(fits)) return parsed.data;
  throw new DefinitionError(
    'survey-answers',
    `${name} is not the answers.json that twinstat survey collect wrote for this survey and catalogue; run that first`,
    { at: { file: name } },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
}
