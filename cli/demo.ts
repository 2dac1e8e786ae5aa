import { join, relative } from 'node:path';
import { Command, Option } from 'commander';
import { DefinitionError } from '../engine/errors.ts';
import { demoText } from './demo-text.ts';
import { type Io, print } from './io.ts';
import { openContext, positive, type RootOptions, withRunOptions } from './open.ts';

interface DemoOptions extends RootOptions {
  readonly size: 'small' | 'medium' | 'large';
  readonly persons?: string;
  readonly months?: string;
  readonly seed: string;
}

const SIZES = {
  small: { persons: 20_000, months: 13 },
  medium: { persons: 1_000_000, months: 24 },
  large: { persons: 8_000_000, months: 24 },
} as const;

/** `twinstat demo`: the main job on generated data. */
export function command(io: Io): Command {
  return withRunOptions(
    new Command()
      .description('Generate deliveries, take them in, compute every pipeline, protect and publish, and make the page of the run.')
      .addOption(
        new Option('--size <size>', 'small 20,000 persons x 13 months, medium 1 million x 24, large 8 million x 24')
          .choices(['small', 'medium', 'large'])
          .default('small'),
      )
      .addOption(new Option('--persons <n>', 'number of persons, instead of --size'))
      .addOption(new Option('--months <m>', 'number of months, instead of --size; more months later add to what is there'))
      .addOption(new Option('--seed <n>', 'seed of the generated data and of the demo keys').default('1')),
  )
    .addHelpText(
      'after',
      '\nThe same command again is a no-op; with more --months it computes what they change.\n\nExamples:\n  twinstat demo\n  twinstat demo --months 15\n  twinstat demo --size medium --memory 2GB --json\n',
    )
    .action(async (options: DemoOptions) => {
      const size = SIZES[options.size];
      const request = {
        persons: positive(options.persons, '--persons') ?? size.persons,
        months: positive(options.months, '--months') ?? size.months,
        seed: positive(options.seed, '--seed') ?? 1,
      };
      const context = await openContext(io, options, { create: true });
      const { runDemo } = await import('../pipelines/demo.ts');
      const report = await runDemo(context, request);
      const near = relative(io.cwd, context.store.root);
      const root = near === '' || near.startsWith('..') ? context.store.root : near;
      const page = join(root, report.page);
      print(io, options, { ...report, root: context.store.root }, demoText(report, root, page));
      if (report.deliveries.some((delivery) => delivery.outcome === 'refused'))
        throw new DefinitionError('demo-refused', 'a generated delivery was refused', { exitCode: 3 });
    });
}
