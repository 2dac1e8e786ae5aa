import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { DefinitionError } from '../engine/errors.ts';
import { type DeliveryReport, findDeliveries } from '../pipelines/deliveries.ts';
import { ingestSource } from '../pipelines/ingest.ts';
import { errorJson, errorLines } from './error-text.ts';
import { type Io, print } from './io.ts';
import { keyOption, openContext, type RootOptions, withRunOptions } from './open.ts';
import { textTable } from './text-table.ts';

interface IngestOptions extends RootOptions {
  readonly from?: string;
  readonly delivery?: string;
  readonly relink?: boolean;
}

/** `twinstat ingest`: deliveries in; input = accepted + rejected for each; exit 3 when one is refused. */
export function command(io: Io): Command {
  return withRunOptions(
    new Command()
      .description(
        'Take deliveries in: check the bytes, type exactly, apply the rules, link, pseudonymise. A refused delivery publishes nothing.',
      )
      .argument('[source]', 'source of the files, a folder under sources/')
      .argument('[files...]', 'delivered files')
      .addOption(new Option('--from <dir>', 'folder DIR/<source>/<delivery>/<file> instead of single files'))
      .addOption(
        new Option('--delivery <name>', 'name of the delivery, its month for monthly ones (default: the file name without endings)'),
      )
      .addOption(new Option('--relink', 'link again against the newest registers'))
      .addOption(keyOption()),
  )
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 3 a delivery was refused (file, line, column and rule are named).\n\nExamples:\n  twinstat ingest --from deliveries\n  twinstat ingest employer_filings march.csv --delivery 2024-03\n',
    )
    .action(async (source: string | undefined, files: string[], options: IngestOptions) => {
      const context = await openContext(io, options, { create: true });
      const reports: DeliveryReport[] = [];
      for (const [name, requests] of await requested(io, context, source, files, options)) {
        const report = await ingestSource(context, name, requests, { relink: options.relink === true });
        reports.push(...report.deliveries);
      }
      const refused = reports.filter((report) => report.outcome === 'refused');
      const rows = reports.map((report) => [
        `${report.source}/${report.delivery}`,
        report.outcome,
        report.input,
        report.accepted,
        report.rejected,
      ]);
      const errors = refused.flatMap((report) =>
        report.error === undefined ? [] : errorLines(report.error).map((line) => `${report.source}/${report.delivery}: ${line}\n`),
      );
      const next =
        refused.length > 0
          ? 'Refused deliveries published nothing. Have them corrected and delivered again.\n'
          : 'Next: twinstat run PIPELINE\n';
      const json = {
        deliveries: reports.map(({ error, ...report }) => ({ ...report, ...(error !== undefined && { error: errorJson(error) }) })),
      };
      print(io, options, json, `${textTable(['delivery', 'outcome', 'input', 'accepted', 'rejected'], rows)}${next}`);
      for (const line of errors) io.stderr(`twinstat: ${line}`);
      if (refused.length > 0) process.exitCode = 3;
    });
}

async function requested(
  io: Io,
  context: Parameters<typeof findDeliveries>[0],
  source: string | undefined,
  files: readonly string[],
  options: IngestOptions,
) {
  if (options.from !== undefined) {
    const found = await findDeliveries(context, resolve(io.cwd, options.from));
    return source === undefined ? found : new Map([...found].filter(([name]) => name === source));
  }
  if (source === undefined || files.length === 0)
    throw new DefinitionError('usage-ingest', 'give a source and its files, or --from DIR; see twinstat ingest --help');
  return new Map([
    [
      source,
      files.map((file) => ({ delivery: options.delivery ?? (basename(file).split('.')[0] || 'delivery'), file: resolve(io.cwd, file) })),
    ],
  ]);
}
