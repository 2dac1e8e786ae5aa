import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type Catalogue, loadCatalogue } from '../catalog/catalogue.ts';
import { AUDIENCES, type Audience, editionOf } from '../catalog/edition.ts';
import { newsOf } from '../catalog/news.ts';
import { readSnapshot, writeSite } from '../catalog/site/write-site.ts';
import { type Needs, readNeeds } from '../catalog/survey/needs-report.ts';
import { DefinitionError } from '../engine/errors.ts';
import { loadWorkspace } from '../engine/workspace.ts';
import { type CatalogOptions, catalogFolders, catalogOption } from './catalog-check.ts';
import { evidenceOf, evidenceOption, measuredAgreement } from './catalog-evidence.ts';
import { productsOf } from './catalog-products.ts';
import { type Io, print } from './io.ts';
import { jsonOption, workspaceFolder, workspaceOption } from './open.ts';

interface BuildOptions extends CatalogOptions {
  readonly audience: Audience;
  readonly out: string;
  readonly since?: string;
  readonly oneFile?: boolean;
  readonly needs?: string;
}

/** `twinstat catalog build --out DIR`: the catalogue as a site that opens without a server. */
export function buildCommand(io: Io): Command {
  return new Command('build')
    .description(
      'Build the site of the catalogue, in Hebrew and English: overview, list with search, readiness, burden, a page per source, survey question, product and legal basis. It needs no server.',
    )
    .addOption(new Option('--out <dir>', 'folder of the site; an earlier site there is replaced').makeOptionMandatory())
    .addOption(new Option('--audience <name>', 'who may read it; what is not for them is left out').choices(AUDIENCES).default('public'))
    .addOption(new Option('--since <dir>', 'folder of an earlier site for the same audience: the page of news says what changed'))
    .addOption(new Option('--one-file', 'all pages as one file that can be mailed, catalogue-AUDIENCE.html'))
    .addOption(
      new Option('--needs <file>', 'report.json of twinstat survey report: a map of needs by sources, in the internal edition only'),
    )
    .addOption(catalogOption())
    .addOption(evidenceOption())
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 built, 2 options or problems in the catalogue.\n\nExamples:\n  twinstat catalog build --out site\n  twinstat catalog build --out site-ministries --audience ministries --json\n  twinstat catalog build --out site --since site\n  twinstat catalog build --out mail --one-file\n  twinstat catalog build --out inside --audience internal --needs report/report.json\n',
    )
    .action(async (options: BuildOptions) => {
      const { catalog, sources } = await catalogFolders(io, options);
      const folder = await workspaceFolder(io, options);
      const { value: workspace } = await loadWorkspace(folder, io.env);
      const catalogue = await loadCatalogue(catalog, sources);
      const besides = {
        measured: await evidenceOf(io, options, catalogue.records),
        agreement: await measuredAgreement(io, options),
        products: await productsOf(folder),
      };
      const edition = editionOf(catalogue, options.audience, besides);
      const needs = options.needs === undefined ? undefined : await needsOf(io, options.needs, options.audience, catalogue);
      // Read before writing: the earlier site may be the one that is replaced.
      const earlier = options.since === undefined ? undefined : await readSnapshot(resolve(io.cwd, options.since), options.audience);
      const site = { edition, office: workspace.name, needs, news: earlier === undefined ? undefined : newsOf(edition, earlier) };
      const report = await writeSite(resolve(io.cwd, options.out), site, {
        built: io.clock().toISOString().slice(0, 10),
        isOneFile: options.oneFile === true,
      });
      const text = `${report.pages} pages of ${report.records} records for ${report.audience} in ${options.out} (${(report.bytes / 1e6).toFixed(1)} MB)\nNext: open ${options.out}/${options.oneFile === true ? `catalogue-${options.audience}` : 'index'}.html\n`;
      print(io, options, { folder: options.out, ...report }, text);
    });
}

/** The needs that `--needs` names. Errors: `usage` for another audience than the office: the survey told managers that it stays inside. */
function needsOf(io: Io, file: string, audience: Audience, catalogue: Catalogue): Promise<Needs> {
  if (audience !== 'internal')
    throw new DefinitionError('usage', '--needs goes into the internal edition only; add --audience internal or leave it out');
  return readNeeds(resolve(io.cwd, file), file, catalogue);
}
