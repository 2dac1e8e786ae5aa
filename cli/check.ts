import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { formatPosition } from '../engine/errors.ts';
import { checkWorkspace, schemasOf } from '../pipelines/check-workspace.ts';
import { type Io, print } from './io.ts';
import { jsonOption, type RootOptions, workspaceFolder, workspaceOption } from './open.ts';

/** `twinstat check`: every definition of the workspace, every problem at once. */
export function command(io: Io): Command {
  return new Command()
    .description('Check workspace.yaml, every contract and every pipeline with its SQL; all problems at once, with file:line:col.')
    .addOption(new Option('--schemas <dir>', 'write the JSON Schemas for editors into this folder instead'))
    .addOption(workspaceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 sound, 2 there are problems.\n\nExamples:\n  twinstat check\n  twinstat check --schemas schemas\n',
    )
    .action(async (options: RootOptions & { schemas?: string }) => {
      if (options.schemas !== undefined) {
        const folder = resolve(io.cwd, options.schemas);
        await mkdir(folder, { recursive: true });
        const schemas = Object.entries(schemasOf());
        for (const [name, schema] of schemas) await writeFile(join(folder, `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
        return print(
          io,
          options,
          { folder, schemas: schemas.map(([name]) => name) },
          `${schemas.length} JSON Schemas in ${options.schemas}\n`,
        );
      }
      const report = await checkWorkspace(await workspaceFolder(io, options));
      const lines = report.problems.map(
        (problem) =>
          `${problem.at === undefined ? '' : `${formatPosition(problem.at)}: `}${problem.severity ?? 'error'}: ${problem.message} [${problem.code}]`,
      );
      const errors = report.problems.filter((problem) => problem.severity !== 'warning').length;
      print(
        io,
        options,
        report,
        `${[...lines, `${report.definitions} definitions, ${errors} errors, ${report.problems.length - errors} warnings`].join('\n')}\n`,
      );
      if (errors > 0) process.exitCode = 2;
    });
}
