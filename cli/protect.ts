import { Command, Option } from 'commander';
import { DefinitionError } from '../engine/errors.ts';
import { loadWorkspace } from '../engine/workspace.ts';
import { type ProtectReport, protectFile } from '../pipelines/protect/protect-file.ts';
import { defaultPolicy } from '../pipelines/table-spec.ts';
import { type Io, print } from './io.ts';
import {
  jsonOption,
  memoryOption,
  memorySize,
  namedKeyFile,
  positive,
  quietOption,
  threadsOption,
  workspaceFolder,
  workspaceOption,
} from './open.ts';
import { progressBar } from './progress-bar.ts';

interface ProtectOptions {
  readonly table?: string;
  readonly out?: string;
  readonly audit: boolean;
  readonly defaults?: boolean;
  readonly workspace?: string;
  readonly keyFile?: string;
  readonly export?: boolean;
  readonly threads?: string;
  readonly memory?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const NOTES = `
DIR gets internal/ (cells.csv, cells.parquet: true values, status, reason, bounds; never give it away), public/ (what may be published, one
flag for all that is withheld), summary.json. public/ is only written after an audit that held.

Exit codes: 0 protected, 2 table.yaml or usage, 3 the file, 4 cells that cannot be protected (named in summary.json),
75 another run is writing to DIR.

Examples:
  twinstat protect turnover.csv --table table.yaml --out protected
  twinstat protect counts.parquet --table table.yaml --out protected --json
  twinstat protect turnover.csv --table table.yaml --out compared --no-audit    elimination alone, as other tools do it; publishes nothing
`;

/** `twinstat protect FILE --table table.yaml --out DIR`: any file to protected tables, without a workspace. */
export function command(io: Io): Command {
  return new Command()
    .description('Protect the tables of a CSV or Parquet file: primary rules, secondary suppression, an attack on the result, repair.')
    .argument('<file>', 'CSV (UTF-8, with a header) or Parquet; one row a unit, or aggregates with `frequency`')
    .addOption(new Option('--table <file>', 'definition of tables and rules (table.yaml)').makeOptionMandatory())
    .addOption(new Option('--out <dir>', 'folder of the results').makeOptionMandatory())
    .addOption(new Option('--defaults', 'the default disclosure policy of the workspace, for rules that table.yaml leaves out'))
    .addOption(workspaceOption())
    .addOption(new Option('--no-audit', 'no attack and no repair: for comparisons with other tools; nothing is published'))
    .addOption(new Option('--export', 'also write internal/ as tau-ARGUS (.tab, .rda, .hrc) and JJ files, for cross-checks'))
    .addOption(new Option('--key-file <file>', 'master key of the record keys (default: TWINSTAT_KEY_FILE)'))
    .addOption(threadsOption())
    .addOption(memoryOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .action(async (file: string, options: ProtectOptions) => {
      const { table, out } = options;
      if (table === undefined || out === undefined) throw new DefinitionError('usage', '--table and --out are needed');
      const report = await protectFile({
        file,
        table,
        out,
        audit: options.audit,
        isExported: options.export,
        keyFile: namedKeyFile(io, options.keyFile),
        defaults:
          options.defaults === true ? defaultPolicy((await loadWorkspace(await workspaceFolder(io, options), io.env)).value) : undefined,
        cwd: io.cwd,
        signal: io.signal,
        threads: positive(options.threads, '--threads') ?? 2,
        memory: memorySize(options.memory) ?? '2GB',
        progress: progressBar(io, { quiet: options.quiet }),
      });
      print(io, options, report, textOf(report, out));
      if (report.unsafe > 0) process.exitCode = 4;
    });
}

function textOf(report: ProtectReport, out: string): string {
  const share = (count: number): string => `${count} (${((100 * count) / Math.max(1, report.cells)).toFixed(1)} %)`;
  if (report.loss !== undefined) return changedText(report, out);
  const lines = [
    `${report.cells} cells from ${report.records} records: ${share(report.primary)} unsafe, ${share(report.secondary)} suppressed to protect them`,
    report.audited > 0
      ? `attacked: ${report.audited} unsafe cells, ${report.programmes} linear programmes, ${report.repaired} cells suppressed besides`
      : 'not attacked (--no-audit)',
    ...report.unprotected.slice(0, 20).map(({ cell, why }) => `cannot be protected: ${cell.join(' | ')} (${why})`),
  ];
  const next = report.published
    ? `Next: read ${out}/internal/cells.csv; publish ${out}/public`
    : report.unsafe > 0
      ? 'Nothing is published. Next: force fewer cells, or merge codes.'
      : `Nothing is published. Next: run without --no-audit.`;
  return `${[...lines, next].join('\n')}\n`;
}

function changedText({ cells, records, primary, method, loss }: ProtectReport, out: string): string {
  const { unchanged, meanAbsolute, maxAbsolute } = loss?.loss ?? { unchanged: cells, meanAbsolute: 0, maxAbsolute: 0 };
  return [
    `${cells} cells from ${records} records by ${method}: ${unchanged} unchanged, ${primary} withheld`,
    `mean absolute difference ${meanAbsolute.toFixed(3)}, largest ${maxAbsolute.toFixed(3)}; ${loss?.additive ?? 0} of ${loss?.relations ?? 0} sums still hold`,
    `Next: read ${out}/report.html; publish ${out}/public`,
    '',
  ].join('\n');
}
