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
import { evidenceOf, evidenceOption, measuredAgreement } from './catalog-evidence.ts';
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
const WITH_VARIABLES: ReadonlySet<Format> = new Set(['dcat-ap', 'statdcat', 'jsonld', 'odcs', 'art30-page']);

const audienceOption = (): Option =>
  new Option('--audience <name>', 'who may read it; what is not for them is left out').choices(AUDIENCES).default('public');

/** `twinstat catalog export --format dcat-ap`: the catalogue for other catalogues. */
export function exportCommand(io: Io): Command {
  return new Command('export')
    .description(
      'Write the catalogue in a format of the field: DCAT-AP 3.0.1 with StatDCAT-AP (Turtle, JSON-LD), CKAN, ODCS 3.1, DPV and a page to print (GDPR Art. 30), impact assessments (GDPR Art. 35), SIMS, XLSX, CSV, JSON.',
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
      '\nExit codes: 0 written, 2 options or problems in the catalogue.\n\nExamples:\n  twinstat catalog export --format dcat-ap --out catalogue.ttl\n  twinstat catalog export --format csv --audience ministries --out sources.csv\n  twinstat catalog export --format dpia --audience internal --out dpia.html\n',
    )
    .action(async (options: ExportOptions) => {
      const { catalog, sources } = await catalogFolders(io, options);
      const { value: workspace } = await loadWorkspace(await workspaceFolder(io, options), io.env);
      const catalogue = await loadCatalogue(catalog, sources);
      const edition = editionOf(catalogue, options.audience, {
        measured: await evidenceOf(io, options, catalogue.records),
        agreement: await measuredAgreement(io, options),
      });
      const format = options.format as Format;
      const contracts = await contractsOf(sources, edition, WITH_VARIABLES.has(format));
      const text = await exportEdition(edition, format, {
        base: checkedBase(options.base),
        title: TITLE,
        publisher: workspace.name,
        ...contracts,
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

/** Variables and retention of the contracts that records of the edition name; nothing where the format does not need them. */
async function contractsOf(
  sources: string,
  { records }: Edition,
  isNeeded: boolean,
): Promise<{ delivered: Delivered; retention: ReadonlyMap<string, string> }> {
  const names = isNeeded ? records.flatMap(({ contract }) => contract ?? []) : [];
  const contracts = await Promise.all(names.map(async (name) => (await loadContract(join(sources, name, 'contract.yaml'))).value));
  return {
    delivered: new Map(contracts.map(({ variables }, at) => [names[at] ?? '', variables])),
    retention: new Map(contracts.map(({ retention }, at) => [names[at] ?? '', retention])),
  };
}

function checkedBase(base: string): string {
  if (!/^https?:\/\/[^\s<>"{}|\\^`]+\/$/.test(base))
    throw new DefinitionError('usage-base', '--base must be an http(s) IRI that ends with /');
  return base;
}
