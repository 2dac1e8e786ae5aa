import { Command, Option } from 'commander';
import { periodsOf } from '../engine/period.ts';
import { runPipeline } from '../pipelines/run.ts';
import { type Io, print } from './io.ts';
import { openContext, type RootOptions, withRunOptions } from './open.ts';
import { profileText } from './profile-text.ts';
import { textTable } from './text-table.ts';

interface RunOptions extends RootOptions {
  readonly period?: string;
  readonly profile?: boolean;
}

/** `twinstat run PIPELINE`: computes what changed, protects the tables. */
export function command(io: Io): Command {
  return withRunOptions(
    new Command()
      .description('Compute a pipeline month by month and protect its tables. What has not changed is not computed again.')
      .argument('<pipeline>', 'a folder under pipelines/')
      .addOption(
        new Option('--period <range>', 'a month, or a range of months such as 2024-01..2024-03 (default: every month of the inputs)'),
      )
      .addOption(
        new Option('--profile', 'show what each step took: seconds, processor seconds, memory, and the bytes of a row as it is kept'),
      ),
  )
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 2 the definition has problems, 3 a quality gate failed, 4 the tables cannot be protected.\n\nExamples:\n  twinstat run employment_earnings\n  twinstat run employment_earnings --period 2024-01..2024-03 --json\n  twinstat run employment_earnings --profile\n',
    )
    .action(async (pipeline: string, options: RunOptions) => {
      const context = await openContext(io, options);
      const report = await runPipeline(context, { pipeline, ...(options.period !== undefined && { periods: periodsOf(options.period) }) });
      const computed = report.steps.filter((step) => step.outcome === 'computed');
      const tables = report.tables.map((table) => [table.table, table.period, table.cells, table.primary, table.secondary]);
      const rules = report.confrontations
        .filter((each) => each.failed)
        .map(
          (each) =>
            `rule ${each.rule} on ${each.step}${each.period === null ? '' : `, ${each.period}`}: more failures than allowed (warning)`,
        );
      const done = report.changed
        ? `${computed.length} of ${report.steps.length} pieces of work were computed, the others had not changed.`
        : 'Nothing had changed: nothing was computed.';
      print(
        io,
        options,
        report,
        [
          ...(tables.length > 0 ? [textTable(['table', 'month', 'cells', 'primary', 'secondary'], tables)] : []),
          ...(options.profile === true ? [profileText(report.steps)] : []),
          ...rules,
          done,
          ...(tables.length > 0 ? [`Next: twinstat release submit ${pipeline}`] : []),
          '',
        ].join('\n'),
      );
    });
}
