import { Command } from 'commander';
import { type LineageNode, lineageOf } from '../pipelines/lineage.ts';
import { type Io, print } from './io.ts';
import { jsonOption, openContext, type RootOptions, rootOption, workspaceOption } from './open.ts';

/** `twinstat lineage NAME`: what a dataset or a release was made from, down to the delivered files. */
export function command(io: Io): Command {
  return new Command()
    .description('Show what a dataset or a release was made from, down to the deliveries.')
    .argument('<name>', 'DATASET@STATE or the name of a release')
    .addOption(workspaceOption())
    .addOption(rootOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  twinstat lineage employment_earnings.employees_and_pay@tabulated\n  twinstat lineage employment_earnings-2024-01_2024-07 --json\n',
    )
    .action(async (name: string, options: RootOptions) => {
      const tree = await lineageOf(await openContext(io, options), name);
      print(io, options, tree, lines(tree, 0).join('\n').concat('\n'));
    });
}

function lines(node: LineageNode, depth: number): string[] {
  const detail = node.detail === '' ? '' : `  ${node.detail}`;
  return [`${'  '.repeat(depth)}${node.name}${detail}`, ...node.from.flatMap((child) => lines(child, depth + 1))];
}
