import { Command } from 'commander';
import { type Io, print } from './io.ts';
import { openContext, type RootOptions, withVerboseOptions } from './open.ts';

/** `twinstat verify`: 0 sound, 7 traces of an interrupted run, 5 damage. */
export function command(io: Io): Command {
  return withVerboseOptions(
    new Command().description('Check every file that CURRENT reaches against its SHA-256, the chain of the audit log, and the folders.'),
  )
    .addHelpText(
      'after',
      '\nExit codes: 0 sound, 5 damage (the file is named), 7 traces of an interrupted run (the next run removes them).\n\nExamples:\n  twinstat verify\n  twinstat verify --json\n',
    )
    .action(async (options: RootOptions) => {
      const context = await openContext(io, options);
      const report = await context.store.verify((progress) =>
        context.progress.update('verify', progress.bytes, progress.totalBytes, 'bytes'),
      );
      context.progress.end();
      const lines = report.problems.map((problem) => `${problem.path}: ${problem.message}`);
      const verdict = {
        0: 'sound',
        5: 'damaged: restore the files named from a copy',
        7: 'traces of an interrupted run: the next run removes them',
      }[report.exitCode];
      print(io, options, report, `${[...lines, `${report.files} files, ${report.bytes} bytes: ${verdict}`].join('\n')}\n`);
      process.exitCode = report.exitCode;
    });
}
