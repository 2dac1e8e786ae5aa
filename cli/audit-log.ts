import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { Anchor, anchorAuditLog, exportAuditLog, verifyAuditLog } from '../engine/audit-verify.ts';
import { DefinitionError } from '../engine/errors.ts';
import { type Io, print } from './io.ts';
import { jsonOption, openContext, type RootOptions, rootOption, workspaceOption } from './open.ts';

interface VerifyOptions extends RootOptions {
  readonly anchor?: string;
}

/** `twinstat audit-log verify|export|anchor`. */
export function command(io: Io): Command {
  const audit = new Command().description('The log of who did what: verify its chain, export it, or anchor where it stands.');
  const common = (sub: Command): Command => sub.addOption(workspaceOption()).addOption(rootOption()).addOption(jsonOption());
  common(
    audit
      .command('verify')
      .description('Check that no entry was changed, cut off or put back (exit 5 if one was, 7 for an unfinished line).'),
  )
    .addOption(new Option('--anchor <file>', 'an anchor kept outside the data root'))
    .action(async (options: VerifyOptions) => {
      const { store } = await openContext(io, options);
      const anchors = options.anchor === undefined ? [] : [await readAnchor(resolve(io.cwd, options.anchor))];
      const report = await verifyAuditLog(join(store.root, 'audit'), anchors);
      const lines = [...report.problems, ...report.traces];
      print(io, options, report, `${[...lines, `${report.entries} entries: ${lines.length === 0 ? 'sound' : 'not sound'}`].join('\n')}\n`);
      process.exitCode = report.problems.length > 0 ? 5 : report.traces.length > 0 ? 7 : 0;
    });
  common(audit.command('export').description('Print every entry as a line of JSON.')).action(async (options: RootOptions) => {
    const { store } = await openContext(io, options);
    for await (const entry of exportAuditLog(join(store.root, 'audit'))) io.stdout(`${JSON.stringify(entry)}\n`);
  });
  common(
    audit
      .command('anchor')
      .description('Print where the log stands; keep it outside the data root to notice a roll-back of the whole root.'),
  ).action(async (options: RootOptions) => {
    const { store } = await openContext(io, options);
    const anchor = await anchorAuditLog(join(store.root, 'audit'));
    print(io, options, anchor, `${JSON.stringify(anchor)}\n`);
  });
  return audit.addHelpText(
    'afterAll',
    '\nExamples:\n  twinstat audit-log verify\n  twinstat audit-log anchor > anchor.json\n  twinstat audit-log verify --anchor anchor.json\n',
  );
}

/** An anchor from its file. DefinitionError without a word of the file, which may be any. */
async function readAnchor(path: string): Promise<Anchor> {
  const value: unknown = await readFile(path, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  const anchor = Anchor.safeParse(value);
  if (!anchor.success) throw new DefinitionError('usage-anchor', '--anchor must be a file that `twinstat audit-log anchor` printed');
  return anchor.data;
}
