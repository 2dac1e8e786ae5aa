import { Command, Option } from 'commander';
import { periodsOf } from '../engine/period.ts';
import { planPipeline } from '../pipelines/plan.ts';
import { type Io, print } from './io.ts';
import { jsonOption, openContext, type RootOptions, rootOption, workspaceOption } from './open.ts';
import { textTable } from './text-table.ts';

/** `twinstat explain PIPELINE`: what a run would compute and why; nothing is computed. */
export function command(io: Io): Command {
  return new Command()
    .description('Show the steps of a pipeline in order, what each reads, and which months a run would compute.')
    .argument('<pipeline>')
    .addOption(new Option('--period <range>', 'a month or a range of months'))
    .addOption(workspaceOption())
    .addOption(rootOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  twinstat explain employment_earnings\n')
    .action(async (pipeline: string, options: RootOptions & { period?: string }) => {
      const plan = await planPipeline(
        await openContext(io, options),
        pipeline,
        options.period === undefined ? undefined : periodsOf(options.period),
      );
      const rows = plan.steps.map((step) => [step.name, step.kind, step.reads.join(' '), step.toCompute.length, step.reason]);
      print(io, options, plan, `${textTable(['step', 'kind', 'reads', 'to compute', 'why'], rows)}Next: twinstat run ${pipeline}\n`);
    });
}
