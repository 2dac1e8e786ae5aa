import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { loadCatalogue } from '../catalog/catalogue.ts';
import { AUDIENCES, type Audience, type Edition, editionOf } from '../catalog/edition.ts';
import type { Delivered } from '../catalog/export/delivered.ts';
import { exportEdition, FORMATS, type Format } from '../catalog/export/export-edition.ts';
import { DefinitionError } from '../engine/errors.ts';
import { loadWorkspace } from '../engine/workspace.ts';
import { loadContract } from '../sources/contract.ts';
import { type CatalogOptions, catalogFolders, catalogOption } from './catalog-check.ts';
import { evidenceOf, evidenceOption } from './catalog-evidence.ts';
import { type Io, print } from './io.ts';
import { jsonOption, workspaceFolder, workspaceOption } from './open.ts';

interface ExportOptions extends CatalogOptions {
  readonly format?: Format;
  readonly audience: Audience;
  readonly base: string;
  readonly out?: string;
}

const TITLE = { en: 'Catalogue of data sources', he: 'קטלוג מקורות נתונים' };

/** Formats that say something of the variables of a delivery. */
const WITH_VARIABLES: ReadonlySet<Format> = new Set(['dcat-ap', 'statdcat', 'jsonld', 'odcs']);

const audienceOption = (): Option =>
  new Option('--audience <name>', 'who may read it; what is not for them is left out').choices(AUDIENCES).default('public');

/** `twinstat catalog export --format dcat-ap`: the catalogue for other catalogues. */
export function exportCommand(io: Io): Command {
  return new Command('export')
    .description(
      'Write the catalogue in a format of the field: DCAT-AP 3.0.1 with StatDCAT-AP (Turtle, JSON-LD), CKAN, ODCS 3.1, DPV (GDPR Art. 30), SIMS, XLSX, CSV, JSON.',
    )
    .addOption(new Option('--format <name>', 'format').choices(FORMATS).makeOptionMandatory())
    .addOption(audienceOption())
    .addOption(new Option('--base <iri>', 'IRI that names in DCAT begin with').default('https://catalogue.example.org/'))
    .addOption(new Option('--out <file>', 'file to write (default: stdout)'))
    .addOption(catalogOption())
    .addOption(evidenceOption())
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 written, 2 options or problems in the catalogue.\n\nExamples:\n  twinstat catalog export --format dcat-ap --out catalogue.ttl\n  twinstat catalog export --format csv --audience ministries --out sources.csv\n',
    )
    .action(async (options: ExportOptions) => {
      const { catalog, sources } = await catalogFolders(io, options);
      const { value: workspace } = await loadWorkspace(await workspaceFolder(io, options), io.env);
      const catalogue = await loadCatalogue(catalog, sources);
      const edition = editionOf(catalogue, options.audience, { measured: await evidenceOf(io, options, catalogue.records) });
      const format = options.format as Format;
      const delivered = WITH_VARIABLES.has(format) ? await deliveredOf(sources, edition) : new Map<string, never>();
      const text = await exportEdition(edition, format, {
        base: checkedBase(options.base),
        title: TITLE,
        publisher: workspace.name,
        delivered,
      });
      if (options.out === undefined) {
        if (typeof text !== 'string') throw new DefinitionError('usage-out', 'a workbook needs --out FILE');
        return io.stdout(text);
      }
      const path = resolve(io.cwd, options.out);
      await writeFile(`${path}.partial`, text);
      await rename(`${path}.partial`, path);
      const report = {
        file: options.out,
        format,
        audience: options.audience,
        records: edition.records.length,
        bytes: typeof text === 'string' ? Buffer.byteLength(text) : text.length,
      };
      print(
        io,
        options,
        report,
        `${report.records} records for ${options.audience} in ${options.out} (${format})\nNext: read it; it holds nothing that ${options.audience} may not see\n`,
      );
    });
}

/** The variables of the contracts that records of the edition name. */
async function deliveredOf(sources: string, { records }: Edition): Promise<Delivered> {
  const names = records.flatMap(({ contract }) => (contract === undefined ? [] : [contract]));
  const contracts = await Promise.all(names.map((name) => loadContract(join(sources, name, 'contract.yaml'))));
  return new Map(contracts.map(({ value }, at) => [names[at] ?? '', value.variables]));
}

function checkedBase(base: string): string {
  if (!/^https?:\/\/[^\s<>"{}|\\^`]+\/$/.test(base))
    throw new DefinitionError('usage-base', '--base must be an http(s) IRI that ends with /');
  return base;
}
