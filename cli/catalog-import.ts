import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { draftYaml } from '../catalog/import/draft-yaml.ts';
import { type Imported, importFile } from '../catalog/import/import-file.ts';
import { loadVocabularies } from '../catalog/vocabularies.ts';
import { DefinitionError } from '../engine/errors.ts';
import { type CatalogOptions, catalogFolders, catalogOption } from './catalog-check.ts';
import { type Io, print } from './io.ts';
import { jsonOption, workspaceOption } from './open.ts';

interface ImportOptions extends CatalogOptions {
  readonly out?: string;
  readonly context?: string;
}

/** `twinstat catalog import FILE --out DIR`: the catalogue of somebody else as drafts of records, and what was lost. */
export function importCommand(io: Io): Command {
  return new Command('import')
    .description(
      'Take the catalogue of somebody else in as drafts of records, with a report of what could not be taken. Nothing is fetched.',
    )
    .argument('<file>', 'DCAT (.ttl, .nt, .rdf, .xml, .jsonld), CKAN (.json), ODCS (.yaml), or our own workbook (.xlsx)')
    .addOption(new Option('--out <dir>', 'new folder for the drafts, a YAML file each (default: report alone)'))
    .addOption(new Option('--context <file>', 'JSON-LD context that stands in for one elsewhere'))
    .addOption(catalogOption())
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA draft holds what the file says and nothing else: twinstat catalog check names what is still missing, such as the Hebrew texts.\n\nExit codes: 0 read, 2 options or the file.\n\nExamples:\n  twinstat catalog import portal.ttl\n  twinstat catalog import package_search.json --out drafts --json\n  twinstat catalog import portal.jsonld --context context.jsonld --out drafts\n',
    )
    .action(async (file: string, options: ImportOptions) => {
      const { catalog } = await catalogFolders(io, options);
      const { value: vocabularies } = await loadVocabularies(catalog);
      const context = options.context === undefined ? undefined : resolve(io.cwd, options.context);
      const imported = await importFile(resolve(io.cwd, file), vocabularies, context);
      if (options.out !== undefined) await writeDrafts(resolve(io.cwd, options.out), imported, io.clock().toISOString().slice(0, 10));
      const { format, drafts, unknown, untaken } = imported;
      const records = [
        ...drafts.map(({ content, assumed, lost }) => ({ id: content.id, taken: content, assumed, lost })),
        ...imported.records.map((record) => ({ id: record.id, taken: record, assumed: [], lost: [] })),
      ];
      print(
        io,
        options,
        { format, records, unknown: Object.fromEntries(unknown), untaken: Object.fromEntries(untaken) },
        textOf(imported, options.out),
      );
    });
}

async function writeDrafts(folder: string, { drafts, records }: Imported, asOf: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new DefinitionError('import-out', '--out is not empty; name a new folder');
  const files = [
    ...drafts.map(({ content }) => [content.id, draftYaml(content, asOf)] as const),
    ...records.map((record) => [record.id, stringify(record, { lineWidth: 0 })] as const),
  ];
  for (const [id, text] of files) {
    const path = join(folder, `${id}.yaml`);
    await writeFile(`${path}.partial`, text);
    await rename(`${path}.partial`, path);
  }
}

function textOf({ format, drafts, records, unknown, untaken }: Imported, out: string | undefined): string {
  const lost = new Map<string, number>();
  for (const { lost: fields } of drafts)
    for (const { field, why, values } of fields) lost.set(`${field}: ${why}`, (lost.get(`${field}: ${why}`) ?? 0) + values);
  const lines = [...lost].sort(([, left], [, right]) => right - left).map(([what, values]) => `  ${String(values).padStart(6)}  ${what}`);
  const strange = [
    ...untaken.map(([type, count]) => `  ${String(count).padStart(6)}  things of type ${type}: a record has no place for them`),
    ...unknown.map(([key, values]) => `  ${String(values).padStart(6)}  ${key}: no context explains it, or it is no field`),
  ];
  const assumed = new Set(drafts.flatMap((draft) => draft.assumed));
  return [
    `${drafts.length + records.length} datasets in ${format}`,
    ...(lines.length + strange.length > 0 ? ['not taken (values, field, why):', ...lines, ...strange] : ['everything was taken']),
    ...(assumed.size > 0 ? [`language told from the letters: ${[...assumed].join(', ')}`] : []),
    out === undefined
      ? 'Next: --out DIR writes the drafts'
      : `Next: move drafts from ${out} to entries/ of the catalogue; twinstat catalog check names what they lack`,
    '',
  ].join('\n');
}
