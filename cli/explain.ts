import { Command, Option } from 'commander';
import { periodsOf } from '../engine/period.ts';
import { planPipeline } from '../pipelines/plan.ts';
import type { PlannedTable } from '../pipelines/plan-table.ts';
import { type Io, print } from './io.ts';
import { jsonOption, memoryOption, openContext, type RootOptions, rootOption, workspaceOption } from './open.ts';
import { textTable } from './text-table.ts';

/** `twinstat explain PIPELINE`: what a run would compute and why, and how; no cell is computed. */
export function command(io: Io): Command {
  return new Command()
    .description(
      'Show the steps of a pipeline in order, what each reads, which months a run would compute, and how its tables are computed.',
    )
    .argument('<pipeline>')
    .addOption(new Option('--period <range>', 'a month or a range of months'))
    .addOption(memoryOption())
    .addOption(workspaceOption())
    .addOption(rootOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nStrategies of a table: rollup (finest cells by the engine, margins from them), kernel (sorted rows on typed arrays), sql (every margin by\nthe engine, which spills). All give the same cells; time and memory are estimates for one month.\n\nExamples:\n  twinstat explain employment_earnings\n  twinstat explain employment_earnings --period 2024-03 --memory 500MB --json\n',
    )
    .action(async (pipeline: string, options: RootOptions & { period?: string }) => {
      const plan = await planPipeline(
        await openContext(io, options),
        pipeline,
        options.period === undefined ? undefined : periodsOf(options.period),
      );
      const steps = plan.steps.map((step) => [step.name, step.kind, step.over, step.reads.join(' '), step.toCompute.length, step.reason]);
      const text = [
        textTable(['step', 'kind', 'over', 'reads', 'to compute', 'why'], steps),
        plan.tables.length === 0 ? '' : tablesText(plan.tables),
        `Next: twinstat run ${pipeline}\n`,
      ];
      print(io, options, plan, text.filter((part) => part !== '').join('\n'));
    });
}

function tablesText(tables: readonly PlannedTable[]): string {
  const rows = tables.map(({ name, month, plan }) =>
    plan === undefined
      ? [name, '', '', '', '', '', '']
      : [name, month ?? '', plan.strategy, plan.rows, plan.cells, Math.ceil(plan.bytes / 1e6), plan.seconds],
  );
  const why = tables.map(({ name, from, plan }) => `${name}: ${plan?.reason ?? `not known before its step ${from} has been computed`}.\n`);
  return `${textTable(['table', 'month', 'strategy', 'rows', 'cells at most', 'MB', 'core s'], rows)}\n${why.join('')}`;
}
