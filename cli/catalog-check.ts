import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type CheckedCatalogue, checkCatalogue } from '../catalog/catalogue.ts';
import { completeness } from '../catalog/completeness.ts';
import type { Evidence } from '../catalog/edition.ts';
import { screen } from '../catalog/governance/screening.ts';
import { formatPosition } from '../engine/errors.ts';
import type { MeasuredAgreement } from '../report/agreement.ts';
import { NOT_AVAILABLE } from '../report/format.ts';
import { evidenceOf, evidenceOption, measuredAgreement } from './catalog-evidence.ts';
import { questionsMeasured } from './catalog-products.ts';
import { type Io, print } from './io.ts';
import { jsonOption, type RootOptions, workspaceFolder, workspaceOption } from './open.ts';

export interface CatalogOptions extends RootOptions {
  readonly catalog?: string;
}

export const catalogOption = (): Option =>
  new Option('--catalog <dir>', 'folder with vocabularies.yaml and entries/ (default: catalog/ of the workspace)');

/** Folders of the catalogue and of the contracts that its records name. */
export async function catalogFolders(io: Io, options: CatalogOptions): Promise<{ catalog: string; sources: string }> {
  const workspace = await workspaceFolder(io, options);
  return {
    catalog: options.catalog === undefined ? join(workspace, 'catalog') : resolve(io.cwd, options.catalog),
    sources: join(workspace, 'sources'),
  };
}

/** `twinstat catalog check`: every record, every problem at once. */
export function checkCommand(io: Io): Command {
  return new Command('check')
    .description('Check every record of the catalogue: fields, codes, links, both languages; all problems at once, with file:line:col.')
    .addOption(catalogOption())
    .addOption(evidenceOption())
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 sound, 2 there are problems.\n\nExamples:\n  twinstat catalog check\n  twinstat catalog check --root data-root --json\n',
    )
    .action(async (options: CatalogOptions) => {
      const { catalog, sources } = await catalogFolders(io, options);
      const questions = await questionsMeasured(await workspaceFolder(io, options));
      const checked = await checkCatalogue(catalog, sources, questions);
      const errors = checked.problems.filter(({ severity }) => severity !== 'warning').length;
      const evidence = await evidenceOf(io, options, checked.records);
      const agreement = await measuredAgreement(io, options);
      print(io, options, { ...reportOf(checked, evidence), agreement }, `${agreementText(agreement)}${textOf(checked, errors, evidence)}`);
      if (errors > 0) process.exitCode = 2;
    });
}

/** A line for each question whose agreement was measured, with what may be said of it. */
function agreementText(agreement: readonly MeasuredAgreement[]): string {
  const lines = agreement.map(({ question, statistic, pairs, kappa, median_relative, is_demo, measured }) => {
    const figures = [
      `${pairs} pairs`,
      ...(kappa === NOT_AVAILABLE ? [] : [`kappa ${kappa}`]),
      ...(median_relative === NOT_AVAILABLE ? [] : [`median difference ${median_relative}`]),
    ];
    return `agreement on ${question} (${statistic}): ${figures.join(', ')}, measured ${measured}${is_demo ? ' on generated data' : ''}\n`;
  });
  return lines.join('');
}

function reportOf({ records, problems, frameworks }: CheckedCatalogue, evidence: Evidence) {
  return {
    records: records.map((record) => ({
      id: record.id,
      lifecycle: record.lifecycle,
      completeness: completeness(record, evidence.get(record.id)),
      evidence: evidence.get(record.id),
      assessment: screen(record),
    })),
    problems,
    frameworks,
  };
}

function textOf({ records, problems, frameworks }: CheckedCatalogue, errors: number, evidence: Evidence): string {
  const lines = problems.map(
    ({ at, severity, message, code }) => `${at === undefined ? '' : `${formatPosition(at)}: `}${severity ?? 'error'}: ${message} [${code}]`,
  );
  const scores = records.map((record) => completeness(record, evidence.get(record.id)).score);
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  const next = errors > 0 ? 'Next: correct the errors above' : 'Next: twinstat catalog check --json lists what each record still lacks';
  const measured = [...evidence].flatMap(([id, { figures }]) =>
    figures.map(({ title, value, of, measured: day }) => `${id}: ${title.en} ${value} (${of.en}, measured ${day})`),
  );
  const legal = `legal frameworks: ${frameworks.length} provisions, ${frameworks.filter(({ counsel }) => counsel === 'to_confirm').length} to be confirmed by counsel`;
  const results = records.map((record) => ({ written: record.dpia !== undefined, result: screen(record)?.result }));
  const needed = results.filter(({ result }) => result === 'needed');
  const assessments = `impact assessments (GDPR Art. 35): ${needed.length} needed, of which ${needed.filter(({ written }) => written).length} begun; ${results.filter(({ result }) => result === 'open').length} depend on open answers`;
  return `${[...lines, ...measured, assessments, legal, `${records.length} records, ${errors} errors, ${problems.length - errors} warnings; completeness ${(100 * mean).toFixed(0)} %`, next].join('\n')}\n`;
}
