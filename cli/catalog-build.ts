import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { loadCatalogue } from '../catalog/catalogue.ts';
import { AUDIENCES, type Audience, editionOf } from '../catalog/edition.ts';
import { writeSite } from '../catalog/site/write-site.ts';
import { loadWorkspace } from '../engine/workspace.ts';
import { type CatalogOptions, catalogFolders, catalogOption } from './catalog-check.ts';
import { evidenceOf, evidenceOption } from './catalog-evidence.ts';
import { productsOf } from './catalog-products.ts';
import { type Io, print } from './io.ts';
import { jsonOption, workspaceFolder, workspaceOption } from './open.ts';

interface BuildOptions extends CatalogOptions {
  readonly audience: Audience;
  readonly out: string;
}

/** `twinstat catalog build --out DIR`: the catalogue as a site that opens without a server. */
export function buildCommand(io: Io): Command {
  return new Command('build')
    .description(
      'Build the site of the catalogue, in Hebrew and English: overview, list with search, readiness, burden, a page per source, survey question, product and legal basis. It needs no server.',
    )
    .addOption(new Option('--out <dir>', 'folder of the site; an earlier site there is replaced').makeOptionMandatory())
    .addOption(new Option('--audience <name>', 'who may read it; what is not for them is left out').choices(AUDIENCES).default('public'))
    .addOption(catalogOption())
    .addOption(evidenceOption())
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 built, 2 options or problems in the catalogue.\n\nExamples:\n  twinstat catalog build --out site\n  twinstat catalog build --out site-ministries --audience ministries --json\n',
    )
    .action(async (options: BuildOptions) => {
      const { catalog, sources } = await catalogFolders(io, options);
      const folder = await workspaceFolder(io, options);
      const { value: workspace } = await loadWorkspace(folder, io.env);
      const catalogue = await loadCatalogue(catalog, sources);
      const besides = { measured: await evidenceOf(io, options, catalogue.records), products: await productsOf(folder) };
      const edition = editionOf(catalogue, options.audience, besides);
      const report = await writeSite(resolve(io.cwd, options.out), edition, workspace.name);
      const text = `${report.pages} pages of ${report.records} records for ${report.audience} in ${options.out} (${(report.bytes / 1e6).toFixed(1)} MB)\nNext: open ${options.out}/index.html\n`;
      print(io, options, { folder: options.out, ...report }, text);
    });
}
