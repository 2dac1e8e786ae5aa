import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type Io, print } from './io.ts';
import { jsonOption, memoryOption, positive, quietOption, threadsOption } from './open.ts';
import { progressBar } from './progress-bar.ts';

interface GenerateCommandOptions {
  readonly out: string;
  readonly truth?: string;
  readonly persons: string;
  readonly months: string;
  readonly firstMonth: string;
  readonly seed: string;
  readonly threads?: string;
  readonly memory?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `twinstat generate`: deliveries as files, and the truth apart from them. */
export function command(io: Io): Command {
  return new Command()
    .description(
      'Write the deliveries of a synthetic country as files: registers, monthly payroll filings, readings of smart meters, scanner data, a sample survey, with the usual dirt.',
    )
    .requiredOption('--out <dir>', 'folder for the deliveries: DIR/<source>/<delivery>/<file>')
    .option('--truth <dir>', 'folder for the truth (default: DIR-truth)')
    .addOption(new Option('--persons <n>', 'people in the register').default('20000'))
    .addOption(new Option('--months <m>', 'months of filings').default('13'))
    .addOption(new Option('--first-month <month>', 'first month').default('2024-01'))
    .addOption(new Option('--seed <n>', 'the same seed gives the same bytes for any number of threads').default('1'))
    .addOption(threadsOption())
    .addOption(memoryOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  twinstat generate --out deliveries --persons 5000 --months 3\n  twinstat ingest --from deliveries\n',
    )
    .action(async (options: GenerateCommandOptions) => {
      const { generate } = await import('../sources/generate.ts');
      const out = resolve(io.cwd, options.out);
      const progress = progressBar(io, { quiet: options.quiet });
      const truth = options.truth === undefined ? `${out}-truth` : resolve(io.cwd, options.truth);
      const manifest = await generate({
        out,
        truth,
        persons: positive(options.persons, '--persons') ?? 1,
        months: positive(options.months, '--months') ?? 1,
        firstMonth: options.firstMonth,
        seed: positive(options.seed, '--seed') ?? 1,
        threads: positive(options.threads, '--threads') ?? 2,
        memoryLimit: options.memory ?? '2GB',
        temporaryDirectory: join(truth, 'tmp'),
        signal: io.signal,
        onProgress: ({ source, delivery, deliveriesDone, deliveriesTotal }) =>
          progress.update(`generate ${source}/${delivery}`, deliveriesDone, deliveriesTotal, 'steps'),
      });
      progress.end();
      const files = manifest.deliveries.flatMap((delivery) => delivery.files.filter((file) => file.folder === 'delivery'));
      const rows = files.reduce((sum, file) => sum + file.rows, 0);
      print(
        io,
        options,
        { out, truth, files: files.length, rows },
        `${files.length} files, ${rows.toLocaleString('en')} rows in ${out}; the truth is in ${truth}\nNext: twinstat ingest --from ${options.out}\n`,
      );
    });
}
